"""Looks at new rows keep their level together, however many there are."""

import numpy as np

from equipoise.monitoring.column_drift import compare_numbers
from equipoise.monitoring.looks import Look, number_look, spend_level

ALPHA, LOOKS, DRAWS = 0.05, 20, 100


def test_the_levels_of_all_looks_are_one_level() -> None:
    spent = sum(spend_level(ALPHA, look) for look in range(1, 100_000))
    assert ALPHA * 0.9999 < spent <= ALPHA


def test_false_alarms_of_twenty_looks_keep_the_level_because_it_is_spent() -> None:
    """All looks share one test part. With the whole level for each, alarms are the rule."""
    rng = np.random.default_rng(1)
    p_values = np.empty((DRAWS, LOOKS))
    for draw in range(DRAWS):
        test = rng.normal(size=300)
        for look in range(LOOKS):
            p_values[draw, look] = compare_numbers("x", test, rng.normal(size=150)).p
    levels = [spend_level(ALPHA, look) for look in range(1, LOOKS + 1)]
    error = np.sqrt(ALPHA * (1 - ALPHA) / DRAWS)
    assert (p_values < levels).any(axis=1).mean() <= ALPHA + 2 * error
    assert (p_values < ALPHA).any(axis=1).mean() > 0.3


def test_the_same_batch_is_the_same_look_and_each_model_counts_its_own() -> None:
    history = [Look(1, "x", "x.csv", "m"), Look(2, "y", "y.csv", "m"), Look(1, "x", "x.csv", "n")]
    assert number_look(history, "x", "m") == 1
    assert number_look(history, "z", "m") == 3
    assert number_look(history, "z", "n") == 2
    assert number_look(history, "z", "other") == 1

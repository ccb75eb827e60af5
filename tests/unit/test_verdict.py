"""What is claimed of an arm: no more than its replicates show."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.contract.params import Decision, Run, Uncertainty
from equipoise.contract.storage import write_json
from equipoise.verdict import compare_cells, questions

RESAMPLES = 1000
F1 = Decision(objective="f1")
# What an evaluation has for each question: section, key, replicate column.
NUMBERS = (
    ("test", "average_precision", "average_precision"),
    ("test", "roc_auc", "roc_auc"),
    ("default", "f1", "default_f1"),
    ("tuned", "f1", "tuned_f1"),
    ("calibrated", "brier_score", "calibrated_brier_score"),
)
KEYS = {
    *("cell", "against", "metric", "view", "source", "effect", "interval", "p"),
    *("p_holm", "verdict"),
}


def constant_metrics(value: float) -> dict[str, dict[str, float]]:
    metrics: dict[str, dict[str, float]] = {section: {} for section, _, _ in NUMBERS}
    for section, key, _ in NUMBERS:
        metrics[section][key] = value
    return metrics


def constant_replicates(value: float) -> pd.DataFrame:
    return pd.DataFrame({column: np.full(RESAMPLES, value) for _, _, column in NUMBERS})


def trial(gains: Mapping[str, float], noise: float = 0.01) -> dict[str, Any]:
    """Return the comparison of arms whose every number is the baseline's plus a gain."""
    cells = {"baseline-m": 0.0} | {f"{name}-m": gain for name, gain in gains.items()}
    shared = np.random.default_rng(0).normal(0.5, 0.1, size=RESAMPLES)
    replicates = {}
    for position, (cell, gain) in enumerate(cells.items()):
        own = np.random.default_rng(position).normal(gain, noise * (gain != 0), size=RESAMPLES)
        replicates[cell] = constant_replicates(0).add(shared + own, axis="index")
    return compare_cells(
        {cell: constant_metrics(0.5 + gain) for cell, gain in cells.items()},
        replicates,
        Run(strategies=("baseline", *gains), models=("m",)),
        F1,
        Uncertainty(confidence=0.95, resamples=RESAMPLES),
    )


def verdicts(comparison: dict[str, Any], cell: str) -> dict[str, str]:
    return {
        answer["metric"]: answer["verdict"]
        for answer in comparison["comparisons"]
        if answer["cell"] == cell
    }


def test_a_comparison_has_the_promised_keys() -> None:
    """Whoever reads the comparison finds each answer complete, and what it was for."""
    comparison = trial({"smote": 0.1})
    assert set(comparison) >= {"baseline", "objective", "comparisons"}
    assert (comparison["baseline"], comparison["objective"]) == ("baseline", "f1")
    assert {frozenset(answer) for answer in comparison["comparisons"]} == {frozenset(KEYS)}
    assert {answer["source"] for answer in comparison["comparisons"]} == {"test"}


def test_every_arm_is_asked_every_question() -> None:
    """Ranking, decisions at both thresholds and calibration, of each arm but the baseline."""
    asked = [
        (answer["cell"], answer["view"], answer["metric"])
        for answer in trial({"smote": 0.1, "under": -0.1})["comparisons"]
    ]
    expected = {
        (f"{strategy}-m", question.view, question.metric)
        for strategy in ("smote", "under")
        for question in questions("f1")
    }
    assert expected == set(asked)
    assert len(expected) == len(asked)


def test_an_arm_like_the_baseline_is_neither_better_nor_worse() -> None:
    """No remedy is credited with what it did not do."""
    for answer in trial({"idle": 0.0})["comparisons"]:
        assert (answer["effect"], list(answer["interval"])) == (0, [0, 0])
        assert (answer["p"], answer["p_holm"]) == (1, 1)
        assert answer["verdict"] not in {"better", "worse"}


@pytest.mark.parametrize(
    ("gain", "of_scores", "of_losses"),
    [
        (0.1, "better", "worse"),
        (-0.1, "worse", "better"),
    ],
)
def test_where_every_replicate_agrees_so_does_the_verdict(
    gain: float, of_scores: str, of_losses: str
) -> None:
    """A clear gain is better, a clear drop worse; of a loss, less is better."""
    actual = verdicts(trial({"arm": gain}), "arm-m")
    assert actual == {
        "average_precision": of_scores,
        "roc_auc": of_scores,
        "f1": of_scores,
        "brier_score": of_losses,
    }


def test_a_gain_within_the_noise_is_undecided() -> None:
    """A number that is higher by chance is not called better."""
    assert set(verdicts(trial({"lucky": 0.01}, noise=0.1), "lucky-m").values()) == {"undecided"}


def test_an_effect_is_the_arm_less_the_baseline_and_its_interval_is_of_the_pair() -> None:
    """Noise that both arms share cancels: the interval is that of the difference."""
    for answer in trial({"smote": 0.1}, noise=0.01)["comparisons"]:
        low, high = answer["interval"]
        assert pytest.approx(0.1) == answer["effect"]
        assert pytest.approx((low, high), abs=0.005) == (0.08, 0.12)


@given(st.lists(st.floats(-0.03, 0.03), min_size=1, max_size=5))
@settings(max_examples=15, deadline=None)
def test_a_verdict_agrees_with_its_corrected_p_value(gains: list[float]) -> None:
    """Better or worse is said exactly where the corrected p-value is below the level."""
    arms = {f"arm_{position}": gain for position, gain in enumerate(gains)}
    for answer in trial(arms)["comparisons"]:
        assert answer["p"] <= answer["p_holm"] <= 1
        decided = answer["verdict"] in {"better", "worse"}
        assert (answer["p_holm"] < 0.05) == decided


def test_more_arms_ask_for_more_evidence() -> None:
    """The same gain that convinces alone may not among ten others that were tried."""
    gain, noise = 0.023, 0.01
    alone = trial({"smote": gain}, noise)
    crowd = trial({"smote": gain} | {f"arm_{i}": 1e-6 * (i + 1) for i in range(10)}, noise)
    assert set(verdicts(alone, "smote-m").values()) == {"better", "worse"}
    assert set(verdicts(crowd, "smote-m").values()) == {"undecided"}


def test_arms_are_compared_within_their_model() -> None:
    """A remedy is not credited with a better model."""
    cells = [f"{strategy}-{model}" for model in ("a", "b") for strategy in ("base", "x", "y")]
    level = {"a": 0.5, "b": 0.9}
    comparison = compare_cells(
        {cell: constant_metrics(level[cell[-1]]) for cell in cells},
        {cell: constant_replicates(level[cell[-1]]) for cell in cells},
        Run(strategies=("base", "x", "y"), models=("a", "b")),
        F1,
        Uncertainty(),
    )
    pairs = {(answer["cell"], answer["against"]) for answer in comparison["comparisons"]}
    assert pairs == {("x-a", "base-a"), ("y-a", "base-a"), ("x-b", "base-b"), ("y-b", "base-b")}
    assert {answer["effect"] for answer in comparison["comparisons"]} == {0}


def test_a_single_arm_is_compared_with_nothing() -> None:
    """A trial of the baseline alone is a trial, with nothing to say."""
    assert trial({})["comparisons"] == []


def test_a_comparison_can_be_written_as_json(tmp_path: Path) -> None:
    """No number of it is of a kind that JSON lacks."""
    write_json(trial({"smote": 0.1}), tmp_path / "comparison.json")
    assert (tmp_path / "comparison.json").stat().st_size > 0

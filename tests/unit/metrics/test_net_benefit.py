"""Net benefit, from scikit-learn's counts; and the odds that it is measured at."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix
from tests.decided import two_classes

from equipoise.judging.simple_policies import value_alerting_all
from equipoise.metrics.classes import Classes
from equipoise.metrics.net_benefit import (
    choose_odds,
    list_odds,
    measure_net_benefits,
    name_odds,
)
from equipoise.metrics.scores import Scores

ODDS = list_odds(0.2)
RNG = np.random.default_rng(1)
Y_TRUE = (RNG.random(300) < 0.2).astype(np.int64)
PROBABILITY = RNG.beta(1 + 2 * Y_TRUE, 4)


def make_rows(probability: float | np.ndarray = PROBABILITY) -> Scores:
    return two_classes(Y_TRUE, {"calibrated": np.broadcast_to(probability, Y_TRUE.shape)})


@pytest.mark.parametrize("prevalence", [None, 0.02])
def test_it_is_found_positives_minus_false_alerts_at_their_odds(prevalence: float | None) -> None:
    """As Vickers and Elkin (2006) have it, of rows or of rows restated for another prevalence."""
    rows = replace(make_rows(), prevalence=prevalence)
    found = measure_net_benefits(rows, ODDS)
    for odds in ODDS:
        alerts = odds / (1 + odds) <= PROBABILITY
        (_, fp), (_, tp) = confusion_matrix(
            Y_TRUE, alerts, sample_weight=rows.row_weights, normalize="all"
        )
        assert found[name_odds(odds)] == pytest.approx(tp - fp * odds)


def test_alerting_on_every_row_or_on_none_is_what_certain_probabilities_do() -> None:
    every, none = (measure_net_benefits(make_rows(p), ODDS) for p in (1.0, 0.0))
    for odds in ODDS:
        expected = float(value_alerting_all(Y_TRUE.mean(), odds))
        assert every[name_odds(odds)] == pytest.approx(expected)
        assert none[name_odds(odds)] == 0
    assert float(value_alerting_all(0.2, 0.25)) == pytest.approx(0)


def test_a_name_tells_its_odds_exactly() -> None:
    """So that files need no other column for them; the range is around the prevalence."""
    for prevalence in (0.0017, 0.1, 0.7):
        odds = list_odds(prevalence)
        assert [float(name_odds(each)) for each in odds] == [*odds]
        assert odds[0] < prevalence / (1 - prevalence) < odds[-1]
    assert list_odds(0.1, (0.02, 3))[0] == 0.02
    assert list_odds(0.1, (0.02, 3))[-1] == 3


def test_several_classes_have_none() -> None:
    rows = Scores(Classes(("a", "b", "c"), None), np.array([0, 1, 2]), {}, {})
    assert choose_odds(rows, None) == ()

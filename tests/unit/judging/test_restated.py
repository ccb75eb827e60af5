"""Numbers restated for another prevalence: those of a test part that has it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk
from sklearn.isotonic import IsotonicRegression
from tests.decided import Judged, decide_rows, judging_by, two_classes
from tests.replicated import drawn, replicate_metrics
from tests.scored import TWO, UNCERTAINTY

from equipoise.deciding.calibrators import Restated
from equipoise.deciding.settling import learn_decision
from equipoise.judging import bootstrap
from equipoise.metrics.names import Floats, Labels
from equipoise.metrics.net_benefit import list_odds
from equipoise.metrics.scores import Scores
from equipoise.params.decision_params import Decision

COST = Decision(objective="cost", false_negative=4, false_positive=1)
# One in five rows is positive: each negative six times makes them one in 25.
TIMES, NOW = 6, 1 / 25
RARE = COST.model_copy(update={"prevalence": NOW})
ODDS = list_odds(NOW)
SECTIONS = ("test", "calibrated", "constant_guess", "default", "tuned", "elkan", "net_benefit")


def repeat_negatives(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows of which 1 in 25 is positive."""
    again = np.where(rows["y_true"] == 1, 1, TIMES)
    return rows.loc[rows.index.repeat(again)].reset_index(drop=True)


def judge_rows(
    decision: Decision, test: pd.DataFrame = TWO.test, oof: pd.DataFrame = TWO.oof
) -> Judged:
    return TWO.judge(test, oof, decision, "isotonic", odds=ODDS)


def test_all_numbers_are_those_of_a_test_part_with_negatives_repeated() -> None:
    """Out-of-fold rows are repeated too: thresholds, and what isotonic steps give, are the same."""
    restated = judge_rows(RARE)
    rare = judge_rows(COST, repeat_negatives(TWO.test), repeat_negatives(TWO.oof))
    for section in SECTIONS:
        for name, value in rare.result.sections[section].items():
            # Bins of equal count are of other rows; more rows may claim smaller probabilities.
            if name not in {"n", "calibration_error", "log_loss"}:
                own = restated.result.sections[section][name]
                assert own == pytest.approx(value, rel=1e-5), (section, name)
    assert restated.result.tuned.rule == rare.result.tuned.rule
    folds = ["tuned_cost", "brier_score", "average_precision"]
    assert restated.folds[folds].to_numpy() == pytest.approx(rare.folds[folds].to_numpy())


def test_confusions_are_restated_and_rare_rows_are_counted_as_they_are() -> None:
    """So that precision is that of the cells, and nothing is claimed from few positives."""
    result = judge_rows(RARE).result
    cells = result.tuned.cells
    assert cells["tp"] / (cells["tp"] + cells["fp"]) == pytest.approx(
        result.tuned.numbers["precision"]
    )
    assert sum(cells.values()) == pytest.approx(len(TWO.test))
    assert cells["tp"] + cells["fn"] == pytest.approx(NOW * len(TWO.test))
    assert result.n_rare == TWO.plain.result.n_rare == 40
    assert result.note is None  # the model's own scores were not meant for this prevalence


@pytest.mark.parametrize("largest", [20_000, 50])
def test_each_replicate_is_scikit_learns_with_weights(
    largest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In each, positives have their share of the weight; where rows are drawn in blocks, too."""
    monkeypatch.setattr(bootstrap, "LARGEST_CLASS", largest)
    monkeypatch.setattr(bootstrap, "BLOCKS", 25)
    y_true, score = (TWO.test[name].to_numpy() for name in ("y_true", "y_score"))
    rows = replace(two_classes(y_true, score, {"default": score > 0.5}), prevalence=NOW)
    found = replicate_metrics(rows, COST, 20, 1)
    for place, count in enumerate(drawn(y_true, 20, 1)):
        weights = weigh(y_true, count)
        expected = {
            "average_precision": sk.average_precision_score(y_true, score, sample_weight=weights),
            "roc_auc": sk.roc_auc_score(y_true, score, sample_weight=weights),
            "brier_score": sk.brier_score_loss(y_true, score, sample_weight=weights),
            "log_loss": sk.log_loss(y_true, score, sample_weight=weights),
            "default_precision": sk.precision_score(y_true, score > 0.5, sample_weight=weights),
            "default_mcc": sk.matthews_corrcoef(y_true, score > 0.5, sample_weight=weights),
        }
        assert {name: found[name].iloc[place] for name in expected} == pytest.approx(expected)


def weigh(y_true: Labels, count: Floats) -> Floats:
    """Return weights by which positives have their share."""
    share = count[y_true == 1].sum() / count.sum()
    return np.asarray(np.where(y_true == 1, NOW / share, (1 - NOW) / (1 - share)) * count)


def test_probabilities_are_those_of_isotonic_steps_fitted_with_weights() -> None:
    """Scikit-learn's own, on rows of which each class weighs what it will."""
    oof = TWO.oof.assign(row=np.arange(len(TWO.oof)))
    objective = judging_by(RARE, UNCERTAINTY).objective
    decided = learn_decision(oof, None, objective, "isotonic", labels=(0, 1), treatment="nothing")
    y_true, score = oof["y_true"].to_numpy(), oof["y_score"].to_numpy()
    weighted = IsotonicRegression(out_of_bounds="clip").fit(
        score, y_true, sample_weight=weigh(y_true, np.ones(len(y_true)))
    )
    # Between the steps, a line in probabilities is not one in restated probabilities.
    own = decided.calibrator.apply(np.column_stack([1 - score, score]))[:, 1]
    expected = weighted.predict(score)
    inside = (expected > 0) & (expected < 1)
    assert inside.sum() > 100
    assert own[inside] == pytest.approx(expected[inside])


def test_each_fold_is_restated_with_the_calibrator_that_its_others_give() -> None:
    oof = TWO.oof.assign(row=np.arange(len(TWO.oof)))
    objective = judging_by(RARE, UNCERTAINTY).objective
    decided = learn_decision(oof, None, objective, "auto", labels=(0, 1), treatment="nothing")
    for calibrator in (decided.calibrator, *(fold.calibrator for fold in decided.folds)):
        assert isinstance(calibrator, Restated)
        assert calibrator.now == NOW
        assert calibrator.before == pytest.approx(0.2, abs=0.01)
    restated = Scores.of(decide_rows(TWO.test, decided), NOW)
    assert np.average(restated.y_true, weights=restated.row_weights) == pytest.approx(NOW)

"""One arm's numbers: right, from the right rows, each with its interval."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from sklearn import metrics as sk

from equipoise.assessment.calibration import recalibrate
from equipoise.assessment.evaluation import Evaluation, evaluate
from equipoise.assessment.metrics import DECISION_METRICS, calibration_error
from equipoise.assessment.thresholds import decide, tune_threshold
from equipoise.contract.params import Decision, Uncertainty

F1 = Decision(objective="f1")
UNCERTAINTY = Uncertainty(confidence=0.9, resamples=100)
PROBABILITY = {"brier_score", "log_loss", "calibration_error"}
RANKING = {"average_precision", "roc_auc"}
DECISION = {"threshold", "tn", "fp", "fn", "tp", *DECISION_METRICS}
KEYS = {
    "test": {"n", "prevalence"} | RANKING | PROBABILITY,
    "default": DECISION,
    "tuned": DECISION,
    "calibrated": PROBABILITY,
    "out_of_fold": RANKING | {"default_f1", "tuned_f1"},
    "interval": RANKING
    | {"brier_score", "log_loss", "calibrated_brier_score", "calibrated_log_loss"}
    | {f"{view}_{name}" for view in ("default", "tuned") for name in DECISION_METRICS},
}


def scored(rows: int, seed: int) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    y_true = generator.permutation(np.repeat([0, 1], [rows - rows // 5, rows // 5]))
    y_score = generator.beta(2 + 2 * y_true, 4)
    y_pred = (y_score > 0.5).astype(np.int64)
    return pd.DataFrame({"y_true": y_true, "y_score": y_score, "y_pred": y_pred})


def evaluated(test: pd.DataFrame, oof: pd.DataFrame, seed: int = 0) -> Evaluation:
    return evaluate(test, oof, F1, UNCERTAINTY, seed)


def numbers(test: pd.DataFrame, oof: pd.DataFrame) -> dict[str, Any]:
    return evaluated(test, oof).metrics


TEST, OOF = scored(200, seed=1), scored(300, seed=2)


def test_an_evaluation_has_every_section_and_key() -> None:
    """Whoever reads a metrics file finds the names that the documentation promises."""
    assert {name: set(section) for name, section in numbers(TEST, OOF).items()} == KEYS


def test_rankings_are_scikit_learns() -> None:
    """Average precision and ROC-AUC come from the scores of test rows."""
    ranking, y_true, y_score = numbers(TEST, OOF)["test"], TEST["y_true"], TEST["y_score"]
    assert (ranking["n"], ranking["prevalence"]) == (200, 0.2)
    assert sk.average_precision_score(y_true, y_score) == ranking["average_precision"]
    assert sk.roc_auc_score(y_true, y_score) == ranking["roc_auc"]


@pytest.mark.parametrize("section", ["test", "calibrated"])
def test_probabilities_are_judged_before_and_after_recalibration(section: str) -> None:
    """Brier score, log-loss and calibration error are those of the scores in question."""
    score = TEST["y_score"].to_numpy()
    if section == "calibrated":
        score = recalibrate(OOF["y_true"], OOF["y_score"], score)
    expected = {
        "brier_score": sk.brier_score_loss(TEST["y_true"], score),
        "log_loss": sk.log_loss(TEST["y_true"], score),
        "calibration_error": calibration_error(TEST["y_true"], score),
    }
    actual = numbers(TEST, OOF)[section]
    assert expected == pytest.approx({name: actual[name] for name in expected})


@pytest.mark.parametrize("view", ["default", "tuned"])
def test_decisions_are_counted_as_they_were_made(view: str) -> None:
    """The default view takes the model's own labels, the tuned one the tuned threshold."""
    threshold = 0.5 if view == "default" else tune_threshold(OOF["y_true"], OOF["y_score"], F1)
    y_pred = TEST["y_pred"] if view == "default" else decide(TEST["y_score"], threshold)
    actual = numbers(TEST, OOF)[view]
    counts = [actual[name] for name in ("tn", "fp", "fn", "tp")]
    assert sk.confusion_matrix(TEST["y_true"], y_pred).ravel().tolist() == counts
    assert sk.f1_score(TEST["y_true"], y_pred) == pytest.approx(actual["f1"])
    assert threshold == actual["threshold"]


def test_the_default_view_believes_the_label_not_the_score() -> None:
    """A model whose labels contradict its probabilities is judged by its labels."""
    contrary = TEST.assign(y_pred=1 - TEST["y_pred"])
    as_is, inverted = numbers(TEST, OOF)["default"], numbers(contrary, OOF)["default"]
    assert (as_is["tp"], as_is["tn"]) == (inverted["fn"], inverted["fp"])


def test_test_rows_settle_no_decision() -> None:
    """Other test rows change neither the threshold nor the out-of-fold evidence."""
    one, other = numbers(TEST, OOF), numbers(scored(200, seed=9), OOF)
    assert one["tuned"]["threshold"] == other["tuned"]["threshold"]
    assert one["out_of_fold"] == other["out_of_fold"]


def test_out_of_fold_rows_move_no_ranking() -> None:
    """Other train scores change the tuned and the calibrated view, nothing else of test."""
    one, other = numbers(TEST, OOF), numbers(TEST, scored(300, seed=9))
    assert one["test"] == other["test"]
    assert one["default"] == other["default"]
    assert one["tuned"]["threshold"] != other["tuned"]["threshold"]
    assert one["calibrated"] != other["calibrated"]


def test_out_of_fold_evidence_is_scikit_learns() -> None:
    """What may be used to choose an arm is computed on train rows alone."""
    y_true, y_score = OOF["y_true"], OOF["y_score"]
    tuned = decide(y_score, tune_threshold(y_true, y_score, F1))
    expected = {
        "average_precision": sk.average_precision_score(y_true, y_score),
        "roc_auc": sk.roc_auc_score(y_true, y_score),
        "default_f1": sk.f1_score(y_true, OOF["y_pred"]),
        "tuned_f1": sk.f1_score(y_true, tuned),
    }
    assert expected == pytest.approx(numbers(TEST, OOF)["out_of_fold"])


def test_point_metrics_ignore_row_order() -> None:
    """A test part stored in another order is the same test part."""
    expected, actual = numbers(TEST, OOF), numbers(TEST[::-1], OOF[::-1])
    for section in ("test", "default", "tuned", "calibrated", "out_of_fold"):
        assert expected[section] == pytest.approx(actual[section])


def test_every_replicate_column_has_an_interval_around_its_number() -> None:
    """Each number stands within its interval, on a table where nothing is extreme."""
    evaluation = evaluated(TEST, OOF)
    intervals, values = evaluation.metrics["interval"], evaluation.metrics
    assert set(intervals) == set(evaluation.replicates)
    for name, (low, high) in intervals.items():
        view, _, metric = name.partition("_")
        section, key = (view, metric) if view in values else ("test", name)
        assert low <= values[section][key] <= high


def test_the_seed_moves_replicates_and_no_number() -> None:
    """Another seed draws other rows; what was measured stays."""
    one, other = (evaluated(TEST, OOF, seed) for seed in (1, 2))
    assert not one.replicates.equals(other.replicates)
    assert one.metrics["test"] == other.metrics["test"]
    assert len(one.replicates) == UNCERTAINTY.resamples


def test_an_evaluation_can_be_repeated() -> None:
    """The same rows and seed give the same numbers, curves and replicates."""
    one, again = evaluated(TEST, OOF), evaluated(TEST.copy(), OOF.copy())
    assert one.metrics == again.metrics
    assert_frame_equal(one.curves, again.curves, check_exact=True)
    assert_frame_equal(one.replicates, again.replicates, check_exact=True)


def test_a_perfect_model_is_told_so() -> None:
    """Without a mistake, every decision metric is 1 and the Brier score 0."""
    perfect = TEST.assign(y_score=TEST["y_true"] * 1.0, y_pred=TEST["y_true"])
    oof = OOF.assign(y_score=OOF["y_true"] * 1.0, y_pred=OOF["y_true"])
    actual = numbers(perfect, oof)
    for view in ("default", "tuned"):
        assert {actual[view][name] for name in DECISION_METRICS} == {1.0}
    assert (actual["test"]["average_precision"], actual["test"]["roc_auc"]) == (1.0, 1.0)
    assert actual["test"]["brier_score"] == 0

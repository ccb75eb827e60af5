"""One arm's numbers on two classes: right, and from the right rows."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from sklearn import metrics as sk
from tests.decided import calibrate_two, decide, objective_of, tune
from tests.scored import F1, TWO, VIEWS, constant

from equipoise.deciding.folds import split_by_fold
from equipoise.deciding.objectives import find_elkan_threshold
from equipoise.metrics.names import Floats
from equipoise.metrics.probabilities import calibration_error
from equipoise.metrics.tallies import BY_CLASS, OVERALL
from equipoise.params.decision_params import Decision

SPEND = Decision(objective="cost", false_negative=1, false_positive=5, amount="spend")
MATRIX = Decision(objective="cost", costs=((0, 1), (4, 0)))
RATIO = 3.0
PROBABILITY = {"brier_score", "log_loss", "calibration_error"}
RANKING = {"average_precision", "roc_auc"}
DECISION = {"threshold", "tn", "fp", "fn", "tp", *BY_CLASS, *OVERALL}
KEYS = {
    "test": {"n", "prevalence"} | RANKING | PROBABILITY,
    "default": DECISION,
    "tuned": DECISION,
    "calibrated": PROBABILITY,
    "constant_guess": PROBABILITY | RANKING | {"f1"},
    "prior_corrected": PROBABILITY,
    "instability": {
        "probability_moved",
        *(f"{view}_{change}" for view in VIEWS for change in ("flipped", "alerts_lost")),
    },
    "out_of_fold": RANKING
    | PROBABILITY
    | {f"calibrated_{name}" for name in PROBABILITY}
    | {f"{view}_{name}" for view in ("default", "tuned") for name in (*BY_CLASS, *OVERALL)},
}


def with_spend(part: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Rows at each of which something between 0 and 60 is at stake."""
    return part.assign(amount=np.random.default_rng(seed).uniform(0, 60, size=len(part)))


def probability_metrics(y_true: pd.Series, score: Floats) -> dict[str, float]:
    return {
        "brier_score": sk.brier_score_loss(y_true, score),
        "log_loss": sk.log_loss(y_true, score),
        "calibration_error": calibration_error(y_true, score),
    }


TEST, OOF = TWO.test, TWO.oof


def test_an_evaluation_has_every_section_and_key() -> None:
    """Whoever reads a metrics file finds the names that the documentation promises."""
    found = {name: set(section) for name, section in TWO.plain.metrics.items()}
    assert found == {**KEYS, "interval": found["interval"]}


def test_rankings_are_scikit_learns() -> None:
    """Average precision and ROC-AUC come from the scores of test rows."""
    ranking, y_true, y_score = TWO.plain.metrics["test"], TEST["y_true"], TEST["y_score"]
    assert (ranking["n"], ranking["prevalence"]) == (200, 0.2)
    expected = sk.average_precision_score(y_true, y_score), sk.roc_auc_score(y_true, y_score)
    assert (ranking["average_precision"], ranking["roc_auc"]) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("section", ["test", "calibrated", "prior_corrected", "constant_guess"])
def test_probabilities_are_judged_as_they_are_and_as_they_could_be(section: str) -> None:
    """Brier score, log-loss and calibration error are those of the scores in question."""
    score, train = TEST["y_score"].to_numpy(), (OOF["y_true"], OOF["y_score"])
    scores = {
        "test": score,
        "calibrated": calibrate_two("auto", train, score, repeats=2),
        "constant_guess": np.full(len(TEST), OOF["y_true"].mean()),
        "prior_corrected": calibrate_two("prior", train, score, RATIO),
    }
    actual = TWO.plain.metrics[section]
    expected = probability_metrics(TEST["y_true"], scores[section])
    assert expected == pytest.approx({name: actual[name] for name in expected})


def test_the_constant_guess_is_the_prevalence_of_train() -> None:
    """It is no model's: scores move nothing of it; with test as rare, p(1 - p) is its Brier."""
    guess = TWO.plain.metrics["constant_guess"]
    assert guess["brier_score"] == pytest.approx(0.2 * 0.8)
    assert guess["log_loss"] == pytest.approx(-0.2 * np.log(0.2) - 0.8 * np.log(0.8))
    assert guess["calibration_error"] == pytest.approx(0, abs=1e-12)
    assert (guess["average_precision"], guess["roc_auc"]) == pytest.approx((0.2, 0.5))
    assert guess["f1"] == pytest.approx(2 * 0.2 / 1.2)
    test, oof = (part.assign(y_score=1 - part["y_score"]) for part in (TEST, OOF))
    assert guess == TWO.judge(test, oof).metrics["constant_guess"]
    rarer = OOF.drop(OOF.index[OOF["y_true"] == 1][::2])
    assert TWO.judge(TEST, rarer).metrics["constant_guess"]["brier_score"] > guess["brier_score"]


@pytest.mark.parametrize("view", ["default", "tuned"])
def test_decisions_are_counted_as_they_were_made(view: str) -> None:
    """The default view takes the model's own labels, the tuned one the tuned threshold."""
    threshold = 0.5 if view == "default" else tune(OOF["y_true"], OOF["y_score"], F1).threshold
    y_pred = TEST["y_pred"] if view == "default" else decide(TEST["y_score"], threshold)
    actual = TWO.plain.metrics[view]
    counts = [actual[name] for name in ("tn", "fp", "fn", "tp")]
    assert sk.confusion_matrix(TEST["y_true"], y_pred).ravel().tolist() == counts
    assert sk.f1_score(TEST["y_true"], y_pred) == pytest.approx(actual["f1"])
    assert threshold == actual["threshold"]


@pytest.mark.parametrize("method", ["sigmoid", "prior"])
def test_a_fold_is_calibrated_by_the_others(method: str) -> None:
    """Its own labels do not make its probabilities better; the prior needs no rows at all."""
    folds = TWO.judge(calibration=method).folds
    for (repeat, fold), rows in OOF.groupby(["repeat", "fold"]):
        others = OOF[(OOF["repeat"] == repeat) & (OOF["fold"] != fold)]
        known = (others["y_true"], others["y_score"])
        calibrated = calibrate_two(method, known, rows["y_score"], RATIO)
        expected = sk.brier_score_loss(rows["y_true"], calibrated)
        (found,) = folds[(folds["repeat"] == repeat) & (folds["fold"] == fold)].itertuples()
        assert found.calibrated_brier_score == pytest.approx(expected)


@pytest.mark.parametrize("decision", [TWO.cost, SPEND])
def test_a_fold_is_decided_by_the_threshold_of_the_others(decision: Decision) -> None:
    """What a fold scores is the objective of its rows, by a threshold that they did not choose."""
    oof = with_spend(OOF, seed=3) if decision.amount else OOF
    test = with_spend(TEST, seed=4) if decision.amount else TEST
    folds = TWO.judge(test, oof, decision).folds
    repeat = oof[oof["repeat"] == 1]
    others, rows = repeat[repeat["fold"] != 2], repeat[repeat["fold"] == 2]
    tuned = tune(others["y_true"], others["y_score"], decision, others.get("amount"))
    y_pred = decide(rows["y_score"], tuned.threshold)
    actual = folds[(folds["repeat"] == 1) & (folds["fold"] == 2)].iloc[0]
    assert tuned.threshold == actual["threshold"]
    assert actual["tuned_cost"] == pytest.approx(cost_of(rows, y_pred, decision))


def cost_of(rows: pd.DataFrame, y_pred: Any, decision: Decision) -> float:
    """The cost per row, added up row by row."""
    costs = {"false_negative": 4, "false_positive": 1} | decision.arguments
    stake = rows.get("amount", 1.0)
    missed = (rows["y_true"] == 1) & (y_pred == 0)
    false_alert = (rows["y_true"] == 0) & (y_pred == 1)
    each = costs["false_negative"] * missed * stake + costs["false_positive"] * false_alert
    return float(each.mean())


@pytest.mark.parametrize("decision", [TWO.cost, SPEND, MATRIX])
def test_costs_are_those_of_the_decisions_in_every_view(decision: Decision) -> None:
    """Added up row by row: at the default, at the tuned and at Elkan's threshold."""
    test, oof = TEST, OOF
    if decision.amount:
        test, oof = with_spend(TEST, seed=4), with_spend(OOF, seed=3)
    actual = TWO.judge(test, oof, decision).metrics
    tuned = tune(oof["y_true"], oof["y_score"], decision, oof.get("amount"))
    train = oof["y_true"], oof["y_score"]
    calibrated = calibrate_two("auto", train, test["y_score"], repeats=2)
    costs = objective_of(decision).costs
    assert costs is not None
    decisions = {
        "default": test["y_pred"].to_numpy(),
        "tuned": decide(test["y_score"], tuned.threshold),
        "elkan": decide(calibrated, find_elkan_threshold(costs, test.get("amount"))),
    }
    for view, y_pred in decisions.items():
        assert actual[view]["cost"] == pytest.approx(cost_of(test, y_pred, decision))
        counts = [actual[view][name] for name in ("tn", "fp", "fn", "tp")]
        assert sk.confusion_matrix(test["y_true"], y_pred).ravel().tolist() == counts
        low, high = actual["interval"][f"{view}_cost"]
        assert low <= actual[view]["cost"] <= high
    stated = set() if decision.amount else {"threshold"}
    assert set(actual["elkan"]) == DECISION - {"threshold"} | {"cost"} | stated
    if stated:
        assert actual["elkan"]["threshold"] == find_elkan_threshold(costs)


def test_a_matrix_of_two_costs_is_those_two_costs() -> None:
    """Nothing off the diagonal costs what the two keys say, and nothing else does."""
    by_keys, by_matrix = (TWO.judge(TEST, OOF, each) for each in (TWO.cost, MATRIX))
    assert by_keys.metrics == by_matrix.metrics
    assert_frame_equal(by_keys.replicates, by_matrix.replicates, check_exact=True)
    assert_frame_equal(by_keys.folds, by_matrix.folds, check_exact=True)


def test_what_being_right_costs_is_counted() -> None:
    """An alert that is right, and silence that is right, cost what the matrix says of them."""
    costs = ((0.25, 2), (9, 0.5))
    actual = TWO.judge(TEST, OOF, Decision(objective="cost", costs=costs)).metrics
    for view in ("default", "tuned", "elkan"):
        cells = [[actual[view][cell] for cell in row] for row in (("tn", "fp"), ("fn", "tp"))]
        expected = (np.array(cells) * costs).sum() / len(TEST)
        assert actual[view]["cost"] == pytest.approx(expected)


@pytest.mark.parametrize("decimals", [0, 1, 15])
def test_fold_scores_are_those_of_scikit_learn(decimals: int) -> None:
    """Ties or none: of held-out rows alone, by a threshold that the other folds chose."""
    oof = OOF.assign(y_score=OOF["y_score"].round(decimals))

    def judge_fold(rows: pd.DataFrame, others: pd.DataFrame) -> dict[str, float]:
        y_true, y_score = rows["y_true"], rows["y_score"]
        threshold = tune(others["y_true"], others["y_score"], F1).threshold
        return {
            "average_precision": sk.average_precision_score(y_true, y_score),
            "roc_auc": sk.roc_auc_score(y_true, y_score),
            "brier_score": sk.brier_score_loss(y_true, y_score),
            "log_loss": sk.log_loss(y_true, y_score),
            "default_f1": sk.f1_score(y_true, rows["y_pred"]),
            "tuned_f1": sk.f1_score(y_true, decide(y_score, threshold)),
            "threshold": threshold,
        }

    expected = pd.DataFrame([judge_fold(f.held_out, f.others) for f in split_by_fold(oof)])
    actual = TWO.judge(TEST, oof).folds[list(expected)]
    assert_frame_equal(expected, actual, rtol=0, atol=1e-12, check_exact=False)


def test_what_is_unusual_about_the_threshold_is_noted() -> None:
    """A floor that no threshold reaches is said in words; else there is no note."""
    assert "note" not in TWO.plain.metrics
    unreachable = Decision(objective="recall_at_precision", floor=1)
    noisy = OOF.assign(y_score=OOF["y_score"].round(1))
    assert "decision.floor" in TWO.judge(TEST, noisy, unreachable).metrics["note"]


LIMITS: list[tuple[Decision, str]] = [
    (Decision(objective="recall_at_precision", floor=0.4), "precision"),
    (Decision(objective="precision_at_recall", floor=0.7), "recall"),
    (Decision(objective="alerts", per_thousand=150), "alerts per thousand rows"),
]


@pytest.mark.parametrize(("decision", "measure"), LIMITS)
def test_a_limit_that_test_rows_break_is_said_and_one_that_they_keep_is_not(
    decision: Decision, measure: str
) -> None:
    """Kept out of fold, a floor or a ceiling may fail on test: the note has both numbers.

    Of eight tables, some keep each limit and some break it.
    """
    key, bound = next((key, bound) for key, bound in decision.arguments.items())
    broken = []
    for seed in range(8):
        test = TWO.scored(150, seed)
        actual = TWO.judge(test, TWO.out_of_fold(300, seed + 20), decision).metrics
        alerts = decide(test["y_score"], actual["tuned"]["threshold"])
        found = {
            "precision": sk.precision_score(test["y_true"], alerts, zero_division=0),
            "recall": sk.recall_score(test["y_true"], alerts),
            "alerts per thousand rows": 1000 * alerts.mean(),
        }[measure]
        broken.append(found > bound if key == "per_thousand" else found < bound)
        note = actual.get("note", "")
        assert (f"the tuned threshold gives {found:.4g} {measure}" in note) == broken[-1]
        assert (f"outside decision.{key} = {bound:g}" in note) == ("gives" in note)
    assert 0 < sum(broken) < 8


@pytest.mark.parametrize(("decision", "measure"), LIMITS)
def test_both_what_was_tuned_and_what_came_of_it_can_be_noted(
    decision: Decision, measure: str
) -> None:
    """Scores that are all the same reach no floor, on train or on test; each is said once."""
    note = TWO.judge(constant(TEST), constant(OOF), decision).metrics.get("note", "")
    assert note.startswith("the model is constant")
    assert ("the tuned threshold gives" in note) == (measure == "precision")
    assert len(note.splitlines()) == 1


@pytest.mark.parametrize("alerts_all", [True, False])
def test_a_limit_that_default_decisions_break_is_said(alerts_all: bool) -> None:  # noqa: FBT001 - a case
    """By default more recall may only be more alerts than there are people for."""
    decision = Decision(objective="alerts", per_thousand=150)
    test = TEST.assign(y_pred=int(alerts_all))
    note = TWO.judge(test, OOF, decision).metrics.get("note", "")
    assert ("the default threshold gives 1000 alerts per thousand rows" in note) == alerts_all


@pytest.mark.parametrize(("floor", "kept"), [(0.3, 1.0), (1.0, 0.0)])
def test_whether_the_limit_can_be_kept_is_told_out_of_fold(floor: float, kept: float) -> None:
    """What recommends must know whether the objective counts; without a limit nothing is told."""
    noisy = OOF.assign(y_score=OOF["y_score"].round(1))
    limited = Decision(objective="recall_at_precision", floor=floor)
    assert TWO.judge(TEST, noisy, limited).metrics["out_of_fold"]["limit_kept"] == kept
    assert "limit_kept" not in TWO.plain.metrics["out_of_fold"]

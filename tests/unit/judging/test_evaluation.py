"""One arm's numbers, whether its classes are two or several: one door for both."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from scipy import stats
from sklearn.metrics import balanced_accuracy_score
from tests.scored import F1, SEVERAL, TWO, UNCERTAINTY, VIEWS, Case, constant, list_scores, perfect

from equipoise.core.tables import GROUP, ROW
from equipoise.judging.bootstrap import BOOTSTRAP, OBSERVED
from equipoise.metrics.names import name_column
from equipoise.params.decision_params import Decision
from equipoise.terminal.errors import UserError

PROBABILITY = {"brier_score", "log_loss", "calibration_error"}
RANKING = {"average_precision", "roc_auc"}
# What describes rows or a rule: no number of the arm, and without an interval.
GIVEN = {"n", "prevalence", "weights", "threshold", "tn", "fp", "fn", "tp"}


@pytest.fixture(params=[TWO, SEVERAL], ids=["two", "several"])
def case(request: pytest.FixtureRequest) -> Case:
    """An arm on two classes, and one on several."""
    found: Case = request.param
    return found


def numbers_by_column(metrics: dict[str, Any]) -> dict[str, float]:
    """Every number of the test part by the name that replicates and intervals have for it."""
    sections = ["test", "calibrated", "prior_corrected", *VIEWS, "elkan"]
    sections += [key for key in metrics if key.startswith("class_")]
    return {
        name_column(section, name): value
        for section in sections
        for name, value in metrics.get(section, {}).items()
        if name not in GIVEN
    }


def keep_rarest(case: Case, rows: int) -> pd.DataFrame:
    """Return test rows of which so few are of the rarest class."""
    rare = case.test["y_true"] == case.rarest
    return pd.concat([case.test[~rare], case.test[rare][:rows]])


@pytest.mark.parametrize("wrong", [np.nan, np.inf, 1.5, -0.1])
@pytest.mark.parametrize("part", ["test", "out-of-fold"])
def test_scores_that_are_no_probabilities_are_refused(wrong: float, part: str, case: Case) -> None:
    """A model that gives none for some row is the user's to change: one line says so."""
    parts = {"test": case.test.copy(), "out-of-fold": case.oof.copy()}
    rows = parts[part]
    rows.loc[[3, 5], list_scores(rows)[-1]] = wrong
    with pytest.raises(UserError) as refused:
        case.judge(parts["test"], parts["out-of-fold"])
    assert str(refused.value) == (
        f"y_score: 2 of {len(rows)} {part} rows have scores that are not probabilities, the first"
        f" being {wrong:.4g}; choose a model that gives a probability from 0 to 1 for every row"
    )


@pytest.mark.parametrize("ratio", [None, 1 + 1e-12, 2.5])
def test_an_untouched_or_unknown_prior_is_not_corrected(ratio: float | None, case: Case) -> None:
    """The section is there only where the strategy changed shares, and how is known."""
    ratios = None if ratio is None else dict.fromkeys(case.classes.names, ratio)
    actual = replace(case, ratios=ratios).judge().metrics
    assert "prior_corrected" not in actual
    assert not any("prior_corrected" in name for name in actual["interval"])
    for section in ("test", "calibrated", *VIEWS):
        assert actual[section] == case.plain.metrics[section]


def test_rows_that_belong_together_are_drawn_together(case: Case) -> None:
    """Copies of a row in one group tell no more than one row: intervals are as long as of one."""
    copies = pd.concat([case.test] * 4, ignore_index=True)
    groups = np.tile(np.arange(len(case.test)), 4)
    alike = case.judge(copies.assign(**{ROW: np.arange(len(copies)), GROUP: groups})).replicates
    each = case.plain.replicates
    for name in ("average_precision", "default_f1", "calibrated_brier_score"):
        errors = [found.loc[[BOOTSTRAP], name].std() for found in (alike, each)]
        assert errors[0] == pytest.approx(errors[1], rel=0.2)
        assert alike.loc[OBSERVED, name] == pytest.approx(each.loc[OBSERVED, name])


def test_calibration_by_prior_is_the_prior_corrected_section(case: Case) -> None:
    """What a user chooses is what the section foretold."""
    by_prior = case.judge(calibration="prior").metrics
    assert by_prior["calibrated"] == pytest.approx(by_prior["prior_corrected"])


def test_no_calibration_leaves_the_scores(case: Case) -> None:
    """`none` is judged by the scores as they are."""
    as_is = case.judge(calibration="none").metrics
    assert as_is["calibrated"] == {name: as_is["test"][name] for name in PROBABILITY}


def test_the_default_view_believes_the_label_not_the_score(case: Case) -> None:
    """A model whose labels contradict its probabilities is judged by its labels."""
    labels = sorted(case.test["y_true"].unique())
    turned = dict(zip(labels, np.roll(labels, -1), strict=True))
    contrary = case.test.assign(y_pred=case.test["y_pred"].map(turned))
    as_is, other = case.plain, case.judge(contrary)
    before, after = (np.array(each.result.default.confusion) for each in (as_is, other))
    assert np.roll(before, 1, axis=1).tolist() == after.tolist()
    for section in ("test", "tuned"):
        assert as_is.metrics[section] == other.metrics[section]


def test_test_rows_settle_no_decision(case: Case) -> None:
    """Other test rows change neither the rule nor the out-of-fold evidence."""
    one, other = case.plain.metrics, case.judge(case.scored(200, 9)).metrics
    assert one["tuned"][case.rule] == other["tuned"][case.rule]
    assert one["out_of_fold"] == other["out_of_fold"]


def test_out_of_fold_rows_move_no_ranking(case: Case) -> None:
    """Other train scores change the tuned and the calibrated view, nothing else of test."""
    one, other = case.plain.metrics, case.judge(oof=case.out_of_fold(300, 9)).metrics
    assert (one["test"], one["default"]) == (other["test"], other["default"])
    assert one["tuned"][case.rule] != other["tuned"][case.rule]
    assert one["calibrated"] != other["calibrated"]


def test_out_of_fold_evidence_is_the_mean_over_folds(case: Case) -> None:
    """What may be used to choose an arm is what folds say, whose scores are scikit-learn's."""
    evidence = case.plain.metrics["out_of_fold"]
    by_fold = [name for name in evidence if name in case.plain.folds]
    assert {*RANKING, "calibrated_brier_score", "default_f1", "tuned_f1"} <= {*by_fold}
    compared = {name: evidence[name] for name in by_fold}
    assert compared == pytest.approx(dict(case.plain.folds[by_fold].mean()))


def test_default_decisions_out_of_fold_are_measured_as_scikit_learn_does(case: Case) -> None:
    """Balanced accuracy, for one, is the mean of what scikit-learn finds in each fold."""
    folds = case.oof.groupby(["repeat", "fold"])
    expected = [balanced_accuracy_score(own["y_true"], own["y_pred"]) for _, own in folds]
    found = case.plain.metrics["out_of_fold"]["default_balanced_accuracy"]
    assert found == pytest.approx(np.mean(expected))


def test_point_metrics_ignore_row_order(case: Case) -> None:
    """A test part stored in another order is the same test part."""
    expected, actual = case.plain, case.judge(case.test[::-1], case.oof[::-1])
    assert numbers_by_column(expected.metrics) == pytest.approx(numbers_by_column(actual.metrics))
    for section in ("constant_guess", "out_of_fold"):
        assert expected.metrics[section] == pytest.approx(actual.metrics[section])
    rules = (each.metrics["tuned"][case.rule] for each in (expected, actual))
    assert next(rules) == pytest.approx(next(rules))


@pytest.mark.parametrize("by_cost", [False, True])
def test_every_number_has_an_interval_around_it_and_is_the_first_replicate(
    case: Case, *, by_cost: bool
) -> None:
    """Names agree for views, kinds of probabilities and classes; no other has an interval.

    A calibration error moves from what was observed.
    """
    found = case.judge(decision=case.cost) if by_cost else case.plain
    intervals, values = found.metrics["interval"], numbers_by_column(found.metrics)
    of_train = {f"instability_{name}" for name in found.metrics["instability"]}
    assert set(intervals) - of_train == set(values) == set(found.replicates)
    assert {"prior_corrected_log_loss", "tuned_accuracy", case.recall} < set(intervals)
    observed = found.replicates.loc[OBSERVED]
    for name, value in values.items():
        low, high = intervals[name]
        assert low <= value <= high
        expected = 0 if name.endswith("calibration_error") else value
        assert observed[name] == pytest.approx(expected)


def test_the_seed_moves_replicates_and_no_number(case: Case) -> None:
    """Another seed draws other rows; what was measured stays."""
    one, other = (case.judge(seed=seed) for seed in (1, 2))
    assert not one.replicates.equals(other.replicates)
    assert numbers_by_column(one.metrics) == numbers_by_column(other.metrics)
    assert len(one.replicates.loc[[BOOTSTRAP]]) == UNCERTAINTY.resamples


def test_an_evaluation_can_be_repeated(case: Case) -> None:
    """The same rows and seed give the same numbers, curves and replicates."""
    one, again = case.plain, case.judge(case.test.copy(), case.oof.copy())
    assert one.metrics == again.metrics
    for name in ("curves", "folds", "replicates"):
        assert_frame_equal(getattr(one, name), getattr(again, name), check_exact=True)


@pytest.mark.parametrize(
    ("case", "decision"),
    [
        *((TWO, Decision(objective="fbeta", beta=2)), (TWO, F1)),
        (TWO, Decision(objective="recall_at_precision", floor=0.4)),
        (TWO, Decision(objective="alerts", per_thousand=100)),
        *((SEVERAL, Decision(objective="fbeta", beta=2)), (SEVERAL, F1)),
        *((SEVERAL, Decision(objective=name)) for name in ("balanced_accuracy", "weighted_f1")),
        (SEVERAL, Decision(objective="mcc")),
    ],
)
def test_every_objective_is_told_in_both_views_and_only_costs_have_a_third(
    case: Case, decision: Decision
) -> None:
    """Elkan's decisions are those of costs; what is tuned for stands beside the usual numbers."""
    found, name = case.judge(decision=decision), decision.objective
    assert not any("elkan" in key for key in [*found.metrics, *found.replicates])
    for view in VIEWS:
        usual = set(case.plain.metrics[view])
        assert set(found.metrics[view]) | {"f1"} == usual | {name}
        assert f"{view}_{name}" in found.metrics["interval"]
        assert f"{view}_{name}" in found.folds


def test_an_arm_has_a_row_of_scores_for_each_fold(case: Case) -> None:
    """Every repeat and fold, its sizes, and the objective with both decisions."""
    folds = case.plain.folds
    sizes = {"repeat", "fold", "n_train", "n_test", "n_rare"}
    scores = {"log_loss", "brier_score", "calibrated_brier_score", "default_f1", "tuned_f1"}
    guessed = {f"constant_guess_{name}" for name in RANKING | PROBABILITY | {"f1"}}
    changes = {f"instability_{name}" for name in case.plain.metrics["instability"]}
    assert set(folds) - {"threshold"} == sizes | RANKING | scores | guessed | changes
    assert ("threshold" in folds) == (case.rule == "threshold")
    places = [(repeat, fold) for repeat in (0, 1) for fold in (0, 1, 2)]
    assert list(folds[["repeat", "fold"]].itertuples(index=False, name=None)) == places
    assert (folds[["n_train", "n_test"]] == [200, 100]).all(axis=None)


def test_folds_that_follow_time_are_decided_by_earlier_ones(case: Case) -> None:
    """The first fold has none, and no row; the second is as if there were no third."""
    once = case.oof[case.oof["repeat"] == 0]
    folds = case.judge(oof=once, forward=True).folds
    assert folds["fold"].tolist() == [1, 2]
    without_third = case.judge(oof=once[once["fold"] < 2]).folds
    for fold, same in ((1, without_third), (2, case.judge(oof=once).folds)):
        own, expected = (
            each[each["fold"] == fold].drop(columns="n_rare") for each in (folds, same)
        )
        assert_frame_equal(own.reset_index(drop=True), expected.reset_index(drop=True))
    assert folds["n_train"].tolist() == [100, 200]
    assert set(folds["n_rare"]) == {once["y_true"].value_counts().min()}


def leave_out_rarest(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows whose scores leave the rarest class out."""
    if "y_score" in frame:
        return frame.assign(y_score=0.0, y_pred=0)
    rest: dict[str, Any] = {"y_score_50%+": 0.0, "y_score_ü": 1 - frame["y_score_a b"]}
    return frame.assign(**rest, y_pred="a b")


def extreme(kind: str, case: Case) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return test rows and out-of-fold rows that are unusual."""
    test, oof = case.test, case.oof
    turned = {1: 0, 0: 1, "50%+": "a b", "a b": "ü", "ü": "50%+"}
    return {
        "constant scores": (constant(test), constant(oof)),
        "constant on test alone": (constant(test), oof),
        "perfect scores": (perfect(test), perfect(oof)),
        "every decision wrong": (test.assign(y_pred=test["y_true"].map(turned)), oof),
        "a class that has no score": (leave_out_rarest(test), leave_out_rarest(oof)),
        "two rows of a class": (keep_rarest(case, 2), oof),
        "one row of a class": (keep_rarest(case, 1), oof),
    }[kind]


@pytest.mark.parametrize(
    ("case", "decision"),
    [
        *((TWO, Decision(objective="mcc")), (TWO, Decision(objective="g_mean"))),
        *((each, decision) for each in (TWO, SEVERAL) for decision in (F1, each.cost)),
    ],
)
@pytest.mark.parametrize(
    "kind",
    [
        *("constant scores", "constant on test alone", "perfect scores", "every decision wrong"),
        *("a class that has no score", "two rows of a class", "one row of a class"),
    ],
)
def test_no_number_is_nan_however_extreme_the_rows(
    kind: str, decision: Decision, case: Case
) -> None:
    """Metrics, intervals, replicates, curves and folds are numbers, all of them."""
    found = case.judge(*extreme(kind, case), decision)
    metrics = found.metrics
    values, weights = numbers_by_column(metrics), metrics["tuned"].get("weights", {})
    assert np.isfinite([*values.values(), *weights.values()]).all()
    of_train = {f"instability_{name}" for name in metrics["instability"]}
    assert set(metrics["interval"]) == of_train | set(values)
    for section in ("interval", "constant_guess", "out_of_fold"):
        assert np.isfinite([*metrics[section].values()]).all()
    for rows in (found.replicates, found.folds, found.curves[["x", "y"]]):
        assert np.isfinite(rows).all(axis=None)


def test_scores_that_tell_no_rows_apart_are_said_and_judged_as_such(case: Case) -> None:
    """Ranking no better than chance, in every replicate, and a note; else no note."""
    assert "note" not in case.plain.metrics
    found = case.judge(constant(case.test), constant(case.oof))
    actual = found.metrics
    assert actual["test"]["roc_auc"] == pytest.approx(0.5)
    assert found.replicates["roc_auc"].to_numpy() == pytest.approx(0.5)
    for name in RANKING:
        assert actual["test"][name] == pytest.approx(actual["constant_guess"][name])
    assert actual["note"].startswith("the model is constant: every test row gets the same score")
    assert len(actual["note"].splitlines()) == 1


def test_a_perfect_model_is_told_so_and_is_as_sure_as_the_rarest_class_has_rows(
    case: Case,
) -> None:
    """No draw shows a mistake that no row has, yet 40 or 20 rows leave room for some."""
    found = case.judge(perfect(case.test), perfect(case.oof)).metrics
    measured = [(name, found[part][name]) for part in ("test", *VIEWS) for name in found[part]]
    for name, value in measured:
        assert name in GIVEN or value == pytest.approx(float(name not in PROBABILITY), abs=1e-9)
    rows = int((case.test["y_true"] == case.rarest).sum())
    least = rows / (rows + stats.t.ppf(0.95, rows - 1) ** 2)  # Wilson's, of all of them
    intervals = found["interval"]
    for name in ("roc_auc", "average_precision", "tuned_f1", "default_accuracy", case.recall):
        assert intervals[name] == pytest.approx((least, 1))
    assert intervals["default_mcc"] == pytest.approx((2 * least - 1, 1))
    of_all_classes = 1 if case.rule == "threshold" else 2
    assert intervals["brier_score"] == pytest.approx((0, of_all_classes * (1 - least)))


def test_two_rows_of_a_class_leave_its_recall_all_but_unknown(case: Case) -> None:
    """One of two found: an interval from next to nothing to nearly everything."""
    test = keep_rarest(case, 2).reset_index(drop=True)
    test["y_pred"] = test["y_true"].mode()[0]
    test.loc[(test["y_true"] == case.rarest).idxmax(), "y_pred"] = case.rarest
    actual = case.judge(test).metrics
    assert numbers_by_column(actual)[case.recall] == 0.5
    assert actual["interval"][case.recall] == pytest.approx((0, 1), abs=0.01)

"""One arm's numbers on two classes: right, from the right rows, each with its interval."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from scipy import stats
from sklearn import metrics as sk
from tests.decided import Judged, calibrate_two, decide, judge, judging_by, objective_of, tune

from equipoise.deciding.folds import split_by_fold
from equipoise.deciding.objectives import find_elkan_threshold
from equipoise.judging.bootstrap import BOOTSTRAP, OBSERVED
from equipoise.judging.records import Judging
from equipoise.metrics.names import Floats, name_column
from equipoise.metrics.probabilities import calibration_error
from equipoise.metrics.tallies import BY_CLASS, OVERALL
from equipoise.params.decision_params import Decision
from equipoise.params.trial_params import Uncertainty

F1 = Decision(objective="f1")
COST = Decision(objective="cost", false_negative=4, false_positive=1)
SPEND = Decision(objective="cost", false_negative=1, false_positive=5, amount="spend")
MATRIX = Decision(objective="cost", costs=((0, 1), (4, 0)))
UNCERTAINTY = Uncertainty(confidence=0.9, resamples=100)
JUDGING = judging_by(F1, UNCERTAINTY)
DECISION_METRICS = {*BY_CLASS, *OVERALL}
RATIO = 3.0
PROBABILITY = {"brier_score", "log_loss", "calibration_error"}
RANKING = {"average_precision", "roc_auc"}
DECISION = {"threshold", "tn", "fp", "fn", "tp", *DECISION_METRICS}
# Sections that have a model's probabilities.
PROBABILITIES = ("test", "calibrated", "prior_corrected")
SCORE_SECTIONS = (*PROBABILITIES, "constant_guess")
KEYS = {
    "test": {"n", "prevalence"} | RANKING | PROBABILITY,
    "default": DECISION,
    "tuned": DECISION,
    "calibrated": PROBABILITY,
    "constant_guess": PROBABILITY | RANKING | {"f1"},
    "prior_corrected": PROBABILITY,
    "out_of_fold": RANKING | {"brier_score", "calibrated_brier_score", "default_f1", "tuned_f1"},
    "interval": RANKING
    | {name_column(section, name) for section in PROBABILITIES for name in PROBABILITY}
    | {f"{view}_{name}" for view in ("default", "tuned") for name in DECISION_METRICS},
}
FOLD_COLUMNS = {
    *("repeat", "fold", "n_train", "n_test", "n_rare", "threshold", "log_loss", "brier_score"),
    "calibrated_brier_score",
    *RANKING,
    *(f"constant_guess_{name}" for name in RANKING | PROBABILITY),
}


def scored(rows: int, seed: int) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    y_true = generator.permutation(np.repeat([0, 1], [rows - rows // 5, rows // 5]))
    y_score = generator.beta(2 + 2 * y_true, 4)
    y_pred = (y_score > 0.5).astype(np.int64)
    return pd.DataFrame({"y_true": y_true, "y_score": y_score, "y_pred": y_pred})


def out_of_fold(rows: int, seed: int) -> pd.DataFrame:
    """Scored rows in two repeats of three folds, both classes in each."""
    part = scored(rows, seed)
    fold = np.empty(rows, dtype=np.int64)
    fold[np.argsort(part["y_true"].to_numpy(), kind="stable")] = np.arange(rows) % 3
    repeats = [
        part.assign(repeat=repeat, fold=fold, y_score=part["y_score"] ** (1 + repeat / 10))
        for repeat in (0, 1)
    ]
    return pd.concat(repeats, ignore_index=True)


def with_spend(part: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Rows at each of which something between 0 and 60 is at stake."""
    return part.assign(amount=np.random.default_rng(seed).uniform(0, 60, size=len(part)))


def evaluated(
    test: pd.DataFrame,
    oof: pd.DataFrame,
    judging: Judging = JUDGING,
    odds_ratio: float | None = RATIO,
    calibration: str = "auto",
) -> Judged:
    ratios = None if odds_ratio is None else {"0": 0.5, "1": 0.5 * odds_ratio}
    return judge(test, oof, ratios, judging, calibration)


def judged_by(decision: Decision) -> Judging:
    return judging_by(decision, UNCERTAINTY)


def numbers(
    test: pd.DataFrame,
    oof: pd.DataFrame,
    judging: Judging = JUDGING,
    odds_ratio: float | None = RATIO,
) -> dict[str, Any]:
    return evaluated(test, oof, judging, odds_ratio).metrics


def numbers_by_column(metrics: dict[str, Any]) -> dict[str, float]:
    """Every number of the test part by the name that replicates and intervals have for it."""
    return {
        name_column(section, name): value
        for section in (*PROBABILITIES, "default", "tuned", "elkan")
        for name, value in metrics.get(section, {}).items()
    }


def probability_metrics(y_true: pd.Series, score: Floats) -> dict[str, float]:
    return {
        "brier_score": sk.brier_score_loss(y_true, score),
        "log_loss": sk.log_loss(y_true, score),
        "calibration_error": calibration_error(y_true, score),
    }


TEST, OOF = scored(200, seed=1), out_of_fold(300, seed=2)


def test_an_evaluation_has_every_section_and_key() -> None:
    """Whoever reads a metrics file finds the names that the documentation promises."""
    assert {name: set(section) for name, section in numbers(TEST, OOF).items()} == KEYS


def test_rankings_are_scikit_learns() -> None:
    """Average precision and ROC-AUC come from the scores of test rows."""
    ranking, y_true, y_score = numbers(TEST, OOF)["test"], TEST["y_true"], TEST["y_score"]
    assert (ranking["n"], ranking["prevalence"]) == (200, 0.2)
    expected = sk.average_precision_score(y_true, y_score), sk.roc_auc_score(y_true, y_score)
    assert (ranking["average_precision"], ranking["roc_auc"]) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("section", SCORE_SECTIONS)
def test_probabilities_are_judged_as_they_are_and_as_they_could_be(section: str) -> None:
    """Brier score, log-loss and calibration error are those of the scores in question."""
    score, train = TEST["y_score"].to_numpy(), (OOF["y_true"], OOF["y_score"])
    scores = {
        "test": score,
        "calibrated": calibrate_two("auto", train, score, repeats=2),
        "constant_guess": np.full(len(TEST), OOF["y_true"].mean()),
        "prior_corrected": calibrate_two("prior", train, score, RATIO),
    }
    actual = numbers(TEST, OOF)[section]
    expected = probability_metrics(TEST["y_true"], scores[section])
    assert expected == pytest.approx({name: actual[name] for name in expected})


def test_the_constant_guess_is_the_prevalence_of_train() -> None:
    """It is no model's: scores move nothing of it; with test as rare, p(1 - p) is its Brier."""
    guess = numbers(TEST, OOF)["constant_guess"]
    assert guess["brier_score"] == pytest.approx(0.2 * 0.8)
    assert guess["log_loss"] == pytest.approx(-0.2 * np.log(0.2) - 0.8 * np.log(0.8))
    assert guess["calibration_error"] == pytest.approx(0, abs=1e-12)
    assert (guess["average_precision"], guess["roc_auc"]) == pytest.approx((0.2, 0.5))
    assert guess["f1"] == pytest.approx(2 * 0.2 / 1.2)
    turned = TEST.assign(y_score=1 - TEST["y_score"])
    assert guess == numbers(turned, OOF.assign(y_score=1 - OOF["y_score"]))["constant_guess"]
    rarer = OOF.drop(OOF.index[OOF["y_true"] == 1][::2])
    assert numbers(TEST, rarer)["constant_guess"]["brier_score"] > guess["brier_score"]


@pytest.mark.parametrize("odds_ratio", [None, 1, 1.0, 1 + 1e-12])
def test_an_untouched_or_unknown_prior_is_not_corrected(odds_ratio: float | None) -> None:
    """The section is there only where the strategy changed the prior, and by how much is known."""
    expected = {name: numbers(TEST, OOF)[name] for name in ("test", "calibrated", "tuned")}
    actual = numbers(TEST, OOF, odds_ratio=odds_ratio)
    assert "prior_corrected" not in actual
    assert {name: actual[name] for name in expected} == expected


def test_calibration_by_prior_is_the_prior_corrected_section() -> None:
    """What a user chooses is what the section foretold."""
    by_prior = evaluated(TEST, OOF, calibration="prior").metrics
    assert by_prior["calibrated"] == pytest.approx(by_prior["prior_corrected"])


def test_no_calibration_leaves_the_scores() -> None:
    """`none` is judged by the scores as they are."""
    as_is = evaluated(TEST, OOF, calibration="none").metrics
    assert as_is["calibrated"] == {name: as_is["test"][name] for name in PROBABILITY}


@pytest.mark.parametrize("view", ["default", "tuned"])
def test_decisions_are_counted_as_they_were_made(view: str) -> None:
    """The default view takes the model's own labels, the tuned one the tuned threshold."""
    threshold = 0.5 if view == "default" else tune(OOF["y_true"], OOF["y_score"], F1).threshold
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
    one, other = numbers(TEST, OOF), numbers(TEST, out_of_fold(300, seed=9))
    assert one["test"] == other["test"]
    assert one["default"] == other["default"]
    assert one["tuned"]["threshold"] != other["tuned"]["threshold"]
    assert one["calibrated"] != other["calibrated"]


def test_out_of_fold_evidence_is_scikit_learns() -> None:
    """What may be used to choose an arm is computed on train rows alone, fold by fold."""
    expected = pd.DataFrame(
        {
            "average_precision": sk.average_precision_score(y_true, y_score),
            "roc_auc": sk.roc_auc_score(y_true, y_score),
            "brier_score": sk.brier_score_loss(y_true, y_score),
            "calibrated_brier_score": sk.brier_score_loss(
                y_true,
                calibrate_two("auto", (fold.others["y_true"], fold.others["y_score"]), y_score),
            ),
            "default_f1": sk.f1_score(y_true, fold.held_out["y_pred"]),
            "tuned_f1": sk.f1_score(y_true, decide(y_score, found.threshold)),
        }
        for fold in split_by_fold(OOF)
        for y_true, y_score in [(fold.held_out["y_true"], fold.held_out["y_score"])]
        for found in [tune(fold.others["y_true"], fold.others["y_score"], F1)]
    ).mean()
    assert dict(expected) == pytest.approx(numbers(TEST, OOF)["out_of_fold"])


def test_point_metrics_ignore_row_order() -> None:
    """A test part stored in another order is the same test part."""
    expected, actual = numbers(TEST, OOF), numbers(TEST[::-1], OOF[::-1])
    for section in (*SCORE_SECTIONS, "default", "tuned", "out_of_fold"):
        assert expected[section] == pytest.approx(actual[section])


def test_every_replicate_column_has_an_interval_around_its_number() -> None:
    """Each number stands within its interval, on a table where nothing is extreme."""
    evaluation = evaluated(TEST, OOF)
    intervals, values = evaluation.metrics["interval"], numbers_by_column(evaluation.metrics)
    assert set(intervals) == set(evaluation.replicates) <= set(values)
    for name, (low, high) in intervals.items():
        assert low < values[name] < high


def test_the_seed_moves_replicates_and_no_number() -> None:
    """Another seed draws other rows; what was measured stays."""
    one, other = (evaluated(TEST, OOF, replace(JUDGING, seed=seed)) for seed in (1, 2))
    assert not one.replicates.equals(other.replicates)
    assert one.metrics["test"] == other.metrics["test"]
    assert len(one.replicates.loc[[BOOTSTRAP]]) == UNCERTAINTY.resamples


def test_an_evaluation_can_be_repeated() -> None:
    """The same rows and seed give the same numbers, curves and replicates."""
    one, again = evaluated(TEST, OOF), evaluated(TEST.copy(), OOF.copy())
    assert one.metrics == again.metrics
    assert_frame_equal(one.curves, again.curves, check_exact=True)
    assert_frame_equal(one.folds, again.folds, check_exact=True)
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


def test_an_arm_has_a_row_of_scores_for_each_fold() -> None:
    """Every repeat and fold, its sizes, and the objective at both thresholds."""
    folds = evaluated(TEST, OOF).folds
    assert set(folds) == FOLD_COLUMNS | {"default_f1", "tuned_f1", "constant_guess_f1"}
    places = [(repeat, fold) for repeat in (0, 1) for fold in (0, 1, 2)]
    assert list(folds[["repeat", "fold"]].itertuples(index=False, name=None)) == places
    assert (folds[["n_train", "n_test"]] == [200, 100]).all(axis=None)


@pytest.mark.parametrize("method", ["sigmoid", "prior"])
def test_a_fold_is_calibrated_by_the_others(method: str) -> None:
    """Its own labels do not make its probabilities better; the prior needs no rows at all."""
    folds = evaluated(TEST, OOF, calibration=method).folds
    for (repeat, fold), rows in OOF.groupby(["repeat", "fold"]):
        others = OOF[(OOF["repeat"] == repeat) & (OOF["fold"] != fold)]
        known = (others["y_true"], others["y_score"])
        calibrated = calibrate_two(method, known, rows["y_score"], RATIO)
        expected = sk.brier_score_loss(rows["y_true"], calibrated)
        (found,) = folds[(folds["repeat"] == repeat) & (folds["fold"] == fold)].itertuples()
        assert found.calibrated_brier_score == pytest.approx(expected)


@pytest.mark.parametrize("decision", [F1, COST, SPEND])
def test_a_fold_is_decided_by_the_threshold_of_the_others(decision: Decision) -> None:
    """What a fold scores is the objective of its rows, by a threshold that they did not choose."""
    oof = with_spend(OOF, seed=3) if decision.amount else OOF
    test = with_spend(TEST, seed=4) if decision.amount else TEST
    folds = evaluated(test, oof, judged_by(decision)).folds
    repeat = oof[oof["repeat"] == 1]
    others, rows = repeat[repeat["fold"] != 2], repeat[repeat["fold"] == 2]
    tuned = tune(others["y_true"], others["y_score"], decision, others.get("amount"))
    y_pred = decide(rows["y_score"], tuned.threshold)
    actual = folds[(folds["repeat"] == 1) & (folds["fold"] == 2)].iloc[0]
    assert tuned.threshold == actual["threshold"]
    if decision is F1:
        expected = sk.f1_score(rows["y_true"], y_pred)
    else:
        expected = cost_of(rows, y_pred, decision)
    assert actual[f"tuned_{decision.objective}"] == pytest.approx(expected)


def cost_of(rows: pd.DataFrame, y_pred: Any, decision: Decision) -> float:
    """The cost per row, added up row by row."""
    costs = {"false_negative": 4, "false_positive": 1} | decision.arguments
    stake = rows.get("amount", 1.0)
    missed = (rows["y_true"] == 1) & (y_pred == 0)
    false_alert = (rows["y_true"] == 0) & (y_pred == 1)
    each = costs["false_negative"] * missed * stake + costs["false_positive"] * false_alert
    return float(each.mean())


@pytest.mark.parametrize(
    "decision",
    [
        F1,
        Decision(objective="fbeta", beta=2),
        Decision(objective="recall_at_precision", floor=0.4),
        Decision(objective="alerts", per_thousand=100),
    ],
)
def test_only_costs_have_a_threshold_of_theory(decision: Decision) -> None:
    """Elkan's decisions are those of costs; every other objective has its own two views."""
    evaluation = evaluated(TEST, OOF, judged_by(decision))
    assert "elkan" not in evaluation.metrics
    assert not any(str(name).startswith("elkan") for name in evaluation.replicates)
    for view in ("default", "tuned"):
        assert set(evaluation.metrics[view]) == DECISION | {decision.objective}
        assert f"{view}_{decision.objective}" in evaluation.metrics["interval"]


@pytest.mark.parametrize("decision", [COST, SPEND, MATRIX])
def test_costs_are_those_of_the_decisions_in_every_view(decision: Decision) -> None:
    """Added up row by row: at the default, at the tuned and at Elkan's threshold."""
    test, oof = TEST, OOF
    if decision.amount:
        test, oof = with_spend(TEST, seed=4), with_spend(OOF, seed=3)
    actual = numbers(test, oof, judged_by(decision))
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


def test_elkan_decides_by_calibrated_scores() -> None:
    """The rule holds for probabilities: scores inflated by a remedy decide as plain ones do."""
    inflated = {"y_score": lambda part: 9 * part["y_score"] / (1 + 8 * part["y_score"])}
    plain = numbers(TEST, OOF, judged_by(COST))
    raised = numbers(TEST.assign(**inflated), OOF.assign(**inflated), judged_by(COST))
    assert plain["elkan"] == raised["elkan"]


def test_what_was_observed_is_the_first_replicate() -> None:
    """Every number of the metrics file is the observed row's; a calibration error moves from it."""
    evaluation = evaluated(TEST, OOF, judged_by(COST))
    observed = evaluation.replicates.loc[OBSERVED]
    assert {"test", "calibrated", "elkan"} <= set(evaluation.metrics)
    for section in (*PROBABILITIES, "default", "tuned", "elkan"):
        for name, value in evaluation.metrics[section].items():
            if name == "calibration_error":
                assert observed[name_column(section, name)] == 0
            elif name_column(section, name) in observed:
                assert observed[name_column(section, name)] == pytest.approx(value)


def test_a_matrix_of_two_costs_is_those_two_costs() -> None:
    """Nothing off the diagonal costs what the two keys say, and nothing else does."""
    by_keys, by_matrix = (evaluated(TEST, OOF, judged_by(each)) for each in (COST, MATRIX))
    assert by_keys.metrics == by_matrix.metrics
    assert_frame_equal(by_keys.replicates, by_matrix.replicates, check_exact=True)
    assert_frame_equal(by_keys.folds, by_matrix.folds, check_exact=True)


def test_what_being_right_costs_is_counted() -> None:
    """An alert that is right, and silence that is right, cost what the matrix says of them."""
    costs = ((0.25, 2), (9, 0.5))
    actual = numbers(TEST, OOF, judged_by(Decision(objective="cost", costs=costs)))
    for view in ("default", "tuned", "elkan"):
        cells = [[actual[view][cell] for cell in row] for row in (("tn", "fp"), ("fn", "tp"))]
        expected = (np.array(cells) * costs).sum() / len(TEST)
        assert actual[view]["cost"] == pytest.approx(expected)


@pytest.mark.parametrize("decimals", [0, 1, 15])
def test_fold_scores_are_those_of_scikit_learn(decimals: int) -> None:
    """Ties or none: ranking, losses and default decisions of a fold, as the library has them."""
    oof = OOF.assign(y_score=OOF["y_score"].round(decimals))

    def judge(rows: pd.DataFrame, _: pd.DataFrame) -> dict[str, float]:
        y_true, y_score = rows["y_true"], rows["y_score"]
        return {
            "average_precision": sk.average_precision_score(y_true, y_score),
            "roc_auc": sk.roc_auc_score(y_true, y_score),
            "brier_score": sk.brier_score_loss(y_true, y_score),
            "log_loss": sk.log_loss(y_true, y_score),
            "default_f1": sk.f1_score(y_true, rows["y_pred"]),
        }

    expected = pd.DataFrame([judge(f.held_out, f.others) for f in split_by_fold(oof)])
    actual = evaluated(TEST, oof).folds[list(expected)]
    assert_frame_equal(expected, actual, rtol=0, atol=1e-12, check_exact=False)


def test_a_fold_does_not_choose_its_own_threshold() -> None:
    """With its own scores turned round, a fold's threshold stays; others of its repeat move."""
    first = (OOF["repeat"] == 0) & (OOF["fold"] == 0)
    turned = OOF.assign(y_score=OOF["y_score"].where(~first, 1 - OOF["y_score"]))
    before, after = (evaluated(TEST, oof).folds["threshold"] for oof in (OOF, turned))
    assert before[0] == after[0]
    assert (before[1:3] != after[1:3]).all()
    assert before[3:].tolist() == after[3:].tolist()


def test_folds_that_follow_time_are_decided_by_earlier_ones() -> None:
    """The first fold has none, and no row; the second is tuned on the first alone."""
    forward = evaluated(TEST, OOF, replace(JUDGING, forward=True)).folds
    both = evaluated(TEST, OOF).folds
    assert forward["fold"].tolist() == [1, 2, 1, 2]
    last = forward["fold"] == 2
    assert_frame_equal(
        forward[last].reset_index(drop=True), both[both["fold"] == 2].reset_index(drop=True)
    )
    first = OOF[(OOF["repeat"] == 0) & (OOF["fold"] == 0)]
    assert forward["threshold"][0] == tune(first["y_true"], first["y_score"], F1).threshold


def test_what_is_unusual_about_the_threshold_is_noted() -> None:
    """A floor that no threshold reaches is said in words; else there is no note."""
    assert "note" not in numbers(TEST, OOF)
    unreachable = judged_by(Decision(objective="recall_at_precision", floor=1))
    noisy = OOF.assign(y_score=OOF["y_score"].round(1))
    assert "decision.floor" in numbers(TEST, noisy, unreachable)["note"]


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
        test = scored(150, seed)
        actual = numbers(test, out_of_fold(300, seed + 20), judged_by(decision))
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
    note = numbers(constant(TEST), constant(OOF), judged_by(decision)).get("note", "")
    assert note.startswith("the model is constant")
    assert ("the tuned threshold gives" in note) == (measure == "precision")
    assert len(note.splitlines()) == 1


@pytest.mark.parametrize("alerts_all", [True, False])
def test_a_limit_that_default_decisions_break_is_said(alerts_all: bool) -> None:  # noqa: FBT001 - a case
    """By default more recall may only be more alerts than there are people for."""
    decision = Decision(objective="alerts", per_thousand=150)
    test = TEST.assign(y_pred=int(alerts_all))
    note = numbers(test, OOF, judged_by(decision)).get("note", "")
    assert ("the default threshold gives 1000 alerts per thousand rows" in note) == alerts_all


@pytest.mark.parametrize(("floor", "kept"), [(0.3, 1.0), (1.0, 0.0)])
def test_whether_the_limit_can_be_kept_is_told_out_of_fold(floor: float, kept: float) -> None:
    """What recommends must know whether the objective counts; without a limit nothing is told."""
    noisy = OOF.assign(y_score=OOF["y_score"].round(1))
    limited = judged_by(Decision(objective="recall_at_precision", floor=floor))
    assert numbers(TEST, noisy, limited)["out_of_fold"]["limit_kept"] == kept
    assert "limit_kept" not in numbers(TEST, OOF)["out_of_fold"]


def constant(part: pd.DataFrame) -> pd.DataFrame:
    """Rows that a model does not tell apart."""
    return part.assign(y_score=0.3, y_pred=0)


def perfect(part: pd.DataFrame) -> pd.DataFrame:
    """Rows without a mistake, and without a doubt."""
    return part.assign(y_score=part["y_true"] * 1.0, y_pred=part["y_true"])


def few(rows: int) -> Any:
    """Make of a table one that has so few positives."""
    return lambda part: pd.concat([part[part["y_true"] == 0], part[part["y_true"] == 1][:rows]])


EXTREMES: dict[str, tuple[Any, Any]] = {
    "constant scores": (constant, constant),
    "constant on test alone": (constant, lambda oof: oof),
    "perfect scores": (perfect, perfect),
    "every decision wrong": (lambda test: test.assign(y_pred=1 - test["y_true"]), lambda oof: oof),
    "two positives": (few(2), lambda oof: oof),
    "one positive": (few(1), lambda oof: oof),
}


@pytest.mark.parametrize(
    "decision", [F1, Decision(objective="mcc"), Decision(objective="g_mean"), COST]
)
@pytest.mark.parametrize(("of_test", "of_oof"), EXTREMES.values(), ids=EXTREMES)
def test_no_number_is_nan_however_extreme_the_rows(
    of_test: Any, of_oof: Any, decision: Decision
) -> None:
    """Metrics, intervals, replicates, curves and folds are numbers, all of them."""
    evaluation = evaluated(of_test(TEST), of_oof(OOF), judged_by(decision))
    values = [v for s in evaluation.metrics.values() if isinstance(s, dict) for v in s.values()]
    assert np.isfinite(np.hstack(values)).all()
    assert np.isfinite(evaluation.replicates).all(axis=None)
    assert np.isfinite(evaluation.folds).all(axis=None)
    assert np.isfinite(evaluation.curves[["x", "y"]]).all(axis=None)


def test_scores_that_tell_no_rows_apart_are_said_and_judged_as_such() -> None:
    """Ranking no better than chance, in every replicate, and a note."""
    evaluation = evaluated(constant(TEST), constant(OOF))
    actual, replicates = evaluation.metrics, evaluation.replicates
    assert (actual["test"]["roc_auc"], actual["test"]["average_precision"]) == (0.5, 0.2)
    assert (replicates["roc_auc"] == 0.5).all()
    # Of a threshold at which all alert, the precision is the share of positives drawn.
    assert replicates["average_precision"].std() == pytest.approx(np.sqrt(0.16 / 200), rel=0.2)
    assert actual["note"].startswith("the model is constant: every test row gets the same score")


def test_a_perfect_model_is_as_sure_of_it_as_the_rarest_class_has_rows() -> None:
    """No draw shows a mistake that no row has, yet 40 positives leave room for some."""
    intervals = numbers(perfect(TEST), perfect(OOF))["interval"]
    least = 40 / (40 + stats.t.ppf(0.95, 39) ** 2)  # Wilson's, of 40 out of 40
    for name in ("roc_auc", "average_precision", "tuned_f1", "default_accuracy"):
        assert intervals[name] == pytest.approx((least, 1))
    assert intervals["default_mcc"] == pytest.approx((2 * least - 1, 1))
    assert intervals["brier_score"] == pytest.approx((0, 1 - least))


def test_two_positives_leave_recall_all_but_unknown() -> None:
    """One of two found: an interval from next to nothing to nearly everything."""
    test = few(2)(TEST).reset_index(drop=True)
    test["y_pred"] = 0
    test.loc[test["y_true"].idxmax(), "y_pred"] = 1
    actual = numbers(test, OOF)
    assert actual["default"]["recall"] == 0.5
    assert actual["interval"]["default_recall"] == pytest.approx((0, 1), abs=0.01)

"""One arm's numbers on several classes: right, from the right rows, each with its interval."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from imblearn.metrics import geometric_mean_score
from numpy.random import default_rng
from pandas.testing import assert_frame_equal
from scipy import stats
from sklearn import metrics as sk
from tests.decided import Judged, calibrate, judge, judging_by, objective_of

from equipoise.deciding.class_weights import tune_class_weights
from equipoise.deciding.folds import split_by_fold
from equipoise.deciding.rules import ClassWeights
from equipoise.judging.bootstrap import BOOTSTRAP, OBSERVED
from equipoise.judging.curves import make_score_curves
from equipoise.judging.records import Judging
from equipoise.metrics.classes import Classes
from equipoise.metrics.names import PLAIN, Floats, Labels, name_column
from equipoise.metrics.probabilities import calibration_error
from equipoise.metrics.scores import Scores
from equipoise.params.decision_params import Decision
from equipoise.params.trial_params import Uncertainty

Label = str | int

WORDS: tuple[Label, ...] = ("50%+", "a b", "ü")
# As text these would stand in another order.
NUMBERS: tuple[Label, ...] = (2, 9, 10)
SHARES = (0.1, 0.65, 0.25)
F1 = Decision(objective="f1")
COSTS = ((0.0, 1.5, 9.0), (1.0, 0.25, 3.0), (4.0, 0.5, 0.0))
COST = Decision(objective="cost", costs=COSTS)
UNCERTAINTY = Uncertainty(confidence=0.9, resamples=100)
CLASSES = Classes(tuple(map(str, WORDS)), None)
JUDGING = judging_by(F1, UNCERTAINTY, CLASSES)
RATIOS = {"50%+": 3.0, "a b": 0.5, "ü": 1.0}

PROBABILITY = {"brier_score", "log_loss", "calibration_error"}
RANKING = {"average_precision", "roc_auc"}
DECISION = {"accuracy", "balanced_accuracy", "macro_f1", "weighted_f1", "mcc", "g_mean", "f1"}
OF_CLASS = ("precision", "recall", "f1")
PROBABILITIES = ("test", "calibrated", "prior_corrected")
BY_CLASS = {f"class_{label}" for label in WORDS}
VIEWS = ("default", "tuned")
KEYS = {
    "test": {"n", "prevalence"} | RANKING | PROBABILITY,
    "calibrated": PROBABILITY,
    "prior_corrected": PROBABILITY,
    "constant_guess": PROBABILITY | RANKING | {"f1"},
    "default": DECISION,
    "tuned": DECISION | {"weights"},
    "confusion": set(VIEWS),
    "out_of_fold": RANKING | {"brier_score", "calibrated_brier_score", "default_f1", "tuned_f1"},
} | {
    section: {"n", "calibration_error"} | RANKING | {f"{v}_{n}" for v in VIEWS for n in OF_CLASS}
    for section in BY_CLASS
}
zero = {"zero_division": 0}


def scored(rows: int, seed: int, labels: Sequence[Label] = WORDS) -> pd.DataFrame:
    """Scored rows as `fitting.models.score` gives them: some skill, the first label the rarest."""
    rng = default_rng(seed)
    counts = np.round(np.array(SHARES) * rows).astype(int)
    codes = rng.permutation(np.repeat(np.arange(len(labels)), counts))
    scores = rng.dirichlet(np.ones(len(labels)), len(codes)) + 0.5 * np.eye(len(labels))[codes]
    return part(codes, scores / scores.sum(axis=1, keepdims=True), labels)


def part(codes: Labels, scores: Floats, labels: Sequence[Label]) -> pd.DataFrame:
    names = np.array(labels, dtype=object if isinstance(labels[0], str) else np.int64)
    found = {"y_true": names[codes], "y_pred": names[scores.argmax(axis=1)]}
    each = {f"y_score_{label}": scores[:, code] for code, label in enumerate(labels)}
    return pd.DataFrame({"row": np.arange(len(codes))} | found | each)


def out_of_fold(rows: int, seed: int, labels: Sequence[Label] = WORDS) -> pd.DataFrame:
    """Scored rows in two repeats of three folds, every class in each."""
    frames = [scored(rows, seed, labels), scored(rows, seed + 1000, labels)]
    for repeat, frame in enumerate(frames):
        fold = np.empty(len(frame), dtype=np.int64)
        fold[np.argsort(frame["y_true"].astype(str), kind="stable")] = np.arange(len(frame)) % 3
        frames[repeat] = frame.assign(repeat=repeat, fold=fold)
    return pd.concat(frames, ignore_index=True)


def scores_of(frame: pd.DataFrame) -> Floats:
    return frame.filter(regex="^y_score_").to_numpy(np.float64)


def codes_of(labelled: pd.Series, labels: Sequence[Label] = WORDS) -> Labels:
    return np.array([labels.index(label) for label in labelled], np.int64)


def labels_of(codes: Labels) -> list[Label]:
    return [WORDS[code] for code in codes]


def judged_by(decision: Decision) -> Judging:
    return judging_by(decision, UNCERTAINTY, CLASSES)


def numbers(
    test: pd.DataFrame,
    oof: pd.DataFrame,
    judging: Judging = JUDGING,
    ratios: dict[str, float] | None = RATIOS,
) -> dict[str, Any]:
    return judge(test, oof, ratios, judging).metrics


def tuned_decisions(test: pd.DataFrame, oof: pd.DataFrame, decision: Decision) -> Labels:
    return np.asarray((scores_of(test) * weights_of(oof, decision)).argmax(axis=1))


def weights_of(oof: pd.DataFrame, decision: Decision) -> tuple[float, ...]:
    rows = Scores(CLASSES, codes_of(oof["y_true"]), {PLAIN: scores_of(oof)}, {})
    rule = tune_class_weights(rows, objective_of(decision, CLASSES)).rule
    assert isinstance(rule, ClassWeights)
    return rule.weights


def probability_metrics(y_true: pd.Series, scores: Floats) -> dict[str, float]:
    errors = [
        calibration_error(y_true == label, s) for label, s in zip(WORDS, scores.T, strict=True)
    ]
    return {
        "brier_score": sk.brier_score_loss(y_true, scores, labels=WORDS, scale_by_half=False),
        "log_loss": sk.log_loss(y_true, scores, labels=WORDS),
        "calibration_error": float(np.mean(errors)),
    }


def decision_metrics(y_true: Any, y_pred: Any) -> dict[str, float]:
    macro_f1 = sk.f1_score(y_true, y_pred, average="macro", **zero)
    return {
        "accuracy": sk.accuracy_score(y_true, y_pred),
        "balanced_accuracy": sk.balanced_accuracy_score(y_true, y_pred),
        "macro_f1": macro_f1,
        "f1": macro_f1,
        "weighted_f1": sk.f1_score(y_true, y_pred, average="weighted", **zero),
        "mcc": sk.matthews_corrcoef(y_true, y_pred),
        "g_mean": geometric_mean_score(y_true, y_pred),
    }


def numbers_by_column(metrics: dict[str, Any]) -> dict[str, float]:
    """Every number of the test part by the name that replicates and intervals have for it."""
    sections = [*PROBABILITIES, *VIEWS, "elkan", *(key for key in metrics if "class_" in key)]
    return {
        name_column(section, name): value
        for section in sections
        for name, value in metrics.get(section, {}).items()
        if name not in {"n", "prevalence", "weights"}
    }


TEST, OOF = scored(200, seed=1), out_of_fold(300, seed=2)


@cache
def plainly(decision: Decision = F1) -> Judged:
    """The evaluation that most tests look at; not to be changed."""
    return judge(TEST, OOF, RATIOS, judged_by(decision))


def plain_numbers(decision: Decision = F1) -> dict[str, Any]:
    return copy.deepcopy(plainly(decision).metrics)


def test_an_evaluation_has_every_section_and_key() -> None:
    """What has no meaning with several classes is absent: no threshold, no cell, no false zero."""
    actual = plain_numbers()
    assert set(actual) == {*KEYS, "classes", "interval"}
    assert actual["classes"] == list(WORDS)
    assert {name: set(actual[name]) for name in KEYS} == KEYS


def test_rankings_are_scikit_learns_of_each_class_against_the_rest() -> None:
    """The mean over classes, and each class by itself, from the scores of test rows."""
    actual, y_true = plain_numbers(), TEST["y_true"]
    against_rest = np.column_stack([y_true == label for label in WORDS])
    for name, rank in (
        ("average_precision", sk.average_precision_score),
        ("roc_auc", sk.roc_auc_score),
    ):
        each = [actual[f"class_{label}"][name] for label in WORDS]
        assert rank(against_rest, scores_of(TEST), average="macro") == pytest.approx(
            actual["test"][name]
        )
        assert rank(against_rest, scores_of(TEST), average=None) == pytest.approx(each)
    multi_class = sk.roc_auc_score(y_true, scores_of(TEST), multi_class="ovr", average="macro")
    assert actual["test"]["roc_auc"] == pytest.approx(multi_class)


def test_rows_are_counted_and_the_rarest_class_is_the_prevalence() -> None:
    """What the printed table and the positives needed go by."""
    actual = plain_numbers()
    assert (actual["test"]["n"], actual["test"]["prevalence"]) == (200, 0.1)
    assert [actual[f"class_{label}"]["n"] for label in WORDS] == [20, 130, 50]


@pytest.mark.parametrize("section", [*PROBABILITIES, "constant_guess"])
def test_probabilities_are_judged_as_they_are_and_as_they_could_be(section: str) -> None:
    """Brier score over all classes, log-loss, and the mean calibration error of the classes."""
    score, train = scores_of(TEST), (codes_of(OOF["y_true"]), scores_of(OOF))
    divided = score / [RATIOS[str(label)] for label in WORDS]
    shares = OOF["y_true"].value_counts(normalize=True)[list(WORDS)]
    scores = {
        "test": score,
        "calibrated": calibrate("auto", train, score, repeats=2),
        "prior_corrected": divided / divided.sum(axis=1, keepdims=True),
        "constant_guess": np.tile(shares, (len(TEST), 1)),
    }
    actual = plain_numbers()[section]
    expected = probability_metrics(TEST["y_true"], scores[section])
    assert expected == pytest.approx({name: actual[name] for name in expected})


def test_the_constant_guess_is_the_shares_of_train() -> None:
    """It is no model's: scores move nothing of it; with classes as rare, 1 - sum of squares."""
    guess = plain_numbers()["constant_guess"]
    assert guess["brier_score"] == pytest.approx(1 - np.square(SHARES).sum())
    assert guess["log_loss"] == pytest.approx(-np.dot(SHARES, np.log(SHARES)))
    assert guess["calibration_error"] == pytest.approx(0, abs=1e-12)
    assert guess == numbers(constant(TEST), constant(OOF))["constant_guess"]
    rarer = OOF.drop(OOF.index[OOF["y_true"] == "ü"][::2])
    assert numbers(TEST, rarer)["constant_guess"]["brier_score"] > guess["brier_score"]


@pytest.mark.parametrize("view", VIEWS)
def test_decisions_are_judged_as_they_were_made(view: str) -> None:
    """By default the model's own labels, tuned the class of the highest weight times score."""
    tuned = labels_of(tuned_decisions(TEST, OOF, F1))
    y_true, y_pred = TEST["y_true"], TEST["y_pred"] if view == "default" else pd.Series(tuned)
    actual = plain_numbers()
    expected = decision_metrics(y_true, y_pred)
    assert expected == pytest.approx({name: actual[view][name] for name in expected})
    matrix = sk.confusion_matrix(y_true, y_pred, labels=WORDS)
    assert matrix.tolist() == actual["confusion"][view]
    for name, metric in (
        ("precision", sk.precision_score),
        ("recall", sk.recall_score),
        ("f1", sk.f1_score),
    ):
        each = [actual[f"class_{label}"][f"{view}_{name}"] for label in WORDS]
        assert metric(y_true, y_pred, labels=WORDS, average=None) == pytest.approx(each)


def test_the_default_view_believes_the_label_not_the_score() -> None:
    """A model whose labels contradict its probabilities is judged by its labels."""
    turned = dict(pairwise([*WORDS, WORDS[0]]))
    contrary = TEST.assign(y_pred=TEST["y_pred"].map(turned))
    as_is, other = plain_numbers(), numbers(contrary, OOF)
    before, after = (np.array(found["confusion"]["default"]) for found in (as_is, other))
    assert np.roll(before, 1, axis=1).tolist() == after.tolist()
    assert (as_is["test"], as_is["tuned"]) == (other["test"], other["tuned"])


def test_class_weights_are_found_on_train_and_told_by_label() -> None:
    """The counterpart of a threshold: the commonest class has 1, the rarest of these rows more."""
    weights = plain_numbers()["tuned"]["weights"]
    assert weights == dict(zip(WORDS, weights_of(OOF, F1), strict=True))
    assert weights["a b"] == 1
    assert "weights" not in plain_numbers()["default"]
    found = plain_numbers()["out_of_fold"]
    assert found["tuned_f1"] > found["default_f1"]


@pytest.mark.parametrize("labels", [NUMBERS, (-1, 0, 1), ("b", "c", "d"), ("1", "10", "1.0")])
def test_what_classes_are_called_changes_no_number(labels: tuple[Label, ...]) -> None:
    """Numbers and words, with any signs: the same sections under other names, the same numbers."""
    ratios = {str(label): ratio for label, ratio in zip(labels, RATIOS.values(), strict=True)}
    test, oof = scored(200, 1, labels), out_of_fold(300, 2, labels)
    words, other = plainly(COST), judge(test, oof, ratios, judged_by(COST))
    assert other.metrics["classes"] == [str(label) for label in labels]
    renamed = {str(new): str(old) for new, old in zip(labels, WORDS, strict=True)}
    assert named_as(renamed, other.metrics) == {**words.metrics, "classes": list(WORDS)}
    curves = other.curves.assign(**{"class": other.curves["class"].map(renamed)})
    assert_frame_equal(words.curves, curves, check_exact=True)
    assert_frame_equal(words.folds, other.folds, check_exact=True)
    columns = [named(renamed, str(name)) for name in other.replicates]
    assert_frame_equal(words.replicates, other.replicates.set_axis(columns, axis=1))


def named(renamed: dict[str, str], key: str) -> str:
    """Return the key of one class's section under its other name."""
    for label, other in sorted(renamed.items(), key=lambda pair: -len(pair[0])):
        own = f"class_{label}"
        if key == label:
            return other
        if key == own or key.startswith(f"{own}_"):
            return f"class_{other}{key.removeprefix(own)}"
    return key


def named_as(renamed: dict[str, str], value: Any) -> Any:
    if isinstance(value, dict):
        return {named(renamed, key): named_as(renamed, inner) for key, inner in value.items()}
    return [renamed.get(v, v) for v in value] if value and value == [*renamed] else value


@pytest.mark.parametrize("ratios", [None, dict.fromkeys(RATIOS, 1.0), dict.fromkeys(RATIOS, 2.5)])
def test_an_untouched_or_unknown_prior_is_not_corrected(ratios: dict[str, float] | None) -> None:
    """The section is there only where the strategy changed shares, and how is known."""
    actual, expected = numbers(TEST, OOF, ratios=ratios), plain_numbers()
    assert "prior_corrected" not in actual
    assert not any("prior_corrected" in name for name in actual["interval"])
    for section in ("test", "calibrated", "tuned", "default"):
        assert actual[section] == expected[section]


@pytest.mark.parametrize(
    "ratios",
    [
        {"50%+": 6.5, "a b": 1.0, "ü": 2.6},
        {"50%+": 1.0, "a b": 0.154, "ü": 0.4},
        {"ü": 1.0, "a b": 0.5, "50%+": 8.0},
    ],
    ids=["over-sampled", "under-sampled", "both, in another order"],
)
def test_undoing_what_sampling_did_gives_back_the_probabilities(ratios: dict[str, float]) -> None:
    """Scores inflated as sampling inflates those of an exact model: corrected, they are exact."""

    def inflated(frame: pd.DataFrame) -> pd.DataFrame:
        scores = scores_of(frame) * [ratios[str(label)] for label in WORDS]
        names = [f"y_score_{label}" for label in WORDS]
        shares = scores / scores.sum(axis=1, keepdims=True)
        return frame.assign(**dict(zip(names, shares.T, strict=True)))

    actual = numbers(inflated(TEST), inflated(OOF), ratios=ratios)
    assert actual["prior_corrected"] == pytest.approx(
        {name: plain_numbers()["test"][name] for name in PROBABILITY}
    )
    assert actual["test"]["log_loss"] > actual["prior_corrected"]["log_loss"]


def test_calibration_by_prior_is_the_prior_corrected_section() -> None:
    """What a user chooses is what the section foretold."""
    by_prior = judge(TEST, OOF, RATIOS, JUDGING, "prior").metrics
    assert by_prior["calibrated"] == by_prior["prior_corrected"]


def test_no_calibration_leaves_the_scores() -> None:
    """`none` is judged by the scores as they are."""
    as_is = judge(TEST, OOF, RATIOS, JUDGING, "none").metrics
    assert as_is["calibrated"] == {name: as_is["test"][name] for name in PROBABILITY}


def test_test_rows_settle_no_decision() -> None:
    """Other test rows change neither the class weights nor the out-of-fold evidence."""
    one, other = plain_numbers(), numbers(scored(200, seed=9), OOF)
    assert one["tuned"]["weights"] == other["tuned"]["weights"]
    assert one["out_of_fold"] == other["out_of_fold"]


def test_out_of_fold_rows_move_no_ranking() -> None:
    """Other train scores change the tuned and the calibrated view, nothing else of test."""
    one, other = plain_numbers(), numbers(TEST, out_of_fold(300, seed=9))
    assert (one["test"], one["default"]) == (other["test"], other["default"])
    assert one["tuned"]["weights"] != other["tuned"]["weights"]
    assert one["calibrated"] != other["calibrated"]


def test_out_of_fold_evidence_is_the_mean_over_folds() -> None:
    """What may be used to choose an arm is what folds say, whose scores are scikit-learn's."""
    evidence = plain_numbers()["out_of_fold"]
    assert evidence == pytest.approx(dict(plainly().folds[list(evidence)].mean()))


def test_point_metrics_ignore_row_order() -> None:
    """A test part stored in another order is the same test part."""
    expected, actual = plain_numbers(), numbers(TEST[::-1], OOF[::-1])
    for section in {*KEYS} - {"confusion", "tuned"}:
        assert expected[section] == pytest.approx(actual[section])
    assert expected["confusion"] == actual["confusion"]
    assert expected["tuned"]["weights"] == pytest.approx(actual["tuned"]["weights"])


@pytest.mark.parametrize("decision", [F1, COST])
def test_every_number_has_an_interval_around_it_and_no_other_has_one(decision: Decision) -> None:
    """Names agree with the sections', for views, kinds of probabilities and every class."""
    evaluation = plainly(decision)
    intervals, values = evaluation.metrics["interval"], numbers_by_column(evaluation.metrics)
    assert set(intervals) == set(values) == set(evaluation.replicates)
    assert {"prior_corrected_log_loss", "class_a b_tuned_f1", "class_ü_roc_auc"} < set(intervals)
    for name, (low, high) in intervals.items():
        assert low <= values[name] <= high


@pytest.mark.parametrize("decision", [F1, COST])
def test_what_was_observed_is_the_first_replicate(decision: Decision) -> None:
    """Every number of the metrics file is the observed row's; a calibration error moves from it."""
    evaluation = plainly(decision)
    observed = evaluation.replicates.loc[OBSERVED]
    for name, value in numbers_by_column(evaluation.metrics).items():
        expected = 0 if name.endswith("calibration_error") else value
        assert observed[name] == pytest.approx(expected)


def test_the_seed_moves_replicates_and_no_number() -> None:
    """Another seed draws other rows; what was measured stays."""
    one, other = (judge(TEST, OOF, None, replace(JUDGING, seed=seed)) for seed in (1, 2))
    assert not one.replicates.equals(other.replicates)
    assert numbers_by_column(one.metrics) == numbers_by_column(other.metrics)
    assert len(one.replicates.loc[[BOOTSTRAP]]) == UNCERTAINTY.resamples


def test_an_evaluation_can_be_repeated() -> None:
    """The same rows and seed give the same numbers, curves and replicates."""
    one, again = plainly(), judge(TEST.copy(), OOF.copy(), RATIOS, JUDGING)
    assert one.metrics == again.metrics
    for name in ("curves", "folds", "replicates"):
        assert_frame_equal(getattr(one, name), getattr(again, name), check_exact=True)


def test_costs_are_those_of_the_decisions_in_every_view() -> None:
    """Added up row by row: by default, by tuned weights, and by what theory says is cheapest."""
    actual, y_true = plain_numbers(COST), codes_of(TEST["y_true"])
    train = codes_of(OOF["y_true"]), scores_of(OOF)
    calibrated = calibrate("auto", train, scores_of(TEST), repeats=2)
    expected_costs = calibrated @ np.array(COSTS)
    decisions = {
        "default": codes_of(TEST["y_pred"]),
        "tuned": tuned_decisions(TEST, OOF, COST),
        "elkan": expected_costs.argmin(axis=1),
    }
    for view, decided in decisions.items():
        cost = np.mean([COSTS[row][what] for row, what in zip(y_true, decided, strict=True)])
        assert actual[view]["cost"] == pytest.approx(cost)
        matrix = sk.confusion_matrix(y_true, decided)
        assert matrix.tolist() == actual["confusion"][view]
        recalls = [actual[f"class_{label}"][f"{view}_recall"] for label in WORDS]
        assert sk.recall_score(y_true, decided, average=None) == pytest.approx(recalls)
    assert set(actual["elkan"]) == DECISION - {"f1"} | {"cost"}
    assert actual["tuned"]["cost"] < actual["default"]["cost"]


def test_elkan_decides_by_calibrated_scores() -> None:
    """The rule holds for probabilities: `none` and `prior` lead it to other decisions."""
    found = [
        judge(TEST, OOF, RATIOS, judged_by(COST), how).metrics["confusion"]
        for how in ("none", "prior", "isotonic")
    ]
    assert len({str(confusion["elkan"]) for confusion in found}) == 3
    assert len({str(confusion["tuned"]) for confusion in found}) == 1


@pytest.mark.parametrize(
    "decision",
    [
        F1,
        Decision(objective="fbeta", beta=2),
        Decision(objective="balanced_accuracy"),
        Decision(objective="mcc"),
        Decision(objective="weighted_f1"),
    ],
)
def test_every_objective_is_told_in_both_views_and_only_costs_have_a_third(
    decision: Decision,
) -> None:
    """Elkan's decisions are those of costs; what is tuned for stands beside the usual numbers."""
    evaluation, name = judge(TEST, OOF, None, judged_by(decision)), decision.objective
    assert not any("elkan" in key for key in [*evaluation.metrics, *evaluation.replicates])
    for view in VIEWS:
        assert set(evaluation.metrics[view]) - {"weights"} == DECISION - {"f1"} | {name}
        assert f"{view}_{name}" in evaluation.metrics["interval"]
        assert {f"default_{name}", f"tuned_{name}"} < set(evaluation.folds)
    out_of_fold = evaluation.metrics["out_of_fold"]
    assert out_of_fold[f"tuned_{name}"] >= out_of_fold[f"default_{name}"]


def test_an_arm_has_a_row_of_scores_for_each_fold() -> None:
    """Every repeat and fold, its sizes, and the objective with both decisions; no threshold."""
    folds = plainly().folds
    sizes = {"repeat", "fold", "n_train", "n_test", "n_rare"}
    scores = {"log_loss", "brier_score", "calibrated_brier_score", "default_f1", "tuned_f1"}
    guessed = {f"constant_guess_{name}" for name in RANKING | PROBABILITY | {"f1"}}
    assert set(folds) == sizes | RANKING | scores | guessed
    places = [(repeat, fold) for repeat in (0, 1) for fold in (0, 1, 2)]
    assert list(folds[["repeat", "fold"]].itertuples(index=False, name=None)) == places
    assert (folds[["n_train", "n_test"]] == [200, 100]).all(axis=None)


@pytest.mark.parametrize("decimals", [1, 15])
def test_fold_scores_are_those_of_scikit_learn(decimals: int) -> None:
    """Ties or none: of held-out rows alone, by class weights that the other folds chose."""
    names = [name for name in OOF if str(name).startswith("y_score_")]
    rounded = OOF[names].round(decimals)
    oof = OOF.assign(**{str(name): rounded[name] / rounded.sum(axis=1) for name in names})

    def judge_fold(rows: pd.DataFrame, others: pd.DataFrame) -> dict[str, float]:
        y_true, scores = rows["y_true"], scores_of(rows)
        against_rest = np.column_stack([y_true == label for label in WORDS])
        tuned = labels_of(tuned_decisions(rows, others, F1))
        return {
            "average_precision": sk.average_precision_score(against_rest, scores),
            "roc_auc": sk.roc_auc_score(against_rest, scores),
            "brier_score": sk.brier_score_loss(y_true, scores, labels=WORDS, scale_by_half=False),
            "calibrated_brier_score": sk.brier_score_loss(
                y_true,
                calibrate("auto", (codes_of(others["y_true"]), scores_of(others)), scores),
                labels=WORDS,
                scale_by_half=False,
            ),
            "log_loss": sk.log_loss(y_true, scores, labels=WORDS),
            "default_f1": sk.f1_score(y_true, rows["y_pred"], average="macro", **zero),
            "tuned_f1": sk.f1_score(y_true, tuned, average="macro", **zero),
        }

    expected = pd.DataFrame([judge_fold(f.held_out, f.others) for f in split_by_fold(oof)])
    actual = judge(TEST, oof, None, JUDGING).folds[list(expected)]
    assert_frame_equal(expected, actual, rtol=0, atol=1e-12, check_exact=False)


def test_folds_that_follow_time_are_decided_by_earlier_ones() -> None:
    """The first fold has none, and no row; the last is as without time, the second is not."""
    forward = judge(TEST, OOF, None, replace(JUDGING, forward=True)).folds
    both = plainly().folds
    assert forward["fold"].tolist() == [1, 2, 1, 2]
    last, same_fold = (frame[frame["fold"] == 2] for frame in (forward, both))
    assert_frame_equal(last.reset_index(drop=True), same_fold.reset_index(drop=True))
    first = OOF[(OOF["repeat"] == 0) & (OOF["fold"] == 0)]
    rows = OOF[(OOF["repeat"] == 0) & (OOF["fold"] == 1)]
    tuned = labels_of(tuned_decisions(rows, first, F1))
    assert forward["tuned_f1"][0] == pytest.approx(
        sk.f1_score(rows["y_true"], tuned, average="macro")
    )
    assert forward["n_train"].tolist() == [100, 200, 100, 200]


def test_each_class_has_its_curves_against_the_rest() -> None:
    """Precision-recall, ROC and reliability, in the order of the classes."""
    curves = plainly().curves
    assert list(curves["class"].unique()) == list(WORDS)
    for label in WORDS:
        is_class = np.asarray(TEST["y_true"] == label, np.int64)
        expected = make_score_curves(is_class, TEST[f"y_score_{label}"].to_numpy())
        own = (curves["class"] == label) & ~curves["curve"].str.startswith("reliability_")
        actual = curves[own].drop(columns="class").reset_index(drop=True)
        assert_frame_equal(expected, actual, check_exact=True)


def test_two_classes_given_as_several_are_judged_as_two() -> None:
    """Shared numbers agree: test, calibrated, decisions by default, each fold's ranking."""
    labels, rng = ("0", "1"), default_rng(4)

    def both(rows: int) -> tuple[pd.DataFrame, pd.DataFrame]:
        codes = rng.permutation(np.repeat([0, 1], [rows - rows // 5, rows // 5]))
        score = rng.beta(1 + codes, 2)
        order = np.argsort(np.argsort(codes, kind="stable"))
        folds: dict[str, Any] = {"repeat": 0, "fold": order % 3}
        several = part(codes, np.column_stack([1 - score, score]), labels)
        plain = {"y_true": codes, "y_score": score, "y_pred": several["y_pred"].astype(int)}
        return several.assign(**folds), pd.DataFrame(plain).assign(**folds)

    (test, test_of_two), (oof, oof_of_two) = both(200), both(300)
    ratios = {"0": 0.5, "1": 3.0}
    several = judge(test, oof, ratios, judging_by(F1, UNCERTAINTY, Classes(labels, None)))
    two = judge(test_of_two, oof_of_two, ratios, judging_by(F1, UNCERTAINTY))
    for section in ("test", "prior_corrected", "constant_guess"):
        twice = 2 * two.metrics[section]["brier_score"]
        assert several.metrics[section]["brier_score"] == pytest.approx(twice)
        for name in {"log_loss", "roc_auc"} & set(two.metrics[section]):
            assert several.metrics[section][name] == pytest.approx(two.metrics[section][name])
    shared = ("accuracy", "balanced_accuracy", "mcc", "g_mean")
    expected = {name: two.metrics["default"][name] for name in shared}
    assert {n: several.metrics["default"][n] for n in shared} == pytest.approx(expected)
    for name in OF_CLASS:
        own = several.metrics["class_1"][f"default_{name}"]
        assert own == pytest.approx(two.metrics["default"][name])
    assert_frame_equal(several.folds[["roc_auc", "log_loss"]], two.folds[["roc_auc", "log_loss"]])


def constant(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows that a model does not tell apart."""
    same = {f"y_score_{label}": value for label, value in zip(WORDS, (0.2, 0.5, 0.3), strict=True)}
    return frame.assign(**same, y_pred="a b")


def perfect(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows without a mistake, and without a doubt."""
    sure = {f"y_score_{label}": (frame["y_true"] == label) * 1.0 for label in WORDS}
    return frame.assign(**sure, y_pred=frame["y_true"])


def blind(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows whose scores leave the rarest class out."""
    rest: dict[str, Any] = {"y_score_50%+": 0.0, "y_score_ü": 1 - frame["y_score_a b"]}
    return frame.assign(**rest, y_pred="a b")


def same(frame: pd.DataFrame) -> pd.DataFrame:
    return frame


def few(rows: int) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Make of a table one that has so few rows of the rarest class."""
    return lambda frame: pd.concat(
        [frame[frame["y_true"] != "50%+"], frame[frame["y_true"] == "50%+"][:rows]]
    )


EXTREMES: dict[str, tuple[Any, Any]] = {
    "constant scores": (constant, constant),
    "constant on test alone": (constant, same),
    "perfect scores": (perfect, perfect),
    "a class that has no score": (blind, blind),
    "two rows of a class": (few(2), same),
    "one row of a class": (few(1), same),
}


@pytest.mark.parametrize("decision", [F1, COST])
@pytest.mark.parametrize(("of_test", "of_oof"), EXTREMES.values(), ids=EXTREMES)
def test_no_number_is_nan_however_extreme_the_rows(
    of_test: Any, of_oof: Any, decision: Decision
) -> None:
    """Metrics, intervals, replicates, curves and folds are numbers, all of them."""
    evaluation: Judged = judge(of_test(TEST), of_oof(OOF), RATIOS, judged_by(decision))
    metrics = evaluation.metrics
    weights = list(metrics["tuned"]["weights"].values())
    values = numbers_by_column(metrics)
    assert np.isfinite([*values.values(), *weights, *metrics["out_of_fold"].values()]).all()
    assert np.isfinite(evaluation.replicates).all(axis=None)
    assert np.isfinite(evaluation.folds).all(axis=None)
    assert np.isfinite(evaluation.curves[["x", "y"]]).all(axis=None)
    assert set(metrics["interval"]) == set(values)
    assert np.isfinite([*metrics["interval"].values()]).all()


def test_scores_that_tell_no_rows_apart_are_said_and_judged_as_such() -> None:
    """Ranking no better than chance, in every replicate, and a note; else no note."""
    assert "note" not in plain_numbers()
    evaluation = judge(constant(TEST), constant(OOF), RATIOS, JUDGING)
    actual, replicates = evaluation.metrics, evaluation.replicates
    assert actual["test"]["roc_auc"] == pytest.approx(0.5)
    assert actual["test"]["average_precision"] == pytest.approx(np.mean(SHARES))
    # Each class's is the share that was drawn of it: they add up to 1.
    for name, chance in (("roc_auc", 0.5), ("average_precision", 1 / 3)):
        assert replicates[name].to_numpy() == pytest.approx(chance)
    assert "every row has the same scores" in actual["note"]
    assert len(actual["note"].splitlines()) == 1


def test_a_perfect_model_is_told_so() -> None:
    """Without a mistake every metric is 1, and the Brier score 0."""
    actual = numbers(perfect(TEST), perfect(OOF))
    for view in VIEWS:
        assert [actual[view][name] for name in DECISION] == pytest.approx([1.0] * len(DECISION))
    assert {actual["test"][name] for name in RANKING} == {1.0}
    assert actual["test"]["brier_score"] == 0


def test_a_perfect_model_is_as_sure_of_a_class_as_that_has_rows() -> None:
    """No draw shows a mistake that no row has; numbers of all classes go by the rarest, 20 rows."""
    intervals = numbers(perfect(TEST), perfect(OOF))["interval"]
    least = {rows: rows / (rows + stats.t.ppf(0.95, rows - 1) ** 2) for rows in (20, 50)}
    for name in ("roc_auc", "tuned_f1", "class_50%+_roc_auc", "class_50%+_default_recall"):
        assert intervals[name] == pytest.approx((least[20], 1))
    assert intervals["class_ü_default_recall"] == pytest.approx((least[50], 1))
    assert intervals["brier_score"] == pytest.approx((0, 2 - 2 * least[20]))


def test_two_rows_of_a_class_leave_its_recall_all_but_unknown() -> None:
    """One of two found: an interval from next to nothing to nearly everything."""
    test = few(2)(TEST).reset_index(drop=True)
    test["y_pred"] = "a b"
    test.loc[(test["y_true"] == "50%+").idxmax(), "y_pred"] = "50%+"
    actual = numbers(test, OOF)
    assert actual["class_50%+"]["default_recall"] == 0.5
    assert actual["interval"]["class_50%+_default_recall"] == pytest.approx((0, 1), abs=0.01)

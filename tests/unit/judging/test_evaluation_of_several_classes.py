"""One arm's numbers on several classes: right, and from the right rows."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from imblearn.metrics import geometric_mean_score
from numpy.random import default_rng
from pandas.testing import assert_frame_equal
from sklearn import metrics as sk
from tests.decided import calibrate, judge, judging_by, objective_of
from tests.scored import (
    COSTS,
    F1,
    RATIOS,
    SEVERAL,
    SHARES,
    UNCERTAINTY,
    VIEWS,
    WORDS,
    Label,
    constant,
    name_scores,
    out_of_fold_of_several,
    scored_of_several,
)

from equipoise.deciding.class_weights import tune_class_weights
from equipoise.deciding.folds import split_by_fold
from equipoise.deciding.rules import ClassWeights
from equipoise.judging.curves import make_score_curves
from equipoise.metrics.classes import Classes
from equipoise.metrics.names import PLAIN, Floats, Labels
from equipoise.metrics.probabilities import calibration_error
from equipoise.metrics.scores import Scores
from equipoise.params.decision_params import Decision

CLASSES = SEVERAL.classes
# As text these would stand in another order.
NUMBERS: tuple[Label, ...] = (2, 9, 10)

PROBABILITY = {"brier_score", "log_loss", "calibration_error"}
RANKING = {"average_precision", "roc_auc"}
DECISION = {"accuracy", "balanced_accuracy", "macro_f1", "weighted_f1", "mcc", "g_mean", "f1"}
OF_CLASS = ("precision", "recall", "f1")
PROBABILITIES = ("test", "calibrated", "prior_corrected")
BY_CLASS = {f"class_{label}" for label in WORDS}
KEYS = {
    "test": {"n", "prevalence"} | RANKING | PROBABILITY,
    "calibrated": PROBABILITY,
    "prior_corrected": PROBABILITY,
    "constant_guess": PROBABILITY | RANKING | {"f1"},
    "default": DECISION,
    "tuned": DECISION | {"weights"},
    "confusion": set(VIEWS),
    "instability": {"probability_moved", *(f"{view}_flipped" for view in VIEWS)},
    "out_of_fold": RANKING
    | PROBABILITY
    | {f"calibrated_{name}" for name in PROBABILITY}
    | {f"{view}_{name}" for view in VIEWS for name in DECISION},
} | {
    section: {"n", "calibration_error"} | RANKING | {f"{v}_{n}" for v in VIEWS for n in OF_CLASS}
    for section in BY_CLASS
}
zero = {"zero_division": 0}


def scores_of(frame: pd.DataFrame) -> Floats:
    return frame.filter(regex="^y_score_").to_numpy(np.float64)


def codes_of(labelled: pd.Series, labels: Sequence[Label] = WORDS) -> Labels:
    return np.array([labels.index(label) for label in labelled], np.int64)


def labels_of(codes: Labels) -> list[Label]:
    return [WORDS[code] for code in codes]


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


TEST, OOF = SEVERAL.test, SEVERAL.oof


def test_an_evaluation_has_every_section_and_key() -> None:
    """What has no meaning with several classes is absent: no threshold, no cell, no false zero."""
    actual = SEVERAL.plain.metrics
    assert set(actual) == {*KEYS, "classes", "interval"}
    assert actual["classes"] == list(WORDS)
    assert {name: set(actual[name]) for name in KEYS} == KEYS


def test_rankings_are_scikit_learns_of_each_class_against_the_rest() -> None:
    """The mean over classes, and each class by itself, from the scores of test rows."""
    actual, y_true = SEVERAL.plain.metrics, TEST["y_true"]
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
    actual = SEVERAL.plain.metrics
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
    actual = SEVERAL.plain.metrics[section]
    expected = probability_metrics(TEST["y_true"], scores[section])
    assert expected == pytest.approx({name: actual[name] for name in expected})


def test_the_constant_guess_is_the_shares_of_train() -> None:
    """It is no model's: scores move nothing of it; with classes as rare, 1 - sum of squares."""
    guess = SEVERAL.plain.metrics["constant_guess"]
    assert guess["brier_score"] == pytest.approx(1 - np.square(SHARES).sum())
    assert guess["log_loss"] == pytest.approx(-np.dot(SHARES, np.log(SHARES)))
    assert guess["calibration_error"] == pytest.approx(0, abs=1e-12)
    assert guess == SEVERAL.judge(constant(TEST), constant(OOF)).metrics["constant_guess"]
    rarer = OOF[~OOF["row"].isin(OOF.loc[OOF["y_true"] == "ü", "row"].unique()[::2])]
    of_rarer = SEVERAL.judge(TEST, rarer).metrics["constant_guess"]
    assert of_rarer["brier_score"] > guess["brier_score"]


@pytest.mark.parametrize("view", VIEWS)
def test_decisions_are_judged_as_they_were_made(view: str) -> None:
    """By default the model's own labels, tuned the class of the highest weight times score."""
    tuned = labels_of(tuned_decisions(TEST, OOF, F1))
    y_true, y_pred = TEST["y_true"], TEST["y_pred"] if view == "default" else pd.Series(tuned)
    actual = SEVERAL.plain.metrics
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


def test_class_weights_are_found_on_train_and_told_by_label() -> None:
    """The counterpart of a threshold: the commonest class has 1, the rarest of these rows more."""
    weights = SEVERAL.plain.metrics["tuned"]["weights"]
    assert weights == dict(zip(WORDS, weights_of(OOF, F1), strict=True))
    assert weights["a b"] == 1
    assert "weights" not in SEVERAL.plain.metrics["default"]
    found = SEVERAL.plain.metrics["out_of_fold"]
    assert found["tuned_f1"] > found["default_f1"]


@pytest.mark.parametrize("labels", [NUMBERS, (-1, 0, 1), ("b", "c", "d"), ("1", "10", "1.0")])
def test_what_classes_are_called_changes_no_number(labels: tuple[Label, ...]) -> None:
    """Numbers and words, with any signs: the same sections under other names, the same numbers."""
    ratios = {str(label): ratio for label, ratio in zip(labels, RATIOS.values(), strict=True)}
    test, oof = scored_of_several(200, 1, labels), out_of_fold_of_several(300, 2, labels)
    words = SEVERAL.judge(decision=SEVERAL.cost)
    other = judge(test, oof, ratios, judging_by(SEVERAL.cost, UNCERTAINTY, CLASSES))
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

    sampled = replace(SEVERAL, ratios=ratios)
    actual = sampled.judge(inflated(TEST), inflated(OOF)).metrics
    assert actual["prior_corrected"] == pytest.approx(
        {name: SEVERAL.plain.metrics["test"][name] for name in PROBABILITY}
    )
    assert actual["test"]["log_loss"] > actual["prior_corrected"]["log_loss"]


def test_costs_are_those_of_the_decisions_in_every_view() -> None:
    """Added up row by row: by default, by tuned weights, and by what theory says is cheapest."""
    actual, y_true = SEVERAL.judge(decision=SEVERAL.cost).metrics, codes_of(TEST["y_true"])
    train = codes_of(OOF["y_true"]), scores_of(OOF)
    calibrated = calibrate("auto", train, scores_of(TEST), repeats=2)
    expected_costs = calibrated @ np.array(COSTS)
    decisions = {
        "default": codes_of(TEST["y_pred"]),
        "tuned": tuned_decisions(TEST, OOF, SEVERAL.cost),
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
    actual = SEVERAL.judge(TEST, oof).folds[list(expected)]
    assert_frame_equal(expected, actual, rtol=0, atol=1e-12, check_exact=False)


def test_each_class_has_its_curves_against_the_rest() -> None:
    """Precision-recall, ROC and reliability, in the order of the classes."""
    curves = SEVERAL.plain.curves
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
        several = name_scores(codes, np.column_stack([1 - score, score]), labels)
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

"""The lines that plots draw: few points, the right ones."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from sklearn.metrics import f1_score, precision_recall_curve, roc_curve
from tests.decided import decide, objective_of, tune, two_classes

from equipoise.judging.curves import (
    BARS,
    POINTS,
    make_curves_by_class,
    make_reliability_curves,
    make_score_curves,
    make_threshold_curve,
)
from equipoise.metrics.classes import Classes
from equipoise.metrics.names import Floats
from equipoise.metrics.probabilities import make_reliability_curve
from equipoise.metrics.scores import Scores
from equipoise.params.decision_params import Decision

F1 = Decision(objective="f1")
LINES = ("precision_recall", "roc", "reliability")
SPREAD = ("scores_positive", "scores_negative")
NAMES = (*LINES, *SPREAD, "reliability_calibrated", "threshold")


def scored(rows: int, seed: int = 0, decimals: int = 16) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    y_true = generator.permutation(np.repeat([0, 1], [rows - rows // 5, rows // 5]))
    y_score = generator.beta(2 + 2 * y_true, 4).round(decimals)
    return pd.DataFrame({"y_true": y_true, "y_score": y_score})


def arm_curves(test: pd.DataFrame, oof: pd.DataFrame, decision: Decision) -> pd.DataFrame:
    """All curves of an arm on two classes, as its evaluation puts them together."""
    of_test, of_train = (
        two_classes(rows["y_true"], rows["y_score"], amount=rows.get("amount"))
        for rows in (test, oof)
    )
    of_test = replace(
        of_test, probabilities=dict(of_test.probabilities) | {"calibrated": of_test.raw}
    )
    curves = [make_curves_by_class(of_test), make_threshold_curve(of_train, objective_of(decision))]
    return pd.concat(curves, ignore_index=True)


def points(curves: pd.DataFrame, name: str) -> Floats:
    return curves.loc[curves["curve"] == name, ["x", "y"]].to_numpy()


@pytest.mark.parametrize("rows", [10, 5000])
def test_the_spread_of_scores_counts_every_row_of_a_class_once(rows: int) -> None:
    """Shares of bars from 0 to 1 add up to all of the class, scores of 0 and 1 among them."""
    y_true = scored(rows)["y_true"].to_numpy()
    for y_score in (scored(rows)["y_score"].to_numpy(), y_true.astype(float)):
        curves = make_score_curves(y_true, y_score)
        for name in SPREAD:
            middle, share = points(curves, name).T
            assert share.sum() == pytest.approx(1)
            assert np.diff(middle) == pytest.approx(np.full(BARS - 1, 1 / BARS))
            assert 0 < middle[0] < middle[-1] < 1
    assert points(make_score_curves(y_true, y_true.astype(float)), "scores_positive")[-1, 1] == 1
    assert points(make_score_curves(y_true, y_true.astype(float)), "scores_negative")[0, 1] == 1


def test_an_arm_has_its_curves_in_long_form() -> None:
    """Plots find their lines by name, and x and y beside it."""
    curves = arm_curves(scored(50), scored(70, seed=1), F1)
    assert list(curves) == ["curve", "x", "y"]
    assert tuple(curves["curve"].unique()) == NAMES


@given(rows=st.integers(10, 900), seed=st.integers(0, 50), decimals=st.sampled_from([1, 3, 16]))
@settings(max_examples=25, deadline=None)
def test_curves_are_short_and_within_the_unit_square(rows: int, seed: int, decimals: int) -> None:
    """A plot of a million rows has as many points as one of a thousand, all of them shares."""
    curves = arm_curves(scored(rows, seed, decimals), scored(rows, seed + 1, decimals), F1)
    assert curves["curve"].value_counts().max() <= POINTS
    assert curves[["x", "y"]].to_numpy().min() >= 0
    assert curves[["x", "y"]].to_numpy().max() <= 1


@pytest.mark.parametrize("name", ["precision_recall", "roc", "threshold"])
def test_a_long_curve_is_thinned_to_the_limit(name: str) -> None:
    """Thinning uses the points that it may."""
    curves = arm_curves(scored(5000), scored(5000, seed=1), F1)
    assert len(points(curves, name)) == POINTS


@pytest.mark.parametrize("rows", [50, 5000])
def test_the_ends_of_every_curve_are_kept(rows: int) -> None:
    """Thinned or not, a curve starts and ends where the full one does."""
    test, oof = scored(rows), scored(rows, seed=1)
    curves = arm_curves(test, oof, F1)
    assert points(curves, "roc")[[0, -1]].tolist() == [[0, 0], [1, 1]]
    assert points(curves, "precision_recall")[-1].tolist() == pytest.approx([1, 0.2])
    ends = [oof["y_score"].min(), oof["y_score"].max()]
    assert points(curves, "threshold")[[0, -1], 0].tolist() == ends


@pytest.mark.parametrize("decimals", [1, 16])
def test_a_short_precision_recall_curve_is_scikit_learns(decimals: int) -> None:
    """Every threshold is a point, ties counted once."""
    test = scored(100, decimals=decimals)
    precision, recall, _ = precision_recall_curve(test["y_true"], test["y_score"])
    expected = np.column_stack([recall, precision])[-2::-1]
    actual = points(arm_curves(test, test, F1), "precision_recall")
    assert expected.ravel().tolist() == pytest.approx(actual.ravel().tolist())


@pytest.mark.parametrize("decimals", [1, 16])
def test_a_short_roc_curve_is_scikit_learns(decimals: int) -> None:
    """Every threshold is a point, and the curve starts at the origin."""
    test = scored(100, decimals=decimals)
    rates = roc_curve(test["y_true"], test["y_score"], drop_intermediate=False)[:2]
    expected = np.column_stack(rates)
    actual = points(arm_curves(test, test, F1), "roc")
    assert expected.ravel().tolist() == pytest.approx(actual.ravel().tolist())


def test_the_reliability_curve_has_every_bin() -> None:
    """The plot and the calibration error speak of the same bins."""
    test = scored(1000)
    mean_score, share, _ = make_reliability_curve(test["y_true"], test["y_score"])
    actual = points(arm_curves(test, test, F1), "reliability")
    assert np.column_stack([mean_score, share]).tolist() == actual.tolist()


def test_the_threshold_curve_peaks_at_the_tuned_threshold() -> None:
    """The plot shows why the threshold is where it is: from out-of-fold scores, not test's."""
    test, oof = scored(100), scored(100, seed=1)
    curve = points(arm_curves(test, oof, F1), "threshold")
    peak = curve[curve[:, 1] == curve[:, 1].max(), 0].max()
    assert tune(oof["y_true"], oof["y_score"], F1).threshold == peak


def test_the_threshold_curve_is_the_objective_at_each_threshold() -> None:
    """From the lowest threshold to the highest, each with the F1 that it gives."""
    oof = scored(100, decimals=2)
    expected = [
        (threshold, f1_score(oof["y_true"], decide(oof["y_score"], threshold)))
        for threshold in np.unique(oof["y_score"])
    ]
    actual = points(arm_curves(oof, oof, F1), "threshold")
    assert actual.ravel() == pytest.approx(np.ravel(expected))


def test_the_threshold_curve_of_a_cost_goes_by_the_amounts() -> None:
    """Its lowest point is the tuned threshold's; its first, where all alert, misses nothing."""
    decision = Decision(objective="cost", false_negative=1, false_positive=5, amount="spend")
    rows = scored(200, seed=1)
    oof = rows.assign(amount=np.random.default_rng(2).uniform(0, 100, size=len(rows)))
    curve = points(arm_curves(rows, oof, decision), "threshold")
    tuned = tune(oof["y_true"], oof["y_score"], decision, oof["amount"])
    assert curve[:, 1].min() == pytest.approx(tuned.value)
    assert tuned.threshold == curve[curve[:, 1].argmin(), 0]
    assert curve[0, 1] == pytest.approx(5 * 0.8)


def test_the_first_curves_are_those_of_the_test_scores() -> None:
    """An arm's curves are those of its scores, and the threshold curve after them."""
    test, oof = scored(100), scored(100, seed=1)
    expected = make_score_curves(test["y_true"].to_numpy(), test["y_score"].to_numpy())
    assert tuple(expected["curve"].unique()) == (*LINES, *SPREAD)
    assert_frame_equal(expected, arm_curves(test, oof, F1)[: len(expected)])


def test_each_of_several_classes_has_the_curves_of_it_against_the_rest() -> None:
    """By its name, in the order of the classes, and none of the rest's."""
    classes = ["a", "b", "c"]
    y_true = np.random.default_rng(0).integers(0, 3, size=90)
    y_score, other = np.random.default_rng(1).dirichlet([1, 1, 1], size=(2, 90))
    sections = {"test": y_score, "calibrated": other}
    curves = make_curves_by_class(Scores(Classes(tuple(classes), None), y_true, sections, {}))
    assert list(curves) == ["curve", "x", "y", "class"]
    assert list(curves["class"].unique()) == classes
    for code, label in enumerate(classes):
        actual = 1 * (y_true == code)
        plain = make_score_curves(actual, y_score[:, code])
        calibrated = make_reliability_curves(actual, {"calibrated": other[:, code]})
        expected = pd.concat([plain, calibrated], ignore_index=True)
        own = curves[curves["class"] == label].drop(columns="class")
        assert_frame_equal(expected, own.reset_index(drop=True))


def test_corrected_and_recalibrated_scores_have_reliability_curves_of_their_own() -> None:
    """Each by the name of its section, with points of its own bins; none of the plain one's."""
    y_true, raw = scored(400)["y_true"].to_numpy(), scored(400)["y_score"].to_numpy()
    sections = {"test": raw, "calibrated": raw**2, "prior_corrected": raw**3}
    curves = make_reliability_curves(y_true, sections)
    assert list(curves["curve"].unique()) == [
        "reliability_calibrated",
        "reliability_prior_corrected",
    ]
    for section in ("calibrated", "prior_corrected"):
        own = curves[curves["curve"] == f"reliability_{section}"]
        mean_score, share, _ = make_reliability_curve(y_true, sections[section])
        assert (own["x"].tolist(), own["y"].tolist()) == (mean_score.tolist(), share.tolist())

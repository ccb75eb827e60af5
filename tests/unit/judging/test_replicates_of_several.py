"""Every metric of every replicate of several classes, as scikit-learn has it of the same rows."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from imblearn.metrics import geometric_mean_score
from numpy.random import default_rng
from pandas.testing import assert_frame_equal
from sklearn import metrics as sk
from tests.replicated import bins_moved, drawn, replicate_metrics

from equipoise.judging import bootstrap
from equipoise.judging.bootstrap import BOOTSTRAP, OBSERVED
from equipoise.metrics.classes import Classes
from equipoise.metrics.names import Floats, Labels
from equipoise.metrics.scores import Scores
from equipoise.params.decision_params import Decision

CLASSES = ("50%+", "a b", "ü")
K = len(CLASSES)
F1 = Decision(objective="f1")
COSTS = ((0.0, 1.5, 9.0), (1.0, 0.25, 3.0), (4.0, 0.5, 0.0))
# scikit-learn has to judge each of them.
FEW = 8

Oracle = Callable[[Labels, Any, Floats], float]
zero = {"zero_division": 0, "labels": range(K)}


def one_hot(y_true: Labels) -> Labels:
    return np.asarray(np.eye(K)[y_true], np.int64)


# All take codes, scores or decisions, and weights.
RANKINGS: dict[str, Callable[..., Any]] = {
    "average_precision": lambda y, s, w, **how: sk.average_precision_score(
        one_hot(y), s, sample_weight=w, **how
    ),
    "roc_auc": lambda y, s, w, **how: sk.roc_auc_score(one_hot(y), s, sample_weight=w, **how),
}
LOSSES: dict[str, Oracle] = {
    "brier_score": lambda y, s, w: sk.brier_score_loss(
        y, s, sample_weight=w, labels=range(K), scale_by_half=False
    ),
    "log_loss": lambda y, s, w: sk.log_loss(y, s, sample_weight=w),
}
DECISIONS: dict[str, Oracle] = {
    "accuracy": lambda y, p, w: sk.accuracy_score(y, p, sample_weight=w),
    "balanced_accuracy": lambda y, p, w: sk.balanced_accuracy_score(y, p, sample_weight=w),
    "macro_f1": lambda y, p, w: sk.f1_score(y, p, sample_weight=w, average="macro", **zero),
    "weighted_f1": lambda y, p, w: sk.f1_score(y, p, sample_weight=w, average="weighted", **zero),
    "mcc": lambda y, p, w: sk.matthews_corrcoef(y, p, sample_weight=w),
    "g_mean": lambda y, p, w: geometric_mean_score(y, p, sample_weight=w),
}
BY_CLASS: dict[str, Callable[..., Any]] = {
    "precision": sk.precision_score,
    "recall": sk.recall_score,
    "f1": sk.f1_score,
}


def no_ties(rows: int) -> Floats:
    return default_rng(7).dirichlet(np.ones(K), size=rows)


def some_ties(rows: int) -> Floats:
    tenths = default_rng(7).multinomial(10, np.full(K, 1 / K), size=rows)
    return np.asarray(tenths / 10, np.float64)


def all_tied(rows: int) -> Floats:
    return np.tile([0.2, 0.5, 0.3], (rows, 1))


def hard(rows: int) -> Floats:
    return np.eye(K)[default_rng(7).integers(0, K, size=rows)]


def labels(*rows_by_class: int) -> Labels:
    return default_rng(5).permutation(np.repeat(range(len(rows_by_class)), rows_by_class))


def scored(y_true: Labels, scores: Floats) -> Scores:
    """One arm whose views decide for every class, for the first alone, and for none but two."""
    rng = default_rng(8)
    return Scores(
        Classes(CLASSES, None),
        y_true,
        probabilities={"test": scores, "calibrated": rng.dirichlet(np.ones(K), len(y_true))},
        decisions={
            "default": scores.argmax(axis=1),
            "tuned": np.zeros_like(y_true),
            "other": rng.integers(1, K, len(y_true)),
        },
    )


def judged(arm: Scores, rows: Labels, weights: Floats) -> dict[str, float]:
    """Every metric of some rows of an arm, one call of scikit-learn each."""
    y_true, found = arm.y_true[rows], {}
    for name, rank in RANKINGS.items():
        of_rows = (y_true, arm.probabilities["test"][rows], weights)
        found[name] = rank(*of_rows, average="macro")
        each = rank(*of_rows, average=None)
        found |= {f"class_{c}_{name}": v for c, v in zip(CLASSES, each, strict=True)}
    for section, score in arm.probabilities.items():
        for name, loss in LOSSES.items():
            named = name if section == "test" else f"{section}_{name}"
            found[named] = loss(y_true, score[rows], weights)
    for view, y_pred in arm.decisions.items():
        for name, metric in DECISIONS.items():
            found[f"{view}_{name}"] = metric(y_true, y_pred[rows], weights)
        for name, by_class in BY_CLASS.items():
            of_decisions = (y_true, y_pred[rows])
            each = by_class(*of_decisions, sample_weight=weights, average=None, **zero)
            found |= {f"class_{c}_{view}_{name}": v for c, v in zip(CLASSES, each, strict=True)}
        found[f"{view}_f1"] = found[f"{view}_macro_f1"]
    return found


def rebuilt(arm: Scores, counts: Floats) -> pd.DataFrame:
    """The metrics of replicates, of tables in which each row stands as often as it was drawn."""
    tables = [np.repeat(np.arange(len(arm.y_true)), count.astype(int)) for count in counts]
    return pd.DataFrame([judged(arm, rows, np.ones(len(rows))) for rows in tables])


def is_moved(name: str) -> bool:
    """Whether a column says how far a calibration error has moved: that has a test of its own."""
    return name.endswith("calibration_error")


def assert_equals_oracle(expected: pd.DataFrame, actual: pd.DataFrame) -> None:
    assert_frame_equal(expected, actual[list(expected)], rtol=0, atol=1e-9, check_exact=False)
    assert set(expected) == {name for name in actual if not is_moved(str(name))}


@pytest.mark.parametrize("scores", [no_ties, some_ties, all_tied, hard])
@pytest.mark.parametrize("rows_by_class", [(40, 12, 5), (1, 6, 2)])
def test_every_replicate_is_what_scikit_learn_says_of_the_rows_drawn(
    scores: Callable[[int], Floats], rows_by_class: tuple[int, ...]
) -> None:
    """Rows are repeated as drawn: same draws, same numbers, whatever the ties, class by class."""
    y_true = labels(*rows_by_class)
    arm = scored(y_true, scores(len(y_true)))
    expected = rebuilt(arm, drawn(y_true, FEW, seed=3))
    assert_equals_oracle(expected, replicate_metrics(arm, F1, FEW, 3).reset_index(drop=True))


def test_a_calibration_error_says_how_far_the_bins_of_each_class_have_moved() -> None:
    """The mean over classes for every kind of probabilities, each class for the model's own."""
    y_true = labels(60, 25, 12)
    arm = scored(y_true, no_ties(len(y_true)))
    counts = drawn(y_true, FEW, seed=2)
    actual = replicate_metrics(arm, F1, FEW, 2)
    for section, prefix in (("test", ""), ("calibrated", "calibrated_")):
        columns = list(arm.probabilities[section].T)
        moved = np.array(
            [
                [bins_moved(y_true == code, score, count) for code, score in enumerate(columns)]
                for count in counts
            ]
        )
        assert actual[f"{prefix}calibration_error"].to_numpy() == pytest.approx(moved.mean(axis=1))
        if section == "test":
            of_class = actual[[f"class_{label}_calibration_error" for label in CLASSES]]
            assert of_class.to_numpy() == pytest.approx(moved)
    errors = actual[[name for name in actual if is_moved(str(name))]]
    assert len(errors.columns) == 2 + K
    assert (errors.loc[OBSERVED] == 0).all()
    assert (errors.loc[[BOOTSTRAP]] > 0).all(axis=None)


OBJECTIVES: list[tuple[Decision, Oracle]] = [
    (
        Decision(objective="fbeta", beta=2),
        lambda y, p, w: sk.fbeta_score(y, p, beta=2, sample_weight=w, average="macro", **zero),
    ),
    (
        Decision(objective="cost", costs=COSTS),
        lambda y, p, w: float(np.average(np.array(COSTS)[y, p], weights=w)),
    ),
]


@pytest.mark.parametrize(("decision", "oracle"), OBJECTIVES)
def test_replicates_have_the_objective_of_every_view(decision: Decision, oracle: Oracle) -> None:
    """What class weights were tuned for stands beside the metrics that are always there."""
    y_true = labels(30, 12, 5)
    arm = scored(y_true, some_ties(len(y_true)))
    counts = drawn(y_true, FEW, seed=3)
    actual = replicate_metrics(arm, decision, FEW, 3)
    always = set(replicate_metrics(arm, Decision(objective="mcc"), FEW, 3))
    assert set(actual) == always | {f"{view}_{decision.objective}" for view in arm.decisions}
    for view, y_pred in arm.decisions.items():
        expected = [oracle(y_true, y_pred, weights) for weights in counts]
        assert actual[f"{view}_{decision.objective}"].tolist() == pytest.approx(expected)


def test_a_large_table_is_drawn_in_blocks_about_what_was_observed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whichever classes are large, observed numbers are exact, and intervals as wide as by rows."""
    y_true = labels(4000, 2000, 300)
    skill = default_rng(1).dirichlet(np.ones(K), len(y_true)) + 0.4 * np.eye(K)[y_true]
    arm = scored(y_true, skill / skill.sum(axis=1, keepdims=True))
    by_row = replicate_metrics(arm, F1, 600, 3)
    monkeypatch.setattr(bootstrap, "LARGEST_CLASS", 500)
    by_block = replicate_metrics(arm, F1, 600, 3)
    observed = by_row.loc[OBSERVED].to_dict()
    assert observed == pytest.approx(by_block.loc[OBSERVED].to_dict(), abs=1e-9)
    for name in ("average_precision", "roc_auc", "log_loss", "default_macro_f1"):
        spread = [frame.loc[[BOOTSTRAP], name].std() for frame in (by_row, by_block)]
        assert not np.allclose(by_row[name], by_block[name])
        assert spread[0] == pytest.approx(spread[1], rel=0.15)

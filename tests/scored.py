"""Arms on two classes and on several: scored rows, and how they are judged."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.random import default_rng

from equipoise.metrics.classes import NAMES_OF_TWO, Classes
from equipoise.metrics.names import Floats, Labels
from equipoise.params.decision_params import Decision
from equipoise.params.trial_params import Uncertainty
from tests.decided import Judged, judge, judging_by

Label = str | int
MakeRows = Callable[[int, int], pd.DataFrame]

WORDS: tuple[Label, ...] = ("50%+", "a b", "ü")
SHARES = (0.1, 0.65, 0.25)
COSTS = ((0.0, 1.5, 9.0), (1.0, 0.25, 3.0), (4.0, 0.5, 0.0))
RATIOS = {"50%+": 3.0, "a b": 0.5, "ü": 1.0}
F1 = Decision(objective="f1")
UNCERTAINTY = Uncertainty(confidence=0.9, resamples=100)
VIEWS = ("default", "tuned")
# What a model that tells no rows apart gives for every class.
CONSTANT = {"y_score": 0.3, "y_score_50%+": 0.2, "y_score_a b": 0.5, "y_score_ü": 0.3}


@dataclass(frozen=True)
class Case:
    """An arm, by the number of its classes: its rows, what sampling did, what mistakes cost.

    `rarest` is the class of the fewest rows, `recall` how its recall is called.
    """

    classes: Classes
    scored: MakeRows
    out_of_fold: MakeRows
    ratios: Mapping[str, float] | None
    cost: Decision
    rarest: Label
    recall: str

    @cached_property
    def test(self) -> pd.DataFrame:
        """200 rows of the test part."""
        return self.scored(200, 1)

    @cached_property
    def oof(self) -> pd.DataFrame:
        """300 rows of train, each scored twice."""
        return self.out_of_fold(300, 2)

    @cached_property
    def plain(self) -> Judged:
        """The evaluation that most tests look at; not to be changed."""
        return self.judge()

    @property
    def rule(self) -> str:
        """What tuned decisions are made with, as files call it."""
        return "weights" if self.classes.positive is None else "threshold"

    def judge(
        self,
        test: pd.DataFrame | None = None,
        oof: pd.DataFrame | None = None,
        decision: Decision = F1,
        calibration: str = "auto",
        **judging: Any,
    ) -> Judged:
        """Judge these rows, or the case's own; `judging` says what is unusual about how."""
        by = judging_by(decision, UNCERTAINTY, self.classes)
        test, oof = self.test if test is None else test, self.oof if oof is None else oof
        return judge(test, oof, self.ratios, replace(by, **judging), calibration)


def scored_of_two(rows: int, seed: int) -> pd.DataFrame:
    """Scored rows, one in five positive."""
    generator = default_rng(seed)
    y_true = generator.permutation(np.repeat([0, 1], [rows - rows // 5, rows // 5]))
    y_score = generator.beta(2 + 2 * y_true, 4)
    y_pred = (y_score > 0.5).astype(np.int64)
    return pd.DataFrame({"y_true": y_true, "y_score": y_score, "y_pred": y_pred})


def out_of_fold_of_two(rows: int, seed: int) -> pd.DataFrame:
    """Scored rows in two repeats of three folds, both classes in each."""
    part = scored_of_two(rows, seed)
    fold = np.empty(rows, dtype=np.int64)
    fold[np.argsort(part["y_true"].to_numpy(), kind="stable")] = np.arange(rows) % 3
    repeats = [
        part.assign(repeat=repeat, fold=fold, y_score=part["y_score"] ** (1 + repeat / 10))
        for repeat in (0, 1)
    ]
    return pd.concat(repeats, ignore_index=True)


def scored_of_several(rows: int, seed: int, labels: Sequence[Label] = WORDS) -> pd.DataFrame:
    """Scored rows as `fitting.models.score` gives them: some skill, the first label the rarest."""
    rng = default_rng(seed)
    counts = np.round(np.array(SHARES) * rows).astype(int)
    codes = rng.permutation(np.repeat(np.arange(len(labels)), counts))
    scores = rng.dirichlet(np.ones(len(labels)), len(codes)) + 0.5 * np.eye(len(labels))[codes]
    return name_scores(codes, scores / scores.sum(axis=1, keepdims=True), labels)


def name_scores(codes: Labels, scores: Floats, labels: Sequence[Label]) -> pd.DataFrame:
    """The rows of these classes, a column of scores for each label."""
    names = np.array(labels, dtype=object if isinstance(labels[0], str) else np.int64)
    found = {"y_true": names[codes], "y_pred": names[scores.argmax(axis=1)]}
    each = {f"y_score_{label}": scores[:, code] for code, label in enumerate(labels)}
    return pd.DataFrame({"row": np.arange(len(codes))} | found | each)


def out_of_fold_of_several(rows: int, seed: int, labels: Sequence[Label] = WORDS) -> pd.DataFrame:
    """Scored rows in two repeats of three folds, every class in each."""
    frames = [scored_of_several(rows, seed + more, labels) for more in (0, 1000)]
    for repeat, frame in enumerate(frames):
        fold = np.empty(len(frame), dtype=np.int64)
        fold[np.argsort(frame["y_true"].astype(str), kind="stable")] = np.arange(len(frame)) % 3
        frames[repeat] = frame.assign(repeat=repeat, fold=fold)
    return pd.concat(frames, ignore_index=True)


def list_scores(frame: pd.DataFrame) -> list[str]:
    """The columns of scores: the positive class's, or one for each class."""
    return [name for name in map(str, frame) if name.startswith("y_score")]


def constant(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows that a model does not tell apart."""
    same = {name: CONSTANT[name] for name in list_scores(frame)}
    return frame.assign(**same, y_pred=frame["y_true"].mode()[0])


def perfect(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows without a mistake, and without a doubt."""
    written = frame["y_true"].astype(str)
    labels = {name: name.removeprefix("y_score_") for name in list_scores(frame)} | {"y_score": "1"}
    sure = {name: (written == labels[name]) * 1.0 for name in list_scores(frame)}
    return frame.assign(**sure, y_pred=frame["y_true"])


TWO = Case(
    classes=Classes.of(NAMES_OF_TWO),
    scored=scored_of_two,
    out_of_fold=out_of_fold_of_two,
    ratios={"0": 0.5, "1": 1.5},
    cost=Decision(objective="cost", false_negative=4, false_positive=1),
    rarest=1,
    recall="default_recall",
)
SEVERAL = Case(
    classes=Classes(tuple(map(str, WORDS)), None),
    scored=scored_of_several,
    out_of_fold=out_of_fold_of_several,
    ratios=RATIOS,
    cost=Decision(objective="cost", costs=COSTS),
    rarest="50%+",
    recall="class_50%+_default_recall",
)

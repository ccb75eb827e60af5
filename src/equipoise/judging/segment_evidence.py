"""An arm judged in each segment of the table: the same numbers, from the rows of a segment alone.

Models, thresholds and calibrators are those of the whole table.
"""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from equipoise.core.few_rows import FEWEST_TO_CLAIM
from equipoise.core.tables import ROW
from equipoise.deciding.objectives import add_amounts
from equipoise.judging.arm_result import RarestRows, Segment
from equipoise.judging.evaluation import SettledArm, evaluate
from equipoise.judging.evidence import Evidence
from equipoise.judging.fold_scores import add_groups
from equipoise.judging.records import EvaluatedArm, Judging

Parts = tuple[pd.DataFrame, pd.DataFrame]


def add_segments(
    evaluated: EvaluatedArm, arm: SettledArm, parts: Parts, segments: pd.Series, judging: Judging
) -> EvaluatedArm:
    """Return the evaluation with that of each segment.

    `parts` are train and test; `segments` has the segment of each row of the table. A segment with
    too few rows of a class for any claim is counted, and not judged.
    """
    amount = judging.objective.amount
    frames = arm.out_of_fold, evaluated.test
    oof, test = (
        add_groups(add_amounts(scored, part, amount), part)
        for scored, part in zip(frames, parts, strict=True)
    )
    labels = pd.Index(oof["y_true"].unique())
    # What it promises, and says of its limit, is about the whole table.
    decision = replace(arm.decision, out_of_fold={}, limit_kept=None, note=None)
    found: dict[str, Segment] = {}
    judged: dict[str, Evidence] = {}
    for name, own_oof, own_test in _split_by_segment(oof, test, segments):
        once = own_oof[own_oof["repeat"] == own_oof["repeat"].min()]
        rarest = RarestRows(_count_rarest(once, labels), _count_rarest(own_test, labels))
        found[name] = Segment(rarest)
        if _can_be_judged(rarest, own_oof, oof):
            own = evaluate(own_test, own_oof, decision, judging, name=arm.name)
            # Models were fitted on rows of all segments.
            sizes = evaluated.folds["n_train"].to_numpy()
            judged[name] = replace(own, folds=own.folds.assign(n_train=sizes))
            found[name] = Segment(rarest, own.result)
    return replace(evaluated, result=replace(evaluated.result, segments=found), segments=judged)


def _split_by_segment(
    oof: pd.DataFrame, test: pd.DataFrame, segments: pd.Series
) -> Iterator[tuple[str, pd.DataFrame, pd.DataFrame]]:
    of_train, of_test = (segments.loc[rows[ROW]].to_numpy() for rows in (oof, test))
    for name in sorted(segments.unique()):
        yield name, oof[of_train == name], test[of_test == name]


def _count_rarest(rows: pd.DataFrame, labels: pd.Index) -> int:
    return int(rows["y_true"].value_counts().reindex(labels, fill_value=0).min())


def _can_be_judged(rarest: RarestRows, own: pd.DataFrame, oof: pd.DataFrame) -> bool:
    """Return whether remedies may be claimed of, and every fold and test have every class."""
    if rarest.train < FEWEST_TO_CLAIM or not rarest.test:
        return False
    present, all_present = (
        len(rows[["repeat", "fold", "y_true"]].drop_duplicates()) for rows in (own, oof)
    )
    return present == all_present

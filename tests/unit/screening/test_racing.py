"""A race: what is credibly behind is dropped, and nothing else."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from sklearn.model_selection import RepeatedStratifiedKFold
from tests.decided import objective_of

from equipoise.core.arms import ArmName
from equipoise.core.tables import TARGET
from equipoise.judging.estimated_difference import EstimatedDifference
from equipoise.params.decision_params import Decision
from equipoise.screening.racing import Record, Track, estimate_lead, find_behind, find_leader
from equipoise.screening.yardsticks import OBJECTIVE, Yardstick

ROWS, FOLDS, SEED = 1000, 4, 5
SHIFTS = {"good": 2.0, "same": 2.0, "poor": 0.5}
LEVEL = 0.001


def race(shifts: Mapping[str, float], metric: str) -> tuple[dict[ArmName, Record], Track]:
    """Records of arms whose scores tell positives by so much, each with noise of its own."""
    y = (np.arange(ROWS) % 5 == 0).astype(int)
    train = pd.DataFrame({TARGET: y}, index=pd.RangeIndex(ROWS, name="row"))
    folds = RepeatedStratifiedKFold(n_splits=FOLDS, n_repeats=1, random_state=SEED)
    splits = [*folds.split(train, y)]
    track = Track.of(train, splits, 1, SEED)
    yardstick = Yardstick(metric, objective_of(Decision()))
    records = {ArmName(name, "m"): Record() for name in shifts}
    for place, (name, shift) in enumerate(shifts.items()):
        scores = np.random.default_rng([SEED, place]).normal(shift * y)
        for number, (_, held_out) in enumerate(splits):
            scored = {"row": held_out, "y_true": y[held_out]}
            score = 1 / (1 + np.exp(-scores[held_out]))
            frame = pd.DataFrame(scored | {"y_score": score, "y_pred": score > 0.5})
            frame = frame.astype({"y_pred": int})
            records[ArmName(name, "m")].add(frame, number, yardstick, track)
    return records, track


def test_only_an_arm_that_is_credibly_behind_is_dropped() -> None:
    for metric in (OBJECTIVE, "average_precision"):
        records, track = race(SHIFTS, metric)
        leader = find_leader(records)
        assert leader.strategy in {"good", "same"}
        assert find_behind(records, leader, track, LEVEL) == [ArmName("poor", "m")]


def test_a_lead_needs_two_folds() -> None:
    records, track = race(SHIFTS, "roc_auc")
    good, poor = records[ArmName("good", "m")], records[ArmName("poor", "m")]
    first = Record({0: good.measured[0]})
    assert estimate_lead(first, poor, track) is None
    over_all = estimate_lead(good, poor, track)
    assert isinstance(over_all, EstimatedDifference)
    means = [np.mean([own.value for own in arm.measured.values()]) for arm in (good, poor)]
    assert over_all.effect == means[0] - means[1]


def test_thresholds_of_a_fold_are_those_of_the_other_folds() -> None:
    """As a search over all thresholds of their rows finds it."""
    records, _ = race({"good": 2.0}, OBJECTIVE)
    folds = records[ArmName("good", "m")].scored
    others = pd.concat(folds[1:])
    values = {t: measure_f1(others, t) for t in others["y_score"]}
    threshold = max(t for t, value in values.items() if value == max(values.values()))
    (record,) = records.values()
    assert np.isclose(record.measured[0].value, measure_f1(folds[0], threshold))


def measure_f1(scored: pd.DataFrame, threshold: float) -> float:
    """F1 of alerts at or above a threshold."""
    alerts, positive = scored["y_score"] >= threshold, scored["y_true"] == 1
    return 2 * (alerts & positive).sum() / (alerts.sum() + positive.sum())

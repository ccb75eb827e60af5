"""One look at a batch: every question, and what alarms."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd

from equipoise.deciding.objectives import PER_THOUSAND, Objective, make_objective
from equipoise.metrics.classes import Classes
from equipoise.metrics.names import PLAIN, Floats, Labels
from equipoise.metrics.scores import Scores
from equipoise.monitoring.class_shares import ClassShare, LabelledRows, measure_shares
from equipoise.monitoring.column_drift import (
    Drift,
    compare_columns,
    compare_numbers,
    correct_drifts,
)
from equipoise.monitoring.decided_shares import DecidedShare, measure_decided_share
from equipoise.monitoring.kept_promises import Promise, Settings, check_promises
from equipoise.monitoring.looks import QUESTIONS
from equipoise.params.decision_params import Decision

NOT_LABELLED = -1


@dataclass(frozen=True)
class BatchRows:
    """The rows of a batch that have scores: n x K scores and probabilities, codes of decisions.

    `y_true` has codes too, `NOT_LABELLED` where there is no label; None without labels. `amount`
    is what is at stake in each row, NaN where that is not known; None if nothing is.
    """

    features: pd.DataFrame
    scores: Floats
    probabilities: Floats
    decided: Labels
    y_true: Labels | None = None
    amount: Floats | None = None

    @classmethod
    def join(cls, parts: Sequence[Self]) -> Self:
        """Return the rows of parts, one at least, one after another."""
        labels = [part.y_true for part in parts if part.y_true is not None]
        amounts = [part.amount for part in parts if part.amount is not None]
        return cls(
            pd.concat([part.features for part in parts]),
            np.concatenate([part.scores for part in parts]),
            np.concatenate([part.probabilities for part in parts]),
            np.concatenate([part.decided for part in parts]),
            np.concatenate(labels) if labels else None,
            np.concatenate(amounts) if amounts else None,
        )


@dataclass(frozen=True)
class Reference:
    """What a batch is held against: the test part, its scores, the replicates of its metrics.

    `kinds` has its columns. `labels` are the user's own, in the order of the classes; `objective`
    is what decisions were tuned for. Where the scores have a `prevalence`, the batch should have
    it too.
    """

    features: pd.DataFrame
    kinds: Mapping[str, str]
    scores: Scores
    replicates: pd.DataFrame
    labels: tuple[str, ...]
    objective: Objective

    @property
    def capacity(self) -> float | None:
        """The share of alerts that the objective allows, if it has such a limit."""
        limit = self.objective.limit
        return limit.bound / PER_THOUSAND if limit is not None and limit.is_ceiling else None

    @property
    def judged(self) -> tuple[int, ...]:
        """The codes of the classes that are told: the positive one, or all."""
        return self.scores.classes.judged

    def sample_prevalence(self, seed: int) -> Self:
        """Return as many of the rows as have the prevalence that is expected of the batch."""
        scores = self.scores
        if scores.prevalence is None:
            return self
        rows = _draw_rows(scores, np.random.default_rng([seed, len(scores.y_true)]))
        kept = Scores(
            scores.classes,
            scores.y_true[rows],
            {name: own[rows] for name, own in scores.probabilities.items()},
            {name: own[rows] for name, own in scores.decisions.items()},
        )
        return replace(self, features=self.features.iloc[rows], scores=kept)


@dataclass(frozen=True)
class BatchCheck:
    """What a look has found. `level` is that of the whole look, `part` that of each question.

    `prevalence` is the share of positives that was expected, if it is not the test part's.
    `labelled` counts the rows with a label, and is None if labels were not asked for. Where some
    of them have no amount, they are `unpriced`, and no cost is among the promises.
    """

    rows: int
    level: float
    shares: tuple[ClassShare, ...]
    drifts: tuple[Drift, ...]
    decided: tuple[DecidedShare, ...]
    prevalence: float | None = None
    labelled: int | None = None
    unpriced: int = 0
    promises: tuple[Promise, ...] = ()

    @property
    def part(self) -> float:
        """The level of each question."""
        return self.level / len(QUESTIONS)

    @property
    def alarms(self) -> tuple[str, ...]:
        """What is credibly not as it was, and by enough to matter, in a sentence each."""
        return (*self._list_alarms(),)

    def _list_alarms(self) -> Iterator[str]:
        for share in self.shares:
            if share.is_alarm(self.part):
                yield (
                    f"{share.label} is about {share.share:.1%} of the rows, and was"
                    f" {share.on_test:.1%} of the test part"
                )
        for drift in self.drifts:
            if drift.is_alarm(self.part):
                yield f"{drift.what}: not as on the test part (size {drift.size:.2f})"
        for decided in self.decided:
            if decided.has_changed(self.part / len(self.decided)):
                yield (
                    f"{decided.share:.1%} of the rows are decided {decided.label}, and"
                    f" {decided.on_test:.1%} of the test part were"
                )
            if decided.is_over_capacity:
                yield (
                    f"{decided.share:.1%} of the rows are decided {decided.label}, above the"
                    f" capacity of {decided.capacity:.1%}"
                )
        for promise in self.promises:
            if promise.is_broken:
                yield (
                    f"{promise.metric} is {promise.format(promise.value)}, worse than the test part"
                    f" promised ({promise.format(promise.promised)})"
                )


def check_batch(
    reference: Reference, batch: BatchRows, level: float, resamples: int, seed: int
) -> BatchCheck:
    """Return what a look of this level finds; the batch has a row at least."""
    part, labels = level / len(QUESTIONS), reference.labels
    test = reference.scores
    expected = None if test.prevalence is None else test.shares
    labelled_test = LabelledRows(test.probabilities["calibrated"], test.y_true, expected)
    alike = reference.sample_prevalence(seed)
    check = BatchCheck(
        len(batch.features),
        level,
        (*measure_shares(labelled_test, batch.probabilities, labels, part, seed),),
        (*correct_drifts([*_compare(alike, batch)]),),
        (*_measure_decisions(alike, batch, part),),
        test.prevalence,
    )
    if batch.y_true is None:
        return check
    rows = _make_scores(batch, batch.y_true, test.classes)
    check = replace(check, labelled=len(rows.y_true))
    if len(np.unique(rows.y_true)) < len(labels):  # without positives, nothing can be ranked
        return check
    support = dict(zip(test.classes.names, np.bincount(test.y_true).tolist(), strict=True))
    settings, objective = Settings(resamples, seed, part), reference.objective
    if unpriced := _count_unpriced(rows, objective):
        objective = make_objective(Decision(), rows.classes)
    promises = check_promises(rows, reference.replicates, support, objective, settings)
    return replace(check, promises=(*promises,), unpriced=unpriced)


def _count_unpriced(rows: Scores, objective: Objective) -> int:
    """Return how many rows have no amount, or none that can be one, where costs go by it."""
    if objective.amount is None or rows.amount is None:
        return 0
    return int((~np.isfinite(rows.amount) | (rows.amount < 0)).sum())


def _draw_rows(scores: Scores, rng: np.random.Generator) -> Labels:
    """Return the most rows of which each class has its share, in their order."""
    shares = [*enumerate(scores.shares)]
    most = min((scores.y_true == code).sum() / share for code, share in shares)
    drawn = [
        rng.permutation(np.flatnonzero(scores.y_true == code))[: max(1, round(most * share))]
        for code, share in shares
    ]
    return np.sort(np.concatenate(drawn))


def _compare(reference: Reference, batch: BatchRows) -> Iterator[Drift]:
    yield from compare_columns(reference.features, batch.features, reference.kinds)
    for code in reference.judged:
        of = f" of {reference.labels[code]}" if len(reference.judged) > 1 else ""
        yield compare_numbers(
            f"the score{of}", reference.scores.raw[:, code], batch.scores[:, code]
        )


def _measure_decisions(
    reference: Reference, batch: BatchRows, part: float
) -> Iterator[DecidedShare]:
    decisions = reference.scores.decisions["tuned"]
    for code in reference.judged:
        counts = [(int((codes == code).sum()), len(codes)) for codes in (batch.decided, decisions)]
        yield measure_decided_share(
            reference.labels[code],
            counts[0],
            counts[1],
            part / len(reference.judged),
            reference.capacity,
        )


def _make_scores(batch: BatchRows, y_true: Labels, classes: Classes) -> Scores:
    """Return the labelled rows as metrics take them."""
    known = y_true != NOT_LABELLED
    return Scores(
        classes,
        y_true[known],
        {PLAIN: batch.scores[known], "calibrated": batch.probabilities[known]},
        {"tuned": batch.decided[known]},
        None if batch.amount is None else batch.amount[known],
    )

"""Rows scored by a trial's classifier: raw scores, probabilities, decisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from math import isfinite
from numbers import Real

import numpy as np
import pandas as pd

from equipoise.core.table_schema import Label, TableSchema
from equipoise.core.tables import TWO_CLASSES
from equipoise.deciding.calibrators import Floats, Restated, restate_probabilities
from equipoise.deciding.classifier import DecidingClassifier
from equipoise.deciding.refused_rows import scoring_by
from equipoise.deciding.rules import Codes, LeastExpectedCost, Threshold
from equipoise.terminal.errors import UserError
from equipoise.using.new_rows import NewRows
from equipoise.using.scored_columns import DECISION, PROBABILITY, REASON, SCORE, name_by_class

# Types of columns that may have gaps.
TYPES = {int: "Int64", float: "Float64", bool: "boolean"}


@dataclass(frozen=True)
class Overrides:
    """What a user decides otherwise than the trial; None where not.

    Of two classes `threshold` takes the place of the trial's, which is compared with scores or, if
    decisions are by expected cost, with probabilities. `prevalence` is the share of positives among
    the rows to score: probabilities are those of such rows, by Bayes' rule, if positives and
    negatives are each what they were (Elkan, 2001).
    """

    threshold: float | None = None
    prevalence: float | None = None

    def __post_init__(self) -> None:
        """Raise a `UserError` for what is no threshold, or no share."""
        if self.threshold is not None and not _is_number(self.threshold):
            raise UserError(f"threshold: {self.threshold!r} should be a number")
        if self.prevalence is not None and not (
            _is_number(self.prevalence) and 0 < self.prevalence < 1
        ):
            raise UserError(f"prevalence: {self.prevalence!r} should be between 0 and 1")


def _is_number(given: object) -> bool:
    return isinstance(given, Real) and not isinstance(given, bool) and isfinite(given)


@dataclass(frozen=True)
class Scorer:
    """A classifier, what its table was like, and what is to be decided otherwise."""

    classifier: DecidingClassifier
    schema: TableSchema
    overrides: Overrides

    def __post_init__(self) -> None:
        """Raise a `UserError` for overrides that mean nothing here."""
        if self.overrides != Overrides() and not self.has_two_classes:
            key = "threshold" if self.overrides.threshold is not None else "prevalence"
            raise UserError(
                f"{key}: there are {len(self.classifier.labels)} classes, and it is for two only;"
                " leave it out"
            )
        if self.overrides.prevalence is not None and self._find_share() is None:
            raise UserError(
                "prevalence: the trial does not say where its probabilities hold; run `dvc repro`"
            )

    @property
    def has_two_classes(self) -> bool:
        """Whether one score says all."""
        return len(self.classifier.labels) == TWO_CLASSES

    @property
    def columns(self) -> list[str]:
        """The names of what `score` returns."""
        by_class = (name_by_class(name, self.classifier.labels) for name in (SCORE, PROBABILITY))
        return [*chain.from_iterable(by_class), DECISION, REASON]

    def score(self, rows: NewRows) -> pd.DataFrame:
        """Return a score, a probability and a decision for each row, and a reason for no score.

        Of several classes each has a score and a probability, `score_<label>`.
        """
        index = rows.features.index.union(rows.reasons.index)
        if rows.features.empty:
            scores = np.empty((0, len(self.classifier.labels)))
        else:
            features = rows.features[[*self.classifier.feature_names_in_]]
            with scoring_by(self.classifier.pipeline):
                scores = self.classifier.predict_scores(features)
        probabilities = self._shift(self.classifier.calibrate(scores))
        labels = self.classifier.name_classes(self._decide(scores, probabilities))
        columns = {
            **self._name_columns(SCORE, scores),
            **self._name_columns(PROBABILITY, probabilities),
            DECISION: pd.Series(labels, rows.features.index, _find_type(self.classifier.labels)),
        }
        scored = pd.DataFrame(columns, index=rows.features.index).reindex(index)
        return scored.assign(**{REASON: rows.reasons.reindex(index)})

    def _shift(self, probabilities: Floats) -> Floats:
        """Return probabilities of rows whose share of positives is what the user says it is."""
        now = self.overrides.prevalence
        before = self._find_share()
        if now is None or before is None:
            return probabilities
        return restate_probabilities(probabilities, before, now)

    def _find_share(self) -> float | None:
        """Return the share of positives where the classifier's probabilities hold, if it is known.

        Not that of the whole table: by time or by group, the train part may have another.
        """
        calibrator = self.classifier.calibrator
        return calibrator.now if isinstance(calibrator, Restated) else self.classifier.share

    def _decide(self, scores: Floats, probabilities: Floats) -> Codes:
        by_probability = isinstance(self.classifier.rule, LeastExpectedCost)
        threshold = self.overrides.threshold
        rule = self.classifier.rule if threshold is None else Threshold(threshold)
        return rule.decide(probabilities if by_probability else scores)

    def _name_columns(self, name: str, values: Floats) -> dict[str, Floats]:
        names = name_by_class(name, self.classifier.labels)
        return dict(zip(names, values[:, -len(names) :].T, strict=True))


def _find_type(labels: Sequence[Label]) -> str:
    """Return the type of a column of labels that may have gaps."""
    kinds = {type(label) for label in labels}
    return TYPES.get(kinds.pop(), "str") if len(kinds) == 1 else "str"

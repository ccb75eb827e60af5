"""Every metric of an arm on several classes, for each bootstrap replicate of the test part."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from equipoise.assessment.bootstrap import Counts, Stratum, Summands, replicate, strata_of
from equipoise.assessment.metrics import PLAIN, Floats, Labels, column
from equipoise.assessment.ranking import Ranking
from equipoise.assessment.replicates import ProbabilitySums
from equipoise.assessment.several import tallies
from equipoise.assessment.several.probabilities import brier_losses, log_losses
from equipoise.assessment.several.tallies import Tally
from equipoise.contract.decision_params import Decision
from equipoise.contract.params import Uncertainty

BY_CLASS = {"precision": tallies.precision, "recall": tallies.recall, "f1": tallies.f1}
RANKING = ("average_precision", "roc_auc")


@dataclass(frozen=True)
class Scored:
    """The test rows as one arm sees them: codes, n x K probabilities by section, codes by view."""

    classes: Sequence[str]
    y_true: Labels
    probabilities: Mapping[str, Floats]
    decisions: Mapping[str, Labels]
    costs: Floats | None = None


def class_section(label: str) -> str:
    """Return the section that has a class's numbers, the class against all the others."""
    return f"class_{label}"


def replicate_metrics(
    scored: Scored, decision: Decision, uncertainty: Uncertainty, seed: int
) -> pd.DataFrame:
    """Return a row for each replicate (`bootstrap.replicate`) and a column for each metric.

    Ranking and calibration errors are means over classes, each against the rest; the columns
    of a class begin with its section. Losses and views go by the names that two classes have.
    """
    strata = strata_of(scored.y_true, seed)
    parts: tuple[_Rankings | _Probabilities | _Decisions, ...] = (
        _Rankings.of(strata, scored),
        *(_Probabilities.of(strata, scored, section) for section in scored.probabilities),
        *(_Decisions.of(strata, scored, decision, view) for view in scored.decisions),
    )

    def statistic(counts: Counts) -> dict[str, Floats]:
        return {name: value for part in parts for name, value in part.metrics(counts)}

    return replicate(strata, statistic, uncertainty, seed)


@dataclass(frozen=True)
class _Rankings:
    """How each class ranks against the rest."""

    by_section: Mapping[str, Ranking]

    @classmethod
    def of(cls, strata: Sequence[Stratum], scored: Scored) -> "_Rankings":
        score = scored.probabilities[PLAIN]
        return cls(
            {
                class_section(label): Ranking.of(strata, code, score[:, code])
                for code, label in enumerate(scored.classes)
            }
        )

    def metrics(self, counts: Counts) -> Iterator[tuple[str, Floats]]:
        found = {section: own.metrics(counts) for section, own in self.by_section.items()}
        for name in RANKING:
            yield name, np.mean([metrics[name] for metrics in found.values()], axis=0)
            for section, metrics in found.items():
                yield column(section, name), metrics[name]


@dataclass(frozen=True)
class _Probabilities:
    """The losses of one section's probabilities."""

    section: str
    losses: Summands
    by_section: Mapping[str, ProbabilitySums]

    @classmethod
    def of(cls, strata: list[Stratum], scored: Scored, section: str) -> "_Probabilities":
        y_true, score = scored.y_true, scored.probabilities[section]
        losses = {
            "rows": np.ones(len(y_true)),
            "brier_score": brier_losses(y_true, score),
            "log_loss": log_losses(y_true, score),
        }
        by_class = {
            class_section(label): ProbabilitySums.of(strata, y_true == code, score[:, code])
            for code, label in enumerate(scored.classes)
        }
        return cls(section, Summands.of(strata, losses), by_class)

    def metrics(self, counts: Counts) -> Iterator[tuple[str, Floats]]:
        sums, name = self.losses.totals(counts), "calibration_error"
        for loss in ("brier_score", "log_loss"):
            yield column(self.section, loss), sums[loss] / sums["rows"]
        moved = {section: own.metrics(counts)[name] for section, own in self.by_section.items()}
        yield column(self.section, name), np.mean([*moved.values()], axis=0)
        if self.section == PLAIN:
            for section, values in moved.items():
                yield column(section, name), values


@dataclass(frozen=True)
class _Decisions:
    """What one view's decisions come to."""

    view: str
    classes: Sequence[str]
    decision: Decision
    sums: Summands

    @classmethod
    def of(
        cls, strata: list[Stratum], scored: Scored, decision: Decision, view: str
    ) -> "_Decisions":
        y_true, y_pred = scored.y_true, scored.decisions[view]
        columns = {}
        for code in range(len(scored.classes)):
            actual, predicted = y_true == code, y_pred == code
            columns[f"hits {code}"] = (actual & predicted).astype(np.float64)
            columns[f"predicted {code}"] = predicted.astype(np.float64)
            columns[f"support {code}"] = actual.astype(np.float64)
        if scored.costs is not None:
            columns["cost"] = scored.costs[y_true, y_pred]
        return cls(view, scored.classes, decision, Summands.of(strata, columns))

    def metrics(self, counts: Counts) -> Iterator[tuple[str, Floats]]:
        sums = self.sums.totals(counts)
        hits, predicted, support = (
            np.column_stack([sums[f"{name} {code}"] for code in range(len(self.classes))])
            for name in ("hits", "predicted", "support")
        )
        tally = Tally(hits, predicted, support, sums.get("cost"))
        worth = {self.decision.objective: tallies.objective(self.decision)(tally)}
        for name, values in (tallies.decision_metrics(tally) | worth).items():
            yield f"{self.view}_{name}", values
        for name, metric in BY_CLASS.items():
            for label, values in zip(self.classes, metric(tally).T, strict=True):
                yield column(class_section(label), f"{self.view}_{name}"), values

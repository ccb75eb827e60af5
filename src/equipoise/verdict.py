"""Which arm differs from the baseline, by how much, and how sure that is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from equipoise.assessment.metrics import LOWER_IS_BETTER
from equipoise.assessment.uncertainty import holm, interval, two_sided_p
from equipoise.contract.params import Decision, Run, Uncertainty, cell_name


@dataclass(frozen=True)
class Question:
    """One number to compare: where an evaluation has it, and what kind of claim it supports."""

    view: str
    metric: str
    section: str

    @property
    def replicates(self) -> str:
        """The column of the bootstrap replicates."""
        return self.metric if self.section == "test" else f"{self.section}_{self.metric}"


def questions(objective: str) -> list[Question]:
    """Return what is asked of every arm: ranking, decisions at both thresholds, calibration."""
    return [
        Question("ranking", "average_precision", "test"),
        Question("ranking", "roc_auc", "test"),
        Question("default", objective, "default"),
        Question("tuned", objective, "tuned"),
        Question("calibrated", "brier_score", "calibrated"),
    ]


def compare_cells(
    metrics: Mapping[str, Mapping[str, Any]],
    replicates: Mapping[str, pd.DataFrame],
    run: Run,
    decision: Decision,
    uncertainty: Uncertainty,
) -> dict[str, Any]:
    """Return every arm's difference from the baseline strategy of the same model.

    Both mappings are keyed by cell. Differences are of paired replicates on the test part;
    p-values are corrected (Holm) over the arms within each question.
    """
    comparisons = [
        comparison
        for question in questions(decision.objective)
        for comparison in _answers(question, metrics, replicates, run, uncertainty.confidence)
    ]
    return {
        "baseline": run.strategies[0],
        "objective": decision.objective,
        "comparisons": comparisons,
    }


def _answers(
    question: Question,
    metrics: Mapping[str, Mapping[str, Any]],
    replicates: Mapping[str, pd.DataFrame],
    run: Run,
    confidence: float,
) -> list[dict[str, Any]]:
    answers = []
    for cell, baseline in _pairs(run):
        values = [metrics[name][question.section][question.metric] for name in (cell, baseline)]
        column = question.replicates
        difference = replicates[cell][column] - replicates[baseline][column]
        answers.append(
            {
                "cell": cell,
                "against": baseline,
                "metric": question.metric,
                "view": question.view,
                "source": "test",
                "effect": values[0] - values[1],
                "interval": interval(difference, confidence),
                "p": two_sided_p(difference),
            }
        )
    return _with_verdicts(answers, 1 - confidence)


def _pairs(run: Run) -> Iterator[tuple[str, str]]:
    baseline, *others = run.strategies
    for model in run.models:
        for strategy in others:
            yield cell_name(strategy, model), cell_name(baseline, model)


def _with_verdicts(answers: Sequence[dict[str, Any]], alpha: float) -> list[dict[str, Any]]:
    corrected = holm([answer["p"] for answer in answers])
    return [
        answer
        | {"p_holm": p, "verdict": _verdict(answer["metric"], answer["effect"], credible=p < alpha)}
        for answer, p in zip(answers, corrected, strict=True)
    ]


def _verdict(metric: str, effect: float, *, credible: bool) -> str:
    if not credible or effect == 0:
        return "undecided"
    return "better" if (effect > 0) != (metric in LOWER_IS_BETTER) else "worse"

"""Which arm differs from the baseline, by how much, and how sure that is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from equipoise.assessment.folds import (
    CorrectedT,
    bayesian_correlated_t,
    corrected_t,
    is_equivalent,
    positives_needed,
)
from equipoise.assessment.metrics import LOWER_IS_BETTER
from equipoise.assessment.uncertainty import holm, interval, two_sided_p
from equipoise.contract.params import Decision, Run, Uncertainty, Verdict
from equipoise.contract.params_file import cell_name


@dataclass(frozen=True)
class Evidence:
    """What is known of one arm: its metrics file, its scores by fold, its replicates."""

    metrics: Mapping[str, Any]
    folds: pd.DataFrame
    replicates: pd.DataFrame


@dataclass(frozen=True)
class Rules:
    """How a verdict is reached: the params that say so."""

    run: Run
    decision: Decision
    uncertainty: Uncertainty
    verdict: Verdict

    @property
    def alpha(self) -> float:
        """The chance of a false claim that is accepted, over the arms of a question."""
        return 1 - self.uncertainty.confidence


@dataclass(frozen=True)
class Question:
    """One number to compare: where an evaluation has it, and what kind of claim it supports."""

    view: str
    metric: str
    section: str
    fold_column: str | None

    @property
    def replicate_column(self) -> str:
        """The column of the bootstrap replicates."""
        return self.metric if self.section == "test" else f"{self.section}_{self.metric}"


def questions(objective: str) -> list[Question]:
    """Return what is asked of every arm: ranking, decisions at both thresholds, calibration."""
    return [
        Question("ranking", "average_precision", "test", "average_precision"),
        Question("ranking", "roc_auc", "test", "roc_auc"),
        Question("default", objective, "default", f"default_{objective}"),
        Question("tuned", objective, "tuned", f"tuned_{objective}"),
        Question("calibrated", "brier_score", "calibrated", None),
    ]


def compare_cells(evidence: Mapping[str, Evidence], rules: Rules) -> dict[str, Any]:
    """Return every arm's difference from the baseline strategy of the same model.

    `evidence` is keyed by cell. p-values are corrected (Holm) over the arms within each
    question.
    """
    asked = questions(rules.decision.objective)
    comparisons = [
        answer
        for question in asked
        for answers in (_on_test(question, evidence, rules), _on_folds(question, evidence, rules))
        for answer in _with_verdicts(answers, question, evidence, rules)
    ]
    return {
        "baseline": rules.run.strategies[0],
        "objective": rules.decision.objective,
        "comparisons": comparisons,
    }


def _on_test(
    question: Question, evidence: Mapping[str, Evidence], rules: Rules
) -> list[dict[str, Any]]:
    answers = []
    for cell, baseline in _pairs(rules.run):
        arms = evidence[cell], evidence[baseline]
        values = [arm.metrics[question.section][question.metric] for arm in arms]
        column = question.replicate_column
        difference = arms[0].replicates[column] - arms[1].replicates[column]
        effect, bounds = values[0] - values[1], interval(difference, rules.uncertainty.confidence)
        answer = _answer(question, cell, baseline, "test")
        answers.append(
            answer | {"effect": effect, "interval": bounds, "p": two_sided_p(difference)}
        )
    return answers


def _on_folds(
    question: Question, evidence: Mapping[str, Evidence], rules: Rules
) -> list[dict[str, Any]]:
    if question.fold_column is None:
        return []
    answers = []
    for cell, baseline in _pairs(rules.run):
        folds = evidence[baseline].folds
        difference = evidence[cell].folds[question.fold_column] - folds[question.fold_column]
        tested = compare_folds(difference, folds, rules)
        sign = -1 if question.metric in LOWER_IS_BETTER else 1
        rope = _rope(question, evidence[baseline], rules)
        sizes = folds["n_train"].mean(), folds["n_test"].mean()
        posterior = bayesian_correlated_t(sign * difference, *sizes, rope)
        found = {"effect": tested.effect, "interval": tested.interval, "p": tested.p}
        answer = _answer(question, cell, baseline, "cv") | found
        answers.append(answer | {"probability": vars(posterior)})
    return answers


def _with_verdicts(
    answers: Sequence[dict[str, Any]],
    question: Question,
    evidence: Mapping[str, Evidence],
    rules: Rules,
) -> Iterator[dict[str, Any]]:
    corrected = holm([answer["p"] for answer in answers])
    for answer, p in zip(answers, corrected, strict=True):
        baseline = evidence[answer["against"]]
        rope = _rope(question, baseline, rules)
        verdict = _verdict(answer, rope, credible=p < rules.alpha)
        needed = {}
        if verdict == "undecided" and answer["source"] == "test":
            test = baseline.metrics["test"]
            positives = round(test["n"] * test["prevalence"])
            more = positives_needed(answer["effect"], answer["interval"], rope, positives)
            needed = {"positives_needed": more}
        yield answer | {"p_holm": p, "rope": rope, "verdict": verdict} | needed


def _verdict(answer: Mapping[str, Any], rope: float, *, credible: bool) -> str:
    if is_equivalent(answer["interval"], rope):
        return "equivalent"
    if not credible or answer["effect"] == 0:
        return "undecided"
    return "better" if (answer["effect"] > 0) != (answer["metric"] in LOWER_IS_BETTER) else "worse"


def _rope(question: Question, baseline: Evidence, rules: Rules) -> float:
    """Return the half-width of "no difference": a share of the scale of a loss or a cost."""
    metrics, metric = baseline.metrics, question.metric
    if metric in metrics["constant_guess"]:
        scale = metrics["constant_guess"][metric]
    else:
        scale = abs(metrics[question.section][metric]) if metric in LOWER_IS_BETTER else 1
    return float(rules.verdict.rope * scale)


def compare_folds(difference: pd.Series, folds: pd.DataFrame, rules: Rules) -> CorrectedT:
    """Return the corrected test of a difference over the folds of `folds`."""
    sizes = folds["n_train"].mean(), folds["n_test"].mean()
    return corrected_t(difference, *sizes, rules.uncertainty.confidence)


def _answer(question: Question, cell: str, baseline: str, source: str) -> dict[str, Any]:
    return {
        "cell": cell,
        "against": baseline,
        "metric": question.metric,
        "view": question.view,
        "source": source,
    }


def _pairs(run: Run) -> Iterator[tuple[str, str]]:
    baseline, *others = run.strategies
    for model in run.models:
        for strategy in others:
            yield cell_name(strategy, model), cell_name(baseline, model)

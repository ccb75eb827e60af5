"""Which arm differs from the baseline, by how much, and how sure that is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from scipy.special import ndtri

from equipoise.assessment.folds import (
    CorrectedT,
    bayesian_correlated_t,
    corrected_t,
    is_equivalent,
    positives_needed,
)
from equipoise.assessment.intervals import holm, interval, two_sided_p
from equipoise.assessment.metrics import LOWER_IS_BETTER, PLAIN, column
from equipoise.contract.decision_params import Decision
from equipoise.contract.params import ArmName, Run, Uncertainty, Verdict

# Arms, each with the one that it is compared with.
Pairs = Sequence[tuple[str, str]]
# What the rows of each source are evidence of. Over folds models are trained again, so the
# difference is that of a remedy; the test part has one fitted model of each arm.
REMEDY, MODEL = "remedy", "model"
CLAIMS = {"cv": REMEDY, "test": MODEL}


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
    """One number to compare, as seen in `view`: `section` is where an evaluation has it."""

    view: str
    metric: str
    section: str

    @property
    def column(self) -> str:
        """The column of the bootstrap replicates, and of the scores by fold."""
        return column(self.section, self.metric)


def questions(objective: str) -> list[Question]:
    """Return what is asked of every arm: ranking, decisions at both thresholds, calibration."""
    return [
        Question("ranking", "average_precision", PLAIN),
        Question("ranking", "roc_auc", PLAIN),
        Question("default", objective, "default"),
        Question("tuned", objective, "tuned"),
        Question("calibrated", "brier_score", "calibrated"),
    ]


def compare_arms(evidence: Mapping[str, Evidence], rules: Rules) -> dict[str, Any]:
    """Return every arm's difference from the baseline strategy of the same model.

    `evidence` is keyed by arm. Each answer says what it is a claim about: the `remedy` (over
    folds, where models are trained again) or the fitted `model` (on test). p-values are
    corrected (Holm) over the arms within each question. With several models, `models` has how
    the others differ from the first, with the baseline strategy each. For costs, `elkan` has how
    Elkan's decisions differ from tuned ones.
    """
    run = rules.run
    baseline, *remedies = run.strategies
    arms = [(str(ArmName(s, m)), str(ArmName(baseline, m))) for m in run.models for s in remedies]
    first, *models = (str(ArmName(baseline, model)) for model in run.models)
    return {
        "baseline": baseline,
        "objective": rules.decision.objective,
        "comparisons": _compare(arms, evidence, rules),
        "models": _compare([(model, first) for model in models], evidence, rules),
        "elkan": _elkan(evidence, rules),
    }


def _elkan(evidence: Mapping[str, Evidence], rules: Rules) -> list[dict[str, Any]]:
    """Return how deciding by expected cost differs from each arm's own tuned decisions on test.

    By expected cost is by Elkan's threshold (2001) on recalibrated scores; with several classes,
    by the class of least expected cost. Objectives other than `cost` have none.
    """
    question = Question("elkan", rules.decision.objective, "tuned")
    answers = []
    for name, arm in evidence.items():
        if "elkan" in arm.metrics:
            values = [arm.metrics[view][question.metric] for view in ("elkan", "tuned")]
            elkan, tuned = (arm.replicates[column(v, question.metric)] for v in ("elkan", "tuned"))
            found = _found(values[0] - values[1], elkan - tuned, rules)
            answers.append(_answer(question, name, name, "test") | found)
    return [*_with_verdicts(answers, question, evidence, rules)]


def _compare(pairs: Pairs, evidence: Mapping[str, Evidence], rules: Rules) -> list[dict[str, Any]]:
    return [
        answer
        for question in questions(rules.decision.objective)
        for ask in (_on_folds, _on_test)
        for answer in _with_verdicts(
            ask(question, pairs, evidence, rules), question, evidence, rules
        )
    ]


def _on_test(
    question: Question, pairs: Pairs, evidence: Mapping[str, Evidence], rules: Rules
) -> list[dict[str, Any]]:
    answers = []
    for arm, baseline in pairs:
        arms = evidence[arm], evidence[baseline]
        values = [arm.metrics[question.section][question.metric] for arm in arms]
        difference = arms[0].replicates[question.column] - arms[1].replicates[question.column]
        found = _found(values[0] - values[1], difference, rules)
        answers.append(_answer(question, arm, baseline, "test") | found)
    return answers


def _found(effect: float, difference: pd.Series, rules: Rules) -> dict[str, Any]:
    """Return an effect on test with the interval and p-value of its replicates."""
    return {
        "effect": effect,
        "interval": interval(difference, rules.uncertainty),
        "p": two_sided_p(difference, rules.uncertainty),
    }


def _on_folds(
    question: Question, pairs: Pairs, evidence: Mapping[str, Evidence], rules: Rules
) -> list[dict[str, Any]]:
    answers = []
    for arm, baseline in pairs:
        folds = evidence[baseline].folds
        difference = evidence[arm].folds[question.column] - folds[question.column]
        tested = compare_folds(difference, folds, rules)
        sign = -1 if question.metric in LOWER_IS_BETTER else 1
        rope = _rope(question, evidence[baseline], rules)
        sizes = folds["n_train"].mean(), folds["n_test"].mean()
        posterior = bayesian_correlated_t(sign * difference, *sizes, rope)
        found = {"effect": tested.effect, "interval": tested.interval, "p": tested.p}
        answer = _answer(question, arm, baseline, "cv") | found
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
            level = rules.alpha / len(answers)
            needed = {
                "positives_needed": _positives_needed(answer, baseline, rope, rules.alpha, level)
            }
        yield answer | {"p_holm": p, "rope": rope, "verdict": verdict} | needed


def _positives_needed(
    answer: Mapping[str, Any], baseline: Evidence, rope: float, alpha: float, level: float
) -> int | None:
    """Return how many rows more of the rare class should decide at `level`, that of Holm.

    The interval, of level `alpha`, is stretched to that level.
    """
    stretch = ndtri(level / 2) / ndtri(alpha / 2)
    low, high = (
        answer["effect"] + stretch * (bound - answer["effect"]) for bound in answer["interval"]
    )
    test = baseline.metrics["test"]
    rare = round(test["n"] * test["prevalence"])
    more = positives_needed(answer["effect"], (low, high), rope, rare)
    return None if more is None else max(1, more)


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


def _answer(question: Question, arm: str, baseline: str, source: str) -> dict[str, Any]:
    return {
        "arm": arm,
        "against": baseline,
        "metric": question.metric,
        "view": question.view,
        "source": source,
        "claim": CLAIMS[source],
    }

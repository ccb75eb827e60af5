"""Which arm differs from the baseline, by how much, and how sure that is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from scipy.special import ndtri

from equipoise.comparing.results import (
    Answer,
    Claim,
    Probability,
    Source,
    VerdictName,
    Verdicts,
)
from equipoise.core.arms import ArmName
from equipoise.judging.arm_result import ArmResult
from equipoise.judging.folds import (
    CorrectedT,
    count_positives_needed,
    is_equivalent,
    run_bayesian_correlated_t_test,
    run_corrected_t_test,
)
from equipoise.judging.intervals import correct_by_holm, estimate_interval, estimate_two_sided_p
from equipoise.metrics.names import LOWER_IS_BETTER, PLAIN, name_column
from equipoise.params.trial_params import Run, Uncertainty, Verdict

# Arms, each with the one that it is compared with.
Pairs = Sequence[tuple[str, str]]
# What the rows of each source are evidence of. Over folds models are trained again, so the
# difference is that of a remedy; the test part has one fitted model of each arm.
REMEDY: Claim = "remedy"
MODEL: Claim = "model"
CLAIMS: Mapping[Source, Claim] = {"cv": REMEDY, "test": MODEL}


@dataclass(frozen=True)
class Evidence:
    """What is known of one arm: its result, its scores by fold, its replicates."""

    result: ArmResult
    folds: pd.DataFrame
    replicates: pd.DataFrame


@dataclass(frozen=True)
class Rules:
    """How a verdict is reached: by params, and the name of what decisions are tuned for."""

    run: Run
    objective: str
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
        return name_column(self.section, self.metric)


def list_questions(objective: str) -> list[Question]:
    """Return what is asked of every arm: ranking, decisions at both thresholds, calibration."""
    return [
        Question("ranking", "average_precision", PLAIN),
        Question("ranking", "roc_auc", PLAIN),
        Question("default", objective, "default"),
        Question("tuned", objective, "tuned"),
        Question("calibrated", "brier_score", "calibrated"),
    ]


def compare_arms(evidence: Mapping[str, Evidence], rules: Rules) -> Verdicts:
    """Return every arm's difference from the baseline strategy of the same model.

    `evidence` is keyed by arm. p-values are corrected (Holm) over the arms within each question.
    With several models, `models` has how the others differ from the first, with the baseline
    strategy each. For costs, `elkan` has how Elkan's decisions differ from tuned ones.
    """
    run = rules.run
    baseline, *remedies = run.strategies
    arms = [(str(ArmName(s, m)), str(ArmName(baseline, m))) for m in run.models for s in remedies]
    first, *models = (str(ArmName(baseline, model)) for model in run.models)
    return Verdicts(
        baseline,
        rules.objective,
        tuple(_compare(arms, evidence, rules)),
        tuple(_compare([(model, first) for model in models], evidence, rules)),
        tuple(_compare_elkan(evidence, rules)),
    )


@dataclass(frozen=True)
class _Difference:
    """How an arm differs from another, before it is said how sure that is among others."""

    arm: str
    against: str
    effect: float
    interval: tuple[float, float]
    p: float
    probability: Probability | None = None


def _compare_elkan(evidence: Mapping[str, Evidence], rules: Rules) -> Iterator[Answer]:
    """Return how deciding by expected cost differs from each arm's own tuned decisions on test.

    By expected cost is by Elkan's threshold (2001) on recalibrated scores; with several classes,
    by the class of least expected cost. Objectives other than `cost` have none.
    """
    question = Question("elkan", rules.objective, "tuned")
    differences = []
    for name, arm in evidence.items():
        if "elkan" in arm.result.sections:
            values = [arm.result[view][question.metric] for view in ("elkan", "tuned")]
            elkan, tuned = (
                arm.replicates[name_column(v, question.metric)] for v in ("elkan", "tuned")
            )
            moved = values[0] - values[1], elkan - tuned
            differences.append(_make_difference_on_test((name, name), *moved, rules))
    return _answer_question(differences, question, "test", evidence, rules)


def _compare(pairs: Pairs, evidence: Mapping[str, Evidence], rules: Rules) -> Iterator[Answer]:
    for question in list_questions(rules.objective):
        over_folds = [_compare_over_folds(question, pair, evidence, rules) for pair in pairs]
        yield from _answer_question(over_folds, question, "cv", evidence, rules)
        on_test = [_compare_on_test(question, pair, evidence, rules) for pair in pairs]
        yield from _answer_question(on_test, question, "test", evidence, rules)


def _compare_on_test(
    question: Question, pair: tuple[str, str], evidence: Mapping[str, Evidence], rules: Rules
) -> _Difference:
    arms = [evidence[name] for name in pair]
    values = [arm.result[question.section][question.metric] for arm in arms]
    replicates = arms[0].replicates[question.column] - arms[1].replicates[question.column]
    return _make_difference_on_test(pair, values[0] - values[1], replicates, rules)


def _make_difference_on_test(
    pair: tuple[str, str], effect: float, replicates: pd.Series, rules: Rules
) -> _Difference:
    bounds = estimate_interval(replicates, rules.uncertainty)
    return _Difference(*pair, effect, bounds, estimate_two_sided_p(replicates, rules.uncertainty))


def _compare_over_folds(
    question: Question, pair: tuple[str, str], evidence: Mapping[str, Evidence], rules: Rules
) -> _Difference:
    arm, baseline = (evidence[name] for name in pair)
    difference = arm.folds[question.column] - baseline.folds[question.column]
    tested = compare_folds(difference, baseline.folds, rules)
    sign = -1 if question.metric in LOWER_IS_BETTER else 1
    sizes = baseline.folds["n_train"].mean(), baseline.folds["n_test"].mean()
    rope = _measure_rope(question, baseline, rules)
    posterior = run_bayesian_correlated_t_test(sign * difference, *sizes, rope)
    probability = Probability(**vars(posterior))
    return _Difference(*pair, tested.effect, tested.interval, tested.p, probability)


def _answer_question(
    differences: Sequence[_Difference],
    question: Question,
    source: Source,
    evidence: Mapping[str, Evidence],
    rules: Rules,
) -> Iterator[Answer]:
    """Give the answers to one question from one source; p-values are corrected over them."""
    corrected = correct_by_holm([difference.p for difference in differences])
    for difference, p in zip(differences, corrected, strict=True):
        baseline = evidence[difference.against]
        rope = _measure_rope(question, baseline, rules)
        verdict = _decide(difference, question.metric, rope, credible=p < rules.alpha)
        needed = None
        if verdict == "undecided" and source == "test":
            level = rules.alpha / len(differences)
            needed = _count_positives_needed(difference, baseline, rope, rules.alpha, level)
        yield Answer(
            **vars(difference),
            view=question.view,
            metric=question.metric,
            source=source,
            claim=CLAIMS[source],
            p_holm=p,
            rope=rope,
            verdict=verdict,
            positives_needed=needed,
        )


def _count_positives_needed(
    difference: _Difference, baseline: Evidence, rope: float, alpha: float, level: float
) -> int | None:
    """Return how many rows more of the rare class should decide at `level`, that of Holm.

    The interval, of level `alpha`, is stretched to that level.
    """
    stretch, effect = ndtri(level / 2) / ndtri(alpha / 2), difference.effect
    low, high = (effect + stretch * (bound - effect) for bound in difference.interval)
    test = baseline.result["test"]
    rare = round(test["n"] * test["prevalence"])
    more = count_positives_needed(effect, (low, high), rope, rare)
    return None if more is None else max(1, more)


def _decide(difference: _Difference, metric: str, rope: float, *, credible: bool) -> VerdictName:
    if is_equivalent(difference.interval, rope):
        return "equivalent"
    if not credible or difference.effect == 0:
        return "undecided"
    return "better" if (difference.effect > 0) != (metric in LOWER_IS_BETTER) else "worse"


def _measure_rope(question: Question, baseline: Evidence, rules: Rules) -> float:
    """Return the half-width of "no difference": a share of the scale of a loss or a cost."""
    result, metric = baseline.result, question.metric
    if metric in result["constant_guess"]:
        scale = result["constant_guess"][metric]
    else:
        scale = abs(result[question.section][metric]) if metric in LOWER_IS_BETTER else 1
    return float(rules.verdict.rope * scale)


def compare_folds(difference: pd.Series, folds: pd.DataFrame, rules: Rules) -> CorrectedT:
    """Return the corrected test of a difference over the folds of `folds`."""
    sizes = folds["n_train"].mean(), folds["n_test"].mean()
    return run_corrected_t_test(difference, *sizes, rules.uncertainty.confidence)

"""Which arm differs from the baseline, by how much, and how sure that is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from equipoise.comparing.claims import (
    CLAIMS,
    FEWEST_FOR_CALIBRATED,
    has_few_positives,
)
from equipoise.comparing.regions import measure_region
from equipoise.comparing.results import (
    Answer,
    Source,
    VerdictName,
    Verdicts,
)
from equipoise.core.few_rows import FEWEST_TO_CLAIM, Part
from equipoise.judging.arm_result import CONSTANT, ArmResult
from equipoise.judging.estimated_difference import EstimatedDifference
from equipoise.judging.evidence import Evidence
from equipoise.judging.fold_differences import estimate_over_folds
from equipoise.judging.intervals import correct_by_holm, estimate_paired_difference
from equipoise.judging.positives_needed import PositivesNeeded, count_positives_needed
from equipoise.judging.probability import Probability
from equipoise.metrics.names import LIMITED, LOWER_IS_BETTER, PLAIN, name_column
from equipoise.params.trial_params import Run, Uncertainty, Verdict

# Arms, each with the one that it is compared with.
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Criteria:
    """How a verdict is reached: by params, and the name of what decisions are tuned for.

    `scored` says which rows remedies are judged by.
    """

    run: Run
    objective: str
    uncertainty: Uncertainty
    verdict: Verdict
    scored: Part = "train"

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
    """Return what is asked of every arm: ranking, decisions at both thresholds, calibration.

    Where the objective has a limit, nothing is asked of decisions by default: outside it more is
    no better.
    """
    by_default = [] if objective in LIMITED else [Question("default", objective, "default")]
    return [
        Question("ranking", "average_precision", PLAIN),
        Question("ranking", "roc_auc", PLAIN),
        *by_default,
        Question("tuned", objective, "tuned"),
        Question("calibrated", "brier_score", "calibrated"),
    ]


def compare_arms(evidence: Mapping[str, Evidence], criteria: Criteria) -> Verdicts:
    """Return every arm's difference from the baseline strategy of the same model.

    `evidence` is keyed by arm; arms that it lacks are left out. p-values are corrected (Holm) over
    the arms within each question. With several models, `models` has how the others differ from the
    first, with the baseline strategy each. For costs, `elkan` has how Elkan's decisions differ from
    tuned ones.
    """
    run = criteria.run
    arms = [(arm, against) for arm, against in run.pairs if arm in evidence]
    baselines = (str(run.find_baseline(model)) for model in run.models)
    first, *models = (arm for arm in baselines if arm in evidence)
    return Verdicts(
        run.strategies[0],
        criteria.objective,
        tuple(_compare_pairs(arms, evidence, criteria)),
        tuple(_compare_pairs([(model, first) for model in models], evidence, criteria)),
        tuple(_compare_elkan(evidence, criteria)),
    )


@dataclass(frozen=True)
class ArmDifference:
    """How an arm differs from another, before it is said how sure that is among others.

    `evidence` is that of the two, and `rope` the half-width of "no difference".
    """

    arm: str
    against: str
    evidence: tuple[Evidence, Evidence]
    estimate: EstimatedDifference
    rope: float

    @property
    def posterior(self) -> Probability:
        """How probable it is that the metric is lower, about the same, or higher."""
        return self.estimate.find_posterior(self.rope)

    @property
    def p_equivalent(self) -> float:
        """The p-value of a difference of at least `rope`: the larger of two one-sided ones.

        Without a region nothing is equivalent, not even the same decisions for every row.
        """
        return max(self.posterior.worse, self.posterior.better) if self.rope > 0 else 1.0


def _compare_elkan(evidence: Mapping[str, Evidence], criteria: Criteria) -> Iterator[Answer]:
    """Return how deciding by expected cost differs from each arm's own tuned decisions on test.

    By expected cost is by Elkan's threshold (2001) on recalibrated scores; with several classes,
    by the class of least expected cost. Only the objective `cost` has such decisions.
    """
    question = Question("elkan", criteria.objective, "tuned")
    differences = []
    for name, arm in evidence.items():
        if arm.result.elkan is None:
            continue
        elkan, tuned = (
            arm.replicates[name_column(view, question.metric)] for view in ("elkan", "tuned")
        )
        found = estimate_paired_difference(elkan - tuned, arm.result.n_rare)
        rope = _measure_rope_on_test(question, arm.result, criteria)
        differences.append(ArmDifference(name, name, (arm, arm), found, rope))
    return answer_question(differences, question, "test", criteria)


def _compare_pairs(
    pairs: Pairs, evidence: Mapping[str, Evidence], criteria: Criteria
) -> Iterator[Answer]:
    for question in list_questions(criteria.objective):
        for source in _list_sources(evidence):
            found = [
                measure_difference(pair, evidence, question, source, criteria) for pair in pairs
            ]
            yield from answer_question(found, question, source, criteria)


def _list_sources(evidence: Mapping[str, Evidence]) -> Sequence[Source]:
    """Return where differences are seen: without a test part, over folds alone."""
    return ("cv", "test") if all(arm.result.tested for arm in evidence.values()) else ("cv",)


def measure_difference(
    pair: tuple[str, str],
    evidence: Mapping[str, Evidence],
    question: Question,
    source: Source,
    criteria: Criteria,
) -> ArmDifference:
    """Return how an arm differs from another, by name, in one number from one source."""
    arm, baseline = own = evidence[pair[0]], evidence[pair[1]]
    if source == "cv":
        found = compare_folds(arm, baseline, question.column)
        rope = measure_rope_over_folds(question.column, question.metric, baseline, criteria)
    else:
        replicates = arm.replicates[question.column] - baseline.replicates[question.column]
        found = estimate_paired_difference(replicates, baseline.result.n_rare)
        rope = _measure_rope_on_test(question, baseline.result, criteria)
    return ArmDifference(*pair, own, found, rope)


def answer_question(
    differences: Sequence[ArmDifference], question: Question, source: Source, criteria: Criteria
) -> Iterator[Answer]:
    """Give the answers to one question from one source; p-values are corrected over them."""
    corrected = correct_by_holm([difference.estimate.p for difference in differences])
    of_equivalence = correct_by_holm([difference.p_equivalent for difference in differences])
    for difference, p, p_equivalent in zip(differences, corrected, of_equivalence, strict=True):
        (arm, baseline), estimate = difference.evidence, difference.estimate
        interval = estimate.find_interval(criteria.uncertainty.confidence)
        verdict = _decide_verdict(difference, question.metric, p, p_equivalent, criteria.alpha)
        posterior = _orient_posterior(difference, question) if source == "cv" else None
        if _is_too_small(question, source, baseline):
            verdict, posterior = "undecided", None
        if _hits_nothing(question, source, arm, baseline):
            verdict = "no hits"
        needed = PositivesNeeded(None, None, None)
        if verdict == "undecided" and source == "test":
            level = 1 - criteria.alpha / len(differences)
            rare = baseline.result.n_rare
            needed = count_positives_needed(
                estimate, difference.rope, rare, level, fewest=FEWEST_TO_CLAIM
            )
        yield Answer(
            arm=difference.arm,
            against=difference.against,
            view=question.view,
            metric=question.metric,
            source=source,
            claim=CLAIMS[source],
            effect=estimate.effect,
            interval=interval,
            p=estimate.p,
            p_holm=p,
            rope=difference.rope,
            p_equivalent=p_equivalent,
            verdict=verdict,
            probability=posterior,
            positives_needed=needed.about,
            positives_needed_at_best=needed.fewest,
            positives_needed_at_worst=needed.most,
        )


def _orient_posterior(difference: ArmDifference, question: Question) -> Probability:
    """Return the probabilities that the arm is worse, equivalent, better."""
    posterior = difference.posterior
    if question.metric in LOWER_IS_BETTER:
        return replace(posterior, worse=posterior.better, better=posterior.worse)
    return posterior


def _is_too_small(question: Question, source: Source, baseline: Evidence) -> bool:
    """Return whether some class has too few rows for any claim."""
    if source == "test":
        return baseline.result.n_rare < FEWEST_TO_CLAIM
    few = FEWEST_FOR_CALIBRATED if question.view == "calibrated" else FEWEST_TO_CLAIM
    return has_few_positives(baseline, few)


def _hits_nothing(question: Question, source: Source, arm: Evidence, baseline: Evidence) -> bool:
    """Return whether neither arm decides rightly for a single positive: F1 and the like are 0."""
    if question.view not in {"default", "tuned"} or question.metric in LOWER_IS_BETTER:
        return False
    if source == "cv":
        return not any(each.folds[question.column].any() for each in (arm, baseline))
    return not any(
        each.result.sections[question.section][question.metric] for each in (arm, baseline)
    )


def _decide_verdict(
    difference: ArmDifference, metric: str, p: float, p_equivalent: float, alpha: float
) -> VerdictName:
    """Return the verdict by corrected p-values: of no difference, and of one that matters.

    Equivalence takes half the level: an interval of 1 - alpha lies within the region if, and only
    if, both one-sided tests at alpha / 2 reject (Schuirmann, 1987).
    """
    if p_equivalent <= alpha / 2:
        return "equivalent"
    if p >= alpha or difference.estimate.effect == 0:
        return "undecided"
    return "better" if (difference.estimate.effect > 0) != (metric in LOWER_IS_BETTER) else "worse"


def _measure_rope_on_test(question: Question, baseline: ArmResult, criteria: Criteria) -> float:
    value, guess = baseline.sections[question.section][question.metric], baseline.constant_guess
    least = guess.get(f"least_{question.metric}", 0.0)
    share = criteria.verdict.rope
    return measure_region(question.metric, value, guess[question.metric], share, least)


def measure_rope_over_folds(
    column: str, metric: str, baseline: Evidence, criteria: Criteria
) -> float:
    """Return the half-width of "no difference" from an arm, by its folds alone."""
    value, constant = (
        float(baseline.folds[name].mean()) for name in (column, f"{CONSTANT}_{metric}")
    )
    least = f"{CONSTANT}_least_{metric}"
    lowest = float(baseline.folds[least].mean()) if least in baseline.folds else 0.0
    return measure_region(metric, value, constant, criteria.verdict.rope, lowest)


def compare_folds(arm: Evidence, other: Evidence, column: str) -> EstimatedDifference:
    """Return how far an arm is from another over the folds."""
    return estimate_over_folds(
        arm.folds[column] - other.folds[column],
        arm.fold_replicates[column] - other.fold_replicates[column],
        other.folds,
        other.fold_replicates,
    )

"""Which arm to take, by what the folds say of the remedies."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from equipoise.comparing.claims import has_few_positives
from equipoise.comparing.results import Recommendation
from equipoise.comparing.verdict import (
    Criteria,
    compare_folds,
    measure_rope_over_folds,
)
from equipoise.comparing.wording import name_metric, name_rules
from equipoise.core.arms import TREATMENTS
from equipoise.core.few_rows import explain_few_rows
from equipoise.judging.arm_result import CONSTANT, ArmResult
from equipoise.judging.evidence import Evidence
from equipoise.metrics.names import LOWER_IS_BETTER, ROUNDING

# More would take the simplest of equal arms more often, and a better arm less often.
SHARE_OF_REGION = 0.55
EXPLAIN_FEW = f"it is the simplest arm, and {explain_few_rows('train')}"


def recommend_arm(
    evidence: Mapping[str, Evidence], criteria: Criteria, calibration: str
) -> Recommendation:
    """Return the simplest arm that is almost as good as the best, by folds alone.

    Arms are told apart by the objective with each arm's own threshold. Simplest is the least
    treatment (`TREATMENTS`), then the lowest out-of-fold Brier score. An arm that cannot keep the
    objective's limit out of fold is not compared with those that can. Whether the folds settle the
    choice is told too, and whether one decision for every case would do as well.
    """
    field = _Field(_keep_within_limit(evidence), criteria)
    chosen, leading = field.choose_arm(), field.leading
    settled, few = field.is_settled(chosen), has_few_positives(evidence[chosen])
    simplest = field.simplest if settled else field.find_simplest_open(chosen)
    rule = evidence[chosen].result.tuned.rule
    if few:
        why = EXPLAIN_FEW
    else:
        why = _explain_choice(field, chosen) if settled else _explain_doubt(field, chosen, simplest)
    if len(field.candidates) < len(evidence):
        why += "; arms that break the limit out of fold are not considered"
    beats_guess = field.sign * (field.find_mean(leading) - field.guess) > ROUNDING
    if not beats_guess:
        why += f"; a constant guess gives {field.guess:.3f}, which is no worse"
    return Recommendation(
        *(chosen, why, calibration, settled, simplest, leading),
        threshold=rule.threshold,
        weights=rule.weights,
        beats_guess=beats_guess,
        can_tell=not few,
    )


def find_allowed_shortfall(region: float, standard_error: float) -> float:
    """Return by how much an arm may fall short of the best and still be taken.

    That is a share of the region of practical equivalence, and less where the folds cannot tell
    so small a difference from chance. There a margin finds the simplest of equal arms hardly more
    often, and gives away what a better arm gains: docs/honesty.md has what either costs.
    """
    most = SHARE_OF_REGION * region
    return most * min(1.0, most / standard_error) if standard_error else most


@dataclass(frozen=True)
class _Field:
    """The arms that may be taken, by name, and what they are compared by."""

    candidates: Mapping[str, Evidence]
    criteria: Criteria

    @property
    def column(self) -> str:
        return f"tuned_{self.criteria.objective}"

    @property
    def sign(self) -> int:
        return -1 if self.criteria.objective in LOWER_IS_BETTER else 1

    @property
    def simplicity(self) -> Callable[[str], tuple[int, float]]:
        return lambda arm: _measure_simplicity(self.candidates[arm].result)

    @property
    def leading(self) -> str:
        """The arm of the best mean over folds."""
        return max(self.candidates, key=lambda arm: self.sign * self.find_mean(arm))

    @property
    def simplest(self) -> str:
        return min(self.candidates, key=self.simplicity)

    @property
    def region(self) -> float:
        """How small a difference from the simplest arm is none."""
        simplest = self.candidates[self.simplest]
        return measure_rope_over_folds(
            self.column, self.criteria.objective, simplest, self.criteria
        )

    @property
    def guess(self) -> float:
        """The mean over folds of the best single decision for every case."""
        column = f"{CONSTANT}_{self.criteria.objective}"
        return float(self.candidates[self.simplest].folds[column].mean())

    def find_mean(self, arm: str) -> float:
        return float(self.candidates[arm].folds[self.column].mean())

    def choose_arm(self) -> str:
        """Return the simplest of the arms whose mean is almost as good as the best.

        With few rows of some class a mean says little, and it is the simplest of all.
        """
        if has_few_positives(self.candidates[self.simplest]):
            return self.simplest
        best, region = self.candidates[self.leading], self.region
        short = {a: compare_folds(best, own, self.column) for a, own in self.candidates.items()}
        near = [
            arm
            for arm, found in short.items()
            if self.sign * found.effect <= find_allowed_shortfall(region, found.standard_error)
        ]
        return min(near, key=self.simplicity)

    def find_far_end(self, arm: str, other: str) -> float:
        """Return by how much one arm may be better than another: the interval's far end."""
        found = compare_folds(self.candidates[arm], self.candidates[other], self.column)
        low, high = found.find_interval(self.criteria.uncertainty.confidence)
        return high if self.sign > 0 else -low

    def find_simplest_open(self, chosen: str) -> str:
        """Return the simplest arm that is not credibly worse than the chosen one, or that one.

        p-values are for as many comparisons as there are arms to choose another from.
        """
        own, others = self.candidates[chosen], len(self.candidates) - 1
        simpler = [a for a in self.candidates if self.simplicity(a) < self.simplicity(chosen)]
        open_ones = [chosen]
        for arm in simpler:
            found = compare_folds(own, self.candidates[arm], self.column)
            if found.p * others >= self.criteria.alpha or self.sign * found.effect <= 0:
                open_ones.append(arm)
        return min(open_ones, key=self.simplicity)

    def is_settled(self, chosen: str) -> bool:
        """Return whether the folds show that no simpler arm, and no leading one, is to be taken.

        Every simpler arm is credibly worse, and the leading arm is better by no more than the
        region. So it is settled, too, if the simplest arm leads: nothing found speaks for another.
        """
        if has_few_positives(self.candidates[chosen]):
            return len(self.candidates) == 1
        if chosen != self.leading and self.find_far_end(self.leading, chosen) > self.region:
            return False
        return self.find_simplest_open(chosen) == chosen

    def find_rival(self, chosen: str) -> tuple[str, float] | None:
        """Return the arm that may be better than the chosen one by most, and by how much.

        None if no arm may be better by more than the region.
        """
        ends = {a: self.find_far_end(a, chosen) for a in self.candidates if a != chosen}
        rival = max(ends, key=ends.__getitem__, default=None)
        return None if rival is None or ends[rival] <= self.region else (rival, ends[rival])


def _measure_simplicity(result: ArmResult) -> tuple[int, float]:
    """Return what puts the simplest arm first."""
    means = result.out_of_fold
    brier = means["brier_score" if "brier_score" in means else "calibrated_brier_score"]
    return TREATMENTS.index(result.treatment), brier


def _keep_within_limit(evidence: Mapping[str, Evidence]) -> Mapping[str, Evidence]:
    """Return the arms that can keep the objective's limit, or all if none can or there is none."""
    kept = {c: e for c, e in evidence.items() if e.result.keeps_limit}
    return kept or evidence


def _explain_choice(field: _Field, chosen: str) -> str:
    """Return why an arm is chosen that the folds settle on, in a clause."""
    arm, leading, simplest = field.candidates[chosen].result, field.leading, field.simplest
    metric, rules = _name_compared(field, chosen)
    once = f"with tuned {rules}"
    means = {name: f"{field.find_mean(name):.3f}" for name in (chosen, leading, simplest)}
    if chosen != leading:
        return (
            f"the simplest arm that is almost as good as the best: cross-validated {metric}"
            f" {means[chosen]} against {means[leading]} ({leading}) {once}"
        )
    if chosen != simplest:
        return (
            f"best cross-validated {metric} ({means[chosen]}) {once}; the simplest arm,"
            f" {simplest}, is worse ({means[simplest]})"
        )
    simple = "it has no remedy" if arm.treatment == TREATMENTS[0] else "the simplest arm"
    why = f"best cross-validated {metric} ({means[chosen]}) {once}, and {simple}"
    rival = field.find_rival(chosen)
    if rival is None:
        return why
    return f"{why}; {rival[0]} may still be better by up to {rival[1]:.3f}"


def _explain_doubt(field: _Field, chosen: str, simplest: str) -> str:
    """Return between which arms the folds leave the choice open, and what either may cost."""
    leading = field.leading
    metric, rules = _name_compared(field, chosen)
    role = {leading: "it leads", simplest: "it is the simplest"}.get(
        chosen, "it is simpler than the leading arm and almost as good"
    )
    may_cost = field.find_far_end(leading, simplest)
    overall = "the simplest arm" if simplest == field.simplest else "the simplest that may be best"
    return (
        f"{role}, but cross-validation does not settle it. Cross-validated {metric} with tuned"
        f" {rules} is {field.find_mean(simplest):.3f} with {simplest}, {overall}, and"
        f" {field.find_mean(leading):.3f} with {leading}, the leading one. {simplest} may be worse"
        f" by up to {may_cost:.3f}; {leading} may be no better. More rows, or more"
        " cross_validation.repeats, can settle it"
    )


def _name_compared(field: _Field, arm: str) -> tuple[str, str]:
    """Return what arms are compared by, and what each tunes for it, in words."""
    several = field.candidates[arm].result.of_several
    return name_metric(field.criteria.objective, several=several), name_rules(several=several)

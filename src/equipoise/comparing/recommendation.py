"""Which arm to take, by what the folds say of the remedies."""

from collections.abc import Mapping

import pandas as pd

from equipoise.comparing.results import Recommendation
from equipoise.comparing.verdict import Evidence, Rules, compare_folds
from equipoise.comparing.wording import CLASS_WEIGHTS, name_metric, name_rule
from equipoise.core.arms import TREATMENTS
from equipoise.judging.intervals import correct_by_holm
from equipoise.metrics.names import LOWER_IS_BETTER


def recommend(evidence: Mapping[str, Evidence], rules: Rules, calibration: str) -> Recommendation:
    """Return the simplest arm that is not credibly worse than the best, by folds alone.

    Arms are told apart by the objective with each arm's own threshold. Simplest is the least
    treatment (`TREATMENTS`), then the lowest out-of-fold Brier score. An arm that cannot keep the
    objective's limit out of fold is not compared with those that can.
    """
    candidates = _keep_within_limit(evidence)
    column = f"tuned_{rules.objective}"
    sign = -1 if rules.objective in LOWER_IS_BETTER else 1
    worth = {arm: sign * e.folds[column] for arm, e in candidates.items()}
    best = max(worth, key=lambda arm: float(worth[arm].mean()))
    chosen = min(
        _find_arms_not_worse(best, worth, evidence, rules),
        key=lambda arm: (
            TREATMENTS.index(evidence[arm].result.treatment),
            evidence[arm].result["out_of_fold"]["brier_score"],
        ),
    )
    rule = evidence[chosen].result.rules["tuned"]
    means = {arm: sign * float(worth[arm].mean()) for arm in (chosen, best)}
    metric = name_metric(rules.objective, several=name_rule(rule) == CLASS_WEIGHTS)
    why = _explain(chosen, best, means, metric, evidence)
    if len(candidates) < len(evidence):
        why += "; arms that do not keep the limit out of fold stand behind"
    return Recommendation(chosen, why, calibration, rule.threshold, rule.weights)


def _keep_within_limit(evidence: Mapping[str, Evidence]) -> Mapping[str, Evidence]:
    """Return the arms that can keep the objective's limit, or all if none can or there is none."""
    kept = {c: e for c, e in evidence.items() if e.result["out_of_fold"].get("limit_kept", 1)}
    return kept or evidence


def _find_arms_not_worse(
    best: str, worth: Mapping[str, pd.Series], evidence: Mapping[str, Evidence], rules: Rules
) -> list[str]:
    """Return the best arm, and those that the corrected tests over folds do not tell from it."""
    others = [arm for arm in worth if arm != best]
    shortfalls = [
        compare_folds(worth[arm] - worth[best], evidence[best].folds, rules) for arm in others
    ]
    corrected = correct_by_holm([shortfall.p for shortfall in shortfalls])
    return [best, *(c for c, p in zip(others, corrected, strict=True) if p >= rules.alpha)]


def _explain(
    chosen: str,
    best: str,
    means: Mapping[str, float],
    metric: str,
    evidence: Mapping[str, Evidence],
) -> str:
    """Return why an arm is chosen, in a clause; `means` are its worth and that of the best."""
    arm = evidence[chosen].result
    several = name_rule(arm.rules["tuned"]) == CLASS_WEIGHTS
    once = f"once each arm's {'class weights are' if several else 'threshold is'} tuned"
    if chosen == best:
        simplest = arm.treatment == TREATMENTS[0]
        simple = "no simpler arm exists" if simplest else "no simpler arm is as good"
        return f"best cross-validated {metric} ({means[best]:.3f}) {once}; {simple}"
    return (
        f"the simplest arm, of equals the best calibrated, whose cross-validated {metric}"
        f" ({means[chosen]:.3f}) is not credibly worse than the best ({means[best]:.3f}, {best})"
        f" {once}"
    )

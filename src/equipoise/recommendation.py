"""Which arm to take, and what the verdicts mean, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from equipoise.assessment.intervals import holm
from equipoise.assessment.metrics import LOWER_IS_BETTER
from equipoise.contract.params import TREATMENTS
from equipoise.verdict import Evidence, Rules, compare_folds

# What tuned decisions go by, as the metrics have it and in words.
RULES = {"threshold": "a threshold", "weights": "class weights"}


def recommend(evidence: Mapping[str, Evidence], rules: Rules) -> dict[str, Any]:
    """Return the simplest arm that is not credibly worse than the best, by folds alone.

    Arms are told apart by the objective with each arm's own threshold. Simplest is the least
    treatment (`TREATMENTS`), then the lowest out-of-fold Brier score.
    """
    column = f"tuned_{rules.decision.objective}"
    sign = -1 if rules.decision.objective in LOWER_IS_BETTER else 1
    worth = {cell: sign * e.folds[column] for cell, e in evidence.items()}
    best = max(worth, key=lambda cell: float(worth[cell].mean()))
    others = [cell for cell in evidence if cell != best]
    shortfalls = [
        compare_folds(worth[cell] - worth[best], evidence[best].folds, rules) for cell in others
    ]
    corrected = holm([shortfall.p for shortfall in shortfalls])
    fit = [best, *(c for c, p in zip(others, corrected, strict=True) if p >= rules.alpha)]
    chosen = min(
        fit,
        key=lambda cell: (
            TREATMENTS.index(evidence[cell].metrics["treatment"]),
            evidence[cell].metrics["out_of_fold"]["brier_score"],
        ),
    )
    means = [sign * float(worth[cell].mean()) for cell in (chosen, best)]
    rule = _rule(evidence[chosen])
    name = f"cross-validated {rules.decision.objective} with {RULES[rule]} of its own"
    return {
        "cell": chosen,
        rule: evidence[chosen].metrics["tuned"][rule],
        "why": _why(chosen, best, means, name),
    }


def _rule(arm: Evidence) -> str:
    """Return what an arm's tuned decisions go by: a threshold, or weights of several classes."""
    return next(rule for rule in RULES if rule in arm.metrics["tuned"])


def _why(chosen: str, best: str, means: Sequence[float], name: str) -> str:
    if chosen == best:
        return f"it has the best {name} ({means[0]:.3f}), and no simpler arm is as good"
    return (
        f"it is the simplest arm, of equals the best calibrated, whose {name} ({means[0]:.3f}) is"
        f" not credibly worse than the best ({means[1]:.3f}, {best})"
    )


def conclusions(comparison: Mapping[str, Any], evidence: Mapping[str, Evidence]) -> list[str]:
    """Return what the test part says of each arm, in words that keep three claims apart.

    Ranking better, deciding better by default, and deciding better when each arm has a
    threshold (or class weights) of its own are different things. With several models, what
    choosing among them comes to beside choosing a remedy.
    """
    on_test = [answer for answer in comparison["comparisons"] if answer["source"] == "test"]
    return [
        *(
            _in_words(cell, [a for a in on_test if a["cell"] == cell], RULES[_rule(evidence[cell])])
            for cell in dict.fromkeys(answer["cell"] for answer in on_test)
        ),
        *(
            _of_models(answer, evidence, on_test)
            for answer in comparison["models"]
            if answer["source"] == "test" and answer["metric"] == "average_precision"
        ),
    ]


def _of_models(
    answer: Mapping[str, Any],
    evidence: Mapping[str, Evidence],
    on_test: Sequence[Mapping[str, Any]],
) -> str:
    """Return what another model changes in a metric beside what remedies change in it."""
    metric, cells = answer["metric"], (answer["cell"], answer["against"])
    values = [f"{evidence[cell].metrics['test'][metric]:.3f} ({cell})" for cell in cells]
    said = f"Without a remedy, {metric} is {values[0]} and {values[1]}"
    moved = [abs(a["effect"]) for a in on_test if a["metric"] == metric]
    beside = f"; no remedy moves it by more than {max(moved):.3f}" if moved else ""
    return f"{said}: {answer['verdict']} ({answer['effect']:+.3f}){beside}."


def _in_words(cell: str, answers: Sequence[Mapping[str, Any]], rule: str) -> str:
    by_view = {answer["view"]: answer for answer in reversed(answers)}
    ranking, default, tuned = (
        f"{by_view[view]['verdict']} ({by_view[view]['effect']:+.3f})"
        for view in ("ranking", "default", "tuned")
    )
    verdicts = by_view["default"]["verdict"], by_view["tuned"]["verdict"]
    only = verdicts[0] == "better" != verdicts[1]
    moral = f": the gain comes of {rule}, not of the model" if only else ""
    return (
        f"{cell}: {by_view['ranking']['metric']} {ranking};"
        f" {by_view['default']['metric']} by default {default},"
        f" with {rule} of its own {tuned}{moral}."
    )

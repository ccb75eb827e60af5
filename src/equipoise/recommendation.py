"""Which arm to take, and what the verdicts mean, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from equipoise.assessment.metrics import LOWER_IS_BETTER
from equipoise.assessment.uncertainty import holm
from equipoise.contract.params import TREATMENTS
from equipoise.verdict import Evidence, Rules, compare_folds


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
    threshold = evidence[chosen].metrics["tuned"]["threshold"]
    means = [sign * float(worth[cell].mean()) for cell in (chosen, best)]
    return {
        "cell": chosen,
        "threshold": threshold,
        "why": _why(chosen, best, means, rules.decision.objective),
    }


def _why(chosen: str, best: str, means: Sequence[float], objective: str) -> str:
    name = f"cross-validated {objective} with a threshold of its own"
    if chosen == best:
        return f"it has the best {name} ({means[0]:.3f}), and no simpler arm is as good"
    return (
        f"it is the simplest arm, of equals the best calibrated, whose {name} ({means[0]:.3f}) is"
        f" not credibly worse than the best ({means[1]:.3f}, {best})"
    )


def conclusions(comparisons: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what the test part says of each arm, in words that keep three claims apart.

    Ranking better, deciding better at the default threshold, and deciding better when each
    arm has a threshold of its own are different things.
    """
    on_test = [answer for answer in comparisons if answer["source"] == "test"]
    return [
        _in_words(cell, [answer for answer in on_test if answer["cell"] == cell])
        for cell in dict.fromkeys(answer["cell"] for answer in on_test)
    ]


def _in_words(cell: str, answers: Sequence[Mapping[str, Any]]) -> str:
    by_view = {answer["view"]: answer for answer in reversed(answers)}
    ranking, default, tuned = (
        f"{by_view[view]['verdict']} ({by_view[view]['effect']:+.3f})"
        for view in ("ranking", "default", "tuned")
    )
    verdicts = by_view["default"]["verdict"], by_view["tuned"]["verdict"]
    only = verdicts[0] == "better" != verdicts[1]
    moral = ": the gain is the threshold's, not the model's" if only else ""
    return (
        f"{cell}: {by_view['ranking']['metric']} {ranking};"
        f" {by_view['default']['metric']} at the default threshold {default},"
        f" at a threshold of its own {tuned}{moral}."
    )

"""Which arm to take, and what the verdicts mean, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from equipoise.assessment.intervals import holm
from equipoise.assessment.metrics import LOWER_IS_BETTER
from equipoise.contract.params import TREATMENTS
from equipoise.verdict import Evidence, Rules, compare_folds

# What tuned decisions go by, as the metrics have it and in words.
RULES = {"threshold": "a threshold", "weights": "class weights"}
# What is rare then: one of it, and several.
RARE = {
    "threshold": ("positive", "positives"),
    "weights": ("row of the rarest class", "rows of the rarest class"),
}


def recommend(evidence: Mapping[str, Evidence], rules: Rules) -> dict[str, Any]:
    """Return the simplest arm that is not credibly worse than the best, by folds alone.

    Arms are told apart by the objective with each arm's own threshold. Simplest is the least
    treatment (`TREATMENTS`), then the lowest out-of-fold Brier score. An arm that cannot keep the
    objective's limit out of fold is not compared with those that can.
    """
    candidates = _within_limit(evidence)
    column = f"tuned_{rules.decision.objective}"
    sign = -1 if rules.decision.objective in LOWER_IS_BETTER else 1
    worth = {cell: sign * e.folds[column] for cell, e in candidates.items()}
    best = max(worth, key=lambda cell: float(worth[cell].mean()))
    chosen = min(
        _not_credibly_worse(best, worth, evidence, rules),
        key=lambda cell: (
            TREATMENTS.index(evidence[cell].metrics["treatment"]),
            evidence[cell].metrics["out_of_fold"]["brier_score"],
        ),
    )
    means = [sign * float(worth[cell].mean()) for cell in (chosen, best)]
    rule = _rule(evidence[chosen])
    name = f"cross-validated {rules.decision.objective} with {RULES[rule]} of its own"
    if len(candidates) < len(evidence):
        name += ", among those that keep the limit out of fold"
    return {
        "cell": chosen,
        rule: evidence[chosen].metrics["tuned"][rule],
        "why": _why(chosen, best, means, name, treatment=evidence[chosen].metrics["treatment"]),
    }


def _within_limit(evidence: Mapping[str, Evidence]) -> Mapping[str, Evidence]:
    """Return the arms that can keep the objective's limit, or all if none can or there is none."""
    kept = {c: e for c, e in evidence.items() if e.metrics["out_of_fold"].get("limit_kept", 1)}
    return kept or evidence


def _not_credibly_worse(
    best: str, worth: Mapping[str, pd.Series], evidence: Mapping[str, Evidence], rules: Rules
) -> list[str]:
    """Return the best cell, and those that the corrected tests over folds do not tell from it."""
    others = [cell for cell in worth if cell != best]
    shortfalls = [
        compare_folds(worth[cell] - worth[best], evidence[best].folds, rules) for cell in others
    ]
    corrected = holm([shortfall.p for shortfall in shortfalls])
    return [best, *(c for c, p in zip(others, corrected, strict=True) if p >= rules.alpha)]


def _rule(arm: Evidence) -> str:
    """Return what an arm's tuned decisions go by: a threshold, or weights of several classes."""
    return next(rule for rule in RULES if rule in arm.metrics["tuned"])


def _why(chosen: str, best: str, means: Sequence[float], name: str, *, treatment: str) -> str:
    if chosen == best:
        simplest = treatment == TREATMENTS[0]
        simple = "nothing is simpler" if simplest else "no simpler arm is as good"
        return f"it has the best {name} ({means[0]:.3f}), and {simple}"
    return (
        f"it is the simplest arm, of equals the best calibrated, whose {name} ({means[0]:.3f}) is"
        f" not credibly worse than the best ({means[1]:.3f}, {best})"
    )


def conclusions(comparison: Mapping[str, Any], evidence: Mapping[str, Evidence]) -> list[str]:
    """Return what the test part says of each arm, in words that keep three claims apart.

    Ranking better, deciding better by default, and deciding better when each arm has a
    threshold (or class weights) of its own are different things. With several models, what
    choosing among them comes to beside choosing a remedy; for costs, what Elkan's threshold does.
    """
    on_test = [answer for answer in comparison["comparisons"] if answer["source"] == "test"]
    return [
        *(
            _in_words(cell, [a for a in on_test if a["cell"] == cell], _rule(evidence[cell]))
            for cell in dict.fromkeys(answer["cell"] for answer in on_test)
        ),
        *(
            _of_models(answer, evidence, on_test)
            for answer in comparison["models"]
            if answer["source"] == "test" and answer["metric"] == "average_precision"
        ),
        *(_of_elkan(answer, evidence[answer["cell"]]) for answer in comparison["elkan"]),
    ]


def _of_models(
    answer: Mapping[str, Any],
    evidence: Mapping[str, Evidence],
    on_test: Sequence[Mapping[str, Any]],
) -> str:
    """Return what another model changes in a metric beside what remedies change in it."""
    metric, cells = answer["metric"], (answer["cell"], answer["against"])
    values = [f"{evidence[cell].metrics['test'][metric]:.3f} ({cell})" for cell in cells]
    untreated = all(evidence[cell].metrics["treatment"] == TREATMENTS[0] for cell in cells)
    opening = "Without a remedy" if untreated else "With the same strategy"
    said = f"{opening}, {metric} is {values[0]} and {values[1]}"
    moved = [abs(a["effect"]) for a in on_test if a["metric"] == metric]
    beside = f"; no remedy moves it by more than {max(moved):.3f}" if moved else ""
    return f"{said}: {answer['verdict']} ({answer['effect']:+.3f}){beside}."


def _of_elkan(answer: Mapping[str, Any], arm: Evidence) -> str:
    """Return what deciding by expected cost comes to beside deciding as tuned."""
    metric, rule = answer["metric"], _rule(arm)
    elkan, tuned = (arm.metrics[view][metric] for view in ("elkan", "tuned"))
    threshold = arm.metrics["elkan"].get("threshold")
    at = "" if threshold is None else f" ({threshold:.4g})"
    by = f"Elkan's threshold{at}" if rule == "threshold" else "least expected cost"
    return (
        f"{answer['cell']}: {metric} is {elkan:.4g} by {by} on recalibrated probabilities"
        f" and {tuned:.4g} with {RULES[rule]} of its own: {_said(answer, rule)}."
    )


def _in_words(cell: str, answers: Sequence[Mapping[str, Any]], rule: str) -> str:
    by_view = {answer["view"]: answer for answer in reversed(answers)}
    ranking, default, tuned = (by_view[view] for view in ("ranking", "default", "tuned"))
    return (
        f"{cell}: {ranking['metric']} {_said(ranking, rule)};"
        f" {default['metric']} by default {_said(default, rule)},"
        f" with {RULES[rule]} of its own {_said(tuned, rule)}{_moral(default, tuned, rule)}."
    )


def _said(answer: Mapping[str, Any], rule: str) -> str:
    """Return a verdict with its effect, and what it would take to decide."""
    needed = answer.get("positives_needed")
    more = f"; {needed:,} more {RARE[rule][needed > 1]} should decide" if needed else ""
    return f"{answer['verdict']} ({answer['effect']:+.3f}{more})"


def _moral(default: Mapping[str, Any], tuned: Mapping[str, Any], rule: str) -> str:
    """Return how much of a gain by default is only that of another threshold.

    All of it, if with thresholds of their own no gain that matters is left inside the interval;
    else all but what is left there. Where that is the whole gain, nothing is shown.
    """
    if default["verdict"] != "better" or tuned["verdict"] == "better":
        return ""
    low, high = tuned["interval"]
    most = -low if tuned["metric"] in LOWER_IS_BETTER else high
    if tuned["verdict"] != "undecided" or most <= tuned["rope"]:
        return f": the gain comes of {RULES[rule]}, not of the model"
    if most < abs(default["effect"]):
        return f": at most {most:.3f} of the gain is the model's, the rest comes of {RULES[rule]}"
    return f": nothing shows that more than {RULES[rule]} brings the gain"

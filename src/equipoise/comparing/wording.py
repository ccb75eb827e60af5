"""What sentences call things: metrics, objectives, the rule that tuned decisions go by."""

from collections.abc import Sequence

from equipoise.comparing.results import Answer, Comparison
from equipoise.core.tables import format_number, order_labels, read_numbers
from equipoise.judging.arm_result import OBSERVED_PREVALENCE, ArmResult, Numbers, UsedRule
from equipoise.params.decision_params import Decision

METRIC_NAMES = {
    "average_precision": "average precision",
    "roc_auc": "ROC-AUC",
    "brier_score": "Brier score",
}
OBJECTIVE_NAMES = {
    "f1": "F1",
    "fbeta": "F-beta",
    "balanced_accuracy": "balanced accuracy",
    "mcc": "Matthews correlation",
    "g_mean": "geometric mean of recall and specificity",
    "cost": "average cost per case",
    "recall_at_precision": "recall at a minimum precision",
    "precision_at_recall": "precision at a minimum recall",
    "alerts": "recall within an alert budget",
    "weighted_f1": "weighted F1",
}
NAMES_OF_SEVERAL = {"f1": "macro F1", "g_mean": "geometric mean of the recalls of the classes"}
# What an answer rests on, by its source: not every one is about a remedy.
EVIDENCE = {"cv": "cross-validated", "test": "fitted model, on test"}
THRESHOLD, CLASS_WEIGHTS = "threshold", "class weights"
SMALLEST_DECIMAL = 0.001


def name_metric(metric: str, *, several: bool = False) -> str:
    """Return what a metric or objective is called; of several classes some are means of theirs."""
    if several and metric in NAMES_OF_SEVERAL:
        return NAMES_OF_SEVERAL[metric]
    return (METRIC_NAMES | OBJECTIVE_NAMES)[metric]


def describe_objective(decision: Decision, *, several: bool) -> str:
    """Return what rules were tuned for, with the numbers that it goes by."""
    asked = [f"{key} {value}" for key, value in decision.arguments.items()]
    if decision.amount is not None:
        asked.append(f"each missed positive times {decision.amount}")
    return name_metric(decision.objective, several=several) + (
        f" ({', '.join(asked)})" if asked else ""
    )


def name_rule(*, several: bool) -> str:
    """Return what decides: a threshold or, over several classes, a weight for each."""
    return CLASS_WEIGHTS if several else THRESHOLD


def name_rules(*, several: bool) -> str:
    """Return what the arms of a trial decide by, in the plural."""
    return CLASS_WEIGHTS if several else f"{THRESHOLD}s"


def format_rule(rule: UsedRule) -> str:
    """Return the threshold to six digits, or the weight of each class by its label."""
    if rule.threshold is not None:
        shown = f"{rule.threshold:.6g}"
        # One that is all but 1 is not 1: rows of that score decide otherwise.
        return str(rule.threshold) if shown == "1" and rule.threshold != 1 else shown
    weights = rule.weights or {}
    labels = [*weights]
    return ", ".join(
        f"{labels[place]}: {format_number(weights[labels[place]], 3)}"
        for place in order_labels(read_numbers(labels))
    )


def describe_prevalence(test: Numbers) -> str | None:
    """Return which share of positives numbers are restated for, if they are."""
    if OBSERVED_PREVALENCE not in test:
        return None
    return (
        f"Numbers, probabilities and thresholds are for a prevalence of {test['prevalence']:.4g};"
        f" in the test part it is {test[OBSERVED_PREVALENCE]:.4g}."
    )


def format_difference(difference: float) -> str:
    """Return a difference with its sign and three decimals, or four if it is smaller than that."""
    tiny = 0 < abs(difference) < SMALLEST_DECIMAL
    return f"{difference:+.4f}" if tiny else f"{difference:+.3f}"


def list_left_out(comparison: Comparison) -> list[str]:
    """Return a sentence for each arm that has no part in the comparison, with the reason."""
    left_out = comparison.left_out or {}
    return [f"{arm} is left out: {reason}" for arm, reason in left_out.items()]


def format_values(arms: Sequence[ArmResult], section: str, metric: str) -> str:
    """Return a metric of every arm, for people who cannot see a chart."""
    return ", ".join(f"{arm.arm} {arm.sections[section][metric]:.3f}" for arm in arms)


def format_differences(answers: Sequence[Answer]) -> str:
    """Return what a forest plot shows, for people who cannot see it."""
    texts = []
    for a in answers:
        effect, low, high = (format_number(own, 3, "+") for own in (a.effect, *a.interval))
        texts.append(f"{a.arm} ({EVIDENCE[a.source]}) {effect}, from {low} to {high}, {a.verdict}")
    return "; ".join(texts)

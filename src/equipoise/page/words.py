"""What the page says in sentences: the verdict, what a chart shows, how it was done."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from equipoise import tuned
from equipoise.contract.data_params import SyntheticData
from equipoise.contract.params import Params

Answers = Sequence[Mapping[str, Any]]

OBJECTIVES = {
    "f1": "F1",
    "fbeta": "F-beta",
    "balanced_accuracy": "balanced accuracy",
    "mcc": "the Matthews correlation coefficient",
    "g_mean": "the geometric mean of recall and specificity",
    "cost": "the cost of decisions",
    "recall_at_precision": "recall at a floor of precision",
    "precision_at_recall": "precision at a floor of recall",
    "alerts": "recall within a budget of alerts",
    "weighted_f1": "weighted F1",
}
CALIBRATIONS = {
    "auto": "isotonic regression, or a sigmoid where a class has fewer than 100 rows",
    "isotonic": "isotonic regression",
    "sigmoid": "a sigmoid (Platt scaling)",
    "prior": "the analytic correction of the prior",
    "none": "nothing",
}
ENCODINGS = {
    "one_hot": "by a column of 0 and 1 for each value",
    "target": "by the share of each class among the rows of a value, cross-fitted",
}


def verdict(comparison: Mapping[str, Any]) -> tuple[str, str]:
    """Return the verdict in two sentences: what to take, and what the remedies came to."""
    recommended = comparison["recommended"]
    rule, value = tuned.rule(recommended), tuned.value(recommended)
    at = f" at {value}" if "threshold" in recommended else f" ({value})"
    return (
        f"Take {recommended['cell']} with its own {rule}{at}: {recommended['why']}.",
        _what_remedies_do(comparison),
    )


def _what_remedies_do(comparison: Mapping[str, Any]) -> str:
    rule = tuned.rule(comparison["recommended"])
    objective = objective_in_words(comparison["objective"], several=rule != "threshold")
    on_test = [a for a in comparison["comparisons"] if a["source"] == "test"]
    ranking = [a for a in on_test if a["metric"] == "average_precision"]
    deciding = [a for a in on_test if a["view"] == "tuned"]
    if not deciding:
        return "There is no remedy to compare: only the baseline was run."
    return (
        f"Beside {comparison['baseline']} with the same model, average precision on the test part"
        f" is {_counted(ranking)} of {len(ranking)} arms with a remedy, and"
        f" {objective} with each arm's own {rule} is {_counted(deciding)}."
    )


def _counted(answers: Answers) -> str:
    """Return how many answers there are of each verdict, as in "worse in 2, undecided in 1"."""
    counts = Counter(answer["verdict"] for answer in answers)
    order = ("better", "worse", "equivalent", "undecided")
    said = [f"{verdict} in {counts[verdict]}" for verdict in order if counts[verdict]]
    return ", ".join(said)


def values_in_words(arms: Sequence[Mapping[str, Any]], section: str, metric: str) -> str:
    """Return a metric of every arm, for who cannot see a chart."""
    return ", ".join(f"{arm['cell']} {arm[section][metric]:.3f}" for arm in arms)


def differences_in_words(answers: Answers) -> str:
    """Return what a forest plot shows, for who cannot see it."""
    said = []
    for a in answers:
        low, high = a["interval"]
        said.append(
            f"{a['cell']} ({a['source']}) {a['effect']:+.3g}, from {low:+.3g} to {high:+.3g},"
            f" {a['verdict']}"
        )
    return "; ".join(said)


def method(
    params: Params,
    schema: Mapping[str, Any],
    arm: Mapping[str, Any],
    samplers: Mapping[str, str | None],
) -> Iterator[str]:
    """Give the paragraphs of a method section: data, arms, decisions, comparison.

    `arm` is any one of them; `samplers` has the class that each strategy did use.
    """
    confidence = 100 * params.uncertainty.confidence
    yield _data(params, schema, arm["test"])
    yield _arms(params, samplers)
    yield _decisions(params, several="classes" in arm)
    yield (
        f"On the test part, {confidence:g} % intervals are {params.uncertainty.method} intervals"
        f" of {params.uncertainty.resamples:,} bootstrap replicates, stratified by class and paired"
        " between arms (Efron and Tibshirani, 1993). Over folds, arms were compared by the"
        " corrected resampled t-test (Nadeau and Bengio, 2003). p-values were corrected by Holm's"
        " method (1979) over the arms of each question. A difference is called better or worse if"
        f" its corrected p is below {1 - params.uncertainty.confidence:.2g}, equivalent if its"
        " interval lies within the region of practical equivalence"
        f" (±{params.verdict.rope:g}; for losses that share of the scale), and undecided"
        " otherwise."
    )
    yield (
        "The recommended arm is the simplest (nothing before weights before samplers before"
        " ensembles, then the better calibrated) that is not credibly worse, out of fold and with"
        f" its own threshold, than the best. All randomness derives from seed {params.seed}."
    )


def _decisions(params: Params, *, several: bool) -> str:
    decision = params.decision
    rule = "class weights on the probabilities" if several else "thresholds"
    asked = ", ".join(f"{key} {value}" for key, value in decision.arguments.items())
    amount = f", each missed positive times {decision.amount}" if decision.amount else ""
    given = f" ({asked}{amount})" if asked else ""
    return (
        f"Every strategy was combined with every model. Out-of-fold scores came from"
        f" {params.cross_validation.repeats} x {params.cross_validation.folds}-fold"
        " cross-validation on the train part, samplers applied inside each fold. On them"
        f" {rule} were tuned for"
        f" {objective_in_words(decision.objective, several=several)}{given}, over all distinct"
        f" scores, and probabilities were recalibrated by {CALIBRATIONS[params.calibration]}. The"
        " test part was scored once and decided nothing."
    )


def objective_in_words(objective: str, *, several: bool) -> str:
    """Return what decisions are tuned for; over several classes F1 is the mean of theirs."""
    return "macro F1" if several and objective == "f1" else OBJECTIVES[objective]


def positive_in_words(schema: Mapping[str, Any]) -> str:
    """Return which class is the positive one, where there are two."""
    if schema["positive"] is None:
        return ""
    return f"Positive (class 1) is {schema['target']} = {schema['positive']}."


def _data(params: Params, schema: Mapping[str, Any], test: Mapping[str, Any]) -> str:
    data = params.data
    made = "made by scikit-learn's make_classification"
    origin = made if isinstance(data, SyntheticData) else f"from {data.path}"
    classes = ", ".join(f"{label}: {n:,}" for label, n in schema["classes"].items())
    return (
        f"The table has {schema['rows']:,} rows and {len(schema['columns'])} features"
        f" ({origin}); rows by class are {classes}. {positive_in_words(schema)} The"
        f" {params.split.method} split kept {100 * params.split.test_size:g} % of the rows,"
        f" {test['n']:,}, for testing."
    )


def _arms(params: Params, samplers: Mapping[str, str | None]) -> str:
    entries = (f"{name}: {_entry(params, name, samplers)}" for name in params.run.strategies)
    strategies = "; ".join(entries)
    models = "; ".join(f"{name}: {params.models[name].class_name}" for name in params.run.models)
    encoded = ENCODINGS[params.preprocess.categories]
    numeric = "standardized" if params.preprocess.numeric == "standardize" else "left unscaled"
    return (
        f"Strategies were {strategies}. Models were {models}. Numeric features were {numeric};"
        f" gaps were filled and categories encoded {encoded}; all of it was fitted on training"
        " rows only."
    )


def _entry(params: Params, name: str, samplers: Mapping[str, str | None]) -> str:
    strategy, used = params.strategies[name], samplers[name]
    parts = [] if used is None else [used]
    if strategy.ensemble is not None:
        parts.append(strategy.ensemble.class_name)
    if strategy.class_weight is not None:
        parts.append(f"class weights {strategy.class_weight}")
    return " with ".join(parts) or "no treatment"

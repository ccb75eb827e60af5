"""What the page says in sentences: the verdict, what a chart shows, how it was done."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

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


def verdict(comparison: Mapping[str, Any]) -> tuple[str, str]:
    """Return the verdict in two sentences: what to take, and what the remedies came to."""
    recommended = comparison["recommended"]
    at = f" at {recommended['threshold']:.4g}" if "threshold" in recommended else ""
    return (
        f"Take {recommended['cell']} with its own {rule_of(comparison)}{at}: {recommended['why']}.",
        _what_remedies_do(comparison),
    )


def _what_remedies_do(comparison: Mapping[str, Any]) -> str:
    objective = comparison["objective"]
    on_test = [a for a in comparison["comparisons"] if a["source"] == "test"]
    ranking = [a for a in on_test if a["metric"] == "average_precision"]
    tuned = [a for a in on_test if a["view"] == "tuned"]
    if not tuned:
        return "There is no remedy to compare: only the baseline was run."
    return (
        f"Beside {comparison['baseline']} with the same model, average precision on the test part"
        f" is {_counted(ranking)} of {len(ranking)} arms with a remedy, and"
        f" {OBJECTIVES[objective]} with each arm's own {rule_of(comparison)} is {_counted(tuned)}."
    )


def rule_of(comparison: Mapping[str, Any]) -> str:
    """Return what tuned decisions go by: of several classes, class weights."""
    return "threshold" if "threshold" in comparison["recommended"] else "class weights"


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


def method(params: Params, schema: Mapping[str, Any], arm: Mapping[str, Any]) -> Iterator[str]:
    """Give the paragraphs of a method section: data, arms, decisions, comparison."""
    test, confidence = arm["test"], 100 * params.uncertainty.confidence
    yield _data(params, schema, test)
    yield _arms(params)
    yield (
        f"Every strategy was combined with every model. Out-of-fold scores came from"
        f" {params.cross_validation.repeats} x {params.cross_validation.folds}-fold"
        " cross-validation on the train part, samplers applied inside each fold. Thresholds (of"
        " several classes: class weights) were tuned on them for"
        f" {OBJECTIVES[params.decision.objective]}, over all distinct scores, and probabilities"
        f" were recalibrated on them by {CALIBRATIONS[params.calibration]}. The test part was"
        " scored once and decided nothing."
    )
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


def _data(params: Params, schema: Mapping[str, Any], test: Mapping[str, Any]) -> str:
    data = params.data
    made = "made by scikit-learn's make_classification"
    origin = made if isinstance(data, SyntheticData) else f"from {data.path}"
    classes = ", ".join(f"{label}: {n:,}" for label, n in schema["classes"].items())
    return (
        f"The table has {schema['rows']:,} rows and {len(schema['columns'])} features"
        f" ({origin}); rows by class are {classes}. The {params.split.method} split kept"
        f" {100 * params.split.test_size:g} % of the rows, {test['n']:,}, for testing."
    )


def _arms(params: Params) -> str:
    strategies = "; ".join(f"{name}: {_entry(params, name)}" for name in params.run.strategies)
    models = "; ".join(f"{name}: {params.models[name].class_name}" for name in params.run.models)
    numeric = "standardized" if params.preprocess.numeric == "standardize" else "left unscaled"
    return (
        f"Strategies were {strategies}. Models were {models}. Numeric features were {numeric};"
        " gaps were filled and categories encoded; all of it was fitted on training rows only."
    )


def _entry(params: Params, name: str) -> str:
    strategy = params.strategies[name]
    parts = [part.class_name for part in (strategy.sampler, strategy.ensemble) if part is not None]
    if strategy.class_weight is not None:
        parts.append(f"class weights {strategy.class_weight}")
    return " with ".join(parts) or "no treatment"

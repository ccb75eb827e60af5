"""How a trial was done, in sentences."""

from collections.abc import Iterator, Mapping

from equipoise.comparing.recommendation import SHARE_OF_REGION
from equipoise.comparing.wording import describe_objective
from equipoise.core.few_rows import NO_TEST_PART
from equipoise.core.table_schema import TableSchema
from equipoise.core.tables import format_count, format_number
from equipoise.data.description import describe_classes
from equipoise.judging.arm_result import FLIPPED, INSTABILITY, LOST, MOVED, ArmResult, Numbers
from equipoise.metrics.names import name_column
from equipoise.params.data_params import SyntheticData
from equipoise.params.trial_params import Params, Preprocess

CALIBRATIONS = {
    "auto": "isotonic regression, or a sigmoid where a class has fewer than 100 rows",
    "isotonic": "isotonic regression",
    "venn_abers": "Venn-Abers calibration",
    "sigmoid": "a sigmoid (Platt scaling)",
    "prior": "the analytic correction of the prior",
    "none": "nothing",
}
_AUTO_RESTATED = "Venn-Abers calibration, or a sigmoid where a class has fewer than 100 rows"
_WILSON = "Wilson's (1927) for the number of an arm, "
_TEST_ONCE = "The test part was scored once and decided nothing."
ENCODINGS = {
    "one_hot": "one-hot",
    "target": "by cross-fitted target encoding",
}


def write_method(
    params: Params,
    schema: TableSchema,
    arm: ArmResult,
    samplers: Mapping[str, str | None],
) -> Iterator[str]:
    """Give the paragraphs of a method section: data, arms, decisions, comparison.

    `arm` is any one of them; `samplers` has the class that each strategy did use.
    """
    confidence = 100 * params.uncertainty.confidence
    yield _describe_data(params, schema, arm.test)
    yield _describe_arms(params, samplers)
    yield _describe_decisions(params, schema, several=arm.of_several)
    yield (
        "Remedies were compared in cross-validation, where models are trained again. This estimates"
        " the mean difference if data were drawn again, on as many rows as a fold is trained on."
        " Its variance has two parts: how it varies if rows are drawn again (bootstrap"
        " replicates of all folds together), and how much more than that the folds differ."
        f" {_describe_comparison_on_test(params)}"
        f" {confidence:g}% intervals: {_WILSON if arm.tested else ''}Student's t for a"
        " difference, with degrees of freedom from the size of the rarest class."
        " p-values were corrected by Holm's method (1979) over the arms, for each metric"
        " separately. A difference is called better or worse if its corrected p is below"
        f" {1 - params.uncertainty.confidence:.2g}, equivalent if a difference that matters is"
        " ruled out at half that level, also corrected, and undecided otherwise. A difference"
        f" matters if it is more than {params.verdict.rope:g} times what the baseline gains over a"
        " constant guess, or times what is left to gain, if that is less."
    )
    yield (
        "The recommended arm is the simplest (nothing before weights before samplers before"
        " ensembles, then the better calibrated) whose mean over folds, with its own threshold,"
        f" falls short of the best by at most {SHARE_OF_REGION:g} times a difference that matters,"
        " or by less if the folds vary more. All randomness derives from seed"
        f" {params.seed}."
    )


def _describe_comparison_on_test(params: Params) -> str:
    """Return how fitted models were compared, if they were, up to what the variance gives."""
    if not params.split.has_test:
        return "It gives"
    return (
        "The one fitted model of each arm was compared on the test part, by"
        f" {params.uncertainty.resamples:,} bootstrap replicates of its rows, paired between arms"
        " (Efron and Tibshirani, 1993). Their variance gives"
    )


def _describe_decisions(params: Params, schema: TableSchema, *, several: bool) -> str:
    decision = params.decision
    is_restated = bool(decision.prevalence or schema.true_prevalence)
    calibration = CALIBRATIONS[params.calibration]
    if params.calibration == "auto" and is_restated:
        calibration = _AUTO_RESTATED
    rule = "class weights on the probabilities" if several else "thresholds"
    return (
        f"Every strategy was combined with every model. Out-of-fold scores came from"
        f" {params.cross_validation.repeats} x {params.cross_validation.folds}-fold"
        " cross-validation on the train part, samplers applied inside each fold. On them"
        f" {rule} were tuned for {describe_objective(decision, several=several)}, over all distinct"
        f" scores, and probabilities were recalibrated by {calibration}."
        f" {_TEST_ONCE if params.split.has_test else NO_TEST_PART}"
    )


def describe_positive(schema: TableSchema) -> str:
    """Return which class is the positive one, where there are two."""
    if schema.positive is None:
        return ""
    return f"The positive class of {schema.target} is {schema.positive}."


def describe_instability(arm: ArmResult) -> str:
    """Return how far an arm changes when it is trained again; nothing if it was not."""
    found = arm.instability
    if found is None:
        return ""
    again = "When it is trained again on other rows of the same train part,"
    flipped = _format_share(arm, f"tuned_{FLIPPED}")
    name = f"tuned_{LOST}"
    lost = (
        f", and {_format_share(arm, name)} of its alerts are not raised again"
        if name in found
        else ""
    )
    moved = format_number(found[MOVED], 2)
    return (
        f"{again} {arm.arm} with tuned decisions decides {flipped} of rows differently{lost}. The"
        f" calibrated probability of a row moves by {moved} on average. Training on"
        " new rows would change more."
    )


def _format_share(arm: ArmResult, name: str) -> str:
    low, high = arm.intervals[name_column(INSTABILITY, name)]
    shares = ((arm.instability or {})[name], low, high)
    share, least, most = (format_number(100 * each, 2) for each in shares)
    return f"{share}% ({least}% to {most}%)"


def _describe_data(params: Params, schema: TableSchema, test: Numbers) -> str:
    data = params.data
    made = "made by scikit-learn's make_classification"
    origin = made if isinstance(data, SyntheticData) else f"from {data.path}"
    kept = "No row was kept for testing."
    if params.split.has_test:
        kept = (
            f"The {params.split.method} split kept {100 * test['n'] / schema.rows:.3g}% of the"
            f" rows, {test['n']:,}, for testing."
        )
    return (
        f"The table has {schema.rows:,} rows and {format_count(len(schema.columns), 'feature')}"
        f" ({origin}). The classes of {schema.target}: {describe_classes(schema)}. {kept}"
    )


def _describe_arms(params: Params, samplers: Mapping[str, str | None]) -> str:
    entries = (f"{name}: {_describe_strategy(params, name, samplers)}" for name in samplers)
    strategies = "; ".join(entries)
    models = "; ".join(f"{name}: {params.models[name].class_name}" for name in params.run.models)
    encoded = ENCODINGS[params.preprocess.categories]
    numeric = _describe_numeric(params.preprocess)
    cyclic = params.preprocess.dates == "cyclic"
    as_circles = "; hours, weekdays, days and months of dates were encoded as sine and cosine"
    return (
        f"Strategies were {strategies}. Models were {models}. Numeric features were {numeric};"
        f" missing values were imputed and categories encoded {encoded}"
        f"{as_circles if cyclic else ''}; all of it was fitted on training rows only."
    )


def _describe_numeric(preprocess: Preprocess) -> str:
    """Return what was done to numbers, as in "were standardized"."""
    names = [spec.short_name for spec in preprocess.transformers]
    if names:
        return f"transformed by {' and then '.join(names)}"
    return "standardized" if preprocess.numeric == "standardize" else "left unscaled"


def _describe_strategy(params: Params, name: str, samplers: Mapping[str, str | None]) -> str:
    strategy, used = params.strategies[name], samplers[name]
    parts = [] if used is None else [used]
    if strategy.ensemble is not None:
        parts.append(strategy.ensemble.class_name)
    if strategy.class_weight is not None:
        parts.append(f"class weights {strategy.class_weight}")
    return " with ".join(parts) or "no remedy"

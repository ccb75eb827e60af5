"""The arms of the trial: preprocessing, a strategy, a model."""

from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import has_fit_parameter

from equipoise.core.difference import Difference
from equipoise.core.one_thread import summing_in_order
from equipoise.core.tables import ROW, TWO_CLASSES, format_label, split_off_target
from equipoise.fitting.components import (
    Classifier,
    build_classifier,
    build_ensemble,
    gives_probabilities,
)
from equipoise.fitting.labels import check_component_labels, check_strategy_labels
from equipoise.fitting.numbering import number_classes, weigh_by_number
from equipoise.fitting.ordered_classes import OrderedClasses, match_labels
from equipoise.fitting.prepared import Prepared
from equipoise.fitting.preprocessing import clean
from equipoise.fitting.refusing import list_refusals, make_refusal
from equipoise.fitting.resampling import resample
from equipoise.fitting.scored_classes import ScoredClasses
from equipoise.fitting.traits import find_traits, list_own_errors
from equipoise.fitting.workers import limiting_threads
from equipoise.metrics.scores import ROUNDING
from equipoise.params.trial_params import Arm
from equipoise.terminal.errors import RefusalError, UserError


def build_model(arm: Arm, y: pd.Series) -> Classifier:
    """Return the unfitted classifier, weighted or wrapped in an ensemble as the strategy asks.

    One that gives scores only is wrapped in `ScoredClasses`.
    A `UserError` names a label in the arm that is no class of `y`.
    """
    check_strategy_labels(arm.strategy, y)
    check_component_labels(arm.model, y)
    model = build_classifier(arm.model, arm.seed)
    if arm.strategy.class_weight is not None:
        _check_takes_weights(arm, model)
        if "class_weight" in model.get_params():
            model.set_params(class_weight=arm.strategy.class_weight)
    if find_traits(type(model)).counts_classes:
        model = number_classes(model, y)
    if arm.strategy.ensemble is not None:
        model = build_ensemble(arm.strategy.ensemble, arm.seed, model)
    model = weigh_by_number(model, y)
    return model if gives_probabilities(model) else _cast_to_classifier(ScoredClasses(model))


def fit(arm: Arm, train: pd.DataFrame, difference: Difference | None = None) -> Classifier:
    """Return the fitted pipeline of an arm: cleaning, scaling, encoding, model.

    All but the model are fitted on the rows of `train`, the model on what the sampler makes of
    them: `difference` if that is known, else it is asked. So is the pipeline of
    imbalanced-learn, whose sampler stands between steps.
    """
    with fitting(arm):
        cleaner, cleaned = clean(train, arm.seed, arm.preprocess.dates)
    del train  # the rows of a fold, which nobody else holds: what is not needed makes room
    if difference is None:
        difference = resample(cleaned, arm.strategy, arm.preprocess, arm.seed)
    with fitting(arm):
        prepared = Prepared.of(cleaned, arm.preprocess, arm.seed)
        X, y = prepared.apply(difference)
    steps = [("clean", cleaner), *prepared.steps]
    del cleaned, prepared
    return _cast_to_classifier(Pipeline([*steps, ("model", fit_model(arm, X, y))]))


def fit_model(arm: Arm, X: Any, y: pd.Series) -> Classifier:
    """Return the model of an arm, fitted on rows that are resampled, scaled and encoded."""
    model = build_model(arm, y)
    with fitting(arm):
        return _order_classes(model.fit(X, y, **_make_row_weights(arm, model, y)), y)


def _order_classes(model: Classifier, y: pd.Series) -> Classifier:
    """Return a fitted model whose classes are those of `y`, in the order of their labels."""
    own: object = model.classes_
    if isinstance(own, np.ndarray) and [*map(str, own)] == [*map(str, np.unique(y.to_numpy()))]:
        return model
    return _cast_to_classifier(OrderedClasses(model).adopt(model, y))


def _make_row_weights(arm: Arm, model: Classifier, y: pd.Series) -> dict[str, pd.Series]:
    """Return class weights row by row, for a model that takes them in no other way."""
    asked = arm.strategy.class_weight
    own: Any = model.estimator if isinstance(model, ScoredClasses) else model
    if asked is None or arm.strategy.ensemble or "class_weight" in own.get_params():
        return {}
    counts = y.value_counts()
    balanced: Mapping[Hashable, float] = (len(y) / (len(counts) * counts)).to_dict()
    weights = balanced if asked == "balanced" else asked
    return {"sample_weight": y.map(lambda label: weights.get(label, 1.0)).astype("float64")}


@contextmanager
def fitting(arm: Arm) -> Iterator[None]:
    """Fit on one thread, for the same bytes anywhere; what is refused is the user's to fix."""
    try:
        with limiting_threads():
            yield
    except _list_refusals(arm) as refused:
        said = make_refusal(refused, f"{arm.model.key} with {arm.strategy.key}")
        if isinstance(refused, ImportError):
            said = RefusalError(f"{said}; install what it needs, or choose another model")
        raise said from refused


def _list_refusals(arm: Arm) -> tuple[type[Exception], ...]:
    """Return what the model of an arm raises, a package that it lacks included."""
    specs = (spec for spec in (arm.model, arm.strategy.ensemble) if spec is not None)
    return (*list_refusals(*specs), ImportError, *list_own_errors())


def score(model: Any, part: pd.DataFrame) -> pd.DataFrame:
    """Return `row`, `y_true`, `y_score` (the positive class's probability) and `y_pred`.

    Of several classes each has a `y_score_<label>`, in the order of the model's `classes_`.
    """
    X, y = split_off_target(part)
    with summing_in_order():
        return score_seen(model[-1], model[:-1].transform(X), y)


def score_seen(model: Classifier, seen: Any, y: pd.Series) -> pd.DataFrame:
    """Return what `score` does, by a model alone on rows that are scaled and encoded."""
    with summing_in_order():
        probabilities, y_pred = model.predict_proba(seen), model.predict(seen)
    _check_probabilities(probabilities, (len(y), len(model.classes_)))
    y_pred = _match_predicted(np.ravel(y_pred), model)  # CatBoost gives a column of several classes
    scores = make_class_columns("y_score", probabilities, model)
    return pd.DataFrame({ROW: y.index, "y_true": y.to_numpy(), **scores, "y_pred": y_pred})


def _check_probabilities(given: object, shape: tuple[int, int]) -> None:
    """Raise a `ValueError` if a model, perhaps of a plug-in, gives something else."""
    if not isinstance(given, np.ndarray) or given.dtype.kind not in "fiub":
        kind = f"array of {given.dtype}" if isinstance(given, np.ndarray) else type(given).__name__
        raise ValueError(f"predict_proba gives {kind}, and should give an array of numbers")
    if given.shape != shape:
        raise ValueError(
            f"predict_proba gives {given.shape} values, and should give {shape}: a row for each"
            " row and a column for each class"
        )
    wrong = ~((given >= -ROUNDING) & (given <= 1 + ROUNDING))
    if wrong.any():
        rows = f"{wrong.any(axis=1).sum()} of {len(given)} rows"
        raise ValueError(
            f"predict_proba gives {given[wrong][0]:.4g} in {rows}, and should give probabilities"
            " from 0 to 1"
        )


def _match_predicted(given: NDArray[Any], model: Classifier) -> NDArray[Any]:
    """Return labels as `classes_` has them; a `ValueError` says if a model gives another."""
    order, distinct = pd.factorize(given, use_na_sentinel=False)
    spelled = match_labels(distinct.tolist(), model.classes_.tolist())
    for place, label in enumerate(spelled):
        if spelled[label] is None:
            rows = f"{(order == place).sum()} of {len(given)} rows"
            raise ValueError(
                f"predict gives {format_label(label)} in {rows}, and should give labels of the rows"
                " that it was fitted on"
            )
    return np.asarray([*spelled.values()], model.classes_.dtype)[order]


def make_class_columns(
    name: str, values: NDArray[np.float64], model: Classifier
) -> dict[str, NDArray[np.float64]]:
    """Return n x K values as columns: of two classes that of the positive one alone."""
    if len(model.classes_) == TWO_CLASSES:
        return {name: values[:, 1]}
    names = [f"{name}_{label}" for label in model.classes_]
    return dict(zip(names, values.T, strict=True))


def _check_takes_weights(arm: Arm, model: Classifier) -> None:
    key = f"{arm.strategy.key}.class_weight"
    if "class_weight" in arm.model.arguments:
        raise UserError(
            f"{key}: {arm.model.key}.class_weight is set as well; remove one of the two"
        )
    by_row = has_fit_parameter(model, "sample_weight") and arm.strategy.ensemble is None
    if "class_weight" not in model.get_params() and not by_row:
        raise RefusalError(
            f"{key}: {arm.model.class_name} ({arm.model.key}) takes no class_weight and no"
            " sample_weight; choose another model or strategy"
        )


def _cast_to_classifier(estimator: Any) -> Classifier:
    classifier: Classifier = estimator
    return classifier

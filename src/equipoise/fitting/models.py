"""The arms of the trial: preprocessing, a strategy, a model."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from equipoise.contract.errors import UserError
from equipoise.contract.params import Component, Preprocess, Strategy
from equipoise.contract.tables import ROW, features_and_target
from equipoise.fitting.components import Classifier, build_classifier, build_ensemble, build_sampler
from equipoise.fitting.preprocessing import build_preprocessor


@dataclass(frozen=True)
class Arm:
    """One strategy with one model, and where params.yaml has them."""

    strategy: Strategy
    model: Component
    preprocess: Preprocess
    seed: int
    strategy_key: str
    model_key: str


def build_model(arm: Arm) -> Classifier:
    """Return the unfitted classifier, weighted or wrapped in an ensemble as the strategy asks."""
    model = build_classifier(arm.model, arm.model_key, arm.seed)
    if arm.strategy.class_weight is not None:
        _check_takes_weights(arm, model)
        model.set_params(class_weight=arm.strategy.class_weight)
    if arm.strategy.ensemble is None:
        return model
    key = f"{arm.strategy_key}.ensemble"
    return build_ensemble(arm.strategy.ensemble, key, arm.seed, model)


def build_pipeline(arm: Arm) -> Classifier:
    """Return the unfitted pipeline, its sampler inside: what cross-validation must fit."""
    steps = [("preprocess", build_preprocessor(arm.preprocess)), ("model", build_model(arm))]
    if arm.strategy.sampler is None:
        return _as_classifier(Pipeline(steps))
    from imblearn.pipeline import (  # noqa: PLC0415 - 0.5 s that an arm without a sampler saves
        Pipeline as SamplingPipeline,
    )

    sampler = build_sampler(arm.strategy.sampler, f"{arm.strategy_key}.sampler", arm.seed)
    return _as_classifier(SamplingPipeline([steps[0], ("sampler", sampler), steps[1]]))


def fit_resampled(arm: Arm, train: pd.DataFrame, resampled: pd.DataFrame) -> Classifier:
    """Return preprocessing fitted on train, with the model fitted on the resampled rows.

    It predicts what `build_pipeline(arm)` fitted on train would.
    """
    X, _ = features_and_target(train)
    X_resampled, y_resampled = features_and_target(resampled)
    model = build_model(arm)
    with fitting(arm):
        preprocessor = build_preprocessor(arm.preprocess).fit(X)
        model.fit(preprocessor.transform(X_resampled), y_resampled)
    return _as_classifier(Pipeline([("preprocess", preprocessor), ("model", model)]))


@contextmanager
def fitting(arm: Arm) -> Iterator[None]:
    """Fit on one thread, for the same bytes anywhere; what is refused is the user's to mend."""
    try:
        with threadpool_limits(limits=1):
            yield
    except (ValueError, TypeError, RuntimeError) as refused:
        reason = " ".join(str(refused).split())
        raise UserError(f"{arm.model_key} with {arm.strategy_key}: {reason}") from refused


def score(model: Classifier, part: pd.DataFrame) -> pd.DataFrame:
    """Return `row`, `y_true`, `y_score` (the positive class's probability) and `y_pred`."""
    X, y = features_and_target(part)
    return pd.DataFrame(
        {
            ROW: part.index,
            "y_true": y.to_numpy(),
            "y_score": model.predict_proba(X)[:, 1],
            "y_pred": model.predict(X),
        }
    )


def _check_takes_weights(arm: Arm, model: Classifier) -> None:
    key = f"{arm.strategy_key}.class_weight"
    if "class_weight" in arm.model.arguments:
        raise UserError(
            f"{key}: {arm.model_key}.class_weight is set as well; remove one of the two"
        )
    if "class_weight" not in model.get_params():
        raise UserError(
            f"{key}: {arm.model.class_name} ({arm.model_key}) has no class_weight;"
            " choose another model or strategy"
        )


def _as_classifier(pipeline: Any) -> Classifier:
    classifier: Classifier = pipeline
    return classifier

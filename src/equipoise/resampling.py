"""A sampler applied to the train part."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from equipoise.components import Sampler, build_sampler
from equipoise.difference import POSITION, Difference
from equipoise.errors import UserError
from equipoise.params import Preprocess, Strategy
from equipoise.preprocessing import build_preprocessor
from equipoise.tables import ROW, TARGET, features_and_target


def resample(
    train: pd.DataFrame, strategy: Strategy, preprocess: Preprocess, seed: int, key: str
) -> Difference:
    """Return what the strategy's sampler does to train, in the space that the model will see.

    `key` is where params.yaml has the strategy.
    """
    if strategy.sampler is None:
        return Difference()
    sampler = build_sampler(strategy.sampler, f"{key}.sampler", seed)
    preprocessor = build_preprocessor(preprocess)
    X, y = features_and_target(train)
    X_space = preprocessor.fit_transform(X)
    X_resampled, y_resampled = fit_resample(sampler, X_space, y, f"{key}.sampler")
    source = _source_positions(sampler, X_space.to_numpy(), X_resampled.to_numpy())
    synthetic = pd.DataFrame(preprocessor.inverse_transform(X_resampled), columns=X.columns)
    return _difference(train, source, synthetic.assign(**{TARGET: y_resampled.to_numpy()}))


def fit_resample(
    sampler: Sampler, X: pd.DataFrame, y: pd.Series, key: str
) -> tuple[pd.DataFrame, pd.Series]:
    """Return the sampler's rows; what it refuses is the user's to mend at `key`."""
    check_neighbours(sampler, y, key)
    try:
        return sampler.fit_resample(X, y)
    except (ValueError, TypeError, RuntimeError) as refused:
        name = type(sampler).__name__
        raise UserError(f"{key}: {name} failed: {' '.join(str(refused).split())}") from refused


def check_neighbours(sampler: Sampler, y: pd.Series, key: str) -> None:
    """Raise if the rarest class has too few rows for the sampler's neighbours."""
    k = sampler.get_params().get("k_neighbors")
    counts = y.value_counts()
    rarest, count = counts.idxmin(), int(counts.min())
    if isinstance(k, int) and count <= k:
        remedy = f"lower it to at most {count - 1}" if count > 1 else "there is none to be near"
        raise UserError(
            f"{key}.k_neighbors: {k} is too many: class {rarest} has {count} rows to learn"
            f" from; {remedy}"
        )


def _difference(
    train: pd.DataFrame, source: NDArray[np.int64], resampled: pd.DataFrame
) -> Difference:
    """Return the rows of `resampled` by where each comes from: a position in train, or -1."""
    resampled = resampled.rename_axis(POSITION)
    original = source >= 0
    kept = pd.DataFrame({ROW: train.index[source[original]]}, index=resampled.index[original])
    unchanged = np.array_equal(source[original], np.arange(len(train)))
    return Difference(
        None if unchanged and original[: len(train)].all() else kept,
        None if original.all() else resampled[~original],
    )


def _source_positions(
    sampler: Sampler, X: NDArray[np.float64], X_resampled: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return the position in train of each resampled row, -1 for a new one.

    What the sampler says of its rows is believed only where the values agree.
    """
    cleaner = getattr(sampler, "enn_", None) or getattr(sampler, "tomek_", None) or sampler
    claimed = getattr(cleaner, "sample_indices_", None)
    source = np.arange(len(X_resampled)) if claimed is None else np.asarray(claimed)
    source = np.where(source < len(X), source, -1)
    same = (X_resampled == X[source]).all(axis=1)
    return np.where(same, source, -1)

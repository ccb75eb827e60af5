"""A sampler applied to the train part."""

from math import ceil

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from equipoise.contract.difference import POSITION, Difference
from equipoise.contract.errors import UserError
from equipoise.contract.params import Preprocess, Strategy
from equipoise.contract.tables import ROW, TARGET, features_and_target
from equipoise.fitting.components import Sampler, build_sampler
from equipoise.fitting.preprocessing import build_preprocessor


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
    source = _source_positions(sampler, (X_space, y), (X_resampled, y_resampled))
    synthetic = pd.DataFrame(preprocessor.inverse_transform(X_resampled), columns=X.columns)
    return _difference(train, source, synthetic.assign(**{TARGET: y_resampled.to_numpy()}))


def fit_resample(
    sampler: Sampler, X: pd.DataFrame, y: pd.Series, key: str
) -> tuple[pd.DataFrame, pd.Series]:
    """Return the sampler's rows; what it refuses is the user's to mend at `key`."""
    check_neighbours(sampler, y, key)
    try:
        with threadpool_limits(limits=1):  # the same bytes on any machine
            return sampler.fit_resample(X, y)
    except (ValueError, TypeError, RuntimeError) as refused:
        name = type(sampler).__name__
        raise UserError(f"{key}: {name} failed: {' '.join(str(refused).split())}") from refused


def check_neighbours(sampler: Sampler, y: pd.Series, key: str, folds: int | None = None) -> None:
    """Raise if the rarest class has too few rows for the sampler's neighbours.

    With `folds`, its rows are those left when the largest share of them is held out.
    """
    k = sampler.get_params().get("k_neighbors")
    counts = y.value_counts()
    rarest, count = counts.idxmin(), int(counts.min())
    if folds is not None:
        count -= ceil(count / folds)
    if isinstance(k, int) and count <= k:
        remedy = f"lower it to at most {count - 1}" if count > 1 else "none is near another"
        where = "" if folds is None else f" in the smallest of cross_validation.folds = {folds}"
        raise UserError(
            f"{key}.k_neighbors: {k} is too many: class {rarest} has {count} rows to learn"
            f" from{where}; {remedy}"
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
    sampler: Sampler,
    before: tuple[pd.DataFrame, pd.Series],
    after: tuple[pd.DataFrame, pd.Series],
) -> NDArray[np.int64]:
    """Return the position in train of each resampled row, -1 for a new one.

    What the sampler says of its rows, or that it gives the originals first, is believed only
    where features and label agree.
    """
    (X, y), (X_resampled, y_resampled) = before, after
    cleaner = getattr(sampler, "enn_", None) or getattr(sampler, "tomek_", None)
    own = getattr(sampler, "sample_indices_", None)
    claimed = getattr(cleaner, "sample_indices_", None) if own is None else own
    source = np.arange(len(X_resampled)) if claimed is None else np.asarray(claimed)
    source = np.where(source < len(X), source, -1)
    same = (X_resampled.to_numpy() == X.to_numpy()[source]).all(axis=1)
    same &= y_resampled.to_numpy() == y.to_numpy()[source]
    return np.where(same, source, -1)

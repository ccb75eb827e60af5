"""Original and synthetic rows in two dimensions, so that a person can see what a sampler did."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from equipoise.core.difference import Difference
from equipoise.core.tables import ROW, TARGET, split_off_target
from equipoise.fitting.preprocessing import build_encoder, build_scaler, clean
from equipoise.params.trial_params import Dates, Preprocess

# Rows of each class that are drawn, of the kept, of the dropped and of the synthetic ones.
SHOWN = 150
# Rows from which the axes are learned.
LEARNED = 10_000
DECIMALS = 2


def project_rows(
    train: pd.DataFrame,
    differences: Mapping[str, Difference],
    seed: int,
    dates: Dates = "parts",
) -> dict[str, pd.DataFrame]:
    """Return, for each strategy that adds or drops rows, some rows of `x`, `y`, `class`, `kind`.

    The axes are the first two principal components (Pearson, 1901) of standardized, encoded
    train rows: the same for every strategy, and learned from train rows alone.
    """
    changed = {
        name: difference
        for name, difference in differences.items()
        if difference.kept is not None or difference.synthetic is not None
    }
    if not changed:
        return {}
    cleaned = clean(train, seed, dates)[1]
    with threadpool_limits(limits=1):  # the same bits on any machine
        axes = _fit_axes(cleaned, seed)
        return {
            name: _place_rows(cleaned, difference, axes, seed)
            for name, difference in changed.items()
        }


def _fit_axes(cleaned: pd.DataFrame, seed: int) -> Any:
    X, _ = split_off_target(_sample_rows(cleaned, LEARNED, seed))
    preprocess = Preprocess(numeric="standardize")
    steps = [build_scaler(preprocess, X, seed), build_encoder(preprocess, X, seed)]
    components = PCA(min(2, X.shape[1]), svd_solver="full")
    named = [(str(place), step) for place, step in enumerate(steps) if step is not None]
    return Pipeline([*named, ("components", components)]).fit(X)


def _place_rows(
    cleaned: pd.DataFrame, difference: Difference, axes: Any, seed: int
) -> pd.DataFrame:
    parts = [
        (kind, _sample_rows(rows, SHOWN, seed))
        for kind, all_rows in _split_by_kind(cleaned, difference)
        for _, rows in all_rows.groupby(TARGET, sort=True)
    ]
    rows = pd.concat([part for _, part in parts], ignore_index=True)
    kinds = np.repeat([kind for kind, _ in parts], [len(part) for _, part in parts])
    x, y = _pad_to_two_columns(axes.transform(split_off_target(rows)[0]))
    places = {"x": x.round(DECIMALS), "y": y.round(DECIMALS)}
    return pd.DataFrame(places | {"class": rows[TARGET].astype(str), "kind": kinds})


def _split_by_kind(
    cleaned: pd.DataFrame, difference: Difference
) -> Iterator[tuple[str, pd.DataFrame]]:
    if difference.kept is None:
        yield "kept", cleaned
    else:
        kept = cleaned.index.isin(difference.kept[ROW])
        yield "kept", cleaned[kept]
        yield "dropped", cleaned[~kept]
    if difference.synthetic is not None:
        yield "synthetic", difference.synthetic


def _pad_to_two_columns(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return two rows of coordinates; a table of one column has no second."""
    missing = 2 - values.shape[1]
    return np.pad(values, ((0, 0), (0, missing))).T


def _sample_rows(rows: pd.DataFrame, most: int, seed: int) -> pd.DataFrame:
    return rows if len(rows) <= most else rows.sample(most, random_state=seed)

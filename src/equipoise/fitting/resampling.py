"""A sampler applied to the train part."""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from math import ceil
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_integer_dtype

from equipoise.core.difference import POSITION, Difference
from equipoise.core.model_errors import REFUSALS
from equipoise.core.tables import ROW, TARGET, name_class, set_columns, split_off_target
from equipoise.fitting.categories import (
    choose_sampler,
    encode_for_sampler,
    group_rare,
    wants_numbers,
)
from equipoise.fitting.components import Sampler, build_sampler
from equipoise.fitting.labels import check_classes_kept, check_strategy_labels
from equipoise.fitting.preprocessing import clean, fit_scaler, undo_scaling
from equipoise.fitting.refusing import list_refusals, make_refusal
from equipoise.fitting.traits import DEFAULT_NEIGHBOURS, find_traits
from equipoise.fitting.workers import limiting_threads
from equipoise.params.trial_params import Component, Preprocess, Strategy
from equipoise.terminal.errors import RefusalError

Rows = tuple[pd.DataFrame, pd.Series]


def resample(
    cleaned: pd.DataFrame, strategy: Strategy, preprocess: Preprocess, seed: int
) -> Difference:
    """Return what the strategy's sampler does to cleaned rows, scaled as the model sees them.

    New rows are in the units of `cleaned`, whole where a column of it is; rare values of a
    category may be one in them.
    """
    X, y = split_off_target(cleaned)
    check_strategy_labels(strategy, y)
    if strategy.sampler is None:
        return Difference()
    spec = choose_sampler(strategy.sampler, X)
    sampler = build_sampler(spec, seed)
    whole = [name for name in map(str, X) if is_integer_dtype(X[name])]
    X_space = X.astype(dict.fromkeys(whole, "float64"))  # a sampler would cut, not round
    scaler, X_space = fit_scaler(preprocess, X_space, y, seed)
    X_space = group_rare(spec, X_space, preprocess)
    encoded = encode_for_sampler(X_space, preprocess) if wants_numbers(spec, X_space) else None
    X_seen = X_space if encoded is None else encoded.rows
    fitted, resampled = _fit_resample(sampler, (X_seen, y), spec)
    X_resampled, y_resampled = resampled
    check_classes_kept(spec, y_resampled.unique(), y)
    source = _trace_rows(fitted, (X_seen, y), resampled)
    made = source < 0
    if not made.any():
        return _make_difference(cleaned, source, None)
    new = X_resampled[made] if encoded is None else encoded.decode(X_resampled[made])
    readable = undo_scaling(scaler, new)[list(X.columns)]
    readable = set_columns(
        readable, {name: readable[name].round().astype("int64") for name in whole}
    )
    synthetic = readable.assign(**{TARGET: y_resampled[made].to_numpy()})
    return _make_difference(cleaned, source, synthetic)


def clean_and_resample(
    rows: pd.DataFrame, strategy: Strategy, preprocess: Preprocess, seed: int
) -> tuple[pd.DataFrame, Difference]:
    """Return rows as the strategy's sampler is given them, and what it does to them."""
    cleaned = rows if strategy.sampler is None else clean(rows, seed, preprocess.dates)[1]
    return cleaned, resample(cleaned, strategy, preprocess, seed)


def _fit_resample(sampler: Sampler, rows: Rows, spec: Component) -> tuple[Sampler, Rows]:
    """Return the fitted sampler and its rows; what it refuses is the user's to fix in `spec`."""
    from equipoise.fitting.numbering import (  # noqa: PLC0415 - 1.3 s that an arm without a sampler saves
        Numbered,
    )
    from equipoise.fitting.searches import (  # noqa: PLC0415 - as above
        use_exact_neighbours,
    )

    check_neighbours(sampler, rows[1], spec)
    numbered = Numbered(use_exact_neighbours(sampler))
    with _sampling(sampler, spec), limiting_threads():  # the same bytes on any machine
        resampled = numbered.fit_resample(*rows)
    return numbered.sampler_, resampled


def check_counts(strategy: Strategy, labels: pd.Series, X: pd.DataFrame, seed: int) -> None:
    """Raise what `resample` would, if rows of these labels cannot give the counts asked for.

    Of `X`, a cleaned frame, the columns count alone.
    """
    if strategy.sampler is not None:
        from equipoise.fitting.numbering import (  # noqa: PLC0415 - as above
            Numbered,
        )

        spec = choose_sampler(strategy.sampler, X)
        sampler = build_sampler(spec, seed)
        with _sampling(sampler, spec):
            Numbered(sampler).check_counts(labels)


@contextmanager
def _sampling(sampler: Sampler, spec: Component) -> Iterator[None]:
    """Whatever a sampler refuses is a `UserError`."""
    try:
        yield
    except list_refusals(spec) as refused:
        asked = spec.written.get("sampling_strategy", "auto")
        where = spec.key + ("" if asked == "auto" else f".sampling_strategy: {asked!r}")
        raise make_refusal(refused, f"{where}: {type(sampler).__name__} failed") from refused


def check_neighbours(
    sampler: Sampler, y: pd.Series, spec: Component, folds: int | None = None
) -> None:
    """Raise if the rarest class that is over-sampled has too few rows for its neighbours.

    With `folds`, its rows are those left when the largest share of them is held out.
    """
    name, k = _find_neighbours_argument(sampler)
    if not isinstance(k, int):
        return
    counts = y.value_counts()
    counts = counts[counts.index.isin(_list_over_sampled(sampler, name, y))]
    if counts.empty:
        return
    rarest, count = counts.idxmin(), int(counts.min())
    if folds is not None:
        count -= ceil(count / folds)
    if count <= k:
        others = "use RandomOverSampler, or add more rows"
        remedy = f"lower it to at most {count - 1}" if count > 1 else others
        where = "" if folds is None else f" in the smallest of cross_validation.folds = {folds}"
        raise RefusalError(
            f"{spec.key}.{name}: {k} is too many: {name_class(rarest, y)} has {count} rows to"
            f" learn from{where}; {remedy}"
        )


def _list_over_sampled(sampler: Sampler, name: str, y: pd.Series) -> list[Hashable]:
    """Return the classes of which rows are made from as many neighbours as an argument says.

    None of a sampler that refuses what it is asked for, which it says when it resamples.
    """
    from equipoise.fitting.numbering import (  # noqa: PLC0415 - as above
        list_over_sampled,
    )

    part = sampler.get_params().get(name.rpartition(".")[0])  # the sampler inside, if there is one
    try:
        return list_over_sampled(sampler if part is None else part, y)
    except REFUSALS:
        return []


def _find_neighbours_argument(sampler: Sampler) -> tuple[str, Any]:
    """Return the argument that says how many neighbours new rows are made from, and its value."""
    name = find_traits(type(sampler)).neighbours
    part = "." in name  # which is left out where it has its default
    asked = sampler.get_params().get(name.replace(".", "__"), DEFAULT_NEIGHBOURS if part else None)
    return name, asked


def _make_difference(
    cleaned: pd.DataFrame, source: NDArray[np.int64], synthetic: pd.DataFrame | None
) -> Difference:
    """Return resampled rows by where each comes from: a position in `cleaned`, or -1 for new."""
    position, original = pd.RangeIndex(len(source), name=POSITION), source >= 0
    kept = pd.DataFrame({ROW: cleaned.index[source[original]]}, index=position[original])
    unchanged = np.array_equal(source[original], np.arange(len(cleaned)))
    return Difference(
        None if unchanged and original[: len(cleaned)].all() else kept,
        None if synthetic is None else synthetic.set_axis(position[~original]),
    )


def _trace_rows(sampler: Sampler, before: Rows, after: Rows) -> NDArray[np.int64]:
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
    perhaps = np.flatnonzero(source >= 0)
    of_train, resampled = X.iloc[source[perhaps]], X_resampled[list(X.columns)].iloc[perhaps]
    same = (resampled.to_numpy() == of_train.to_numpy()).all(axis=1)
    same &= y_resampled.to_numpy()[perhaps] == y.to_numpy()[source[perhaps]]
    source[perhaps[~same]] = -1
    return source

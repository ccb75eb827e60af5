"""What is done to features before a model sees them: cleaned, scaled, encoded.

A sampler works between scaling and encoding, where a category is still a category. Each part
is fitted on rows to learn from, takes frames and gives frames, and is left out where it has
nothing to do. Kinds of columns are told by their types: see
`data.column_kinds`.
"""

from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_datetime64_any_dtype, is_integer_dtype, is_numeric_dtype

from equipoise.core.model_errors import REFUSALS
from equipoise.core.tables import split_off_target
from equipoise.fitting.components import build_transformer
from equipoise.fitting.refusing import list_refusals
from equipoise.fitting.traits import REFUSED_SIGNS
from equipoise.params.trial_params import Component, Dates, Preprocess
from equipoise.terminal.errors import RefusalError, UserError

MISSING = "missing"
TEXT_COMPONENTS = 10
TARGET_ENCODER = Component.model_validate({"class": "TargetEncoder"}).at("preprocess.categories")
# Rows that went through a transformer and back differ by rounding, which is far below this.
RESTORED = 1e-4

# A name, a transformer, and the columns that it takes: one by its name alone.
Blocks = list[tuple[str, Any, list[str] | str]]


def clean(part: pd.DataFrame, seed: int, dates: Dates = "parts") -> tuple[Any, pd.DataFrame]:
    """Return a cleaner fitted on a part, and the part cleaned: numbers and categories, no gaps.

    Whole numbers stay whole. The target and what else is no feature stay as they are. A
    `UserError` says which columns would come to have one name.
    """
    X, _ = split_off_target(part)
    cleaner = build_cleaner(X, seed, dates)
    try:
        cleaned = cleaner.fit_transform(X)
    except ValueError as refused:
        reason = " ".join(str(refused).split())
        raise UserError(
            f"data.columns: {reason}; rename or drop columns, or pin other kinds"
        ) from refused
    whole = {name: "int64" for name in X.columns if is_integer_dtype(X[name])}
    return cleaner, cleaned.astype(whole).join(part.drop(columns=X.columns))


def build_cleaner(X: pd.DataFrame, seed: int, dates: Dates = "parts") -> Any:
    """Return an unfitted transformer that fills gaps and turns dates and text into numbers.

    A gap becomes the median (the mean, if `X` has none there), for whole numbers the commonest
    one, for a category one of its own; where a number is missing, a column of its own says so (that
    a value is not known may tell more than the value). A date becomes its parts, to the hour:
    numbers, or if `cyclic` all but the year a sine and a cosine. Text becomes what its letter
    sequences have in common.
    """
    numbers = _list_numeric_columns(X)
    whole = [name for name in numbers if is_integer_dtype(X[name])]
    gaps = [name for name in numbers if X[name].isna().any() and name not in whole]
    texts = [n for n in map(str, X) if isinstance(X[n].dtype, pd.StringDtype)]
    readable = [name for name in texts if X[name].str.strip().fillna("").any()]
    categories = [n for n in map(str, X) if isinstance(X[n].dtype, pd.CategoricalDtype)]
    categories += [name for name in texts if name not in readable]  # nothing there but a gap
    complete = [name for name in numbers if name not in {*gaps, *whole}]
    blocks: Blocks = [
        ("complete", _make_filler("mean"), complete),  # fast, for there is no gap to learn from
        ("gaps", _make_filler("median", add_indicator=True), gaps),
        ("whole", _make_filler("most_frequent", add_indicator=True), whole),
        *_make_date_blocks([n for n in map(str, X) if is_datetime64_any_dtype(X[n])], dates),
        *_make_text_blocks(readable, seed),
        ("categories", _make_filler("constant", fill_value=MISSING), categories),
    ]
    return _join_blocks(blocks)


def build_scaler(preprocess: Preprocess, X: pd.DataFrame, seed: int) -> Any | None:
    """Return an unfitted transformer of cleaned numbers; None where they stay as they are."""
    numbers = _list_numeric_columns(X)
    steps = _list_transformers(preprocess, seed)
    if not steps or not numbers:
        return None
    if len(steps) > 1:
        from sklearn.pipeline import make_pipeline  # noqa: PLC0415 - as below

        steps = [make_pipeline(*steps)]
    others = [name for name in map(str, X) if name not in numbers]
    return _join_blocks([("numbers", steps[0], numbers), ("others", "passthrough", others)])


def _list_transformers(preprocess: Preprocess, seed: int) -> list[Any]:
    if preprocess.numeric != "standardize":
        return [build_transformer(spec, seed) for spec in preprocess.transformers]
    from sklearn.preprocessing import (  # noqa: PLC0415 - an arm that needs none saves the time
        StandardScaler,
    )

    return [StandardScaler()]


def fit_scaler(
    preprocess: Preprocess, X: pd.DataFrame, y: pd.Series, seed: int
) -> tuple[Any | None, pd.DataFrame]:
    """Return a fitted transformer of cleaned numbers, and the rows as `fit_transform` scales them.

    One that goes by labels, as `TargetEncoder`, cross-fits them there, so that no row's number has
    its own label in it. It is None where they stay as they are. A `UserError` says what a
    transformer that params name refuses, or that it gives no table.
    """
    try:
        scaler = build_scaler(preprocess, X, seed)
        if scaler is None:
            return None, X
        return scaler, scaler.fit_transform(X, y)
    except list_refusals(*preprocess.transformers) as refused:
        reason = " ".join(str(refused).split()).removesuffix(".") or type(refused).__name__
        names = ", ".join(spec.class_name for spec in preprocess.transformers)
        raise UserError(
            f"preprocess.numeric: {names or preprocess.numeric} failed: {reason}; choose other"
            " arguments, or another transformer"
        ) from refused


def undo_scaling(scaler: Any | None, X: pd.DataFrame) -> pd.DataFrame:
    """Return what `scaler`, fitted, would turn into `X`; a `RefusalError` if nothing would be.

    Some transformers cannot be undone, and some lose what tells rows apart.
    """
    if scaler is None:
        return X
    own = scaler.named_transformers_["numbers"] if hasattr(scaler, "transformers_") else scaler
    steps = [step for _, step in own.steps] if hasattr(own, "steps") else [own]
    try:
        made = numbers = X[[*own.get_feature_names_out()]]
    except REFUSALS as refused:  # it does not name what it makes
        raise _make_no_way_back_error(*steps) from refused
    for step in reversed(steps):
        try:
            values = step.inverse_transform(numbers)
        except REFUSALS as refused:  # an AttributeError, of most
            raise _make_no_way_back_error(step) from refused
        numbers = pd.DataFrame(values, X.index, [*step.feature_names_in_])
    scales_only = all(hasattr(step, "scale_") for step in steps)  # which loses nothing
    if not scales_only and not np.allclose(own.transform(numbers), made, RESTORED, RESTORED):
        raise _make_no_way_back_error(*steps)
    return X.drop(columns=made.columns).join(numbers)


def _make_no_way_back_error(*steps: object) -> RefusalError:
    names = " and ".join(type(step).__name__ for step in steps)
    return RefusalError(
        f"preprocess.numeric: {names} cannot be undone exactly, and the rows that a sampler makes"
        " are kept in the units of the table; choose another transformer, or a strategy that makes"
        " no rows"
    )


def build_encoder(preprocess: Preprocess, X: pd.DataFrame, seed: int) -> Any | None:
    """Return an unfitted transformer of cleaned categories into numbers; None without any.

    It gives an array: made of labels, names of columns may coincide, or be refused by a model. If
    one refuses the name of a column, numbers alone become an array too, for whichever model.
    """
    numbers = _list_numeric_columns(X)
    categories = [name for name in map(str, X) if name not in numbers]
    if not categories and REFUSED_SIGNS.isdisjoint("".join(numbers)):
        return None
    from sklearn.compose import (  # noqa: PLC0415 - an arm that needs none saves the time
        ColumnTransformer,
    )

    single = bool(numbers) and (X[numbers].dtypes == "float32").all()
    dtype = np.float32 if single else np.float64
    blocks = _make_category_blocks(preprocess, X[categories], seed, dtype)
    return ColumnTransformer([("numbers", "passthrough", numbers), *blocks])


def _make_category_blocks(
    preprocess: Preprocess, X: pd.DataFrame, seed: int, dtype: type[np.floating[Any]]
) -> Blocks:
    """Return encoders of categories; the rare values of one with many share a column."""
    if preprocess.categories == "target":
        return [("categories", _make_target_encoder(preprocess, seed), [*map(str, X)])]
    from sklearn.preprocessing import (  # noqa: PLC0415 - an arm that needs none saves the time
        OneHotEncoder,
    )

    most = preprocess.most_categories
    many = [name for name in map(str, X) if X[name].nunique() > most]
    few = [name for name in map(str, X) if name not in many]
    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False, dtype=dtype)
    blocks: Blocks = [("categories", one_hot, few)]
    if many:
        grouped = OneHotEncoder(
            max_categories=most,
            handle_unknown="infrequent_if_exist",
            sparse_output=False,
            dtype=dtype,
        )
        blocks.append(("many", grouped, many))
    return blocks


def _make_target_encoder(preprocess: Preprocess, seed: int) -> Any:
    """Return an encoder of a value by the classes of its rows (Micci-Barreca, 2001).

    Its `fit_transform` is cross-fitted: a row's own label is not in its number. The share of a
    value with few rows is drawn towards that of all rows. It is a number like others, so it is
    standardized with them: a penalty would else weigh down on shares of a rare class.
    """
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415 - as above
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415 - as above

    encoder = build_transformer(TARGET_ENCODER, seed)
    return (
        encoder if preprocess.numeric != "standardize" else make_pipeline(encoder, StandardScaler())
    )


def _list_numeric_columns(X: pd.DataFrame) -> list[str]:
    return [name for name in map(str, X) if is_numeric_dtype(X[name])]


def _make_filler(strategy: str, **arguments: str | bool) -> Any:
    from sklearn.impute import SimpleImputer  # noqa: PLC0415 - 1.6 s that most arms of resample save

    return SimpleImputer(strategy=strategy, keep_empty_features=True, **arguments)


def _make_date_blocks(names: list[str], dates: Dates) -> Blocks:
    if not names:
        return []
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415 - as above
    from skrub import DatetimeEncoder  # noqa: PLC0415 - 1 s that a table without dates saves

    # Seconds since 1970 would drown all else where nothing is scaled.
    encoder = DatetimeEncoder(
        resolution="hour",
        add_weekday=True,
        add_total_seconds=False,
        periodic_encoding="circular" if dates == "cyclic" else None,
    )
    return [
        (f"date {name}", make_pipeline(encoder, _make_filler("median")), name) for name in names
    ]


def _make_text_blocks(names: list[str], seed: int) -> Blocks:
    if not names:
        return []
    from skrub import StringEncoder  # noqa: PLC0415 - 1 s that a table without text saves

    encoder = StringEncoder(n_components=TEXT_COMPONENTS, random_state=seed)
    return [(f"text {name}", encoder, name) for name in names]


def _join_blocks(blocks: Blocks) -> Any:
    """Return one transformer of frames, the order of columns that of the blocks."""
    used = [block for block in blocks if block[2]]
    if len(used) == 1 and isinstance(used[0][2], list):
        return used[0][1].set_output(transform="pandas")
    from sklearn.compose import (  # noqa: PLC0415 - a table of one kind saves the time
        ColumnTransformer,
    )

    return ColumnTransformer(used, verbose_feature_names_out=False).set_output(transform="pandas")

"""The target: labels as the file has them, and the class that each row is of.

A label is what is written, to the last capital and space. Labels that only look alike may be one
class or several: that is for the user to say.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Number
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from equipoise.checks.finding import Finding
from equipoise.core.table_schema import Label
from equipoise.core.tables import TWO_CLASSES, format_count, format_label
from equipoise.data.alike import find_alike, list_counts, read_exactly
from equipoise.data.known_gaps import GAP_WORDS
from equipoise.params.data_params import FileData
from equipoise.terminal.errors import UserError, suggest_nearest

LABELS_SHOWN = 5
MOST_CLASSES = 100
LARGEST_LABEL = 2**63 - 1
# How many rows have each label.
LabelCounts = Mapping[Hashable, int]


@dataclass(frozen=True)
class Target:
    """The class of each row, the labels of the positive one in words, and what to know of it.

    Of two classes the positive one is 1 and the other 0; several keep their labels, and there
    is none that is positive.
    """

    classes: pd.Series
    positive: str | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Labels:
    """The labels that are positive, if there is such a class, and what to know of the labels."""

    positive: Sequence[Any] | None
    findings: tuple[Finding, ...]

    def assign_classes(self, column: pd.Series) -> pd.Series:
        """Return the class of each label of a column."""
        if self.positive is None:
            return _convert_labels(column)
        return make_hashable(column).isin(self.positive).astype("int64")


def read_target(column: pd.Series, data: FileData) -> Target:
    """Return the classes of a column of labels; a `UserError` says what is wrong with them."""
    unlabelled = mark_unlabelled(column, data)
    _check_kinds(column[~unlabelled], data)
    labels = check_labels(count_labels(column[~unlabelled]), int(unlabelled.sum()), data)
    positive = None if labels.positive is None else " or ".join(map(str, labels.positive))
    return Target(labels.assign_classes(column), positive, labels.findings)


def check_labels(counts: LabelCounts, unlabelled: int, data: FileData) -> Labels:
    """Return which labels are positive; a `UserError` says what is wrong with them.

    `counts` has the rows of each label, in alphabetical order; so many more have none.
    """
    _check_counts(counts, unlabelled, data)
    distinct = [
        _match_label(label, counts, "distinct_labels", data) for label in data.distinct_labels
    ]
    if data.positive is None:
        _check_unlike(counts, counts, distinct, data)
        if len(counts) > TWO_CLASSES:
            return Labels(None, _note_gap_words(counts, distinct, data))
    positive = _find_positive_labels(counts, data)
    if data.positive is not None and not isinstance(data.positive, tuple):
        _check_unlike(positive, counts, distinct, data)
    return Labels(positive, _note_gap_words(counts, [*distinct, *positive], data))


def mark_unlabelled(column: pd.Series, data: FileData) -> pd.Series:
    """Return which rows have no label: a gap, or nothing but spaces.

    Where such rows are to be dropped, words for a gap are one as well, unless params mean them.
    """
    words = list_label_gaps(data)
    blank = column.map(lambda x: isinstance(x, str) and (not x.strip() or x.strip() in words))
    return column.isna() | blank.astype(bool)


def list_label_gaps(data: FileData) -> set[str]:
    """Return the words that stand for no label: some if such rows are to be dropped, else none."""
    if data.unlabelled != "drop":
        return set()
    asked = data.positive if isinstance(data.positive, tuple) else (data.positive,)
    return {*GAP_WORDS} - {*map(str, (*asked, *data.distinct_labels))}


def restore_labels(labels: pd.Series) -> pd.Series:
    """Return labels beside which there were gaps as they are in a column without any.

    >>> restore_labels(pd.Series([0.0, 1.0])).tolist()
    [0, 1]
    >>> restore_labels(pd.Series([False, True], dtype="boolean")).tolist()
    [False, True]
    """
    if is_bool_dtype(labels):
        return labels.astype("bool")
    is_whole = is_numeric_dtype(labels) and (labels == labels.round()).all()
    return labels.astype("int64") if is_whole and (labels.abs() < 2.0**63).all() else labels


def note_unlabelled(unlabelled: int, rows: int, data: FileData) -> tuple[Finding, ...]:
    """Return how many of the rows have no label and are left out."""
    message = (
        f"data.unlabelled: {unlabelled:,} of {rows:,} rows have no '{data.target}' and are left out"
    )
    return (Finding("note", "data.unlabelled", message),)


def list_user_labels(target: pd.Series, classes: pd.Series) -> list[Any]:
    """Return the user's own label of each class, in the order of the classes.

    `target` is the column as the file has it; a date becomes text. Of several labels that are
    positive the first by alphabet stands for all, and several that are not are called after it:
    "not fraud".
    """
    written = make_hashable(target)
    spelled = {
        code: sorted(written[classes == code].unique().tolist(), key=str)
        for code in sorted(classes.unique().tolist())
    }
    first = [_encode_label(labels[0]) for labels in spelled.values()]
    several = [code == 0 and len(labels) > 1 for code, labels in spelled.items()]
    return [f"not {first[-1]}" if many else own for own, many in zip(first, several, strict=True)]


def count_other_labels(target: pd.Series, classes: pd.Series) -> dict[str, int]:
    """Return the rows of each label that is not positive, the commonest first."""
    counts = make_hashable(target)[classes == 0].value_counts()
    return {str(label): int(count) for label, count in counts.items() if count}


def _encode_label(label: Any) -> Any:
    """Return a label as JSON has it: words, numbers, true and false stay as they are.

    A whole number that takes more than 64 bits is a word.
    """
    if isinstance(label, int) and abs(label) > LARGEST_LABEL:
        return str(label)
    return label if isinstance(label, str | int | float) else str(label)


def count_labels(column: pd.Series) -> LabelCounts:
    """Return how many rows have each label, in alphabetical order."""
    counts = make_hashable(column).value_counts()
    found = dict(zip(counts.index.tolist(), counts.tolist(), strict=True))
    return {label: found[label] for label in sorted(found, key=str) if found[label]}


def make_hashable(column: pd.Series) -> pd.Series:
    """Return labels that can be counted: a list becomes what is written."""
    if column.dtype != object:
        return column
    return column.map(lambda label: label if isinstance(label, Hashable) else str(label))


def _check_kinds(column: pd.Series, data: FileData) -> None:
    """Raise if some labels are true or false and others numbers: to Python, True is 1."""
    if column.dtype != object:
        return
    truths = column.map(lambda label: isinstance(label, bool | np.bool_))
    numbers = column.map(lambda label: isinstance(label, Number)) & ~truths
    if truths.any() and numbers.any():
        raise UserError(
            f"data.target: '{data.target}' is true or false in"
            f" {format_count(int(truths.sum()), 'row')}, and a number in"
            f" {format_count(int(numbers.sum()), 'row')}; write all of them the same way in the"
            " file"
        )


def _check_counts(counts: LabelCounts, unlabelled: int, data: FileData) -> None:
    """Raise if a row has no label, if all have the same, or if there are too many to be classes."""
    if unlabelled:
        remedy = (
            "set data.unlabelled: drop to leave them out" if counts else "choose another column"
        )
        rows = format_count(unlabelled, "row")
        raise UserError(f"data.target: '{data.target}' has no label in {rows}; {remedy}")
    if len(counts) == 1:
        raise UserError(
            f"data.target: every row of '{data.target}' is {next(iter(counts))!r}; add rows of"
            " another class, or choose another column"
        )
    if data.positive is None and len(counts) > MOST_CLASSES:
        raise UserError(
            f"data.target: '{data.target}' has {len(counts):,} different values, too many for"
            f" classes (at most {MOST_CLASSES}); choose another column, group its values, or set"
            " data.positive"
        )


def _convert_labels(column: pd.Series) -> pd.Series:
    """Return whole numbers as int64, anything else as text."""
    values = column.to_numpy()
    if values.dtype.kind in "biuf":
        with np.errstate(invalid="ignore"):  # what is too large for int64 does not come out equal
            whole = values.astype("int64")
        if (whole == values).all():
            return pd.Series(whole, index=column.index)
    return column.astype(str)


def _find_positive_labels(counts: LabelCounts, data: FileData) -> list[Any]:
    """Return the labels of the positive class as the file has them."""
    labels = list(counts)
    if data.positive is None:
        if labels in ([0, 1], [False, True]):
            return labels[1:]
        raise UserError(
            f"data.positive is required: '{data.target}' holds {_list_some(labels)}; set it to the"
            " rare one of them"
        )
    asked = data.positive if isinstance(data.positive, tuple) else (data.positive,)
    positive = list(dict.fromkeys(_match_label(label, counts, "positive", data) for label in asked))
    if len(positive) == len(labels):
        raise UserError(
            f"data.positive: {_list_some(positive)} are all the labels of '{data.target}'; leave"
            " out those of the other class"
        )
    return positive


def _match_label(asked: Label, counts: LabelCounts, key: str, data: FileData) -> Any:
    """Return the label that is meant; a `UserError` names the key if there is none."""
    found = find_label(asked, counts)
    if found is not None:
        return found
    near = suggest_nearest(str(asked), map(str, counts))
    if not isinstance(asked, str):
        remedy = "put words in quotes, or YAML may read them as something else"
    else:
        remedy = near if near.endswith("?") else "set it to one of them"
    raise UserError(
        f"data.{key}: {asked!r} is not in '{data.target}', which holds {_list_some(counts)};"
        f" {remedy}"
    )


def find_label(asked: Label, labels: Iterable[Any]) -> Any | None:
    """Return the label that is so written, else the truth value or the number that is meant.

    >>> find_label("true", [False, True]), find_label("01", [0, 1]), find_label("1_0", [10])
    (True, 1, None)
    >>> find_label("True", [True, "True"])
    'True'
    """
    known = [*labels]
    for same in (_is_same, _is_written_so, _is_that_truth, _is_that_number):
        for label in known:
            if same(label, asked):
                return label
    return None


def _is_same(label: Any, asked: Label) -> bool:
    return type(label) is type(asked) and bool(label == asked)


def _is_written_so(label: Any, asked: Label) -> bool:
    return bool(label == asked) or str(label) == str(asked)


def _is_that_truth(label: Any, asked: Label) -> bool:
    return isinstance(label, bool) and str(label).casefold() == str(asked).casefold()


def _is_that_number(label: Any, asked: Label) -> bool:
    number = read_exactly(asked)
    return number is not None and number == read_exactly(label)


def _check_unlike(
    labels: Iterable[Any], counts: LabelCounts, distinct: Collection[Any], data: FileData
) -> None:
    """Raise if others look like one of the labels, unless all of them are called distinct."""
    asked = {*labels}
    alike = [
        group
        for group in find_alike(counts)
        if not asked.isdisjoint(group) and not {*group} <= {*distinct}
    ]
    if alike:
        said = ", and ".join(list_counts(group, counts) for group in alike[:LABELS_SHOWN])
        if data.positive is None:
            meant = (
                "list them in data.positive if all are the positive class, or in"
                " data.distinct_labels if each is a class of its own"
            )
        else:
            meant = f"list in data.positive all that are positive, as in {alike[0]}"
        raise UserError(
            f"data.target: labels of '{data.target}' look alike: {said}; spell them the same way in"
            f" the file, or {meant}"
        )


def _note_gap_words(
    counts: LabelCounts, meant: Collection[Any], data: FileData
) -> tuple[Finding, ...]:
    """Return a note for each label that often says "no label", unless params mean it.

    Among numbers it hardly is the name of a class, and is refused.
    """
    words = [label for label in counts if label in GAP_WORDS]
    doubtful = [label for label in words if label not in meant]
    if not doubtful:
        return ()
    others = [read_exactly(label) for label in counts if label not in words]
    if others and None not in others:
        raise UserError(
            f"data.target: '{data.target}' has {list_counts(doubtful, counts)} among numbers;"
            " drop these rows if they have no label, or list it in data.distinct_labels if it is a"
            " class"
        )
    return tuple(
        Finding(
            "note",
            "data.target",
            f"data.target: '{data.target}' is {format_label(label)} in"
            f" {format_count(counts[label], 'row')}, which is read as a class of that name; if it"
            " means that there is no label, drop these rows from the file",
        )
        for label in doubtful
    )


def _list_some(labels: Iterable[Any]) -> str:
    first, more = [*labels][:LABELS_SHOWN], len([*labels]) - LABELS_SHOWN
    listed = ", ".join(map(repr, first))
    return listed if more <= 0 else f"{listed} and {more} more"

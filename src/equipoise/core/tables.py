"""The columns that every stage knows, and the labels in one of them."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

TARGET = "target"
ROW = "row"
# What a split goes by, where it goes by something: the columns that these params name.
GROUP = "data.group"
TIME = "data.time"
# What verdicts are given by; no part has it.
SEGMENT = "data.segment"
TWO_CLASSES = 2
# Of numbers in text.
MOST_DECIMALS = 9


def split_off_target(part: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Return the features of a part and its target."""
    return select_features(part), part[TARGET]


def select_features(part: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of a part that models are given."""
    return part.drop(columns=[TARGET, GROUP, TIME, SEGMENT], errors="ignore")


def set_columns(frame: pd.DataFrame, columns: Mapping[str, Any]) -> pd.DataFrame:
    """Return a frame with these columns set, whatever a user calls them.

    `DataFrame.assign` takes none that is called `self`.
    """
    frame = frame.copy(deep=False)
    for name, values in columns.items():
        frame[name] = values
    return frame


def count_classes(target: pd.Series) -> dict[str, int]:
    """Return the rows of each class, by its label as text."""
    counts = target.value_counts().sort_index()
    return {str(label): int(count) for label, count in counts.items()}


def format_label(label: Hashable) -> str:
    """Return a label as YAML has it: words in quotes, so that '1' is told from 1."""
    return repr(label) if isinstance(label, str) else str(label)


def order_labels(labels: Sequence[Any]) -> list[int]:
    """Return the places of labels in order: numbers by size, and words by alphabet.

    >>> order_labels([1.5, 10.25, 2.5])
    [0, 2, 1]
    """
    of_words = any(isinstance(label, str) for label in labels)
    key = (lambda place: str(labels[place])) if of_words else labels.__getitem__
    return sorted(range(len(labels)), key=key)


def read_numbers(labels: Sequence[Any]) -> Sequence[Any]:
    """Return labels as numbers, if all of them can be.

    >>> read_numbers(["10", "2"]), read_numbers(["10", "b"])
    ([10.0, 2.0], ['10', 'b'])
    """
    try:
        return [float(label) for label in labels]
    except ValueError:
        return labels


def format_count(count: int, thing: str) -> str:
    """Return how many there are of a thing.

    >>> format_count(1, "row"), format_count(2_000, "row")
    ('1 row', '2,000 rows')
    """
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def format_number(value: float, digits: int, sign: str = "") -> str:
    """Return a number to so many digits, never as a power of ten; with `sign`, if that is `+`.

    What is nearer to 0 than nine decimals can tell is 0.

    >>> format_number(146.2, 2), format_number(-12345.6, 3), format_number(1e-7, 3)
    ('150', '-12,300', '0.0000001')
    """
    rounded = round(value, MOST_DECIMALS) + 0.0  # no -0
    return f"{Decimal(f'{rounded:.{digits}g}'):{sign},f}"


def name_class(label: Hashable, labels: Iterable[Hashable]) -> str:
    """Return what sentences call a class. Tables have 0 and 1 for two, whatever the user's are."""
    if set(labels) <= {0, 1}:
        return "the positive class" if label == 1 else "the negative class"
    return f"class {format_label(label)}"

"""Values that look alike: spelled in two ways, or meant to be different, which a user knows."""

import unicodedata
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np

from equipoise.core.tables import format_count, format_label

TRUTHS: Mapping[Hashable, Decimal] = {"true": Decimal(1), "false": Decimal(0)}


def find_alike(values: Iterable[Any]) -> list[list[Any]]:
    """Return those of different values that differ in spaces, capitals, decimals or signs only.

    Where some are true or false, so are words that say it, and the numbers 1 and 0.

    >>> find_alike(["yes", "no", " Yes", "1", "1.0"])
    [['yes', ' Yes'], ['1', '1.0']]
    >>> find_alike([False, True, "true"])
    [[True, 'true']]
    """
    known, by_look = [*values], defaultdict(list)
    truths = TRUTHS if any(isinstance(value, bool | np.bool_) for value in known) else {}
    for value in known:
        look = _simplify(value)
        by_look[truths.get(look, look)].append(value)
    return [group for group in by_look.values() if len(group) > 1]


def list_counts(values: Sequence[Hashable], counts: Mapping[Hashable, int]) -> str:
    """Return values in words, with the rows of each; those that look the same are written out."""
    words = [format_label(value) for value in values]
    if len({unicodedata.normalize("NFC", word) for word in words}) < len(words):
        words = [word.encode("ascii", "backslashreplace").decode() for word in words]
    rows = (format_count(counts[value], "row") for value in values)
    return ", ".join(f"{word} ({count})" for word, count in zip(words, rows, strict=True))


def read_exactly(value: object) -> Decimal | None:
    """Return the number that a value is or spells, to the last digit; None if it is none."""
    word = str(int(value) if isinstance(value, bool | np.bool_) else value)
    try:
        number = Decimal(word)
    except InvalidOperation:
        return None
    return number if number.is_finite() and "_" not in word else None  # 1_0 is a word


def _simplify(value: object) -> Hashable:
    number = read_exactly(value)
    return _remove_marks(str(value)).strip().casefold() if number is None else number


def _remove_marks(text: str) -> str:
    """Return text with signs in their usual form, and without those that cannot be seen."""
    if text.isascii():
        return text
    usual = unicodedata.normalize("NFKC", text)
    return "".join(sign for sign in usual if unicodedata.category(sign) != "Cf")

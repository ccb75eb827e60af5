"""Values that look alike: groups, segments and categories."""

import pandas as pd
import pytest

from equipoise.checks.spelling import find_values_alike
from equipoise.core.tables import GROUP, SEGMENT, TARGET
from equipoise.params.data_params import FileData


def find(column: str, values: list[str], **keys: str) -> list[tuple[str, str]]:
    """Return what is found in a column of a table, with its subject."""
    table = pd.DataFrame({"x": [1.0] * len(values), TARGET: [0] * len(values)})
    table[column] = pd.Series(values, dtype="str" if keys else "category")
    data = FileData.model_validate({"source": "file", "path": "a.csv", "target": "y", **keys})
    return [(found.subject, found.message) for found in find_values_alike(table, data)]


@pytest.mark.parametrize(
    ("column", "keys", "what"),
    [
        (GROUP, {"group": "patient"}, "data.group: 'patient'"),
        (SEGMENT, {"segment": "patient"}, "data.segment: 'patient'"),
        ("town", {}, "column 'town'"),
    ],
)
def test_values_that_look_alike_are_named_with_their_rows(
    column: str, keys: dict[str, str], what: str
) -> None:
    """A group of two names could be in train and test."""
    found = find(column, ["c1", "C1", "c1 ", "c2", "c1"], **keys)
    said = (
        f"{what}: values look alike, and are taken to be different: 'C1' (1 row), 'c1' (2 rows),"
        " 'c1 ' (1 row); if they are one, spell them the same way in the file"
    )
    assert found == [(column, said)]


@pytest.mark.parametrize("pair", [("12", " 12"), ("é", "e\u0301"), ("a", "\uff41"), ("1", "1.0")])
def test_what_looks_alike_is_found(pair: tuple[str, str]) -> None:
    assert len(find(GROUP, [*pair, "b"], group="patient")) == 1


def test_of_many_that_look_alike_a_few_are_shown() -> None:
    names = [f"{letter}{n}" for n in range(5) for letter in "aA"]
    [(_, message)] = find("town", names)
    assert "'A2' (1 row), 'a2' (1 row); and 2 more; if" in message


def test_what_is_different_is_not_spoken_of() -> None:
    assert find("town", ["a b", "ab", "c"]) == []
    assert find(GROUP, ["a-1", "a1", "b"], group="patient") == []


def test_values_that_look_the_same_are_written_out() -> None:
    """One is a letter with its accent, the other a letter and an accent; nobody sees which."""
    ((_, message),) = find("shop", ["caf\u00e9", "cafe\u0301"] * 2)
    assert r"'cafe\u0301' (2 rows), 'caf\xe9' (2 rows)" in message

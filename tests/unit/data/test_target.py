"""Labels as the file has them, and the class that each row is of."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from equipoise.core.tables import format_count
from equipoise.data.target import Target, list_user_labels, read_target
from equipoise.params.data_params import FileData
from equipoise.terminal.errors import UserError


def target(labels: Sequence[Any], **keys: Any) -> Target:
    """Return what a column of labels is read as."""
    data = FileData.model_validate(
        {"source": "file", "path": "data/raw/table.csv", "target": "outcome", **keys}
    )
    return read_target(pd.Series(labels, name="outcome"), data)


def refuse(labels: Sequence[Any], **keys: Any) -> str:
    """Return what is said of labels that must be refused."""
    with pytest.raises(UserError) as refused:
        target(labels, **keys)
    return str(refused.value)


@pytest.mark.parametrize(
    "other", ["Fraud", "FRAUD", "fraud ", " fraud", "fraud\t", "fra\u200bud", "\uff46raud"]
)
def test_a_label_that_looks_like_the_positive_one_is_refused(other: str) -> None:
    """It would be a negative without a word; the line has both, how many each, and what to do."""
    assert refuse(["fraud"] * 3 + [other, "paid"], positive="fraud") == (
        f"data.target: labels of 'outcome' look alike: {alike({'fraud': 3, other: 1})}; spell them"
        " the same way in the file, or list in data.positive all that are positive, as in"
        f" {sorted(['fraud', other])}"
    )


def alike(counts: dict[str, int]) -> str:
    """Return labels with their counts, by alphabet."""
    said = {label: format_count(counts[label], "row") for label in sorted(counts)}
    return ", ".join(f"{label!r} ({rows})" for label, rows in said.items())


@pytest.mark.parametrize("other", ["1.0", " 1", "1 ", "+1", "1e0", "01"])
def test_a_number_in_words_looks_like_the_same_number(other: str) -> None:
    """Among words a number is read as it is written, and 1.0 is not 1."""
    said = refuse(["0", "1", "1", other], positive=1)
    assert f"look alike: {alike({'1': 2, other: 1})}; spell them the same way" in said


@pytest.mark.parametrize("word", ["True", "true", " TRUE", "1"])
def test_a_truth_in_words_looks_like_the_truth_itself(word: str) -> None:
    """JSON and Parquet have both; in a list, each is the one that is so written."""
    labels = [False, False, True, word]
    said = refuse(labels, positive=True)
    assert "look alike: " in said
    assert "True (1 row)" in said
    assert target(labels, positive=[True, word]).classes.tolist() == [0, 0, 1, 1]


def test_what_only_begins_alike_does_not_look_alike() -> None:
    """Words with a space inside, large codes that are one float, digits with an underscore."""
    labels = ["a b", "ab", str(2**53), str(2**53 + 1), "1_0", "10"]
    assert target(labels).classes.tolist() == labels


def test_labels_in_a_list_are_positive_and_no_others_are() -> None:
    """Just as they are written: what looks like one of them and is not listed is meant to."""
    found = target(["fraud", "Fraud", "FRAUD", "paid"], positive=["fraud", "Fraud"])
    assert found.classes.tolist() == [1, 1, 0, 0]
    assert found.positive == "fraud or Fraud"
    assert target(["fraud", "Fraud"], positive=["fraud"]).classes.tolist() == [1, 0]
    assert target(["1", "1.0", "0"], positive=[1]).classes.tolist() == [1, 0, 0]


def test_negatives_that_look_alike_do_no_harm() -> None:
    """They are all class 0, however they are written."""
    assert target(["fraud", "paid", "Paid"], positive="fraud").classes.tolist() == [1, 0, 0]


def test_several_classes_that_look_alike_are_refused_unless_called_distinct() -> None:
    """All of the group must be listed; those of another group are no matter."""
    labels = ["a", "A", "b", "c"]
    assert refuse(labels) == (
        "data.target: labels of 'outcome' look alike: 'A' (1 row), 'a' (1 row); spell them the"
        " same way in the file, or list them in data.positive if all are the positive class, or in"
        " data.distinct_labels if each is a class of its own"
    )
    assert refuse(labels, distinct_labels=["a", "b"]) == refuse(labels)
    assert target(labels, distinct_labels=["a", "A"]).classes.tolist() == labels
    said = refuse([*labels, "C"], distinct_labels=["a", "A"])
    assert "look alike: 'C' (1 row), 'c' (1 row);" in said


def test_a_negative_may_be_called_distinct_from_the_positive_one() -> None:
    """The list of distinct labels says the same with two classes."""
    found = target(["a", "A"], positive="a", distinct_labels=["a", "A"])
    assert found.classes.tolist() == [1, 0]


@pytest.mark.parametrize("key", ["positive", "distinct_labels"])
def test_a_listed_label_that_is_not_there_is_answered_with_the_nearest(key: str) -> None:
    """A misspelt label in a list is as much a mistake as one alone."""
    assert refuse(["fraud", "paid", "lost"], **{key: ["fraud", "payd"]}) == (
        f"data.{key}: 'payd' is not in 'outcome', which holds 'fraud', 'lost', 'paid'; did you mean"
        " 'paid'?"
    )


def test_a_list_of_all_labels_is_refused() -> None:
    """No row would be left to tell the positive ones from."""
    assert refuse(["a", "b"], positive=["b", "a"]) == (
        "data.positive: 'b', 'a' are all the labels of 'outcome'; leave out those of the other"
        " class"
    )


@pytest.mark.parametrize("word", ["None", "NA", "null", "nan", "n/a"])
def test_a_word_for_nothing_is_a_label_and_is_noted(word: str) -> None:
    """It may be the name of a class, and may be how a file says that there is no label."""
    found = target(["mild", "severe", word])
    assert found.classes.tolist() == ["mild", "severe", word]
    (note,) = found.findings
    assert str(note) == (
        f"note: data.target: 'outcome' is {word!r} in 1 row, which is read as a class of that"
        " name; if it means that there is no label, drop these rows from the file"
    )
    for keys in ({"distinct_labels": [word]}, {"positive": word}):
        assert target(["mild", "severe", word], **keys).findings == ()


@pytest.mark.parametrize("keys", [{}, {"positive": 1}])
def test_a_word_for_nothing_among_numbers_is_refused(keys: dict[str, Any]) -> None:
    """It hardly is a class, and must not become one, or a negative, without a word."""
    assert refuse(["0", "1", "NA"], **keys) == (
        "data.target: 'outcome' has 'NA' (1 row) among numbers; drop these rows if they"
        " have no label, or list it in data.distinct_labels if it is a class"
    )
    assert target(["0", "1", "NA"], distinct_labels=["NA"], **keys).findings == ()


def test_a_blank_label_is_none() -> None:
    """Spaces name no class."""
    assert refuse(["a", "b", " "]) == (
        "data.target: 'outcome' has no label in 1 row; set data.unlabelled: drop to leave them out"
    )


@pytest.mark.parametrize(
    ("labels", "keys", "expected"),
    [
        (["kept", "lost", "kept"], {"positive": "kept"}, ["lost", "kept"]),
        (["paid", "fraud", "open"], {"positive": "fraud"}, ["not fraud", "fraud"]),
        (["theft", "fraud", "paid"], {"positive": ["theft", "fraud"]}, ["paid", "fraud"]),
        ([True, False, True], {"positive": True}, [False, True]),
        ([2, 1, 2], {"positive": 1}, [2, 1]),
        (["b", "c", "a"], {}, ["a", "b", "c"]),
        ([10, 9, 2], {}, [2, 9, 10]),
        ([Decimal("0.5"), Decimal("1.5")], {"positive": 1.5}, ["0.5", "1.5"]),
    ],
)
def test_classes_are_called_what_the_table_calls_them(
    labels: Sequence[Any], keys: dict[str, Any], expected: list[Any]
) -> None:
    """In the order of the classes, as words, numbers or truths; several negatives are one."""
    found = list_user_labels(pd.Series(labels), target(labels, **keys).classes)
    assert found == expected
    assert [type(label) for label in found] == [type(label) for label in expected]


def test_truths_beside_numbers_are_refused() -> None:
    """To Python, True is 1, and the two would be one label without a word."""
    assert refuse([1, 0, True, False, True]) == (
        "data.target: 'outcome' is true or false in 3 rows, and a number in 2 rows; write all of"
        " them the same way in the file"
    )

"""What classes are called in sentences."""

from collections.abc import Hashable, Sequence

import pytest

from equipoise.core.tables import name_class


@pytest.mark.parametrize(
    ("label", "labels", "named"),
    [
        (1, [0, 1], "the positive class"),
        (0, [0, 1], "the negative class"),
        (1, [0, 1, 2], "class 1"),
        ("no", ["no", "yes"], "class 'no'"),
    ],
)
def test_of_two_classes_one_is_the_positive(
    label: Hashable, labels: Sequence[Hashable], named: str
) -> None:
    """The table has 0 and 1 there, which users did not write; of several it has their labels."""
    assert name_class(label, labels) == named

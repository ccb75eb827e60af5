"""What classes are called in sentences, and how numbers are written."""

from collections.abc import Hashable, Sequence

import pytest

from equipoise.core.tables import format_number, name_class


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


@pytest.mark.parametrize(
    ("value", "sign", "written"),
    [
        (0.25, "", "0.25"),
        (0.0, "+", "+0"),
        (99.96, "", "100"),
        (146.2, "+", "+146"),
        (-12345.6, "", "-12,300"),
        (1e-7, "", "0.0000001"),
        (-2e-17, "", "0"),
    ],
)
def test_a_number_is_never_written_as_a_power_of_ten(value: float, sign: str, written: str) -> None:
    """Three digits of it are written, and noise of rounding is 0."""
    assert format_number(value, 3, sign) == written

"""How few rows of a class are too few to claim anything, and what cannot be claimed then."""

from collections.abc import Mapping
from typing import Literal

# By time the earliest rows of train are only learned from: nothing is known by them.
Part = Literal["train", "scored train", "test"]
# What is said where no row is kept aside for the test.
NO_TEST_PART = (
    "There is no test part (split.test_size: 0): claims are about remedies, and nothing is known"
    " of fitted models."
)
# How honest claims are with fewer is in docs/honesty.md.
FEWEST_TO_CLAIM = 50
# What the rows of each part are evidence of.
CLAIMED_FROM: Mapping[Part, str] = {
    "train": "remedies",
    "scored train": "remedies",
    "test": "fitted models",
}


def count_rarest(part: Part, rows: int) -> str:
    """Return how many rows of the rarest class a part has."""
    return f"{rows:,} {part} rows of the rarest class"


def explain_few_rows(part: Part) -> str:
    """Return what follows where a part has too few rows."""
    return (
        f"with fewer than {FEWEST_TO_CLAIM} {part} rows of a class nothing can be said about"
        f" {CLAIMED_FROM[part]}"
    )


def describe_few_rows(part: Part, rows: int) -> str:
    """Return how many rows of the rarest class a part has, and that they are too few."""
    return f"There are {count_rarest(part, rows)}: {explain_few_rows(part)}."

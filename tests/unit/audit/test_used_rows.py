"""Rows where they do not belong, in tables of any type; leaks planted in a run: test_leakage."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.decided import DECIDING, NO_DECISION

from equipoise.audit.audit_results import AuditResult
from equipoise.audit.made import ArmMade, Made, Resampled
from equipoise.audit.used_rows import check_predictions, check_resampled, check_split
from equipoise.core.difference import Difference
from equipoise.core.tables import GROUP
from equipoise.fitting.class_ratios import summarise_resampling
from equipoise.params.trial_params import Strategy

N = 12
DATASET = pd.DataFrame(
    {
        "amount": [*np.linspace(0, 1, N - 1), np.nan],
        "word": [*"aabbaabbaab", None],
        "kind": pd.Categorical.from_codes([0, 1] * 5 + [0, -1], pd.Index(["x", "y"])),
        "day": pd.to_datetime(["2020-01-01"] * (N - 1) + ["NaT"]),
        "target": ["no", "yes", "perhaps"] * (N // 3),
    }
)
TRAIN, TEST = (DATASET.rename_axis("row").iloc[rows] for rows in (slice(8), slice(8, N)))


def made_of(train: pd.DataFrame = TRAIN, test: pd.DataFrame = TEST) -> Made:
    return Made(DATASET, train, test, {}, {}, *DECIDING)


def failed(results: list[AuditResult]) -> set[str]:
    return {result.name for result in results if not result.passed}


def detail(results: list[AuditResult], name: str) -> str:
    return next(result.detail for result in results if result.name == name)


def test_a_table_of_any_types_passes() -> None:
    """Words, categories, dates and gaps are rows like others."""
    assert failed(check_split(made_of())) == set()


@given(st.permutations(range(N)), st.integers(1, N - 1))
def test_every_way_to_cut_a_table_in_two_passes(order: list[int], cut: int) -> None:
    """The order of rows within the parts means nothing."""
    train, test = (DATASET.rename_axis("row").loc[rows] for rows in (order[:cut], order[cut:]))
    assert failed(check_split(made_of(train, test))) == set()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("amount", 0.5000000000001),
        ("amount", np.nan),
        ("word", "c"),
        ("kind", None),
        ("day", pd.Timestamp("2020-01-01 00:00:01")),
        ("target", "yes"),
    ],
)
def test_a_changed_value_of_any_type_is_found(column: str, value: Any) -> None:
    """One value of one row that is not the dataset's: the row is named."""
    train = TRAIN.copy()
    train[column] = train[column].where(train.index != 3, value)
    results = check_split(made_of(train))
    assert failed(results) == {"split.unchanged"}
    assert detail(results, "split.unchanged").startswith("1 row of train not as in the dataset (3)")


def test_a_column_too_few_or_too_many_is_a_change() -> None:
    """A part with other columns than the dataset is no part of it."""
    for train in (TRAIN.drop(columns="word"), TRAIN.assign(more=1)):
        assert failed(check_split(made_of(train))) == {"split.unchanged"}


def test_a_row_twice_in_a_part_is_found() -> None:
    """It would count twice, though it is in one part only."""
    results = check_split(made_of(pd.concat([TRAIN, TRAIN.head(1)])))
    assert failed(results) == {"split.complete"}
    assert detail(results, "split.complete").startswith("1 row twice in a part (0)")


@given(st.lists(st.integers(0, 5), min_size=N, max_size=N))
def test_groups_on_both_sides_are_counted(groups: list[int]) -> None:
    """As many as two sets have in common."""
    who = pd.Series(groups)
    whole, train, test = (
        rows.assign(**{GROUP: who.loc[rows.index]}) for rows in (DATASET, TRAIN, TEST)
    )
    made = Made(whole, train, test, {}, {}, *DECIDING)
    both = len(set(groups[:8]) & set(groups[8:]))
    said = f"{both} group{'s' * (both > 1)} of 'data.group'" if both else "no group of 'data.group'"
    results = check_split(made)
    assert ("split.groups" in failed(results)) == (both > 0)
    assert detail(results, "split.groups").startswith(said)


def resampled(synthetic: pd.DataFrame) -> list[AuditResult]:
    """What is found of these rows in place of those that a sampler made."""
    difference = Difference(None, synthetic.reset_index(drop=True).rename_axis("position"))
    return check_resampled(
        "vote",
        Resampled(difference, summarise_resampling(TRAIN, difference, Strategy())),
        made_of(),
    )


def test_a_copy_of_a_test_row_with_values_of_its_own_is_found() -> None:
    """No train row has this amount: whoever made the row had seen the test part."""
    results = resampled(pd.concat([TRAIN.head(2), TEST.iloc[[1]]]))
    assert failed(results) == {"vote.synthetic"}
    assert "1 row of test among the synthetic rows (9)" in detail(results, "vote.synthetic")


def test_a_category_that_only_test_has_is_proof_too() -> None:
    """Also without a number: a word that train does not have came from test."""
    words = DATASET["word"].where(DATASET.index != 9, "unheard")
    whole, train, test = (
        rows.assign(word=words.loc[rows.index]).drop(columns="amount")
        for rows in (DATASET, TRAIN, TEST)
    )
    difference = Difference(None, test.loc[[9]].reset_index(drop=True))
    found = Resampled(difference, summarise_resampling(train, difference, Strategy()))
    results = check_resampled("vote", found, Made(whole, train, test, {}, {}, *DECIDING))
    assert failed(results) == {"vote.synthetic"}


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (list("ppqq"), list("pqpq")),  # a vote may join words that train has apart
        ([1, 1, 3, 2], [4, 6, 4, 5]),  # between whole numbers a sampler rounds
        (list("ppqq"), [4, 6, 4, 5]),
    ],
)
def test_a_test_row_within_reach_of_train_is_no_proof(a: list[Any], b: list[Any]) -> None:
    """Chance is as good an explanation as a leak: it is said, no more."""
    dataset = pd.DataFrame({"a": a, "b": b, "target": [0, 1, 0, 1]})
    train, test = dataset.rename_axis("row").iloc[:3], dataset.rename_axis("row").iloc[3:]
    difference = Difference(None, test.reset_index(drop=True))
    found = Resampled(difference, summarise_resampling(train, difference, Strategy()))
    results = check_resampled("vote", found, Made(dataset, train, test, {}, {}, *DECIDING))
    assert failed(results) == set()
    assert "1 row of test among them, which a sampler can make" in detail(results, "vote.synthetic")


def test_a_copy_of_a_train_row_is_no_leak() -> None:
    """A sampler may repeat what it was given, also where test has the same row."""
    assert failed(resampled(TRAIN.head(3))) == set()


def test_labels_of_several_classes_are_compared_as_they_are() -> None:
    """Words as labels: one that differs is found, in out-of-fold scores as in test scores."""
    oof = pd.DataFrame({"row": TRAIN.index, "repeat": 0, "fold": TRAIN.index % 2})
    scored = pd.DataFrame({"row": TEST.index, "y_true": TEST["target"].to_numpy()})
    mislabelled = TRAIN["target"].where(TRAIN.index != 5, "no")
    for labels, names in ((TRAIN["target"], set()), (mislabelled, {"arm.out_of_fold_labels"})):
        arm = ArmMade("vote", None, oof.assign(y_true=labels.to_numpy()), scored, NO_DECISION)
        assert failed(check_predictions("arm", arm, made_of())) == names

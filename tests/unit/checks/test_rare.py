"""Classes too rare for folds and neighbours."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.over_sampling import SMOTE
from sklearn.model_selection import StratifiedKFold

from equipoise.checks.finding import Finding
from equipoise.checks.rare import (
    find_grouped_values,
    find_too_few_for_folds,
    find_too_few_for_neighbours,
)
from equipoise.core.tables import GROUP, TIME
from equipoise.params.trial_params import Params

MakeParams = Callable[..., Params]


def part(*target: Any, **sizes: int) -> pd.DataFrame:
    """Return one feature, and these labels, or so many rows of each label."""
    labels = [*target, *(label for label, rows in sizes.items() for _ in range(rows))]
    feature = np.random.default_rng(0).normal(size=len(labels))
    return pd.DataFrame({"feature": feature, "target": labels})


def only(findings: list[Finding]) -> Finding:
    """Return the one finding there is."""
    (finding,) = findings
    return finding


def a_fold_lacks_a_class(train: pd.DataFrame, folds: int) -> bool:
    """Tell whether scikit-learn complains of the folds."""
    try:
        list(StratifiedKFold(folds).split(train, train["target"]))
    except UserWarning:  # warnings are errors here
        return True
    return False


@settings(max_examples=30, deadline=None)
@given(rare=st.integers(1, 9), folds=st.integers(2, 9))
def test_a_class_is_too_rare_for_folds_just_when_a_fold_would_lack_it(
    make_params: MakeParams, rare: int, folds: int
) -> None:
    """scikit-learn decides; the number of folds that the message allows is allowed."""
    train = part(common=20, rare=rare)
    findings = find_too_few_for_folds(train, make_params(cross_validation={"folds": folds}))
    assert bool(findings) is a_fold_lacks_a_class(train, folds)
    if findings and rare > 1:
        most = int(only(findings).message.rpartition("at most ")[2])
        assert not a_fold_lacks_a_class(train, most)
        assert a_fold_lacks_a_class(train, most + 1)


@pytest.mark.parametrize(("groups", "is_enough"), [(3, True), (1, False)])
def test_groups_are_too_few_for_folds_if_one_would_be_on_both_sides(
    make_params: MakeParams, groups: int, *, is_enough: bool
) -> None:
    """A class may have rows enough, and yet too few groups."""
    train = part(*[0, 1] * 15).assign(**{GROUP: [str(i // 2 % groups) for i in range(30)]})
    findings = find_too_few_for_folds(train, make_params(cross_validation={"folds": 3}))
    assert [finding.subject for finding in findings] == ["cross_validation.folds"] * (not is_enough)


def smote_works(rare: int, k: int, folds: int) -> bool:
    """Tell whether SMOTE can be fitted on what is left when each fold is held out."""
    train = part(common=40, rare=rare)
    for fitted, _ in StratifiedKFold(folds).split(train[["feature"]], train["target"]):
        rows = train.iloc[fitted]
        try:
            SMOTE(k_neighbors=k, random_state=0).fit_resample(rows[["feature"]], rows["target"])
        except ValueError:
            return False
    return True


@settings(max_examples=30, deadline=None)
@given(rare=st.integers(4, 14), k=st.integers(1, 9), folds=st.integers(2, 4))
def test_too_many_neighbours_are_found_just_when_smote_fails_on_a_fold(
    with_sampler: MakeParams, rare: int, k: int, folds: int
) -> None:
    """imbalanced-learn decides, and the largest k that the message allows works."""
    train = part(common=40, rare=rare)
    params = with_sampler({"class": "SMOTE", "k_neighbors": k}, folds)
    findings = find_too_few_for_neighbours(train, params)
    assert bool(findings) is not smote_works(rare, k, folds)
    if findings:
        finding = only(findings)
        assert (finding.level, finding.subject) == ("error", "strategies.remedy.sampler")
        assert "k_neighbors" in finding.message
        largest = int(finding.message.rpartition("at most ")[2])
        assert smote_works(rare, largest, folds)
        assert not smote_works(rare, largest + 1, folds)


@pytest.mark.parametrize(
    "sampler",
    [
        {"class": "SMOTE"},
        {"class": "SMOTEENN"},
        {"class": "SMOTETomek", "smote": {"class": "SMOTE", "k_neighbors": 4}},
    ],
)
def test_neighbours_by_default_and_in_combined_samplers_count(
    with_sampler: MakeParams, sampler: dict[str, Any]
) -> None:
    """SMOTE wants neighbours wherever it is, and five of them if nothing else is said."""
    scarce, ample = part(common=40, rare=5), part(common=40, rare=8)
    finding = only(find_too_few_for_neighbours(scarce, with_sampler(sampler)))
    assert "k_neighbors" in finding.message
    assert "lower it to at most 3" in finding.message
    assert find_too_few_for_neighbours(ample, with_sampler(sampler)) == []


def test_neighbours_are_those_of_the_smallest_fold_also_by_time(with_sampler: MakeParams) -> None:
    """The first of the folds that follow time is fitted on a quarter of the rows only."""
    train = part(*[0, 0, 1] * 24).assign(**{TIME: np.arange(72.0)})
    by_time = with_sampler({"class": "SMOTE", "k_neighbors": 6}, 3)
    finding = only(find_too_few_for_neighbours(train, by_time))
    assert "lower it to at most 5" in finding.message
    assert find_too_few_for_neighbours(train.drop(columns=TIME), by_time) == []


@pytest.mark.parametrize("name", ["SMOTE", "SMOTENC"])
def test_neighbours_of_rows_with_categories_count_too(with_sampler: MakeParams, name: str) -> None:
    """SMOTE becomes the one of its family that takes them; dates and text become numbers first."""
    words, days = ["a", "b"] * 30, pd.date_range("2024-01-01", periods=60)
    train = part(common=52, rare=8).assign(said=words, when=days, kind=pd.Categorical(words))
    too_many = with_sampler({"class": name, "k_neighbors": 6})
    assert "at most 5" in only(find_too_few_for_neighbours(train, too_many)).message
    assert find_too_few_for_neighbours(train, with_sampler({"class": name})) == []


def test_text_and_dates_are_no_categories(with_sampler: MakeParams) -> None:
    """They are numbers before a sampler sees them, and any sampler takes them."""
    words, days = [f"said {i}" for i in range(60)], pd.date_range("2024-01-01", periods=60)
    train = part(common=40, rare=20).assign(said=words, when=days)
    assert find_too_few_for_neighbours(train, with_sampler({"class": "ADASYN"})) == []


@pytest.mark.parametrize("sampler", [{"class": "RandomOverSampler"}, {"class": "TomekLinks"}])
def test_samplers_without_neighbours_take_any_class(
    with_sampler: MakeParams, sampler: dict[str, Any]
) -> None:
    """Nothing is said of what does not apply."""
    train = part(common=40, rare=2)
    assert find_too_few_for_neighbours(train, with_sampler(sampler)) == []


def test_a_sampler_that_cannot_be_built_is_an_error(with_sampler: MakeParams) -> None:
    """A misspelt class is found before any work, with what was meant."""
    train = part(common=40, rare=20)
    finding = only(find_too_few_for_neighbours(train, with_sampler({"class": "SMOT"})))
    assert finding.level == "error"
    assert "did you mean 'SMOTE'?" in finding.message


def test_strategies_that_do_not_run_are_left_alone(make_params: MakeParams) -> None:
    """The catalogue may hold what this table could not take."""
    train = part(common=40, rare=2)
    params = make_params(strategies={"baseline": {}, "smote": {"sampler": {"class": "SMOTE"}}})
    assert find_too_few_for_neighbours(train, params) == []


def test_values_that_share_a_column_are_noted(make_params: MakeParams) -> None:
    """The column, how many values it has and how many get a column each; a gap is a value."""
    zips = [None, *(f"z{n % 20}" for n in range(59))]
    train = part(common=40, rare=20).assign(zip=pd.Categorical(zips))
    assert only(
        find_grouped_values(train, make_params(preprocess={"most_categories": 20}))
    ).message == (
        "preprocess.most_categories: 'zip' has 21 values in train; the 19 most common get a column"
        " each, and the others share one; raise it, or set preprocess.categories to target"
    )
    for enough in ({"most_categories": 21}, {"most_categories": 20, "categories": "target"}):
        assert find_grouped_values(train, make_params(preprocess=enough)) == []

"""Draws: all rows alike, the same for every arm, in blocks where a class is large."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng
from pandas.testing import assert_frame_equal

from equipoise.judging import bootstrap
from equipoise.judging.bootstrap import (
    BLOCKS,
    BOOTSTRAP,
    LARGEST_CLASS,
    OBSERVED,
    Counts,
    Summands,
    make_strata,
    replicate,
)
from equipoise.metrics.names import Floats, Labels


@pytest.fixture
def blocks_from_500(monkeypatch: pytest.MonkeyPatch) -> None:
    """Classes of more than 500 rows are drawn in blocks."""
    monkeypatch.setattr(bootstrap, "LARGEST_CLASS", 500)


def labels(*rows_by_class: int) -> Labels:
    return default_rng(5).permutation(np.repeat(np.arange(len(rows_by_class)), rows_by_class))


def drawn(y_true: Labels, resamples: int = 100, seed: int = 0) -> pd.DataFrame:
    """How often each replicate counts each row: a column for each row."""
    strata = make_strata(y_true, seed)

    def by_row(counts: Counts) -> dict[str, Floats]:
        rows = np.empty((len(counts[0]), len(y_true)))
        for stratum, own in zip(strata, counts, strict=True):
            rows[:, stratum.rows] = own[:, stratum.unit]
        return {str(row): column for row, column in enumerate(rows.T)}

    return replicate(strata, by_row, resamples, seed)


def summed(values: Floats, y_true: Labels, resamples: int = 100, seed: int = 0) -> pd.Series:
    """The sum of one column of values in every replicate."""
    strata = make_strata(y_true, seed)
    sums = Summands.of(strata, [("sum", values)])
    return replicate(strata, sums.sum_columns, resamples, seed)["sum"]


def counted(y_true: Labels, resamples: int, seed: int = 0) -> Floats:
    """How many rows of each class every replicate has, the observed one left out."""
    of_class = [y_true == label for label in np.unique(y_true)]
    sums = [summed(1.0 * own, y_true, resamples, seed).loc[[BOOTSTRAP]] for own in of_class]
    return np.column_stack(sums)


def test_replicates_are_the_observed_rows_then_as_many_as_asked_for() -> None:
    """Each row says what it is; the observed one counts every row once."""
    counts = drawn(labels(30, 5))
    assert counts.index.name == "draw"
    assert counts.index.tolist() == [OBSERVED] + [BOOTSTRAP] * 100
    assert (counts.loc[OBSERVED] == 1).all()


def test_a_replicate_is_as_many_whole_rows_as_the_table() -> None:
    """How many of each class differs; how many in all does not."""
    counts = drawn(labels(60, 30, 10)).to_numpy()
    assert (counts == counts.round()).all()
    assert (counts.sum(axis=1) == 100).all()


def test_rows_are_drawn_all_alike() -> None:
    """Counts vary as n draws out of n do, alone and together, whatever the rows' classes."""
    counts = drawn(labels(20, 10), 20_000).loc[[BOOTSTRAP]].to_numpy()
    assert counts.mean(axis=0) == pytest.approx(np.ones(30), abs=0.04)
    assert np.cov(counts, rowvar=False) == pytest.approx(np.eye(30) - 1 / 30, abs=0.06)


def test_which_rows_of_a_class_are_drawn_says_nothing_of_another() -> None:
    """Classes of as many rows do not get the same draws: first rows do not count alike."""
    y_true = labels(1000, 1000)
    counts = drawn(y_true, 200).loc[[BOOTSTRAP]].to_numpy()
    together = (counts[:, y_true == 0] - 1) * (counts[:, y_true == 1] - 1)
    assert together.mean() == pytest.approx(0, abs=0.01)


MIXES = {"two": (90, 10), "three": (40, 25, 15), "large": (6000, 4000), "one large": (8000, 300)}


@pytest.mark.parametrize("rows_by_class", MIXES.values(), ids=MIXES)
@pytest.mark.usefixtures("blocks_from_500")
def test_class_counts_vary_as_those_of_rows_drawn_from_all(rows_by_class: tuple[int, ...]) -> None:
    """They are multinomial, mean and covariance within 5 standard errors, in blocks too."""
    resamples, n = 4000, sum(rows_by_class)
    counts, share = counted(labels(*rows_by_class), resamples), np.array(rows_by_class) / n
    covariance = n * (np.diag(share) - np.outer(share, share))
    spread = np.sqrt(np.diag(covariance))
    assert (np.abs(counts.mean(axis=0) - rows_by_class) < 5 * spread / np.sqrt(resamples)).all()
    off = np.cov(counts, rowvar=False) - covariance
    assert (np.abs(off) < 5 * np.sqrt(2 / resamples) * np.outer(spread, spread)).all()


@pytest.mark.parametrize("rows_by_class", [(1, 1), (90, 1), (60, 12, 2), (9000, 1)])
@pytest.mark.usefixtures("blocks_from_500")
def test_every_replicate_has_a_row_of_every_class(rows_by_class: tuple[int, ...]) -> None:
    """A class of one row would be missing from more than a third: no metric could be computed."""
    counts = counted(labels(*rows_by_class), 500)
    assert counts.min() == 1
    assert (counts.max(axis=0) > rows_by_class).all()


@pytest.mark.parametrize("rows_by_class", [(90, 10), (3000, 40)])
@pytest.mark.usefixtures("blocks_from_500")
def test_nothing_but_the_seed_and_the_class_counts_decides_draws(
    rows_by_class: tuple[int, int],
) -> None:
    """What is measured of two arms is paired, and where rows stand changes no unit's counts."""

    def watch(y_true: Labels, metric: str) -> list[Floats]:
        seen: list[Counts] = []

        def measure(counts: Counts) -> dict[str, Floats]:
            seen.append(counts)
            return {metric: counts[0][:, 0]}

        replicate(make_strata(y_true, 3), measure, 100, 3)
        return [np.concatenate(own) for own in zip(*seen, strict=True)]

    one = watch(np.repeat([0, 1], rows_by_class), "recall")
    other = watch(5 + 2 * labels(*rows_by_class), "precision")
    for expected, actual in zip(one, other, strict=True):
        assert np.array_equal(expected, actual)


def test_the_same_seed_gives_the_same_draws_and_another_seed_others() -> None:
    """Intervals can be computed again, and their noise can be seen by changing the seed."""
    first, again, other = (drawn(labels(90, 10), seed=seed) for seed in (1, 1, 2))
    assert_frame_equal(first, again, check_exact=True)
    assert not np.allclose(first, other)
    rows_by_class, of_other = (counted(labels(90, 10), 100, seed) for seed in (1, 2))
    assert not np.allclose(rows_by_class, of_other)


def test_more_resamples_begin_with_the_same_draws() -> None:
    """Raising `resamples` adds replicates and redraws none."""
    few, many = (drawn(labels(90, 10), resamples).loc[[BOOTSTRAP]] for resamples in (100, 150))
    assert_frame_equal(few, many[:100], check_exact=True)


@pytest.mark.parametrize("counts_at_once", [10, 100, 300, 100_000])
def test_how_much_is_worked_on_at_once_changes_no_draw(
    counts_at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What bounds memory on a large table, to one replicate at least, decides no interval."""
    expected = drawn(labels(90, 10))
    monkeypatch.setattr(bootstrap, "COUNTS_AT_ONCE", counts_at_once)
    assert_frame_equal(expected, drawn(labels(90, 10)), check_exact=True)


@given(values=st.lists(st.floats(-100, 100), min_size=12, max_size=12), seed=st.integers(0, 99))
@settings(max_examples=10, deadline=None)
def test_sums_are_those_of_the_rows_drawn(values: list[float], seed: int) -> None:
    """A replicate's sum is each row's value as often as the row counts."""
    y_true = labels(8, 4)
    expected = drawn(y_true, seed=seed).to_numpy() @ np.array(values)
    actual = summed(np.array(values), y_true, seed=seed)
    assert expected.tolist() == pytest.approx(actual.tolist(), abs=1e-9)


def test_sums_have_the_names_of_their_columns() -> None:
    """Columns that are summed together are not mixed up."""
    strata, y_true = make_strata(labels(8, 4), 0), labels(8, 4)
    sums = Summands.of(strata, [("rows", np.ones(12)), ("positives", y_true.astype(np.float64))])
    totals = sums.sum_columns([np.ones((3, stratum.units)) for stratum in strata])
    assert {name: values.tolist() for name, values in totals.items()} == {
        "rows": [12] * 3,
        "positives": [4] * 3,
    }


@pytest.mark.usefixtures("blocks_from_500")
def test_blocks_hold_every_row_once_and_are_of_one_size() -> None:
    """Each row is in one block of its class, and no block is more than a row larger."""
    y_true = labels(5700, 2300)
    strata = make_strata(y_true, 0)
    assert sorted(np.concatenate([stratum.rows for stratum in strata])) == list(range(8000))
    for stratum in strata:
        sizes = np.bincount(stratum.unit)
        assert stratum.units == len(sizes) == BLOCKS
        assert sizes.sum() == len(stratum.rows)
        assert sizes.max() - sizes.min() == 1


@pytest.mark.usefixtures("blocks_from_500")
def test_blocks_are_put_together_at_random_and_again_the_same() -> None:
    """Neighbours of a sorted table are not one block; the seed alone decides."""
    y_true = np.repeat([0, 1], [4000, 3000])
    first, again, other = (make_strata(y_true, seed)[0].unit for seed in (1, 1, 2))
    assert first.tolist() == again.tolist()
    assert first.tolist() != other.tolist()
    assert (first[1:] == first[:-1]).mean() < 0.01


def test_a_replicate_costs_no_more_for_a_hundred_times_the_rows() -> None:
    """A class is as many units as it has rows until it is large, and `BLOCKS` from there on."""
    units = {
        rows: make_strata(np.zeros(rows, dtype=np.int64), 0)[0].units
        for rows in (10, LARGEST_CLASS, LARGEST_CLASS + 1, 20 * LARGEST_CLASS)
    }
    assert list(units.values()) == [10, LARGEST_CLASS, BLOCKS, BLOCKS]


@pytest.mark.usefixtures("blocks_from_500")
def test_a_statistic_is_given_a_count_for_each_unit() -> None:
    """What a replicate costs goes by units: of a large class the blocks, not the rows."""
    y_true, shapes = labels(9000, 400), []

    def look(counts: Counts) -> dict[str, Floats]:
        shapes.append([own.shape[1] for own in counts])
        return {"nothing": np.zeros(len(counts[0]))}

    replicate(make_strata(y_true, 0), look, 100, 0)
    assert {tuple(shape) for shape in shapes} == {(BLOCKS, 400)}


@pytest.mark.usefixtures("blocks_from_500")
def test_the_observed_sum_of_blocks_is_that_of_the_rows() -> None:
    """Putting rows together loses none of them."""
    y_true = labels(5000, 2500)
    values = default_rng(1).normal(size=7500)
    assert summed(values, y_true)[OBSERVED] == pytest.approx(values.sum())


VALUES: dict[str, Callable[[np.random.Generator, int], Floats]] = {
    "even": lambda rng, rows: rng.uniform(size=rows),
    "rare": lambda rng, rows: (rng.uniform(size=rows) < 0.01).astype(np.float64),
    "heavy": lambda rng, rows: rng.lognormal(0, 1.2, size=rows),
    "sorted": lambda _, rows: np.linspace(0, 1, rows) ** 3,
}


@pytest.mark.parametrize("shape", VALUES)
@pytest.mark.usefixtures("blocks_from_500")
def test_a_sum_over_blocks_varies_as_the_sum_over_rows_does(shape: str) -> None:
    """Its variance is n times that of the values, within 15 %; its mean is the observed sum.

    sqrt(2 / BLOCKS) comes of putting rows together, as much of 2,000 replicates.
    """
    y_true = np.zeros(10_000, dtype=np.int64)
    values = VALUES[shape](default_rng(2), len(y_true))
    sums = summed(values, y_true, 2000).loc[[BOOTSTRAP]]
    assert sums.var() / (len(values) * values.var()) == pytest.approx(1, abs=0.15)
    assert sums.mean() == pytest.approx(values.sum(), abs=5 * sums.std() / np.sqrt(2000))


def test_on_average_over_seeds_blocks_change_no_variance(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error of one way to put rows together is not a bias: 60 ways average to 1."""
    monkeypatch.setattr(bootstrap, "LARGEST_CLASS", 100)
    monkeypatch.setattr(bootstrap, "BLOCKS", 200)
    y_true, values = np.zeros(2000, dtype=np.int64), default_rng(2).lognormal(size=2000)
    ratios = []
    for seed in range(60):
        blocks = Summands.of(make_strata(y_true, seed), [("sum", values)]).by_stratum[0]
        ratios.append(len(blocks) * blocks.var() / (len(values) * values.var()))
    assert np.mean(ratios) == pytest.approx(1, abs=0.05)
    assert np.std(ratios) < 3 * np.sqrt(2 / 200)


@pytest.mark.usefixtures("blocks_from_500")
def test_counts_by_bin_are_those_of_the_rows_drawn() -> None:
    """What ranks replicates sums rows by bin, whether a class is drawn in blocks or not."""
    y_true = labels(4000, 300)
    bins = default_rng(1).integers(0, 7, size=len(y_true))
    strata = make_strata(y_true, 0)
    binned = [stratum.make_bin_counter(bins, 7) for stratum in strata]

    def by_bin(counts: Counts) -> dict[str, Floats]:
        sums = [count(own) for count, own in zip(binned, counts, strict=True)]
        return {str(b): np.sum(sums, axis=0)[:, b] for b in range(7)}

    actual = replicate(strata, by_bin, 100, 0).to_numpy()
    expected = drawn(y_true).to_numpy() @ (bins[:, None] == np.arange(7))
    assert np.abs(actual - expected).max() < 1e-9

"""Draws: each class for itself, the same for every arm, in blocks where a class is large."""

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
    LEFT_OUT,
    OBSERVED,
    Counts,
    Summands,
    make_strata,
    replicate,
)
from equipoise.metrics.names import Floats, Labels
from equipoise.params.trial_params import Uncertainty

PERCENTILE = Uncertainty(resamples=100)
BCA = Uncertainty(resamples=100, method="bca")


@pytest.fixture
def blocks_from_500(monkeypatch: pytest.MonkeyPatch) -> None:
    """Classes of more than 500 rows are drawn in blocks."""
    monkeypatch.setattr(bootstrap, "LARGEST_CLASS", 500)


def labels(*rows_by_class: int) -> Labels:
    return default_rng(5).permutation(np.repeat(np.arange(len(rows_by_class)), rows_by_class))


def drawn(y_true: Labels, uncertainty: Uncertainty = PERCENTILE, seed: int = 0) -> pd.DataFrame:
    """How often each replicate counts each row: a column for each row."""
    strata = make_strata(y_true, seed)

    def by_row(counts: Counts) -> dict[str, Floats]:
        rows = np.empty((len(counts[0]), len(y_true)))
        for stratum, own in zip(strata, counts, strict=True):
            rows[:, stratum.rows] = own[:, stratum.unit]
        return {str(row): column for row, column in enumerate(rows.T)}

    return replicate(strata, by_row, uncertainty, seed)


def summed(values: Floats, y_true: Labels, uncertainty: Uncertainty, seed: int = 0) -> pd.DataFrame:
    """The sum of one column of values in every replicate."""
    strata = make_strata(y_true, seed)
    return replicate(strata, Summands.of(strata, [("sum", values)]).sum_columns, uncertainty, seed)


def test_replicates_are_the_observed_rows_then_as_many_as_asked_for() -> None:
    """Each row says what it is; the observed one counts every row once."""
    counts = drawn(labels(30, 5))
    assert counts.index.name == "draw"
    assert counts.index.tolist() == [OBSERVED] + [BOOTSTRAP] * 100
    assert (counts.loc[OBSERVED] == 1).all()


@pytest.mark.parametrize("rows_by_class", [(90, 10), (1, 1), (40, 7, 3)])
def test_every_replicate_has_the_class_counts_of_the_table(rows_by_class: tuple[int, ...]) -> None:
    """Draws are stratified: a rare class neither vanishes nor doubles; rows count whole times."""
    y_true = labels(*rows_by_class)
    counts = drawn(y_true).to_numpy()
    assert (counts == counts.round()).all()
    for label, rows in enumerate(rows_by_class):
        assert (counts[:, y_true == label].sum(axis=1) == rows).all()


def test_a_row_is_drawn_as_often_as_any_other() -> None:
    """Counts have the mean and the variance of n draws out of n, for each row alike."""
    counts = drawn(labels(20, 10), Uncertainty(resamples=20_000)).loc[[BOOTSTRAP]]
    expected = np.where(labels(20, 10) == 0, 1 - 1 / 20, 1 - 1 / 10)
    assert counts.mean().to_numpy() == pytest.approx(np.ones(30), abs=0.04)
    assert counts.var().to_numpy() == pytest.approx(expected, abs=0.07)


def test_classes_are_drawn_each_for_itself() -> None:
    """Classes of as many rows do not get the same draws: what is in one says nothing of another."""
    y_true = labels(20, 20)
    counts = drawn(y_true, Uncertainty(resamples=5000)).loc[[BOOTSTRAP]].to_numpy()
    one, other = counts[:, y_true == 0], counts[:, y_true == 1]
    correlations = np.corrcoef(one, other, rowvar=False)[:20, 20:]
    assert np.abs(correlations).max() < 0.07


def test_the_same_seed_gives_the_same_draws_and_another_seed_others() -> None:
    """Intervals can be computed again, and their noise can be seen by changing the seed."""
    first, again, other = (drawn(labels(90, 10), seed=seed) for seed in (1, 1, 2))
    assert_frame_equal(first, again, check_exact=True)
    assert not np.allclose(first, other)


def test_more_resamples_begin_with_the_same_draws() -> None:
    """Raising `resamples` adds replicates and redraws none."""
    few, many = (
        drawn(labels(90, 10), Uncertainty(resamples=resamples)).loc[[BOOTSTRAP]]
        for resamples in (100, 150)
    )
    assert_frame_equal(few, many[:100], check_exact=True)


@pytest.mark.parametrize("uncertainty", [PERCENTILE, BCA])
@pytest.mark.parametrize("counts_at_once", [10, 100, 300, 100_000])
def test_how_much_is_worked_on_at_once_changes_no_draw(
    counts_at_once: int, uncertainty: Uncertainty, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What bounds memory on a large table, to one replicate at least, decides no interval."""
    expected = drawn(labels(90, 10), uncertainty)
    monkeypatch.setattr(bootstrap, "COUNTS_AT_ONCE", counts_at_once)
    assert_frame_equal(expected, drawn(labels(90, 10), uncertainty), check_exact=True)


@pytest.mark.parametrize("rows_by_class", [(9, 4), (6, 2), (5, 4, 3)])
def test_each_row_is_left_out_once_and_the_rest_of_its_class_counts_for_all_of_it(
    rows_by_class: tuple[int, ...],
) -> None:
    """The jackknife of each class leaves the share of every class as it is."""
    y_true = labels(*rows_by_class)
    counts = drawn(y_true, BCA)
    for label, rows in enumerate(rows_by_class):
        left = counts.loc[[f"jackknife {label}"]].to_numpy()
        own = left[:, y_true == label]
        assert len(left) == rows
        assert sorted(np.argmin(own, axis=1)) == list(range(rows))
        assert own.ravel().tolist() == pytest.approx(
            np.where(own > 0, rows / (rows - 1), 0).ravel().tolist()
        )
        assert ((own == 0).sum(axis=1) == 1).all()
        assert (left[:, y_true != label] == 1).all()


def test_only_bca_asks_for_a_jackknife() -> None:
    """Percentile intervals need none, and pay for none."""
    assert set(drawn(labels(9, 4)).index) == {OBSERVED, BOOTSTRAP}
    assert {"jackknife 0", "jackknife 1"} < set(drawn(labels(9, 4), BCA).index)


def test_the_only_row_of_a_class_is_not_left_out() -> None:
    """Nothing would be left to count for it; no replicate varies it either."""
    counts = drawn(labels(9, 1), BCA)
    assert np.isfinite(counts).all(axis=None)
    assert "jackknife 1" not in counts.index


def test_of_a_class_of_many_rows_groups_are_left_out() -> None:
    """The jackknife costs no more than `LEFT_OUT` replicates a class, and every row goes once."""
    rows = 2 * LEFT_OUT + 100
    y_true = labels(rows, 3)
    left = drawn(y_true, BCA).loc[["jackknife 0"]].to_numpy()[:, y_true == 0]
    assert len(left) == LEFT_OUT
    assert ((left == 0).sum(axis=0) == 1).all()
    assert left.sum(axis=1).tolist() == pytest.approx([rows] * LEFT_OUT)


@given(values=st.lists(st.floats(-100, 100), min_size=12, max_size=12), seed=st.integers(0, 99))
@settings(max_examples=10, deadline=None)
def test_sums_are_those_of_the_rows_drawn(values: list[float], seed: int) -> None:
    """A replicate's sum is each row's value as often as the row counts, jackknife included."""
    y_true = labels(8, 4)
    expected = drawn(y_true, BCA, seed).to_numpy() @ np.array(values)
    actual = summed(np.array(values), y_true, BCA, seed)["sum"]
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

    replicate(make_strata(y_true, 0), look, BCA, 0)
    assert {tuple(shape) for shape in shapes} == {(BLOCKS, 400)}


@pytest.mark.usefixtures("blocks_from_500")
def test_the_observed_sum_of_blocks_is_that_of_the_rows() -> None:
    """Putting rows together loses none of them."""
    y_true = labels(5000, 2500)
    values = default_rng(1).normal(size=7500)
    assert summed(values, y_true, PERCENTILE).loc[OBSERVED, "sum"] == pytest.approx(values.sum())


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
    sums = summed(values, y_true, Uncertainty(resamples=2000)).loc[[BOOTSTRAP], "sum"]
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

    actual = replicate(strata, by_bin, PERCENTILE, 0).to_numpy()
    expected = drawn(y_true).to_numpy() @ (bins[:, None] == np.arange(7))
    assert np.abs(actual - expected).max() < 1e-9

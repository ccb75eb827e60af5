"""Rows in two dimensions: the axes are train's, the same for all, and the rows real ones."""

import numpy as np
import pandas as pd

from equipoise.charts.projection import SHOWN, project_rows
from equipoise.core.difference import Difference
from equipoise.core.tables import ROW, TARGET

COLUMNS = ["x", "y", "class", "kind"]


def train(rows: int = 400, seed: int = 0) -> pd.DataFrame:
    """Return train rows with a number, another on a larger scale, and a category."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "a": rng.normal(size=rows),
            "b": rng.normal(size=rows) * 1000,
            "c": pd.Categorical(rng.choice(["u", "v"], rows)),
            TARGET: (np.arange(rows) % 10 == 0).astype(int),
        },
        index=pd.Index(np.arange(rows) * 2, name=ROW),
    )


def kept(rows: pd.DataFrame) -> pd.DataFrame:
    """Return what says that these rows are taken over."""
    return pd.DataFrame({ROW: rows.index})


def test_a_strategy_that_changes_no_row_is_not_drawn() -> None:
    """Weights and the baseline have nothing to show."""
    assert project_rows(train(), {"baseline": Difference()}, seed=1) == {}


def test_rows_are_kept_dropped_or_synthetic() -> None:
    """Every kind is drawn, and at most so many of each class."""
    table = train()
    made = table[table[TARGET] == 1].reset_index(drop=True)
    shown = project_rows(table, {"both": Difference(kept(table[::2]), made)}, seed=1)["both"]
    assert list(shown) == COLUMNS
    assert set(shown["kind"]) == {"kept", "dropped", "synthetic"}
    assert shown.groupby(["kind", "class"]).size().max() <= SHOWN


def test_a_copy_of_a_row_lies_on_it() -> None:
    """Synthetic rows go through what was learned from train."""
    table = train(60)
    copies = table[table[TARGET] == 1].reset_index(drop=True)
    shown = project_rows(table, {"copied": Difference(None, copies)}, seed=1)["copied"]
    original = shown[(shown["kind"] == "kept") & (shown["class"] == "1")]
    synthetic = shown[shown["kind"] == "synthetic"]
    places = [set(zip(part["x"], part["y"], strict=True)) for part in (original, synthetic)]
    assert places[0] == places[1]


def test_a_feature_may_have_any_name() -> None:
    """Also one that the drawing has a use for: the rows lie where they lay."""
    names = dict(zip("abc", ("x", "kind", "class"), strict=True))
    table, made = train(60), train(10).reset_index(drop=True)
    expected = project_rows(table, {"s": Difference(None, made)}, seed=1)["s"]
    other = {"s": Difference(None, made.rename(columns=names))}
    pd.testing.assert_frame_equal(
        expected, project_rows(table.rename(columns=names), other, 1)["s"]
    )


def test_axes_come_from_train_alone() -> None:
    """Wild synthetic rows move no original row."""
    table = train(60)
    wild = table.assign(a=1e6).reset_index(drop=True)
    drawn = [
        project_rows(table, {"s": Difference(None, rows)}, seed=1)["s"]
        for rows in (wild, wild.assign(a=-1e3))
    ]
    first, second = (part[part["kind"] == "kept"].reset_index(drop=True) for part in drawn)
    pd.testing.assert_frame_equal(first, second)


def test_a_table_of_one_column_has_a_flat_second_axis() -> None:
    """One feature is drawn on a line."""
    table = train()[["a", TARGET]]
    shown = project_rows(table, {"s": Difference(kept(table[::2]))}, seed=1)["s"]
    assert set(shown["y"]) == {0.0}
    assert shown["x"].nunique() > 10


def test_the_same_seed_draws_the_same_rows() -> None:
    """The page is the same bytes when made again."""
    table = train(3000)
    differences = {"s": Difference(kept(table[::3]))}
    first, second, other = (project_rows(table, differences, seed)["s"] for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, second)
    assert not first.equals(other)

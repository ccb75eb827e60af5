"""A sample of the commonest class, with all rows of the other: who is in it, and how it is read."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from scipy.stats import chisquare

from equipoise.data import table_batches
from equipoise.data.datasets import Dataset, make_dataset
from equipoise.params.data_params import FileData, MajoritySample
from equipoise.terminal.errors import UserError

ROWS, POSITIVES, RATIO = 600, 12, 5
WRITERS: dict[str, Callable[[pd.DataFrame, Path], object]] = {
    "table.csv": lambda frame, path: frame.to_csv(path, index=False),
    "table.csv.gz": lambda frame, path: frame.to_csv(path, index=False),
    "table.parquet": lambda frame, path: frame.to_parquet(path),
    "table.feather": lambda frame, path: frame.to_feather(path),
    "table.jsonl": lambda frame, path: frame.to_json(path, orient="records", lines=True),
}


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of 50 rows, so that a small table has several."""
    monkeypatch.setattr(table_batches, "BATCH", 50)


def make_table() -> pd.DataFrame:
    """Return numbers with gaps, codes, words with separators, and a rare label.

    No two batches have the same categories.
    """
    place = np.arange(ROWS)
    return pd.DataFrame(
        {
            "number": np.where(place % 7, place / 8, np.nan),
            "count": place % 9,
            "shop": pd.Categorical((place // 50 + place % 3).astype(str)),
            "word": np.where(place % 2, 'a, "b"', "c; d"),
            "outcome": np.where(place % (ROWS // POSITIVES) == 3, "yes", "no"),
        }
    )


def read(path: Path, seed: int = 0, ratio: float = RATIO, **keys: Any) -> Dataset:
    sample = MajoritySample(majority_per_minority=ratio)
    described = {"source": "file", "path": str(path), "target": "outcome", "positive": "yes"}
    return make_dataset(FileData.model_validate(described | {"sample": sample} | keys), seed)


@pytest.mark.parametrize("name", WRITERS)
def test_all_rare_rows_are_kept_and_as_many_others_as_are_asked_for(raw: Path, name: str) -> None:
    """Each is a row of the file, there once, whatever the format; the file's own size is known."""
    table = make_table()
    WRITERS[name](table, raw / name)
    whole = make_dataset(
        FileData(source="file", path=str(raw / name), target="outcome", positive="yes"), seed=0
    )
    sampled = read(raw / name)
    assert sampled.schema.classes == {"0": POSITIVES * RATIO, "1": POSITIVES}
    assert sampled.schema.population == {"0": ROWS - POSITIVES, "1": POSITIVES}
    assert sampled.schema.columns == whole.schema.columns
    known = Counter(map(tuple, whole.table.astype(str).to_numpy()))
    assert not Counter(map(tuple, sampled.table.astype(str).to_numpy())) - known


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize(("kind", "expected"), [("float64", (0, 1)), ("boolean", (False, True))])
def test_labels_beside_gaps_are_those_of_the_whole_file(
    raw: Path, name: str, kind: Any, expected: tuple[Any, Any]
) -> None:
    """Gaps make 1 a 1.0 in a column of numbers, and true a value of another type."""
    table = make_table()
    table["outcome"] = (table["outcome"] == "yes").astype(kind)
    table.loc[::9, "outcome"] = None
    WRITERS[name](table, raw / name)
    keys: dict[str, Any] = {"positive": expected[1], "unlabelled": "drop"}
    for more in (keys, keys | {"sample": None}):
        found = read(raw / name, **more).schema.labels
        assert [*map(repr, found)] == [*map(repr, expected)]


def test_labels_beside_a_word_for_a_gap_are_those_of_the_other_rows(raw: Path) -> None:
    """Where rows without a label are dropped, numbers beside NA are the numbers that they are."""
    table = make_table()
    table["outcome"] = (table["outcome"] == "yes").astype("int64").astype("object")
    table.loc[::9, "outcome"] = "NA"
    table.to_csv(raw / "table.csv", index=False)
    keys: dict[str, Any] = {"positive": None, "unlabelled": "drop"}
    for more in (keys, keys | {"sample": None}):
        found = read(raw / "table.csv", **more).schema.labels
        assert [*map(repr, found)] == ["0", "1"]


def test_a_folder_of_parquet_files_is_one_table(raw: Path) -> None:
    table, folder = make_table(), raw / "parts"
    folder.mkdir()
    for number, part in enumerate(np.array_split(np.arange(ROWS), 3)):
        table.iloc[part].to_parquet(folder / f"{number}.parquet")
    assert read(folder).schema.population == {"0": ROWS - POSITIVES, "1": POSITIVES}


def test_a_text_is_read_as_if_it_had_no_other_rows(raw: Path) -> None:
    """Codes keep their zeros and words their separators; the rows decide what is a number."""
    table = make_table().assign(code=[f"{place:05d}" for place in range(ROWS)])
    table.to_csv(raw / "whole.csv", index=False, sep=";", decimal=",")
    sampled = read(raw / "whole.csv")
    chosen = table.iloc[sampled.table["code"].astype(int)]
    chosen.to_csv(raw / "chosen.csv", index=False, sep=";", decimal=",")
    alone = FileData(source="file", path=str(raw / "chosen.csv"), target="outcome", positive="yes")
    assert_frame_equal(sampled.table, make_dataset(alone, seed=0).table)


def test_every_row_of_the_commonest_class_is_as_likely_to_be_kept(raw: Path) -> None:
    """In 80 samples, rows of the first batch, of the last, and of those between."""
    table = make_table().assign(place=np.arange(ROWS) / 2)
    table.to_parquet(raw / "table.parquet")
    kept = [read(raw / "table.parquet", seed, ratio=10).table for seed in range(80)]
    places = np.concatenate([own.loc[own["target"] == 0, "place"].to_numpy() * 2 for own in kept])
    counts = np.bincount(places.astype(int), minlength=ROWS)[(table["outcome"] == "no").to_numpy()]
    # Drawn without replacement, counts vary less than chi-square has it, by the share left out.
    share = 10 * POSITIVES / (ROWS - POSITIVES)
    assert 0.001 < chisquare(counts / (1 - share), sum_check=False).pvalue < 0.999


def test_where_there_are_too_few_to_sample_all_are_kept(raw: Path) -> None:
    make_table().to_csv(raw / "table.csv", index=False)
    dataset = read(raw / "table.csv", ratio=1000)
    assert dataset.schema.classes == {"0": ROWS - POSITIVES, "1": POSITIVES}
    assert [*dataset.table["count"]] == [*make_table()["count"]]


def test_labels_are_checked_in_the_whole_file(raw: Path) -> None:
    """What is said of them counts its rows, and not those of the sample."""
    table = make_table()
    table.loc[table.index[-100:], "outcome"] = ""
    table.to_csv(raw / "table.csv", index=False)
    with pytest.raises(UserError, match=r"no label in 100 rows; set data\.unlabelled: drop"):
        read(raw / "table.csv")
    dropped = read(raw / "table.csv", unlabelled="drop")
    assert any("100 of 600 rows have no 'outcome'" in found.message for found in dropped.findings)
    assert sum(dropped.schema.population.values()) == ROWS - 100


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"target": "outcom"}, r"data\.target: no column 'outcom'; .*'outcome'\?"),
        ({"target": "count", "positive": None}, r"data\.sample: 'count' has 9 classes, and a"),
    ],
)
def test_what_cannot_be_sampled_is_refused(raw: Path, keys: dict[str, Any], message: str) -> None:
    make_table().to_csv(raw / "table.csv", index=False)
    with pytest.raises(UserError, match=message):
        read(raw / "table.csv", **keys)

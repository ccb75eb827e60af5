"""The split: every row in one part, known by its number."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from equipoise.core.tables import GROUP, TIME
from equipoise.storage.files.formats import read_frame, write_frame

Stage = Callable[..., None]

SEVERAL = """
seed: 7
data: {source: file, path: data/raw/table.csv, target: outcome}
split: {test_size: 0.3}
run: {strategies: [baseline], models: [logistic]}
strategies: {baseline: {}}
models: {logistic: {class: LogisticRegression}}
"""


def parts(folder: Path) -> dict[str, pd.DataFrame]:
    return {name: read_frame(folder / f"data/split/{name}.parquet") for name in ("train", "test")}


def test_every_row_is_in_one_part_under_its_own_number(finished: Path) -> None:
    """Put together and sorted by `row`, the parts are the table again."""
    table = read_frame(finished / "data/dataset.parquet")
    together = pd.concat(parts(finished).values())
    assert together.index.name == "row"
    assert together.index.is_unique
    pd.testing.assert_frame_equal(table, together.sort_index(), check_names=False)


def test_the_parts_have_the_share_of_rows_and_of_positives(finished: Path) -> None:
    """Thirty percent are for the test, and positives are as frequent in both."""
    table = read_frame(finished / "data/dataset.parquet")
    split = parts(finished)
    assert (len(split["train"]), len(split["test"])) == (280, 120)
    for part in split.values():
        assert abs(part["target"].mean() - table["target"].mean()) < 1 / len(part)


def test_the_share_is_the_users(job: Path, stage: Stage) -> None:
    """`split.test_size` decides how many rows are kept for the test."""
    params = job / "params.yaml"
    params.write_text(params.read_text().replace("test_size: 0.3", "test_size: 0.25"))
    stage("split")
    assert {name: len(part) for name, part in parts(job).items()} == {"train": 300, "test": 100}


def test_another_seed_keeps_other_rows(job: Path, stage: Stage) -> None:
    """The seed of params.yaml reaches the split."""
    before = set(parts(job)["test"].index)
    params = job / "params.yaml"
    params.write_text(params.read_text().replace("seed: 7", "seed: 8"))
    stage("split")
    assert before != set(parts(job)["test"].index)


def test_several_classes_keep_their_labels_and_their_shares(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: Stage
) -> None:
    """Words are words in both parts, and each class is as frequent in one as in the other."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text(SEVERAL)
    target = ["common"] * 60 + ["rare"] * 30 + ["very rare"] * 10
    write_frame(
        pd.DataFrame({"age": [row / 4 for row in range(100)], "target": target}),
        tmp_path / "data/dataset.parquet",
    )
    stage("split")
    counts = {
        name: part["target"].value_counts().to_dict() for name, part in parts(tmp_path).items()
    }
    assert counts["test"] == {"common": 18, "rare": 9, "very rare": 3}
    assert counts["train"] == {"common": 42, "rare": 21, "very rare": 7}


def test_no_group_is_on_both_sides(mixed: Path) -> None:
    """Nor is a row lost, and the test part has about the share of rows that was asked for."""
    split = parts(mixed)
    assert set(split["train"][GROUP]).isdisjoint(split["test"][GROUP])
    assert len(split["train"]) + len(split["test"]) == 300
    assert len(split["test"]) == pytest.approx(0.3 * 300, abs=15)


def test_the_test_part_is_later_than_train(by_time: Path) -> None:
    """Rows of one time are on one side."""
    split = parts(by_time)
    assert split["train"][TIME].max() < split["test"][TIME].min()
    assert len(split["test"]) == 90

"""Resampling: what changed, and nothing else, is stored."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from equipoise.core.difference import apply_difference
from equipoise.core.table_schema import TableSchema
from equipoise.core.tables import GROUP, TIME
from equipoise.storage.files.formats import read_difference, read_frame, read_json, write_frame
from equipoise.storage.files.record_files import write_record
from equipoise.terminal.errors import UserError

Stage = Callable[..., None]

SRC = Path(__file__).parents[2] / "src"
FILES = {
    "baseline": {"summary.json"},
    "class_weight": {"summary.json"},
    "smote": {"summary.json", "synthetic.parquet"},
    "under": {"summary.json", "kept.parquet"},
    "cleaned": {"summary.json", "kept.parquet", "synthetic.parquet"},
}


SEVERAL = """
seed: 7
data: {source: file, path: data/raw/table.csv, target: outcome}
split: {test_size: 0.3}
run: {strategies: [smote, cleaned, under], models: [logistic]}
strategies:
  smote: {sampler: {class: SMOTE, sampling_strategy: {very rare: 40}}}
  cleaned: {sampler: {class: SMOTEENN}}
  under: {sampler: {class: RandomUnderSampler}}
  wrong: {sampler: {class: SMOTE, sampling_strategy: {rarest: 40}}}
  weights: {class_weight: {rarest: 2}}
models: {logistic: {class: LogisticRegression}}
"""


def folder_of(job: Path, strategy: str) -> Path:
    return job / "data/resampled" / strategy


@pytest.mark.parametrize(("strategy", "files"), FILES.items())
def test_only_a_difference_is_stored(finished: Path, strategy: str, files: set[str]) -> None:
    """The baseline of a large table costs one small file."""
    assert files == {path.name for path in folder_of(finished, strategy).iterdir()}


@pytest.mark.parametrize("strategy", FILES)
def test_the_summary_counts_what_is_stored(finished: Path, strategy: str) -> None:
    """Classes before and after, rows kept and rows made, are those of the frames."""
    train = read_frame(finished / "data/split/train.parquet")
    difference = read_difference(folder_of(finished, strategy))
    before, after = (
        {str(label): int((part["target"] == label).sum()) for label in (0, 1)}
        for part in (train, apply_difference(train, difference))
    )
    synthetic = 0 if difference.synthetic is None else len(difference.synthetic)
    summary = read_json(folder_of(finished, strategy) / "summary.json")
    counted = {name: summary[name] for name in ("before", "after", "kept", "synthetic")}
    assert counted == {
        "before": before,
        "after": after,
        "kept": sum(after.values()) - synthetic,
        "synthetic": synthetic,
    }
    treatments = {"baseline": "nothing", "class_weight": "weights"}
    assert summary["treatment"] == treatments.get(strategy, "sampler")
    weights = {label: 1 / rows for label, rows in after.items()}
    if strategy != "class_weight":
        weights = dict.fromkeys(after, 1.0)
    # Exact, not rounded: probabilities are corrected by them.
    assert summary["ratios"] == {k: after[k] / before[k] * weights[k] for k in after}


@pytest.mark.parametrize("strategy", ["smote", "under"])
def test_a_sampler_balances_the_classes(finished: Path, strategy: str) -> None:
    """After over- or under-sampling both classes have as many rows."""
    after = read_json(folder_of(finished, strategy) / "summary.json")["after"]
    assert after["0"] == after["1"]


@pytest.mark.parametrize("strategy", ["smote", "cleaned"])
def test_made_rows_have_the_columns_of_train(finished: Path, strategy: str) -> None:
    """A made row has every feature in the user's own units, its target, and its position."""
    train = read_frame(finished / "data/split/train.parquet")
    made = read_frame(folder_of(finished, strategy) / "synthetic.parquet")
    assert list(train) == list(made)
    assert made.index.name == "position"
    rare = train[train["target"] == 1].drop(columns="target")
    features = made.drop(columns="target")
    assert (features.max() <= rare.max() + 1e-9).all()
    assert (features.min() >= rare.min() - 1e-9).all()


@pytest.mark.parametrize("strategy", ["under", "cleaned"])
def test_kept_rows_are_rows_of_train(finished: Path, strategy: str) -> None:
    """A kept row is known by its number in the user's table; no test row is among them."""
    train = read_frame(finished / "data/split/train.parquet")
    kept = read_frame(folder_of(finished, strategy) / "kept.parquet")
    assert (list(kept), kept.index.name) == (["row"], "position")
    assert set() == set(kept["row"]) - set(train.index)


def test_a_strategy_that_is_not_in_the_catalogue_is_named(job: Path, stage: Stage) -> None:
    """A mistyped name ends in a message with the nearest match."""
    assert job.exists()
    with pytest.raises(UserError, match=r"smoote.*smote"):
        stage("resample", "--strategy", "smoote")


def test_a_strategy_without_a_sampler_leaves_nothing_of_an_earlier_one(
    job: Path, stage: Stage
) -> None:
    """Edited in place and run by hand, a strategy does not go on with the old rows."""
    params = job / "params.yaml"
    edited = params.read_text().replace(
        "smote: {sampler: {class: SMOTE, k_neighbors: 3}}", "smote: {}"
    )
    params.write_text(edited)
    stage("resample", "--strategy", "smote")
    assert {path.name for path in folder_of(job, "smote").iterdir()} == {"summary.json"}


@pytest.fixture
def several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """The train part of a job with three classes called by words, its folder to work in."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text(SEVERAL)
    rng = np.random.default_rng(0)
    number = rng.permutation(np.repeat([0, 1, 2], [80, 40, 12]))
    train = pd.DataFrame(rng.normal(size=(132, 2)) + number[:, None], columns=["age", "visits"])
    train = train.assign(target=np.array(["common", "rare", "very rare"])[number])
    write_frame(train.rename_axis("row"), tmp_path / "data/split/train.parquet")
    labels = ("common", "rare", "very rare")
    schema = TableSchema(132, {}, "outcome", classes={}, labels=labels, examples={}, gaps={})
    write_record(schema, tmp_path / "data/schema.json")
    return read_frame(tmp_path / "data/split/train.parquet")


@pytest.mark.parametrize(
    ("strategy", "after"),
    [
        ("smote", {"common": 80, "rare": 40, "very rare": 40}),
        ("under", {"common": 12, "rare": 12, "very rare": 12}),
    ],
)
def test_the_summary_counts_several_classes_by_their_labels(
    several: pd.DataFrame, tmp_path: Path, stage: Stage, strategy: str, after: dict[str, int]
) -> None:
    """What was asked for by label was done, and is on record by label."""
    stage("resample", "--strategy", strategy)
    summary = read_json(folder_of(tmp_path, strategy) / "summary.json")
    assert summary["before"] == several["target"].value_counts().to_dict()
    assert summary["after"] == after


@pytest.mark.parametrize("strategy", ["smote", "cleaned", "under"])
def test_resampled_rows_of_several_classes_are_like_those_of_train(
    several: pd.DataFrame, tmp_path: Path, stage: Stage, strategy: str
) -> None:
    """Labels keep their type through the files, kept rows and made ones."""
    stage("resample", "--strategy", strategy)
    resampled = apply_difference(several, read_difference(folder_of(tmp_path, strategy)))
    assert resampled.dtypes.tolist() == several.dtypes.tolist()
    assert set(resampled["target"]) == set(several["target"])


@pytest.mark.parametrize(
    ("strategy", "key"), [("wrong", "sampler.sampling_strategy"), ("weights", "class_weight")]
)
def test_a_label_that_is_no_class_is_refused_before_anything_is_written(
    several: pd.DataFrame, tmp_path: Path, stage: Stage, strategy: str, key: str
) -> None:
    """A misspelt label costs one message, at the first stage that knows the classes."""
    assert len(several) == 132
    with pytest.raises(UserError, match=rf"strategies\.{strategy}\.{key}: 'rarest' is not a class"):
        stage("resample", "--strategy", strategy)
    assert not folder_of(tmp_path, strategy).exists()


@pytest.mark.parametrize("job_name", ["mixed", "by_time"])
def test_made_rows_of_a_mixed_table_can_be_read(
    job_name: str, request: pytest.FixtureRequest
) -> None:
    """Labels and whole numbers as the user has them, no gap, and nothing of the split."""
    folder = request.getfixturevalue(job_name)
    train = read_frame(folder / "data/split/train.parquet")
    made = read_frame(folder_of(folder, "smote") / "synthetic.parquet")
    assert made.notna().all(axis=None)
    assert {GROUP, TIME}.isdisjoint(made)
    assert made["visits"].dtype == "int64"
    for name in ("job", "smoker", "code"):
        assert set(made[name]) <= {*train[name].dropna(), "missing"}
    assert made["age"].between(train["age"].min(), train["age"].max()).all()
    summary = read_json(folder_of(folder, "smote") / "summary.json")
    assert summary["after"]["0"] == summary["after"]["1"]
    assert summary["ratios"]["1"] == summary["before"]["0"] / summary["before"]["1"]
    assert summary["sampler"] == "SMOTENC"


def test_the_sampler_that_takes_the_place_of_another_is_said(
    mixed: Path,
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """On the screen and in the summary; of a strategy without a sampler there is nothing to say."""
    for name in ("params.yaml", "data/schema.json", "data/split/train.parquet"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(mixed / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    stage("resample", "--strategy", "baseline")
    assert capsys.readouterr().out == ""
    stage("resample", "--strategy", "smote")
    (note,) = read_json(folder_of(tmp_path, "smote") / "summary.json")["notes"]
    assert "SMOTENC is used instead of SMOTE" in note
    assert capsys.readouterr().out == f"note: {note}\n"

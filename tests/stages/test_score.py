"""New rows scored by the command line: the same as the trial's own, or a reason why not."""

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from click.testing import CliRunner
from pyarrow import parquet

from equipoise.cli import commands
from equipoise.data import table_batches
from equipoise.saved_trial import load
from equipoise.storage.decision_files import read_decision
from equipoise.storage.layout import Layout
from equipoise.terminal.errors import UserError
from equipoise.using.score_table import ScoreRequest, score_table
from equipoise.using.scored_rows import Overrides

from .conftest import list_test_rows

pytestmark = pytest.mark.usefixtures("visits")
ARM = "smote-logistic"
READERS: dict[str, Callable[[Path], pd.DataFrame]] = {
    ".csv": pd.read_csv,
    ".parquet": pd.read_parquet,
    ".arrow": pd.read_feather,
}


def score(table: pd.DataFrame, out: str = "scored.csv", **asked: Any) -> pd.DataFrame:
    """Return what is written for a table that lies in a CSV file."""
    table.to_csv("new.csv", index=False)
    return score_file("new.csv", out, **asked)


def score_file(path: str, out: str = "scored.csv", **asked: Any) -> pd.DataFrame:
    request = ScoreRequest(Path(out), **{"overrides": Overrides(), "arm": ARM, **asked})
    score_table(Layout(), Path(path), request)
    return READERS[Path(out).suffix](Path(out))


def trial_scores() -> pd.DataFrame:
    """Return what the trial itself says of its test part."""
    return pd.read_parquet(f"predictions/{ARM}/test.parquet")


def assert_as_in_trial(scored: pd.DataFrame) -> None:
    expected = trial_scores()
    assert np.allclose(scored["score"], expected["y_score"], rtol=0, atol=1e-12)
    assert np.allclose(scored["probability"], expected["y_probability"], rtol=0, atol=1e-12)
    labels = expected["y_decided"].map({0: "well", 1: "ill"})
    assert scored["decision"].tolist() == labels.tolist()
    assert scored["reason"].isna().all()


@pytest.mark.parametrize("out", ["scored.csv", "scored.parquet", "scored.arrow"])
def test_rows_of_the_table_have_the_scores_that_the_trial_gave_them(out: str) -> None:
    """In the user's labels, in the order of the rows, whatever else is in the file."""
    rows = list_test_rows().drop(columns="outcome")
    backwards = rows[rows.columns[::-1]].assign(more="x")
    scored = score(backwards, out, keep=["customer"])
    assert_as_in_trial(scored)
    assert scored["customer"].astype("str").tolist() == rows["customer"].tolist()


@pytest.mark.parametrize(
    "form", ["parquet", "nullable.parquet", "arrow", "stream", "folder", "csv.gz", "latin.csv"]
)
def test_every_format_gives_the_same_scores(form: str) -> None:
    """Typed as the trial's own table has it, or in words."""
    typed = pd.read_parquet("data/split/test.parquet").drop(columns=["target", "data.group"])
    table = pa.Table.from_pandas(typed, preserve_index=False)
    path = f"new.{form}"
    if form == "parquet":
        parquet.write_table(table, path, row_group_size=11)
    elif form == "nullable.parquet":
        typed.astype({"job": "str"}).convert_dtypes().to_parquet(path)
    elif form in {"arrow", "stream"}:
        path = "new.arrow"
        writer = pa.ipc.new_file if form == "arrow" else pa.ipc.new_stream
        with writer(path, table.schema) as file:
            file.write_table(table, max_chunksize=17)
    elif form == "folder":
        Path(path).mkdir()
        for part in (0, 1):
            half = typed.iloc[part * 40 : (part + 1) * 40 if part == 0 else None]
            half.to_parquet(f"{path}/part-{part}.parquet", index=False)
    else:
        encoding = "cp1252" if form == "latin.csv" else "utf-8"
        list_test_rows().assign(more="café").to_csv(path, index=False, encoding=encoding)
    assert_as_in_trial(score_file(path))


def test_a_row_means_the_same_whichever_rows_are_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """So any size of batch gives the same."""
    rows = list_test_rows().head(12)
    whole = score(rows)
    monkeypatch.setattr(table_batches, "BATCH", 1)
    pd.testing.assert_frame_equal(score(rows), whole)


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("age", "old", "age: 'old' is not a number that can be used"),
        ("age", "inf", "age: 'inf' is not a number that can be used"),
        ("visits", "2.5", "visits: '2.5' is not a whole number up to 9007199254740991"),
        ("smoker", "maybe", "smoker: 'maybe' is neither False nor True"),
        ("seen", "31/31/2020", "seen: '31/31/2020' is not a date"),
    ],
)
def test_a_row_that_cannot_be_scored_has_a_reason_and_costs_no_other(
    capsys: pytest.CaptureFixture[str], column: str, value: str, reason: str
) -> None:
    rows = list_test_rows()
    rows.loc[rows.index[3], column] = value
    scored = score(rows, "scored.parquet")
    assert scored["reason"].dropna().to_dict() == {3: reason}
    assert scored.loc[3, ["score", "probability", "decision"]].isna().all()
    others = scored.drop(index=3)["score"]
    assert np.allclose(others, trial_scores()["y_score"].drop(index=3), rtol=0, atol=1e-12)
    said = capsys.readouterr().out
    assert (
        f"1 row could not be scored, for the reason in the column 'reason'; the first: {reason}"
        in said
    )


def test_gaps_and_values_that_were_never_seen_are_scored() -> None:
    """As a gap in training, and as any value that training did not have."""
    rows = list_test_rows().head(3)
    rows[["age", "visits", "smoker", "seen", "job"]] = "?"
    rows["code"] = ["NA", "", "new"]
    scored = score(rows)
    assert scored["score"].notna().all()
    assert scored["reason"].isna().all()


def test_an_override_decides_otherwise() -> None:
    """A threshold, on scores; a share of positives, by Bayes' rule: odds change by one factor."""
    rows = list_test_rows()
    plain = score(rows)
    high = score(rows, overrides=Overrides(threshold=0.9))
    assert (high["decision"] == "ill").tolist() == (plain["score"] >= 0.9).tolist()
    rare = score(rows, overrides=Overrides(prevalence=0.01))
    odds, before = (f["probability"] / (1 - f["probability"]) for f in (rare, plain))
    share = read_decision(Path(f"decisions/{ARM}.json")).share
    assert share is not None
    assert np.allclose(odds / before, (0.01 / 0.99) / (share / (1 - share)))


def test_standard_input_and_output_may_be_used() -> None:
    rows = list_test_rows()
    text = rows.to_csv(index=False)
    done = CliRunner().invoke(commands, ["score", "-", "--out", "-", "--arm", ARM], input=text)
    assert_as_in_trial(pd.read_csv(io.StringIO(done.stdout)))
    assert "rows scored with smote-logistic" in done.stderr


def test_what_is_wrong_with_standard_input_is_said_of_it() -> None:
    """And not of the file in which it lies meanwhile."""
    done = CliRunner().invoke(commands, ["score", "-", "--out", "-", "--arm", ARM], input="a\n1\n")
    assert str(done.exception).startswith("'-' has only one column, 'a'")


def test_scores_for_a_standard_output_that_is_closed_are_refused() -> None:
    """The scores would be nowhere, and the status 0."""
    command = f'"{sys.executable}" -m equipoise score new.csv --out - >&-'
    list_test_rows().to_csv("new.csv", index=False)
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        2,
        "error: --out: standard output is closed; name a file\n",
    )


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"arm": "smote-logstic"}, "--arm: the trial has no 'smote-logstic'; did you mean"),
        ({"keep": ["custmer"]}, "--keep: the table has no column 'custmer'; did you mean"),
        ({"out": "scored.xlsx"}, "--out: 'scored.xlsx' should end in .csv, .parquet or .arrow"),
        ({"out": "data"}, "--out: 'data' should end in"),
        ({"out": "new.csv"}, "--out: 'new.csv' is the table that is scored; name another file"),
        ({"out": "s3://me:secret@scored/x.csv"}, "is an address; name a file on this machine"),
        ({"keep": ["probability"]}, "--keep: the result has a column 'probability' of its own"),
    ],
)
def test_what_is_refused_is_one_line_and_nothing_is_written(
    asked: dict[str, Any], said: str
) -> None:
    with pytest.raises(UserError) as refused:
        score(list_test_rows(), **asked)
    assert said in str(refused.value)
    assert Path("new.csv").read_text() == list_test_rows().to_csv(index=False)
    assert not [*Path().glob("*scored*")]


@pytest.mark.parametrize(
    ("path", "whose"),
    [
        ("data/raw/visits.csv", "the table of the trial"),
        ("data/split/test.parquet", "made by the pipeline"),
        (f"predictions/{ARM}/test.parquet", "made by the pipeline"),
    ],
)
def test_scores_never_replace_a_file_of_the_trial(path: str, whose: str) -> None:
    """Whatever way leads to it. Of what the pipeline makes, dvc.lock tells."""
    outputs = "[{path: data/split}, {path: predictions/" + ARM + "/test.parquet}]"
    Path("dvc.lock").write_text(f"stages: {{split: {{outs: {outputs}}}}}")
    Path("elsewhere").symlink_to(Path(path).parent)
    before = Path(path).read_bytes()
    for out in (path, f"elsewhere/{Path(path).name}"):
        with pytest.raises(UserError) as refused:
            score(list_test_rows(), out)
        assert f"--out: '{out}' is {whose}, and would be lost; name" in str(refused.value)
    assert Path(path).read_bytes() == before


@pytest.mark.parametrize(
    "folder", ["scores", "predictions/mine", "data/split", "data/resampled", "data/checks"]
)
def test_scores_are_not_written_where_the_pipeline_has_what_it_makes(folder: str) -> None:
    """DVC hashes such folders whole, and would run stages again."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    with pytest.raises(UserError, match=rf"^--out: '{folder}/new\.csv' is in .*; name a file else"):
        score(list_test_rows(), f"{folder}/new.csv")


def test_a_category_that_is_written_otherwise_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """A model takes it for none that it knows, and the scores are there all the same."""
    rows = list_test_rows()
    score(rows)
    assert "not in the train part" not in capsys.readouterr().err
    score(rows.assign(job=rows["job"] + " "))
    known = int(rows["job"].notna().sum())
    assert capsys.readouterr().err == (
        f"note: column 'job': {known} values of {known} were not in the train part, such as"
        f" '{rows['job'].dropna().iloc[0]} '; the model takes them for none that it knows\n"
    )
    with pytest.warns(UserWarning, match=r"^column 'job': \d+ values of \d+ were not in the train"):
        load(".").arms[ARM].score(rows.assign(job="lorem"))


@pytest.mark.parametrize("name", ["empty", "empty.csv"])
def test_a_folder_without_tables_is_refused(name: str) -> None:
    """As one that was mistyped would be: nobody asks for the scores of no rows."""
    Path(name).mkdir()
    with pytest.raises(UserError, match=rf"^'{name}' has no Parquet files; name the table in it"):
        score_file(name)


@pytest.mark.parametrize("out", ["scored.csv", "scored.parquet"])
def test_a_column_that_is_kept_twice_is_there_once(out: str) -> None:
    scored = score(list_test_rows(), out, keep=["customer", "customer"])
    assert [*scored] == ["customer", "score", "probability", "decision", "reason"]


@pytest.mark.parametrize("ending", ["parquet", "arrow"])
def test_any_column_that_has_one_type_is_passed_on(ending: str) -> None:
    """Of a file's first batch, which is empty, nothing tells it."""
    rows = list_test_rows().head(3)
    kept: dict[str, Any] = {
        "day": pd.to_datetime(["2024-06-01"] * 3).date,
        "shop": pd.Categorical(["a", "b", "a"]),
        "parts": [[1], [2, 3], []],
    }
    rows.assign(**kept).to_parquet("kept.parquet")
    scored = score_file("kept.parquet", f"scored.{ending}", keep=[*kept])
    assert (
        scored[["day", "shop"]]
        .astype("str")
        .equals(pd.DataFrame(kept)[["day", "shop"]].astype("str"))
    )
    assert [[*parts] for parts in scored["parts"]] == kept["parts"]
    rows.assign(mixed=[1, "a", 2.5]).to_json("mixed.jsonl", orient="records", lines=True)
    with pytest.raises(UserError, match="--out: a column has values of several kinds"):
        score_file("mixed.jsonl", f"scored.{ending}", keep=["mixed"])


@pytest.mark.parametrize("ending", ["parquet", "arrow"])
def test_a_column_that_is_passed_on_may_begin_with_gaps(
    ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More of them than there are in a batch."""
    monkeypatch.setattr(table_batches, "BATCH", 2)
    kept = [None, None, None, True]
    list_test_rows().head(4).assign(kept=pd.array(kept, dtype="object")).to_parquet("kept.parquet")
    assert [*score_file("kept.parquet", f"scored.{ending}", keep=["kept"])["kept"]] == kept


def test_a_reason_is_one_line_and_moves_no_cursor() -> None:
    """Whatever is in the cell that it quotes: reasons are shown in a terminal."""
    rows = list_test_rows().head(3)
    rows["age"] = "old\n\x1b[2J"
    assert score(rows)["reason"].iloc[0] == (
        r"age: 'old\n\x1b[2J' is not a number that can be used"
    )


def test_a_table_without_a_feature_is_refused() -> None:
    rows = list_test_rows().drop(columns=["age", "job"])
    with pytest.raises(UserError) as refused:
        score(rows)
    assert "the table lacks columns 'age', 'job', which the model was fitted on" in str(
        refused.value
    )


def test_a_failure_half_way_leaves_what_was_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that cannot even be parted, after some batches were written."""
    Path("scored.csv").write_text("of yesterday")
    monkeypatch.setattr(table_batches, "BATCH", 10)
    text = list_test_rows().to_csv(index=False)
    Path("new.csv").write_text(text + "1,2,3\n,,,,,,,,,,,,,,,,,,,,,,,\n")
    with pytest.raises(UserError):
        score_file("new.csv")
    assert Path("scored.csv").read_text() == "of yesterday"
    assert not [*Path().glob(".scored*")]

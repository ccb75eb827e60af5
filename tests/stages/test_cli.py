"""The command line, as a user calls it: in a folder with params.yaml and a table."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pandas as pd
import pytest
import yaml

from equipoise.cli import main
from equipoise.params.data_params import FileData
from equipoise.terminal.params_file import load_params

from .conftest import ROOT

TABLE = pd.DataFrame(
    {
        "age": [*range(20, 80)] * 2,
        "job": ["clerk", "nurse", "smith"] * 40,
        "income": [None, *[100.5] * 119],
        "churn": (["no"] * 9 + ["yes"]) * 12,
    }
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "params.yaml", tmp_path)
    TABLE.to_csv(tmp_path / "shop.csv", index=False)
    return tmp_path


@dataclass(frozen=True)
class Done:
    """What a command has ended with, and what it has said."""

    returncode: int
    stdout: str
    stderr: str


Call = Callable[..., Done]


@pytest.fixture
def call(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """What runs the command line in the folder."""
    monkeypatch.chdir(folder)

    def run(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["equipoise", *arguments])
        status = 0
        try:
            main()
        except SystemExit as ended:
            status = int(ended.code or 0)
        return Done(status, *capsys.readouterr())

    return run


def test_use_says_what_a_table_is_and_writes_params_that_run(folder: Path, call: Call) -> None:
    """The file lies in data/raw then, the rarer label is positive, numbers are standardized."""
    done = call("use", "shop.csv", "--target", "churn")
    assert done.returncode == 0, done.stderr
    assert "120 rows, 3 features" in done.stdout
    assert "target churn: yes is positive, 12 rows (10.0%); no: 108 rows" in done.stdout
    lines = [line.split() for line in done.stdout.splitlines() if line.startswith("  ")]
    assert ["job", "category", "clerk"] in lines
    assert ["income", "numeric", "100.5,", "1", "gap"] in lines
    params = load_params(folder / "params.yaml")
    assert isinstance(params.data, FileData)
    assert (params.data.path, params.data.positive) == ("data/raw/shop.csv", "yes")
    assert params.run.models == ("logistic", "boosting")
    assert params.preprocess.numeric == "standardize"
    assert (folder / "data/raw/shop.csv").read_bytes() == (folder / "shop.csv").read_bytes()


def test_new_makes_a_project_for_a_table(
    folder: Path,
    call: Call,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """What `use` writes is written there; the folder may be there, if nothing is in it.

    No file is left elsewhere: DVC would write down, and send, how it is used.
    """
    temporary = tmp_path_factory.mktemp("temporary")
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.delenv("DVC_NO_ANALYTICS")
    (folder / "shop").mkdir()
    done = call("new", "shop", "--data", "shop.csv", "--target", "churn")
    assert done.returncode == 0, done.stderr
    assert done.stdout.index("cd shop") < done.stdout.index("dvc add data/raw/shop.csv")
    params = load_params(folder / "shop/params.yaml")
    assert isinstance(params.data, FileData)
    assert params.data.positive == "yes"
    assert (folder / "shop/data/raw/shop.csv").read_bytes() == (folder / "shop.csv").read_bytes()
    assert (folder / "shop/.git").is_dir()
    assert sorted(path.name for path in folder.iterdir()) == ["params.yaml", "shop", "shop.csv"]
    assert [*temporary.iterdir()] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((".",), ". exists and is not an empty folder; name a new one"),
        (("shop.csv",), "shop.csv exists and is not an empty folder"),
        (("there/trial",), "there is no folder; make it first, or name another"),
        (("trial", "--target", "churn"), "need --data, its file"),
        (("trial", "--data", "shop.csv"), "--data needs --target"),
        (("trial", "--data", "shop.csv", "--target", "chrn"), "did you mean 'churn'?"),
        (("\udcff",), "DVC takes only paths in UTF-8; name another folder"),
        (("a\nb",), "the name has signs that a terminal does not show; name another folder"),
        ((), "Missing argument 'DIRECTORY'"),
    ],
)
def test_what_new_refuses_is_one_line_and_nothing_is_there(
    folder: Path, call: Call, arguments: tuple[str, ...], said: str
) -> None:
    """A project is made whole or not at all."""
    done = call("new", *arguments)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert said in line
    assert sorted(path.name for path in folder.iterdir()) == ["params.yaml", "shop.csv"]


def test_new_takes_a_name_that_looks_like_an_option(folder: Path, call: Call) -> None:
    """Behind two dashes; what is to be typed next works too."""
    done = call("new", "--", "-shop")
    assert "cd ./-shop " in done.stdout
    assert (folder / "-shop/params.yaml").exists()


def test_upgrade_is_for_projects(call: Call) -> None:
    """Elsewhere it says so."""
    done = call("upgrade")
    assert done.returncode == 2
    assert "code.json is missing; run this in a project that `equipoise new`" in done.stderr


def test_use_keeps_what_was_written_for_the_same_table(folder: Path, call: Call) -> None:
    """Every key, and the models; another label may be positive."""
    call("use", "shop.csv", "--target", "churn")
    path = folder / "params.yaml"
    params = yaml.safe_load(path.read_text())
    own = {"drop": ["age"], "segment": "job", "float32": True, "positive": ["yes"]}
    params["data"] |= own
    params["run"]["models"] = ["logistic"]
    path.write_text(yaml.safe_dump(params))
    for asked, positive in ((), own["positive"]), (("--positive", "no"), "no"):
        done = call("use", "data/raw/shop.csv", "--target", "churn", *asked)
        assert done.returncode == 0, done.stderr
        kept = yaml.safe_load(path.read_text())
        assert kept["data"] == params["data"] | {"positive": positive}
        assert kept["run"] == params["run"]


@pytest.mark.parametrize(
    "words",
    [
        ("use", "{}.csv", "--target", "churn"),
        ("new", "made", "--data", "{}.csv"),
        ("monitor", "{}.csv"),
        ("card", "--out", "{}.md"),
    ],
    ids=lambda words: words[0],
)
def test_a_name_that_is_no_text_is_refused_where_it_would_be_written(
    words: tuple[str, ...], folder: Path, call: Call
) -> None:
    """DVC could not read params.yaml with it, nor MLflow take it."""
    name = os.fsdecode(b"shop-\xff")
    TABLE.to_csv(folder / f"{name}.csv", index=False)
    before = (folder / "params.yaml").read_bytes()
    done = call(*(word.format(name) for word in words))
    assert done.returncode == 2
    assert done.stderr.endswith("': the name is no text in UTF-8; rename it\n")
    assert done.stderr.count("\n") == 1
    assert (folder / "params.yaml").read_bytes() == before
    assert not (folder / "made").exists()


def test_use_takes_one_label_as_positive(folder: Path, call: Call) -> None:
    before = (folder / "params.yaml").read_bytes()
    given = ("use", "shop.csv", "--target", "churn", "--positive", "yes", "--positive", "no")
    done = call(*given)
    assert done.returncode == 2
    assert done.stderr.startswith("error: Invalid value for '--positive': it is there 2 times; ")
    assert (folder / "params.yaml").read_bytes() == before


def test_use_of_another_table_keeps_what_a_split_needs(folder: Path, call: Call) -> None:
    """The column of groups, and nothing else; a table without it is refused with what to do."""
    call("use", "shop.csv", "--target", "churn")
    path = folder / "params.yaml"
    params = yaml.safe_load(path.read_text())
    params["data"] |= {"group": "job", "drop": ["age"]}
    params["split"]["method"] = "group"
    path.write_text(yaml.safe_dump(params))
    TABLE.assign(age=TABLE["age"] + 1).to_csv(folder / "march.csv", index=False)
    done = call("use", "march.csv", "--target", "churn")
    assert done.returncode == 0, done.stderr
    data = yaml.safe_load(path.read_text())["data"]
    assert (data["path"], data["group"], "drop" in data) == ("data/raw/march.csv", "job", False)
    TABLE.rename(columns={"job": "work"}).to_csv(folder / "april.csv", index=False)
    assert "data.group: no column 'job'" in call("use", "april.csv", "--target", "churn").stderr
    path.write_text(path.read_text().replace("group: job", "group: work"))
    done = call("use", "april.csv", "--target", "churn")
    assert done.returncode == 0, done.stderr


def test_use_reads_numbers_as_the_pipeline_does(folder: Path, call: Call) -> None:
    """By YAML 1.2, in which 1e-3 is one: it is kept, and a target of such a name is a word."""
    path = folder / "params.yaml"
    path.write_text(path.read_text().replace("max_iter: 5000", "max_iter: 5000, tol: 1e-3"))
    TABLE.rename(columns={"churn": "1e5"}).to_csv(folder / "shop.csv", index=False)
    done = call("use", "shop.csv", "--target", "1e5")
    assert done.returncode == 0, done.stderr
    params = load_params(path)
    assert isinstance(params.data, FileData)
    assert params.data.target == "1e5"


def test_use_is_told_how_to_read_a_workbook(folder: Path, call: Call) -> None:
    """What is asked for is written; a message about a key names the option as well."""
    rows = TABLE.assign(churn=TABLE["churn"].where(TABLE.index > 0)).astype({"churn": object})
    with pd.ExcelWriter(folder / "shop.xlsx", engine="openpyxl") as book:
        TABLE.head(1).to_excel(book, sheet_name="notes", index=False)
        rows.to_excel(book, sheet_name="orders", index=False, startrow=1)
        book.sheets["orders"]["A1"], book.sheets["orders"]["B1"] = "Shop", "Orders"
    asked = ("use", "shop.xlsx", "--target", "churn", "--sheet", "orders", "--header", "2")
    assert "set data.unlabelled: drop (--unlabelled drop)" in call(*asked).stderr
    done = call(*asked, "--unlabelled", "drop")
    assert done.returncode == 0, done.stderr
    data = yaml.safe_load((folder / "params.yaml").read_text())["data"]
    assert data["read"] == {"sheet": "orders", "header": 2}
    assert (data["unlabelled"], data["positive"]) == ("drop", "yes")


def test_use_draws_the_sample_that_the_trial_will_have(folder: Path, call: Call) -> None:
    """And describes it: of a file larger than memory, there is no more to look at."""
    done = call("use", "shop.csv", "--target", "churn", "--sample", "2.5")
    assert done.returncode == 0, done.stderr
    assert (
        "yes is positive, 12 rows (10% of the file); no: 30 rows, of 108 in the file" in done.stdout
    )
    assert "data.sample.majority_per_minority (--sample): 2.5 rows of the common" in done.stdout
    data = yaml.safe_load((folder / "params.yaml").read_text())["data"]
    assert (data["sample"], data["positive"]) == ({"majority_per_minority": 2.5}, "yes")
    assert "30 of the 108 rows of the commonest class" in call("doctor").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("other.csv", "--target", "churn"), "other.csv does not exist; give the path of a table"),
        (
            ("s3://shop/orders.csv", "--target", "churn"),
            "s3://shop/orders.csv is an address; fetch the table first, as in 'dvc import-url s3://",
        ),
        (("shop.csv", "--target", "chrn"), "--target: no column 'chrn'; did you mean 'churn'?"),
        (
            ("shop.csv", "--target", "churn", "--positive", "Yes"),
            "--positive: no row has 'Yes' in 'churn'; did you mean 'yes'?",
        ),
        (("shop.csv",), "Missing option '--target'"),
        (("shop.csv", "--target", "chrn", "--sample", "2"), "--target: no column 'chrn'; did you"),
        (
            ("shop.csv", "--target", "job", "--sample", "2"),
            "or set data.positive (--positive) to make it one class against the rest",
        ),
        (("gaps.csv", "--target", "y"), "'NA', the rarer label of 'y', may mean no label"),
        (("params.yaml", "--target", "seed"), "should end in .csv, .tsv, .txt"),
    ],
)
def test_what_use_refuses_is_one_line_and_nothing_is_written(
    folder: Path, call: Call, arguments: tuple[str, ...], said: str
) -> None:
    """The option, the value, and the remedy."""
    before = (folder / "params.yaml").read_bytes()
    (folder / "gaps.csv").write_text("a,y\n" + "1,ok\n2,ok\n3,NA\n" * 20)
    done = call("use", *arguments)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert said in line
    assert (folder / "params.yaml").read_bytes() == before
    assert not (folder / "data").exists()


@pytest.mark.parametrize(
    "change",
    [
        ("models: [logistic]}\n", "models: &m [logistic]}\nplugins: *m\n"),
        ("seed: 42\n", "seed: 42\npreprocess: 3\n"),
        ("seed: 42\n", "seed: 42\nallow: nothing\n"),
    ],
)
def test_params_that_cannot_be_edited_safely_stay_as_they_are(
    folder: Path, call: Call, change: tuple[str, str]
) -> None:
    """Anchors that other keys use, and mistakes elsewhere."""
    params = folder / "params.yaml"
    params.write_text(params.read_text().replace(*change))
    before = params.read_bytes()
    done = call("use", "shop.csv", "--target", "churn")
    assert (done.returncode, params.read_bytes()) == (2, before)
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr
    assert not (folder / "data").exists()


def test_use_keeps_the_line_ends_of_params(folder: Path, call: Call) -> None:
    """As Windows writes them."""
    params = folder / "params.yaml"
    params.write_bytes(params.read_bytes().replace(b"\n", b"\r\n"))
    done = call("use", "shop.csv", "--target", "churn")
    assert done.returncode == 0, done.stderr
    written = params.read_bytes()
    assert written.count(b"\r\n") == written.count(b"\n")


def test_what_is_written_for_the_table_counts_on_first_use(folder: Path, call: Call) -> None:
    """A way to read it, or columns to drop, may be said before it is in data/raw."""
    params = folder / "params.yaml"
    written = params.read_text()
    params.write_text(written.replace("  n_samples: 5000\n", "  n_samples: 5000\n  drop: [age]\n"))
    done = call("use", "shop.csv", "--target", "churn", "--positive", "YES".lower())
    assert done.returncode == 0, done.stderr
    assert yaml.safe_load(params.read_text())["data"]["drop"] == ["age"]


def test_use_does_not_take_the_place_of_another_file_in_data_raw(folder: Path, call: Call) -> None:
    """Nothing that is there is lost."""
    (folder / "data/raw").mkdir(parents=True)
    (folder / "data/raw/shop.csv").write_text("another\n")
    done = call("use", "shop.csv", "--target", "churn")
    said = "data/raw/shop.csv already exists and is another table; rename one of them"
    assert said in done.stderr
    assert (folder / "data/raw/shop.csv").read_text() == "another\n"


def test_use_knows_a_table_by_its_name_where_dvc_has_made_a_link(folder: Path, call: Call) -> None:
    """To its cache, whose names tell nothing; what was written for the table stays."""
    cached = folder / "cache/ab/cdef"
    cached.parent.mkdir(parents=True)
    (folder / "shop.csv").rename(cached)
    for path in ("data/raw/shop.csv", "inbox/shop.csv"):
        (folder / path).parent.mkdir(parents=True)
        (folder / path).symlink_to(cached)
    call("use", "data/raw/shop.csv", "--target", "churn", "--positive", "no")
    for path in ("data/raw/shop.csv", "inbox/shop.csv"):
        done = call("use", path, "--target", "churn")
        assert done.returncode == 0, done.stderr
        data = load_params(folder / "params.yaml").data
        assert isinstance(data, FileData)
        assert (data.path, data.positive) == ("data/raw/shop.csv", "no")


def test_use_copies_a_folder_of_parquet_files(folder: Path, call: Call) -> None:
    """Once, whatever is left of a copy that was killed.

    A folder of anything else is no table, and one that differs is not replaced.
    """
    (folder / "parts").mkdir()
    for number, part in TABLE.groupby(TABLE.index // 60):
        part.to_parquet(folder / f"parts/{number}.parquet")
    killed = folder / "data/raw/.parts.part"
    killed.mkdir(parents=True)
    (killed / "2.parquet").write_bytes(b"PAR1 cut short")
    for _ in range(2):
        done = call("use", "parts", "--target", "churn")
        assert done.returncode == 0, done.stderr
    assert "120 rows, 3 features" in done.stdout
    assert len([*(folder / "data/raw/parts").glob("*.parquet")]) == 2
    assert not killed.exists()
    (folder / "data/raw/parts/1.parquet").unlink()
    done = call("use", "parts", "--target", "churn")
    assert "data/raw/parts already exists and is another table; rename one of them" in done.stderr
    done = call("use", "data", "--target", "churn")
    assert "data is not a folder of Parquet files; name the table in it" in done.stderr


def test_doctor_looks_at_the_job_that_use_has_written(folder: Path, call: Call) -> None:
    """It ends by saying that the job can run."""
    call("use", "shop.csv", "--target", "churn")
    params = folder / "params.yaml"
    params.write_text(params.read_text().replace("[logistic, boosting]", "[logistic]"))
    done = call("doctor")
    assert done.returncode == 0, done.stderr
    assert "The trial can run: dvc repro" in done.stdout


def test_the_schema_is_the_published_one_and_holds_for_the_params_that_are_here(
    call: Call,
) -> None:
    """By it an editor completes and checks params.yaml, whose first line names it."""
    schema = json.loads(call("schema").stdout)
    published = "docs/schemas/params.schema.json"
    assert schema == json.loads((ROOT / published).read_text())
    first, *_ = (ROOT / "params.yaml").read_text().splitlines()
    assert first == f"# yaml-language-server: $schema={published}"
    for path in (ROOT / "params.yaml", *ROOT.glob("examples/*/params.yaml")):
        jsonschema.validate(yaml.safe_load(path.read_text()), schema)
    wrong = yaml.safe_load((ROOT / "params.yaml").read_text()) | {"sed": 1}
    with pytest.raises(jsonschema.ValidationError, match="sed"):
        jsonschema.validate(wrong, schema)


@pytest.mark.parametrize("path", ["params.yaml", "shop.csv"])
def test_who_may_not_read_a_file_is_told_so(path: str, folder: Path) -> None:
    """Root may read all; so it gives up that right first."""
    rights = "-dac_override,-dac_read_search"
    given_up = ("setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}")
    command = (sys.executable, "-m", "equipoise", "use", "shop.csv", "--target", "churn")
    (folder / path).chmod(0)
    done = subprocess.run(
        (*(given_up if os.geteuid() == 0 else ()), *command),
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == (
        f"error: {path}: Permission denied; give your user permission to read and write it, then"
        " run it again\n"
    )


def test_use_does_its_work_whoever_reads_what_it_says(folder: Path) -> None:
    """As `equipoise use shop.csv --target churn | head -3` has a reader that goes early."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        (sys.executable, "-m", "equipoise", "use", "shop.csv", "--target", "churn"),
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "PYTHONUNBUFFERED": "1"},
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert "Traceback" not in done.stderr
    assert load_params(folder / "params.yaml").data.source == "file"


def test_no_home_is_needed(folder: Path) -> None:
    """As in a container whose user has none; skrub would have a folder of its own there."""
    done = subprocess.run(
        (sys.executable, "-m", "equipoise", "use", "shop.csv", "--target", "churn"),
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "HOME": "/dev/null"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr

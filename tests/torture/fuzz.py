"""Random params, tables, files and requests: the answer is a result or one line, no traceback."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import chdir, redirect_stderr, redirect_stdout, suppress
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from importlib.util import find_spec
from io import StringIO
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pytest
import yaml
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from tests.repository import ROOT, Repository, clean_environment
from tests.server import free_port, serving
from tests.torture.cases import Case
from tests.torture.ground import EQUIPOISE, Ground

from equipoise.storage.model_files import read_model
from equipoise.terminal.command import execute, run
from equipoise.terminal.errors import UserError
from equipoise.terminal.params_file import load_params

# How many at a time, so that a battery that was stopped loses little.
EXAMPLES = 250
SERVER_FAILED = 500
MODEL, SCORES = "models/smote-logistic.skops", "predictions/smote-logistic/test.parquet"
NUMBERS = st.integers() | st.floats() | st.sampled_from([0, -1, 1e308, 10**20, 10**400])
WORDS = st.text(max_size=20) | st.sampled_from(["", "null", "~", "=1+1", "../x", "/dev/zero", "é"])
SCALARS = st.none() | st.booleans() | NUMBERS | WORDS
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
# Where to change something, as a share of what there is, and how.
EDITS = st.lists(st.tuples(st.floats(0, 1), JSON), min_size=1, max_size=3)
CELLS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), max_size=6)
CELL = CELLS | st.sampled_from(["", "0", "1", "nan", "1e400", '"', "2020-01-01", "yes", "no"])
TABLES = st.lists(st.lists(CELL, min_size=1, max_size=4), max_size=40)
SPOILS = st.lists(
    st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=8)), min_size=1, max_size=4
)


@dataclass(frozen=True)
class Drawn:
    """So many random inputs, which the seed determines."""

    seed: int
    number: int


Fuzz = Callable[[Ground, Drawn], None]


def list_cases(generator: Random, number: int) -> Iterator[Case]:
    """Give so many random inputs, by kind, a few hundred at a time.

    Those by coverage are left out where Atheris has no package.
    """
    kinds = KINDS | (GUIDED if find_spec("atheris") else {})
    for name, (fuzz, share) in kinds.items():
        whole = int(number * share)
        for n, first in enumerate(range(0, whole, EXAMPLES)):
            drawn = Drawn(generator.randrange(2**32), min(EXAMPLES, whole - first))
            attempt = partial(_find_bug, fuzz=fuzz, drawn=drawn)
            yield Case(f"random {name}", f"{name} {n}", attempt, times=drawn.number)


def _find_bug(ground: Ground, fuzz: Fuzz, drawn: Drawn) -> str:
    """Return what is wrong; a process of its own makes a finding of the end of that process."""
    try:
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            return pool.submit(_try_inputs, ground, fuzz, drawn).result()
    except BrokenProcessPool as ended:
        return str(ended)


def _try_inputs(ground: Ground, fuzz: Fuzz, drawn: Drawn) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ground.copy(ground.finished, "fuzz").path)
        try:
            fuzz(ground, drawn)
        except Exception as bug:  # noqa: BLE001 - whatever it is, it is what was looked for
            return f"{type(bug).__name__}: {bug}"[:500]
    return ""


def try_examples(
    attempt: Callable[..., None], given_: st.SearchStrategy[Any], drawn: Drawn
) -> None:
    """Call with examples that a seed determines, and with the simplest one that fails."""
    quiet = settings(
        max_examples=drawn.number,
        database=None,
        deadline=None,
        suppress_health_check=[*HealthCheck],
    )
    seed(drawn.seed)(quiet(given(given_)(attempt)))()


def run_stage(stage: str, *arguments: str) -> None:
    """Run a stage as its script does; that it ends with an error is no error here."""
    with pytest.MonkeyPatch.context() as patch, redirect_stderr(StringIO()) as said:
        patch.setattr(sys, "argv", [stage, *arguments])
        with redirect_stdout(StringIO()):
            try:
                run(partial(execute, stage))
            except SystemExit as ended:
                lines = f"{said.getvalue()}{ended.code}"
                errors = [line for line in lines.splitlines() if line.startswith("error: ")]
                assert len(errors) == 1, lines


def fuzz_params(ground: Ground, drawn: Drawn) -> None:
    """Change random places of params.yaml."""
    whole = yaml.safe_load((ground.start.path / "params.yaml").read_text())

    def attempt(edits: list[tuple[float, Any]]) -> None:
        params = deepcopy(whole)
        for place, value in edits:
            holder, key = _find_place(params, place)
            holder[key] = value
        path = Path("odd.yaml")
        path.write_text(yaml.safe_dump(params))
        _expect_answer(lambda: load_params(path))

    try_examples(attempt, EDITS, drawn)


def _find_place(params: dict[str, Any], place: float) -> tuple[Any, Any]:
    """Return a container in nested params and one of its keys."""
    places: list[tuple[Any, Any]] = []

    def collect(holder: Any) -> None:
        for key in holder if isinstance(holder, dict) else range(len(holder)):
            places.append((holder, key))
            if isinstance(holder[key], dict | list):
                collect(holder[key])

    collect(params)
    return places[min(int(place * len(places)), len(places) - 1)]


def _expect_answer(read: Callable[[], object]) -> None:
    with suppress(UserError):
        read()


def fuzz_tables(ground: Ground, drawn: Drawn) -> None:
    """Read random tables."""
    params = yaml.safe_load((ground.start.path / "params.yaml").read_text())
    params["data"] = {"source": "file", "path": "data/raw/odd.csv", "target": "y"}
    Path("params.yaml").write_text(yaml.safe_dump(params))

    def attempt(rows: list[list[str]]) -> None:
        lines = "\n".join(",".join(row) for row in [["a", "b", "y"], *rows])
        Path("data/raw/odd.csv").write_text(lines, encoding="utf-8")
        run_stage("generate_data")

    try_examples(attempt, TABLES, drawn)


def fuzz_files(ground: Ground, drawn: Drawn) -> None:
    """Read tables in other files than text, with a few bytes changed."""
    table = pd.DataFrame({"a": range(40), "b": ["x", "yy"] * 20, "y": ["no", "yes"] * 20})
    write: dict[str, Callable[[Path], object]] = {
        "parquet": table.to_parquet,
        "feather": table.to_feather,
        "xlsx": partial(table.to_excel, index=False),
        "csv.gz": partial(table.to_csv, index=False),
        "jsonl": partial(table.to_json, orient="records", lines=True),
    }
    whole = {}
    for ending, write_table in write.items():
        write_table(Path(f"whole.{ending}"))
        whole[ending] = Path(f"whole.{ending}").read_bytes()
    params = yaml.safe_load((ground.start.path / "params.yaml").read_text())

    def attempt(ending: str, spoils: list[tuple[float, bytes]]) -> None:
        path = f"data/raw/odd.{ending}"
        params["data"] = {"source": "file", "path": path, "target": "y", "positive": "yes"}
        Path("params.yaml").write_text(yaml.safe_dump(params))
        Path(path).write_bytes(_spoil(whole[ending], spoils))
        run_stage("generate_data")

    pairs = st.tuples(st.sampled_from([*whole]), SPOILS)
    try_examples(lambda pair: attempt(*pair), pairs, drawn)


def fuzz_models(ground: Ground, drawn: Drawn) -> None:
    """Read model files with a few bytes changed."""
    whole = (ground.finished.path / MODEL).read_bytes()

    def attempt(spoils: list[tuple[float, bytes]]) -> None:
        path = Path("odd.skops")
        path.write_bytes(_spoil(whole, spoils))
        _expect_answer(lambda: read_model(path))

    with chdir(_make_empty_folder(ground)):
        try_examples(attempt, SPOILS, drawn)


def _make_empty_folder(ground: Ground) -> Path:
    """Return a folder outside a repository, where no remedy is looked for in DVC's cache."""
    folder = ground.folder / "empty"
    folder.mkdir()
    return folder


def fuzz_predictions(ground: Ground, drawn: Drawn) -> None:
    """Evaluate an arm whose predictions have a few bytes changed."""
    whole = (ground.finished.path / SCORES).read_bytes()

    def attempt(spoils: list[tuple[float, bytes]]) -> None:
        Path(SCORES).unlink(missing_ok=True)  # a link to DVC's cache on some systems
        Path(SCORES).write_bytes(_spoil(whole, spoils))
        run_stage("evaluate", "--strategy", "smote", "--model", "logistic")

    try_examples(attempt, SPOILS, drawn)


def _spoil(whole: bytes, spoils: list[tuple[float, bytes]]) -> bytes:
    spoilt = bytearray(whole)
    for place, patch in spoils:
        start = int(place * len(whole))
        spoilt[start : start + len(patch)] = patch
    return bytes(spoilt)


def fuzz_requests(ground: Ground, drawn: Drawn) -> None:
    """Ask a server for scores of random rows."""
    names = [*pd.read_parquet(ground.finished.path / "data/split/test.parquet").columns]
    records = st.lists(st.dictionaries(st.sampled_from(names), SCALARS), max_size=3)
    port = free_port()
    command = (*EQUIPOISE, "serve", "--port", str(port))

    def attempt(rows: Any) -> None:
        body = json.dumps({"dataframe_records": rows}).encode()
        asking = HTTPConnection("127.0.0.1", port, timeout=60)
        asking.request("POST", "/invocations", body, {"Content-Type": "application/json"})
        answer = asking.getresponse()
        said = answer.read()
        assert answer.status < SERVER_FAILED, said
        assert b"Traceback" not in said, said

    Repository(Path.cwd()).succeed(*EQUIPOISE, "promote")  # or there is no model to serve
    with serving(command, port, Path.cwd(), clean_environment()):
        try_examples(attempt, records | JSON, drawn)


def follow_coverage(ground: Ground, drawn: Drawn, kind: str) -> None:
    """Read files that Atheris makes, in a process of its own, which it ends."""
    whole = {
        "params": (ground.start.path / "params.yaml").read_bytes(),
        "tables": b"a,b,y\n1,x,no\n2,y,yes\n3,z,no\n4,x,no\n",
        "model files": (ground.finished.path / MODEL).read_bytes(),
    }
    first = _make_empty_folder(ground) / "first"
    first.write_bytes(whole[kind])
    guided = (sys.executable, "-m", "tests.torture.guided", kind, str(first))
    done = subprocess.run(
        [*guided, "--runs", str(drawn.number), "--seed", str(drawn.seed % 2**31 + 1)],
        cwd=first.parent,
        env=clean_environment() | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-500:]


KINDS: dict[str, tuple[Fuzz, float]] = {
    "params": (fuzz_params, 0.35),
    "tables": (fuzz_tables, 0.1),
    "tables in Parquet, Feather, workbooks, JSON and gzip": (fuzz_files, 0.1),
    "model files": (fuzz_models, 0.1),
    "predictions": (fuzz_predictions, 0.05),
    "requests for scores": (fuzz_requests, 0.05),
}
GUIDED: dict[str, tuple[Fuzz, float]] = {
    "bytes of params, by coverage": (partial(follow_coverage, kind="params"), 0.1),
    "bytes of tables, by coverage": (partial(follow_coverage, kind="tables"), 0.1),
    "bytes of model files, by coverage": (partial(follow_coverage, kind="model files"), 0.05),
}

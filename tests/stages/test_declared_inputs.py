"""dvc.yaml declares, for each stage, what the stage reads of params.yaml, and which files."""

import re
import shutil
from collections.abc import Iterator, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from equipoise.params.trial_params import Params
from equipoise.storage.layout import Layout
from equipoise.terminal.command import OPTIONS
from equipoise.terminal.params_file import load_params

from .conftest import ROOT

STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
CHOSEN = {"strategy": "smote", "model": "logistic"}
# Changes nothing in a result, so no stage may run again because of it.
UNTRACKED = {"n_jobs"}
# What a param goes by where it is "auto".
SETTLED_BY = {"preprocess": "data.source"}


class Watched:
    """Params that know which of them were read; entries of a catalogue as dvc.yaml names them."""

    def __init__(self, params: Params, read: set[str]) -> None:
        self.params, self.read = params, read

    def __getattr__(self, name: str) -> Any:
        """Return a param."""
        value = getattr(self.params, name)
        if name in {"strategies", "models"}:
            return WatchedCatalogue(name, value, self.read)
        if name == "select_arm":  # it reads params itself
            return partial(cast("Any", Params).select_arm, self)
        if name == "for_labels":
            return lambda labels: Watched(value(labels), self.read)
        if name in {"name_classes", "_labels"}:
            return value
        self.read.add(name)
        return value


class WatchedCatalogue:
    """A catalogue that knows which entries were read.

    Its names tell whose files may be removed, and change no result.
    """

    def __init__(self, name: str, entries: Mapping[str, Any], read: set[str]) -> None:
        self.name, self.entries, self.read = name, entries, read

    def __iter__(self) -> Iterator[str]:
        """Give the names."""
        return iter(self.entries)

    def __getitem__(self, name: str) -> Any:
        """Return an entry."""
        option = {chosen: option for option, chosen in CHOSEN.items()}[name]
        self.read.add(f"{self.name}.<{option}>")
        return self.entries[name]


def copy_declared_files(stage: str, job: Path, folder: Path) -> None:
    """Copy params.yaml, and of the files of a job those that a stage depends on."""
    for template in ["params.yaml", *STAGES[stage]["deps"]]:
        path = template.replace("${key}", "-".join(CHOSEN.values()))
        path = re.sub(r"\$\{item\.(\w+)\}", lambda option: CHOSEN[option[1]], path)
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        if (job / path).is_dir():
            shutil.copytree(job / path, folder / path)
        elif (job / path).is_file():
            shutil.copy(job / path, folder / path)


@pytest.mark.parametrize("stage", sorted(set(STAGES) - {"fingerprint", "report", "track"}))
def test_a_stage_declares_every_param_and_file_that_it_reads(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    """An edit of a param runs again just the stages that read it; nothing else is there to read."""
    copy_declared_files(stage, finished, tmp_path)
    monkeypatch.chdir(tmp_path)
    name = stage.replace("-", "_")
    watched = Watched(load_params(Layout().params), set())
    options = {option: CHOSEN[option] for option in OPTIONS.get(name, ())}
    import_module(f"equipoise.stages.{name}").run(Layout(), watched, **options)
    keys = [key for key in STAGES[stage]["params"] if isinstance(key, str)]
    declared = {re.sub(r"\$\{item\.(\w+)\}", r"<\1>", key) for key in keys}
    read = watched.read | {SETTLED_BY[name] for name in watched.read & SETTLED_BY.keys()}
    assert declared == read - UNTRACKED

"""The fits of a screening, a file for each arm and fold, for the next one to go on from."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Literal

import pandas as pd

from equipoise.core.arms import ArmName
from equipoise.core.json_values import JsonObject
from equipoise.screening.configurations import Configuration
from equipoise.screening.shared_folds import FitInFold
from equipoise.storage.files.formats import hash_file, read_frame, write_frame
from equipoise.storage.files.record_files import read_record, write_record
from equipoise.terminal.environment import replacing
from equipoise.terminal.errors import UserError

Part = Literal["scores", "untuned"]

DIGITS = 16
NAME = re.compile(rf"\w+-\w+-[0-9a-f]{{{DIGITS}}}")
SCORES: Part = "scores"
UNTUNED: Part = "untuned"


@dataclass(frozen=True)
class KeptFit:
    """The JSON file of a fit; `frames` has the SHA-256 of each table that lies beside it."""

    seconds: float
    chosen: Configuration | None
    frames: Mapping[Part, str]


@dataclass(frozen=True)
class FitFiles:
    """A folder for each arm, named after all that its fits depend on.

    `inputs` has that by arm. A fit is there once its JSON file is, which is written last.
    """

    folder: Path
    inputs: Mapping[ArmName, JsonObject]

    def read(self, arm: ArmName, fold: int) -> FitInFold | None:
        """Return the fit of an arm in a fold if it is kept, and as it was written."""
        path = self._find(arm, fold)
        if not path.exists():
            return None
        try:
            found = read_record(path, KeptFit)
            frames = {part: _read_part(path, part, found) for part in found.frames}
        except UserError:  # to fit it again does more than to say how
            return None
        if SCORES not in frames or any(frame is None for frame in frames.values()):
            return None  # edited since
        return FitInFold(
            *(arm, found.seconds, frames[SCORES]), chosen=found.chosen, untuned=frames.get(UNTUNED)
        )

    def keep(self, fit: FitInFold, fold: int) -> None:
        """Keep a fit; of an arm that is refused nothing, for a package may be installed."""
        if fit.refused is not None:
            return
        path = self._find(fit.arm, fold)
        both: Mapping[Part, pd.DataFrame | None] = {SCORES: fit.scores, UNTUNED: fit.untuned}
        hashes: dict[Part, str] = {}
        for part, frame in both.items():
            if frame is not None:
                write_frame(frame, _beside(path, part))
                hashes[part] = hash_file(_beside(path, part))
        with replacing(path) as unfinished:
            write_record(KeptFit(fit.seconds, fit.chosen, hashes), unfinished)

    def remove_others(self) -> None:
        """Remove the fits of arms, or of inputs, that are not those of this screening."""
        kept = {self._name(arm) for arm in self.inputs}
        for path in self.folder.glob("*"):
            if path.is_dir() and NAME.fullmatch(path.name) and path.name not in kept:
                rmtree(path)

    def _find(self, arm: ArmName, fold: int) -> Path:
        return self.folder / self._name(arm) / f"{fold}.json"

    def _name(self, arm: ArmName) -> str:
        text = json.dumps(self.inputs[arm], sort_keys=True)
        return f"{arm}-{hashlib.sha256(text.encode()).hexdigest()[:DIGITS]}"


def _read_part(path: Path, part: Part, known: KeptFit) -> pd.DataFrame | None:
    """Return a table of a fit; None if it is not the one that was written."""
    frame = read_frame(_beside(path, part))
    return frame if hash_file(_beside(path, part)) == known.frames[part] else None


def _beside(path: Path, part: Part) -> Path:
    return path.with_name(f"{path.stem}-{part}.parquet")

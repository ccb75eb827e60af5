"""The fits of a screening, a file for each arm and fold, for the next one to go on from."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

import pandas as pd

from equipoise.core.arms import ArmName
from equipoise.core.json_values import JsonObject
from equipoise.screening.shared_folds import FitInFold
from equipoise.storage.files.formats import read_frame, read_json, write_frame, write_text
from equipoise.terminal.environment import replacing
from equipoise.terminal.errors import UserError

DIGITS = 16
NAME = re.compile(rf"\w+-\w+-[0-9a-f]{{{DIGITS}}}")
SCORES, UNTUNED = "scores", "untuned"
KEYS = ("seconds", "chosen", "frames")


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
            found = read_json(path, KEYS)
            frames = {part: read_frame(_beside(path, part)) for part in found["frames"]}
        except UserError:  # to fit it again does more than to say how
            return None
        scores, untuned = frames.get(SCORES), frames.get(UNTUNED)
        return FitInFold(arm, found["seconds"], scores, chosen=found["chosen"], untuned=untuned)

    def keep(self, fit: FitInFold, fold: int) -> None:
        """Keep a fit; of an arm that is refused nothing, for a package may be installed."""
        if fit.refused is not None:
            return
        path = self._find(fit.arm, fold)
        both: Mapping[str, pd.DataFrame | None] = {SCORES: fit.scores, UNTUNED: fit.untuned}
        frames = {part: frame for part, frame in both.items() if frame is not None}
        for part, frame in frames.items():
            write_frame(frame, _beside(path, part))
        known = {"seconds": fit.seconds, "chosen": fit.chosen}
        with replacing(path) as unfinished:
            write_text(json.dumps({**known, "frames": [*frames]}), unfinished)

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


def _beside(path: Path, part: str) -> Path:
    return path.with_name(f"{path.stem}-{part}.parquet")

"""What was found on the tables of the atlas: kept as a line of JSON for each, and as one frame."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd
from pydantic import TypeAdapter

from equipoise.comparing.results import VerdictName
from equipoise.judging.arm_result import CONSTANT
from equipoise.storage.files.formats import round_as_written, write_text

BRIER, CONSTANT_BRIER = "calibrated_brier_score", f"{CONSTANT}_brier_score"
# What is asked of every arm, by the name of the number, and how the page calls it.
QUESTIONS = {
    "default_f1": "F1 at the default threshold",
    "tuned_f1": "F1 at a tuned threshold",
    "average_precision": "Average precision",
    BRIER: "Brier skill, recalibrated",
}
# Shown without a claim.
BESIDE = {"brier_score": "Brier skill of the model's own scores: SMOTE less baseline"}


@dataclass(frozen=True)
class Difference:
    """How far an arm is from its baseline in one number, over the folds, and what that says."""

    effect: float
    interval: tuple[float, float]
    verdict: VerdictName


@dataclass(frozen=True)
class JudgedArm:
    """An arm's numbers, each the mean over folds, and its differences by the name of the number.

    The baseline has none of these.
    """

    strategy: str
    model: str
    numbers: Mapping[str, float]
    differences: Mapping[str, Difference]


@dataclass(frozen=True)
class JudgedTable:
    """A table of the atlas: all its rows, those that were used, and its arms.

    `rarest` counts used rows of the rarest class; `seconds` are those of the processor for all
    fits; `refused` says why an arm could not be fitted.
    """

    name: str
    rows: int
    used: int
    columns: int
    classes: int
    rarest: int
    folds: int
    seconds: float
    arms: tuple[JudgedArm, ...]
    refused: Mapping[str, str]

    @property
    def one_in(self) -> float:
        """Of how many rows one is of the rarest class."""
        return self.used / self.rarest


def write_judged(judged: Iterable[JudgedTable], path: Path) -> None:
    """Write a line for each table, numbers at six significant digits."""
    lines = (json.dumps(round_as_written(asdict(table)), sort_keys=True) for table in judged)
    write_text("".join(f"{line}\n" for line in lines), path)


def read_judged(path: Path) -> list[JudgedTable]:
    """Read what `write_judged` wrote."""
    kind = TypeAdapter(JudgedTable)
    return [kind.validate_json(line) for line in path.read_text(encoding="utf-8").splitlines()]


def list_claims(judged: Sequence[JudgedTable]) -> pd.DataFrame:
    """Return a row for each table, arm and question; the higher a number, the better.

    A row has the `value`, and of a remedy the `effect`, its interval (`low`, `high`) and `verdict`.
    Brier scores are given as skill, the share of a constant guess's that is saved: their own scale
    is that of the table's rarity.
    """
    rows = [
        {**_describe(table), "strategy": arm.strategy, "model": arm.model, **answer}
        for table in judged
        for arm in table.arms
        for answer in _list_answers(arm)
    ]
    return pd.DataFrame(rows)


def _describe(table: JudgedTable) -> dict[str, str | float]:
    return {"table": table.name, "one_in": table.one_in, "rarest": table.rarest}


def _list_answers(arm: JudgedArm) -> Iterator[dict[str, str | float]]:
    for question in (*QUESTIONS, *BESIDE):
        of_none, scale = 0.0, 1.0
        if question.endswith("brier_score"):
            of_none, scale = 1.0, -1 / arm.numbers[CONSTANT_BRIER]
        told: dict[str, str | float] = {"value": of_none + scale * arm.numbers[question]}
        if question in arm.differences:
            own = arm.differences[question]
            low, high = sorted(scale * end for end in own.interval)
            told |= {"effect": scale * own.effect, "low": low, "high": high, "verdict": own.verdict}
        yield {"question": question, **told}

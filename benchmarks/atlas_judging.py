"""A table of the atlas: its arms screened, and each judged against the baseline of its model."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from atlas_results import (
    BESIDE,
    CONSTANT_BRIER,
    QUESTIONS,
    Difference,
    JudgedArm,
    JudgedTable,
)
from atlas_tables import cut_rows

from equipoise.comparing.results import Answer
from equipoise.comparing.verdict import Criteria, compare_arms
from equipoise.core.arms import ArmName
from equipoise.core.tables import ROW, TARGET
from equipoise.deciding.folds import split_by_fold
from equipoise.deciding.settling import settle_folds
from equipoise.judging.arm_result import UsedRule, make_untested_result
from equipoise.judging.evidence import Evidence
from equipoise.judging.fold_scores import judge_by_fold
from equipoise.judging.records import Judging
from equipoise.metrics.names import PLAIN, name_column
from equipoise.params.trial_params import Params
from equipoise.screening.runners import make_race
from equipoise.screening.screen import screen
from equipoise.screening.screened import Screened
from equipoise.storage.files.formats import hash_file, write_frame
from equipoise.storage.screening_files import FitFiles
from equipoise.using.screen_catalogue import list_inputs

# The view of numbers that belong to no section.
RANKING = "ranking"


def judge_table(name: str, table: pd.DataFrame, params: Params, folder: Path) -> JudgedTable:
    """Return what is found on a table, or a sample of it.

    Fits are kept in `folder`, so that a run that was stopped goes on.
    """
    train = cut_rows(table, params.seed).rename_axis(ROW)
    path = folder / "train.parquet"
    write_frame(train, path)
    inputs = list_inputs(params, make_race(train, params), hash_file(path))
    kept = FitFiles(folder / "fits", inputs)
    screening = screen(train, params, kept)
    kept.remove_others()
    counts = train[TARGET].value_counts()
    return JudgedTable(
        *(name, len(table), len(train), len(train.columns) - 1),
        classes=len(counts),
        rarest=int(counts.min()),
        folds=screening.found.folds,
        seconds=round(sum(screening.seconds.values()), 1),
        arms=tuple(_judge_arms(screening.found, train, params, kept)),
        refused=screening.found.left_out,
    )


def _judge_arms(
    found: Screened, train: pd.DataFrame, params: Params, kept: FitFiles
) -> Iterator[JudgedArm]:
    """Give every arm that was fitted, in the order of params, with its numbers and differences."""
    objective = make_race(train, params).yardstick.objective
    judging = Judging(objective, params.uncertainty, params.seed)
    names = [name for name in params.run.arms if str(name) not in found.left_out]
    evidence = {
        str(name): _judge_arm(name, _read_scores(name, found.folds, kept), judging)
        for name in names
    }
    criteria = Criteria(params.run, objective.name, params.uncertainty, params.verdict)
    answers = compare_arms(evidence, criteria).comparisons
    for name in names:
        own = (answer for answer in answers if answer.arm == str(name))
        differences = {
            _name_number(answer): Difference(answer.effect, answer.interval, answer.verdict)
            for answer in own
            if _name_number(answer) in QUESTIONS
        }
        yield JudgedArm(*name, _average(evidence[str(name)].folds), differences)


def _read_scores(name: ArmName, folds: int, kept: FitFiles) -> pd.DataFrame:
    """Return an arm's scores of all folds, which are those of one repeat."""
    frames = [
        fit.scores.assign(repeat=0, fold=fold)
        for fold in range(folds)
        if (fit := kept.read(name, fold)) is not None and fit.scores is not None
    ]
    return pd.concat(frames, ignore_index=True)


def _judge_arm(name: ArmName, oof: pd.DataFrame, judging: Judging) -> Evidence:
    """Return what the folds say of an arm; rules and calibrators are those of the other folds."""
    settled = settle_folds(split_by_fold(oof), None, judging.objective, "auto")
    scores, replicates = judge_by_fold(oof, settled, judging)
    result = make_untested_result(
        *((str(name), *name, "nothing"), {}, UsedRule()), classes=(), limit_kept=None, note=None
    )
    return Evidence(result, scores, replicates, pd.DataFrame())


def _name_number(answer: Answer) -> str:
    return name_column(PLAIN if answer.view == RANKING else answer.view, answer.metric)


def _average(folds: pd.DataFrame) -> dict[str, float]:
    """Return the means over the folds that the atlas shows."""
    return {name: float(folds[name].mean()) for name in (*QUESTIONS, *BESIDE, CONSTANT_BRIER)}

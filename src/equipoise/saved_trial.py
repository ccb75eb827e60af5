"""The trial that lies in a folder, as the stages have left it there."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TypeVar

import pandas as pd

from equipoise.core.table_schema import TableSchema
from equipoise.deciding.assembling import assemble_classifier
from equipoise.deciding.classifier import DecidingClassifier
from equipoise.judging.arm_result import ArmResult
from equipoise.params.data_params import list_gaps
from equipoise.params.trial_params import Params
from equipoise.stages.finished_arms import list_compared, refuse_other_files
from equipoise.storage.comparison_files import read_comparison
from equipoise.storage.decision_files import read_decision
from equipoise.storage.dvc_lock import list_made, read_stages
from equipoise.storage.files.formats import read_csv, read_frame
from equipoise.storage.files.record_files import read_record
from equipoise.storage.finding_files import read_findings
from equipoise.storage.layout import Layout
from equipoise.storage.model_files import read_model
from equipoise.storage.result_files import read_result
from equipoise.terminal.errors import UserError, shorten
from equipoise.terminal.params_file import load_params
from equipoise.trial import ReadTable, Trial, TrialArm

T = TypeVar("T")


@dataclass(frozen=True)
class SavedArm(TrialArm):
    """An arm in files, which are read when they are asked for.

    A `UserError` says that one is no longer that of the trial, since a run goes on.
    """

    layout: Layout = field(repr=False)
    params: Params = field(repr=False)
    made: Mapping[str, str] = field(repr=False)  # as `list_made` says

    def _read(self, read: Callable[[Path], T], path: Path) -> T:
        found = read(path)  # first: of a damaged file it says more
        name = path.relative_to(self.layout.root).as_posix()
        refuse_other_files(self.layout, {name: self.made[name]} if name in self.made else {})
        return found

    @cached_property
    def classifier(self) -> DecidingClassifier:
        """The arm as one classifier: the user's labels, calibrated probabilities."""
        read_pipeline = partial(read_model, plugins=self.params.plugins)
        pipeline = self._read(read_pipeline, self.layout.model(self.name))
        return assemble_classifier(
            pipeline, self._read(read_decision, self.layout.decision(self.name))
        )

    @cached_property
    def result(self) -> ArmResult:
        """All numbers of the arm."""
        return self._read(read_result, self.layout.metrics(self.name))

    @cached_property
    def curves(self) -> pd.DataFrame:
        """The curves of the arm, in long form."""
        return self._read(read_csv, self.layout.curves(self.name))

    @cached_property
    def test(self) -> pd.DataFrame:
        """Scores and decisions of the test part."""
        return self._read(read_frame, self.layout.test_scores(self.name))


def load(folder: Path | str = ".") -> Trial:
    """Return the finished trial in a folder.

    A `UserError` says what is missing there, or that params or arms are others since.

    >>> equipoise.load(".").recommended.score(new_rows)  # doctest: +SKIP
    """
    # That of pathlib fails for a name that is too long.
    if not isinstance(folder, str | Path) or not os.path.isdir(folder):  # noqa: PTH112
        given = shorten(repr(folder))
        raise UserError(f"load takes the folder of a trial, and {given} is none; give its path")
    layout = Layout(Path(folder).absolute())  # files are read later, wherever that may be
    stages = read_stages(layout.lock)
    params = load_params(layout.params)
    comparison = read_comparison(layout.comparison)
    table = ReadTable(read_record(layout.schema, TableSchema), list_gaps(params.data))
    names = list_compared(layout, params, comparison, stages)
    made = list_made(stages, names)
    arms = {str(name): SavedArm(name, table, layout, params, made) for name in names}
    if (recommended := comparison.recommended.arm) not in arms:
        raise UserError(
            f"run: '{recommended}', which the trial recommends, is no longer in it; run `dvc repro`"
        )
    findings = read_findings(layout.checks_of_table, layout.checks_of_parts)
    return Trial(params, arms, comparison, findings)

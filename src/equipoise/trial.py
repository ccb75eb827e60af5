"""A trial in memory: what the stages do, without files, DVC and MLflow."""

import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from warnings import warn

import pandas as pd
from threadpoolctl import threadpool_limits

from equipoise.charts.shown import Chart, make_charts
from equipoise.checks.finding import Finding, stop_on_errors
from equipoise.comparing.advice import describe_recommendation
from equipoise.comparing.decision_curves import compare_net_benefits
from equipoise.comparing.left_out import find_left_out
from equipoise.comparing.results import Comparison
from equipoise.core.arms import ArmName
from equipoise.core.difference import Difference, ResamplingSummary
from equipoise.core.json_values import JsonObject
from equipoise.core.table_schema import Label, TableSchema
from equipoise.core.tables import SEGMENT
from equipoise.data.datasets import Dataset, make_dataset, read_frame_as_dataset, round_dataset
from equipoise.data.table_files import RawTable
from equipoise.deciding.classifier import DecidingClassifier
from equipoise.deciding.settling import Treated
from equipoise.judging.arm_result import ArmResult
from equipoise.judging.evaluation import SettledArm
from equipoise.judging.evidence import Evidence
from equipoise.judging.records import EvaluatedArm
from equipoise.params.data_params import FileData, list_gaps
from equipoise.params.trial_params import Params
from equipoise.record.pictures import make_arm_charts, make_trial_charts
from equipoise.stages.compare import compare_evidence, make_criteria
from equipoise.stages.decide import decide_arm
from equipoise.stages.evaluate import evaluate_settled_arm
from equipoise.stages.generate_data import check_dataset
from equipoise.stages.resample import resample_train
from equipoise.stages.split import split_table
from equipoise.stages.train import train_arm
from equipoise.storage.comparison_files import tabulate_answers
from equipoise.storage.result_files import round_result
from equipoise.terminal.errors import RefusalError, UserError
from equipoise.terminal.params_file import load_params, parse_params
from equipoise.using.new_rows import read_new_rows
from equipoise.using.scored_rows import Overrides, Scorer
from equipoise.using.unseen_values import UnseenValues


@contextmanager
def _refusing_endless_numbers() -> Iterator[None]:
    """Have a whole number that Python does not write out, wherever it is met, be a `UserError`."""
    try:
        yield
    except ValueError as failure:
        if "integer string conversion" not in str(failure):
            raise
        most = sys.get_int_max_str_digits()
        raise UserError(
            f"a whole number of more than {most} digits is too long; write it as text"
        ) from failure


@dataclass(frozen=True)
class ReadTable:
    """What a table was read as, the values that params call gaps, and the segment of each row."""

    schema: TableSchema
    gaps: Sequence[Label] = ()
    segments: pd.Series | None = None


@dataclass(frozen=True)
class TrialArm(ABC):
    """One arm of a finished trial."""

    name: ArmName
    table: ReadTable = field(repr=False)

    @property
    @abstractmethod
    def classifier(self) -> DecidingClassifier:
        """The arm as one classifier: the user's labels, calibrated probabilities."""

    @property
    @abstractmethod
    def result(self) -> ArmResult:
        """All numbers of the arm, as `reports/metrics/<arm>.json` has them."""

    @property
    @abstractmethod
    def curves(self) -> pd.DataFrame:
        """The curves of the arm, in long form."""

    @property
    @abstractmethod
    def test(self) -> pd.DataFrame:
        """Scores and decisions of the test part, classes as the parts have them."""

    @_refusing_endless_numbers()
    def score(
        self, rows: pd.DataFrame, threshold: float | None = None, prevalence: float | None = None
    ) -> pd.DataFrame:
        """Return a score, a probability, a decision or a reason for each row of a table.

        The rows are as a user has them, and keep their index; `threshold` and `prevalence` are the
        options of `equipoise score`. A `UserError` names columns that are missing; a `UserWarning`,
        those with many values that the train part had not.

        >>> trial.recommended.score(new_rows)["decision"]  # doctest: +SKIP
        """
        require_frame(rows)
        schema, gaps = self.table.schema, self.table.gaps
        scorer = Scorer(self.classifier, schema, Overrides(threshold, prevalence))
        counted = rows.reset_index(drop=True)  # labels of rows may be there twice
        read = read_new_rows(counted, schema, gaps)
        unseen = UnseenValues.of(self.classifier.pipeline, schema)
        unseen.add(read.features)
        for line in unseen.describe():
            warn(line, stacklevel=2)
        return scorer.score(read).set_axis(rows.index)

    @cached_property
    def charts(self) -> Mapping[str, Chart]:
        """The curves of the arm and its confusion matrices, by name; a notebook shows each."""
        return make_charts(make_arm_charts(self.result, self.curves))


@dataclass(frozen=True)
class FreshArm(TrialArm):
    """An arm that has just been run: what train settled, and what the test part says."""

    settled: SettledArm = field(repr=False)
    evaluated: EvaluatedArm = field(repr=False)

    @property
    def classifier(self) -> DecidingClassifier:
        """The arm as one classifier: the user's labels, calibrated probabilities."""
        return self.settled.classifier

    @cached_property
    def result(self) -> ArmResult:
        """All numbers of the arm, as `reports/metrics/<arm>.json` has them."""
        return round_result(self.evaluated.result)

    @property
    def curves(self) -> pd.DataFrame:
        """The curves of the arm, in long form."""
        return self.evaluated.curves

    @property
    def test(self) -> pd.DataFrame:
        """Scores and decisions of the test part."""
        return self.evaluated.test


@dataclass(frozen=True)
class Trial:
    """A finished trial: its arms by name, and how they compare.

    `findings` are the warnings and notes of the checks that ran before.
    """

    params: Params
    arms: Mapping[str, TrialArm]
    comparison: Comparison
    findings: tuple[Finding, ...]

    def __repr__(self) -> str:
        return f"Trial(arms={list(self.arms)}, recommended={self.comparison.recommended.arm!r})"

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """A row for each answer, with the columns that `reports/comparison.json` has."""
        return tabulate_answers(self.comparison)

    @property
    def recommended(self) -> TrialArm:
        """The arm to take."""
        return self.arms[self.comparison.recommended.arm]

    @property
    def advice(self) -> str:
        """What to do, and why: the recommended arm with what it decides by, or what is open."""
        return describe_recommendation(self.comparison.recommended)

    @property
    def conclusions(self) -> tuple[str, ...]:
        """What the verdicts about remedies mean, a sentence for each."""
        return self.comparison.conclusions

    @cached_property
    def charts(self) -> Mapping[str, Chart]:
        """The charts that set all arms beside one another, by name; a notebook shows each."""
        arms = [arm.result for arm in self.arms.values()]
        curves = pd.concat([arm.curves for arm in self.arms.values()])
        return make_charts(make_trial_charts(arms, curves, self.comparison, self.params.run))


@_refusing_endless_numbers()
def run_trial(table: pd.DataFrame | None, params: Params | JsonObject | str | Path) -> Trial:
    """Return the finished trial of every arm that `params.run` names.

    `params` are those of params.yaml: the path of such a file, a mapping, or what was read
    from one. With a `table`, `data` says which column is the target, and needs no `path`; without,
    the table is read or made as `data` says. The index of a table is no feature. A `UserError` says
    what is wrong with either.

    >>> trial = run_trial(None, "params.yaml")  # doctest: +SKIP
    >>> trial.recommended.score(new_rows)  # doctest: +SKIP
    """
    if table is not None:
        require_frame(table)
    with threadpool_limits(limits=1):  # the same bits on any machine
        return _run_trial(table, _check_params(params, has_table=table is not None))


def _run_trial(table: pd.DataFrame | None, checked: Params) -> Trial:
    dataset = _make_dataset(table, checked)
    checked = checked.for_labels(dataset.schema.labels)
    train, test, in_parts = split_table(dataset.table, checked)
    findings = (*check_dataset(dataset, checked), *in_parts)
    stop_on_errors(findings)
    read = ReadTable(dataset.schema, list_gaps(checked.data), dataset.table.get(SEGMENT))
    arms, left_out = _run_arms((train, test), read, checked)
    evidence = {name: _round_evidence(arm.evaluated) for name, arm in arms.items()}
    gains = compare_net_benefits(evidence, make_criteria(checked))
    comparison = compare_evidence(evidence, left_out, checked, gains)
    return Trial(checked, arms, comparison, findings)


def require_frame(table: object) -> None:
    """Raise a `UserError` if what is given as a table is none of pandas."""
    if not isinstance(table, pd.DataFrame):
        raise UserError(
            f"a table should be a DataFrame of pandas, and not {type(table).__name__}; convert it"
        )


def _round_evidence(own: Evidence) -> Evidence:
    """Return evidence as it is read from its files."""
    segments = {name: _round_evidence(inside) for name, inside in own.segments.items()}
    return replace(own, result=round_result(own.result), segments=segments)


def _check_params(params: Params | JsonObject | str | Path, *, has_table: bool) -> Params:
    if isinstance(params, Params):
        return params
    if isinstance(params, str | Path):
        return load_params(Path(params))
    if not isinstance(params, Mapping):
        raise UserError(
            f"params should be a mapping, or the path of params.yaml, and not"
            f" {type(params).__name__}; give one"
        )
    given = dict(params)
    data = given.get("data")
    if has_table and isinstance(data, Mapping):
        given["data"] = {"source": "file", "path": "table", **data}
    return parse_params(given, "params")


def _make_dataset(table: pd.DataFrame | None, params: Params) -> Dataset:
    if table is None:
        return make_dataset(params.data, params.seed)
    if not isinstance(params.data, FileData):
        raise UserError(
            "data.source: params describe a made table, and a table is given; pass None for it, or"
            " set data.target"
        )
    if params.data.sample is not None:
        raise UserError(
            "data.sample: it is for files, and a table is given; remove it, or pass None and set"
            " data.path"
        )
    dataset = read_frame_as_dataset(RawTable(table), params.data)
    return round_dataset(dataset) if params.data.float32 else dataset


def _run_arms(
    parts: tuple[pd.DataFrame, pd.DataFrame], table: ReadTable, params: Params
) -> tuple[dict[str, FreshArm], dict[str, str]]:
    """Return every arm that can be fitted, and why each of the others is left out."""
    arms: dict[str, FreshArm] = {}
    refused: dict[str, str] = {}
    for strategy in params.run.strategies:
        names = [ArmName(strategy, model) for model in params.run.models]
        try:
            resampled = resample_train(parts[0], strategy, params)
        except RefusalError as why:
            refused |= dict.fromkeys(map(str, names), str(why))
            continue
        for name in names:
            try:
                arms[str(name)] = _run_arm(name, resampled, parts, table, params)
            except RefusalError as why:
                refused[str(name)] = str(why)
            except UserError as wrong:
                raise UserError(*(f"{name}: {line}" for line in wrong.args)) from wrong
    left_out = find_left_out(params.run, refused)
    finished = [str(arm) for arm in params.run.arms if str(arm) not in left_out]
    return {name: arms[name] for name in finished}, left_out


def _run_arm(
    name: ArmName,
    resampled: tuple[Difference, ResamplingSummary],
    parts: tuple[pd.DataFrame, pd.DataFrame],
    table: ReadTable,
    params: Params,
) -> FreshArm:
    train, test = parts
    difference, summary = resampled
    trained = train_arm(name, train, difference, params)
    treated = Treated.of(summary, trained.fits)
    decision = decide_arm(trained.scores, train, treated, table.schema, params)
    settled = SettledArm(name, trained.model, decision, trained.scores, trained.fits.notes)
    evaluated = evaluate_settled_arm(settled, train, test, params, table.segments)
    return FreshArm(name, table, settled, evaluated)

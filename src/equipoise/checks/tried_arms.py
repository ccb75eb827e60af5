"""Arms tried on a few rows: what samplers and models refuse once they are given data.

What is refused of a few rows may be their number, so it is believed only if the rows of a real
fold are refused as well. The message is then the one that a stage would end with.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self
from warnings import catch_warnings, simplefilter

import pandas as pd

from equipoise.checks.finding import Finding, report_mistake
from equipoise.core.arms import ArmName
from equipoise.core.difference import Difference
from equipoise.core.tables import TARGET
from equipoise.fitting.categories import make_rowless_frame
from equipoise.fitting.components import Classifier
from equipoise.fitting.fold_counts import find_shares, scale_counts
from equipoise.fitting.fold_rows import make_folds
from equipoise.fitting.models import fit, fitting, score
from equipoise.fitting.resampling import check_counts, clean_and_resample
from equipoise.metrics.scores import check_scores
from equipoise.params.trial_params import Arm, Params, Run
from equipoise.storage.layout import Layout
from equipoise.storage.model_files import check_model
from equipoise.terminal.errors import UserError

# Enough for neighbours, and for folds inside a model; fitted in a moment.
FEW_ROWS, FEW_OF_A_CLASS = 1_000, 50
SCORED_ROWS = 100


@dataclass(frozen=True)
class TriedRows:
    """The rows of the train part that arms are tried on.

    `fold` has those that the smallest fold is fitted on, `few` some of them, `scored` some that
    it holds out; `labels` are those that each fold is fitted on.
    """

    train: pd.DataFrame
    fold: pd.DataFrame
    few: pd.DataFrame
    scored: pd.DataFrame
    labels: Sequence[pd.Series]

    @classmethod
    def of(cls, train: pd.DataFrame, params: Params) -> Self:
        """Return the rows; the smallest fold is the first with the fewest of some class."""
        splits = make_folds(train, params.cross_validation, params.seed)
        labels = [train[TARGET].iloc[fitted] for fitted, _ in splits]
        sizes = [part.value_counts().min() for part in labels]
        fitted, held_out = splits[sizes.index(min(sizes))]
        fold, scored = train.iloc[fitted], train.iloc[held_out[:SCORED_ROWS]]
        return cls(train, fold, _take_few(fold, params.seed), scored, labels)

    def scale(self, arm: Arm, labels: pd.Series) -> Arm:
        """Return the arm for rows of train with these labels."""
        return scale_counts(arm, find_shares(self.train[TARGET], labels))


def try_arms(train: pd.DataFrame, params: Params) -> list[Finding]:
    """Return what samplers, models and ensembles would refuse when a stage fits them.

    It must be possible to build every arm, and to make folds of train. A model that
    one strategy is refused with is not tried with others: mostly they would be refused as well.
    """
    rows = TriedRows.of(train, params)
    refused: dict[str, Finding] = {}
    written: set[str] = set()
    with catch_warnings():
        simplefilter("ignore")  # what is only warned of runs
        for strategy in params.run.strategies:
            names = [ArmName(strategy, model) for model in params.run.models]
            arms = {name: params.select_arm(name) for name in names}
            difference, any_arm = Difference(), arms[names[0]]
            with _collecting_refusals(refused, any_arm.strategy.key, params.run, strategy):
                difference = _try_sampler(any_arm, rows)
            for name, arm in arms.items():
                if refused.keys().isdisjoint((arm.strategy.key, arm.model.key)):
                    with _collecting_refusals(refused, arm.model.key, params.run, strategy):
                        model = _try_model(arm, rows, difference)
                        _try_writing(name, arm, model, written, params.plugins)
    first = {finding.message: finding for finding in reversed(refused.values())}
    return [*reversed(first.values())]


@contextmanager
def _collecting_refusals(
    refused: dict[str, Finding], key: str, run: Run, strategy: str
) -> Iterator[None]:
    try:
        yield
    except UserError as mistake:
        refused[key] = report_mistake(mistake, key, run, strategy)


def _try_sampler(arm: Arm, rows: TriedRows) -> Difference:
    """Return what the arm's sampler does to a few rows, if it works on all and in every fold.

    Nothing, if it works there and not on the few.
    """
    try:
        difference = _resample_part(rows.scale(arm, rows.few[TARGET]), rows.few)
    except UserError:
        _resample_part(arm, rows.train)
        _check_counts(arm, rows)
        _resample_part(rows.scale(arm, rows.fold[TARGET]), rows.fold)
        return Difference()
    _check_counts(arm, rows)
    return difference


def _check_counts(arm: Arm, rows: TriedRows) -> None:
    columns = make_rowless_frame(rows.train)
    for labels in (rows.train[TARGET], *rows.labels):
        check_counts(rows.scale(arm, labels).strategy, labels, columns, arm.seed)


def _resample_part(arm: Arm, part: pd.DataFrame) -> Difference:
    return clean_and_resample(part, arm.strategy, arm.preprocess, arm.seed)[1]


def _try_model(arm: Arm, rows: TriedRows, difference: Difference) -> Classifier:
    """Return the arm fitted on a few rows or, if those will not do, on a fold."""
    try:
        few = rows.scale(arm, rows.few[TARGET])
        return _fit_and_score(few, rows.few, rows.scored, difference)
    except UserError:
        return _fit_and_score(rows.scale(arm, rows.fold[TARGET]), rows.fold, rows.scored)


def _fit_and_score(
    arm: Arm, fitted: pd.DataFrame, scored: pd.DataFrame, difference: Difference | None = None
) -> Classifier:
    model = fit(arm, fitted, difference)
    with fitting(arm):
        scores = score(model, scored)
    check_scores(scores, "out-of-fold")
    return model


def _try_writing(
    name: ArmName, arm: Arm, model: Classifier, written: set[str], plugins: Collection[str]
) -> None:
    """Raise what a stage would, if the file of a fitted arm may not hold what is in it.

    Samplers and weights are not in it, so a model or an ensemble that is `written` already will
    be so again; forests take their time.
    """
    parts = {arm.model.key} | ({arm.strategy.key} if arm.strategy.ensemble else set())
    if not parts <= written:
        check_model(model, Layout().model(name), plugins)
        written |= parts


def _take_few(rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return a few rows, classes in proportion but with enough of each, in their order."""
    share = FEW_ROWS / len(rows)
    if share >= 1:
        return rows
    classes = [part for _, part in rows.groupby(TARGET)]
    sizes = [min(len(part), max(FEW_OF_A_CLASS, round(share * len(part)))) for part in classes]
    chosen = [p.sample(n, random_state=seed) for p, n in zip(classes, sizes, strict=True)]
    return rows.loc[rows.index.isin(pd.concat(chosen).index)]

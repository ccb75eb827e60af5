"""Arms that cannot be built, or not be judged as params ask: known before anything is fitted."""

from collections.abc import Callable
from functools import partial

import pandas as pd

from equipoise.checks.finding import Finding
from equipoise.core.tables import TARGET
from equipoise.deciding.objectives import amounts, make_objective
from equipoise.deciding.settling import known_ratios
from equipoise.fitting.models import Arm, build_model
from equipoise.fitting.treatment import unknown_odds
from equipoise.metrics.classes import Classes
from equipoise.params.trial_params import Params
from equipoise.terminal.errors import UserError


def check_arms(table: pd.DataFrame, params: Params) -> list[Finding]:
    """Return what would stop an arm once others have taken their time."""
    return arms_that_cannot_be_built(table, params) + objectives_without_meaning(table, params)


def arms_that_cannot_be_built(table: pd.DataFrame, params: Params) -> list[Finding]:
    """Find models and ensembles that are not there, or do not take what they are given.

    So is one whose odds `calibration` is to undo, and nobody knows what it does to them.
    """
    findings = []
    for name in params.run.arms:
        arm = Arm.of(params, name)
        findings += _error(arm.model.key, partial(_build, arm, table[TARGET], params.calibration))
    return list(dict.fromkeys(findings))  # a model that is wrong is so with every strategy


def _build(arm: Arm, y: pd.Series, calibration: str) -> None:
    build_model(arm, y)
    known_ratios(None, unknown_odds(arm), calibration)


def objectives_without_meaning(table: pd.DataFrame, params: Params) -> list[Finding]:
    """Find an objective for another number of classes, and amounts that are none."""
    classes = Classes.of([str(label) for label in sorted(table[TARGET].unique())])
    findings = _error("decision", lambda: make_objective(params.decision, classes))
    column = params.decision.amount
    return (
        findings
        if column is None
        else _error("decision.amount", lambda: amounts(table, column)) + findings
    )


def _error(subject: str, attempt: Callable[[], object]) -> list[Finding]:
    """Return the mistake that an attempt meets with, if it does."""
    try:
        attempt()
    except UserError as mistake:
        return [Finding("error", subject, str(mistake))]
    return []

"""Arms that cannot be built or judged as params ask, found before anything is fitted."""

from collections.abc import Callable

import pandas as pd

from equipoise.checks.finding import Finding, report_mistake
from equipoise.core.tables import TARGET
from equipoise.deciding.objectives import check_cost_order, make_objective, read_amounts
from equipoise.deciding.settling import check_calibrated, find_known_ratios
from equipoise.fitting.models import build_model
from equipoise.fitting.treatment import describe_unknown_odds, gives_only_scores
from equipoise.metrics.classes import Classes
from equipoise.params.trial_params import Arm, Params
from equipoise.terminal.errors import UserError


def check_arms(table: pd.DataFrame, params: Params) -> list[Finding]:
    """Return what would stop an arm once others have taken their time."""
    return find_unbuildable_arms(table, params) + find_meaningless_objectives(table, params)


def find_unbuildable_arms(table: pd.DataFrame, params: Params) -> list[Finding]:
    """Find models and ensembles that are not there, or do not take what they are given.

    So is one whose odds `calibration` is to undo, and nobody knows what it does to them.
    """
    findings: list[Finding] = []
    for name in params.run.arms:
        arm = params.select_arm(name)
        try:
            _check_arm(arm, table[TARGET], params.calibration)
        except UserError as mistake:
            findings.append(report_mistake(mistake, arm.model.key, params.run, name.strategy))
    return list(dict.fromkeys(findings))  # a model that is wrong is so with every strategy


def _check_arm(arm: Arm, y: pd.Series, calibration: str) -> None:
    build_model(arm, y)
    find_known_ratios(None, describe_unknown_odds(arm), calibration)
    check_calibrated(calibration, only_scores=gives_only_scores(arm))


def find_meaningless_objectives(table: pd.DataFrame, params: Params) -> list[Finding]:
    """Find an objective for another number of classes, and amounts that are none."""
    classes = Classes.of(sorted(table[TARGET].unique()))
    findings = _find_error("decision", lambda: make_objective(params.decision, classes))
    findings += _find_error(
        "decision.costs", lambda: check_cost_order(params.decision, params.labels)
    )
    column = params.decision.amount
    return (
        findings
        if column is None
        else _find_error("decision.amount", lambda: read_amounts(table, column)) + findings
    )


def _find_error(subject: str, attempt: Callable[[], object]) -> list[Finding]:
    """Return the mistake that an attempt meets with, if it does."""
    try:
        attempt()
    except UserError as mistake:
        return [Finding("error", subject, str(mistake))]
    return []

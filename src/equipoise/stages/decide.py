"""Settle by train alone how an arm decides and what its scores mean."""

import pandas as pd

from equipoise.core.arms import ArmName
from equipoise.core.difference import ResamplingSummary
from equipoise.core.fit_report import FitReport
from equipoise.core.table_schema import TableSchema
from equipoise.deciding.decision import ArmDecision
from equipoise.deciding.objectives import (
    add_amounts,
    check_cost_order,
    choose_prevalence,
    make_objective,
)
from equipoise.deciding.settling import (
    Treated,
    check_calibrated,
    find_known_ratios,
    learn_decision,
)
from equipoise.metrics.classes import Classes
from equipoise.params.trial_params import Params
from equipoise.storage.decision_files import write_decision
from equipoise.storage.files.formats import read_frame
from equipoise.storage.files.record_files import read_record
from equipoise.storage.files.refusals import pass_refusal_on
from equipoise.storage.layout import Layout


def run(layout: Layout, params: Params, strategy: str, model: str) -> None:
    """Write a rule, a calibrator, and what they promise out of fold."""
    arm = ArmName(strategy, model)
    if pass_refusal_on(layout.fits(arm), [layout.decision(arm)]):
        return
    summary = read_record(layout.resampling_summary(strategy), ResamplingSummary)
    fitted = read_record(layout.fits(arm), FitReport)
    treated = Treated.of(summary, fitted)
    schema = read_record(layout.schema, TableSchema)
    oof, train = read_frame(layout.out_of_fold(arm)), _read_amounts(layout, params, schema)
    write_decision(decide_arm(oof, train, treated, schema, params), layout.decision(arm))


def _read_amounts(layout: Layout, params: Params, schema: TableSchema) -> pd.DataFrame:
    """Return train's amounts; all columns if there are none, so that a message can name them."""
    amount = params.decision.amount
    if amount is not None and amount not in schema.columns:
        return read_frame(layout.train)
    return read_frame(layout.train, [amount] if amount else [])


def decide_arm(
    oof: pd.DataFrame,
    train: pd.DataFrame,
    treated: Treated,
    schema: TableSchema,
    params: Params,
) -> ArmDecision:
    """Return what train settles about an arm."""
    check_calibrated(params.calibration, only_scores=treated.only_scores)
    prevalence = choose_prevalence(params.decision, schema)
    check_cost_order(params.decision, schema.labels)
    objective = make_objective(params.decision, Classes.of(schema.labels), prevalence)
    return learn_decision(
        add_amounts(oof, train, objective.amount),
        find_known_ratios(treated.ratios, treated.unknown_odds, params.calibration),
        objective,
        params.calibration,
        labels=schema.labels,
        treatment=treated.treatment,
        forward=params.split.is_forward,
        only_scores=treated.only_scores,
    )

"""Settle by train alone how an arm decides and what its scores mean."""

from equipoise.assessment.decisions import known_ratios, learn_decision
from equipoise.assessment.judging import Judging
from equipoise.assessment.objectives import with_amounts
from equipoise.contract.decision_files import write_decision
from equipoise.contract.layout import Layout
from equipoise.contract.params import ArmName, Params
from equipoise.contract.storage import read_frame, read_json


def run(layout: Layout, params: Params, strategy: str, model: str) -> None:
    """Write a rule, a calibrator, and what they promise out of fold."""
    arm = ArmName(strategy, model)
    train = read_frame(layout.train)
    oof = with_amounts(read_frame(layout.out_of_fold(arm)), train, params.decision)
    ratios, fitted = read_json(layout.resampling_summary(strategy))["ratios"], layout.fits(arm)
    treated = read_json(fitted)
    decision = learn_decision(
        oof,
        known_ratios(ratios, treated["unknown_odds"], params.calibration),
        Judging(params.decision, params.calibration, params.uncertainty, params.seed),
        labels=read_json(layout.schema)["labels"],
        treatment=treated["treatment"],
    )
    write_decision(decision, layout.decision(arm))

"""Settle by train alone how an arm decides and what its scores mean."""

from equipoise.assessment.decisions import Treated, settle_arm
from equipoise.contract.decision_files import write_decision
from equipoise.contract.layout import Layout
from equipoise.contract.params import ArmName, Params
from equipoise.contract.storage import read_frame, read_json


def run(layout: Layout, params: Params, strategy: str, model: str) -> None:
    """Write a rule, a calibrator, and what they promise out of fold."""
    arm = ArmName(strategy, model)
    ratios, fits = read_json(layout.resampling_summary(strategy))["ratios"], layout.fits(arm)
    fitted = read_json(fits)
    treated = Treated(fitted["treatment"], ratios, fitted["unknown_odds"])
    oof, train = read_frame(layout.out_of_fold(arm)), read_frame(layout.train)
    labels = read_json(layout.schema)["labels"]
    write_decision(settle_arm(oof, train, treated, labels, params), layout.decision(arm))

"""Settle by train alone how an arm decides and what its scores mean."""

from equipoise.core.arms import ArmName
from equipoise.deciding.settling import Treated, settle_arm
from equipoise.params.trial_params import Params
from equipoise.storage.decision_files import write_decision
from equipoise.storage.files import read_frame, read_json
from equipoise.storage.layout import Layout


def run(layout: Layout, params: Params, strategy: str, model: str) -> None:
    """Write a rule, a calibrator, and what they promise out of fold."""
    arm = ArmName(strategy, model)
    ratios, fits = read_json(layout.resampling_summary(strategy))["ratios"], layout.fits(arm)
    fitted = read_json(fits)
    treated = Treated(fitted["treatment"], ratios, fitted["unknown_odds"])
    oof, train = read_frame(layout.out_of_fold(arm)), read_frame(layout.train)
    labels = read_json(layout.schema)["labels"]
    write_decision(settle_arm(oof, train, treated, labels, params), layout.decision(arm))

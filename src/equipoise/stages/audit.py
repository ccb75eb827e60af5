"""Audit what the stages made for leaks from test into what was learned."""

from collections.abc import Sequence

from equipoise.audit.audit_results import stop_on_failures
from equipoise.audit.leakage import audit
from equipoise.audit.made import ArmMade, Made, Resampled
from equipoise.core.arms import ArmName
from equipoise.core.difference import ResamplingSummary
from equipoise.core.table_schema import TableSchema
from equipoise.core.tables import SEGMENT
from equipoise.deciding.objectives import choose_prevalence, make_objective
from equipoise.metrics.classes import Classes
from equipoise.params.trial_params import Params
from equipoise.stages.finished_arms import list_finished, read_left_out, refuse_mixed_params
from equipoise.storage.audit_files import write_audit
from equipoise.storage.decision_files import read_decision
from equipoise.storage.files.formats import read_difference, read_frame
from equipoise.storage.files.record_files import read_record
from equipoise.storage.former_arms import remove_former_arms
from equipoise.storage.layout import Layout
from equipoise.storage.model_files import read_model


def run(layout: Layout, params: Params) -> None:
    """Write what the audit found; a `UserError` says what leaks."""
    remove_former_arms(layout, params)
    # A model may also refuse test alone, which evaluate scores.
    arms = list_finished(params.run, read_left_out(layout.test_scores, params.run))
    refuse_mixed_params(layout, arms)
    schema = read_record(layout.schema, TableSchema)
    prevalence = choose_prevalence(params.decision, schema)
    made = Made(
        read_frame(layout.dataset).drop(columns=SEGMENT, errors="ignore"),
        read_frame(layout.train),
        read_frame(layout.test),
        {arm.strategy: _read_resampled(layout, arm.strategy) for arm in arms},
        {str(arm): _read_arm(layout, arm, params.plugins) for arm in arms},
        make_objective(params.decision, Classes.of(schema.labels), prevalence),
        params.calibration,
    )
    results = audit(made)
    write_audit(results, layout.audit)
    stop_on_failures(results)


def _read_resampled(layout: Layout, strategy: str) -> Resampled:
    return Resampled(
        read_difference(layout.resampled(strategy)),
        read_record(layout.resampling_summary(strategy), ResamplingSummary),
    )


def _read_arm(layout: Layout, arm: ArmName, plugins: Sequence[str]) -> ArmMade:
    return ArmMade(
        arm.strategy,
        read_model(layout.model(arm), plugins),
        read_frame(layout.out_of_fold(arm)),
        read_frame(layout.test_scores(arm)),
        read_decision(layout.decision(arm)),
    )

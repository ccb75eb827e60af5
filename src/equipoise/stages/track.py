"""Publish what lies on disk to MLflow."""

from equipoise.core.arms import ArmName
from equipoise.params.trial_params import Params
from equipoise.record.store import find_store
from equipoise.record.tracking import publish
from equipoise.record.trial_files import ArmFiles, TrialFiles
from equipoise.storage.files import write_json
from equipoise.storage.layout import Layout


def run(layout: Layout, params: Params) -> None:
    """Bring MLflow up to date with the state of the pipeline."""
    attached = (layout.params, layout.pipeline, layout.report, layout.audit)
    trial = TrialFiles(
        params=params,
        parts={"train": layout.train, "test": layout.test},
        comparison=layout.comparison,
        curves=layout.all_curves,
        arms=[_list_files(layout, arm) for arm in params.run.arms],
        lock=layout.lock,
        attachments=[*attached, *sorted(layout.checks.glob("*.json"))],
    )
    write_json({"fingerprint": publish(trial, find_store())}, layout.published)


def _list_files(layout: Layout, arm: ArmName) -> ArmFiles:
    return ArmFiles(
        str(arm),
        *arm,
        layout.metrics(arm),
        layout.curves(arm),
        layout.resampling_summary(arm.strategy),
        layout.model(arm),
    )

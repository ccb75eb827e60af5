"""Publish what lies on disk to MLflow."""

from equipoise.contract.layout import Layout
from equipoise.contract.params import ArmName, Params
from equipoise.contract.storage import write_json
from equipoise.record.store import find_store
from equipoise.record.tracking import publish
from equipoise.record.trial import ArmFiles, Trial


def run(layout: Layout, params: Params) -> None:
    """Bring MLflow up to date with the state of the pipeline."""
    attached = (layout.params, layout.pipeline, layout.report, layout.audit)
    trial = Trial(
        params=params.used(),
        parts={"train": layout.train, "test": layout.test},
        comparison=layout.comparison,
        curves=layout.all_curves,
        arms=[_files_of(layout, arm) for arm in params.run.arms],
        lock=layout.lock,
        attachments=[*attached, *sorted(layout.checks.glob("*.json"))],
    )
    write_json({"fingerprint": publish(trial, find_store())}, layout.published)


def _files_of(layout: Layout, arm: ArmName) -> ArmFiles:
    return ArmFiles(
        str(arm),
        *arm,
        layout.metrics(arm),
        layout.curves(arm),
        layout.resampling_summary(arm.strategy),
        layout.model(arm),
    )

"""Publish what lies on disk to MLflow."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from equipoise.comparing.advice import name_recommendation
from equipoise.comparing.results import Comparison, Recommendation
from equipoise.core.arms import ArmName
from equipoise.params.data_params import FileData
from equipoise.params.trial_params import Params
from equipoise.record.store import Store, find_store
from equipoise.record.tracking import Published, publish_trial
from equipoise.record.trial_files import ArmFiles, TrialFiles
from equipoise.record.views import make_page_address
from equipoise.stages.finished_arms import list_compared, list_finished
from equipoise.storage.comparison_files import read_comparison
from equipoise.storage.dvc_lock import read_stages
from equipoise.storage.files.formats import write_json
from equipoise.storage.layout import Layout
from equipoise.terminal.errors import print_in_full

# What most start with, and the model that a hint is given after.
LINEAR = "LogisticRegression"


def run(layout: Layout, params: Params) -> None:
    """Bring MLflow up to date with the state of the pipeline."""
    found = read_comparison(layout.comparison)
    # Or it says what is not of this trial.
    list_compared(layout, params, found, read_stages(layout.lock))
    store = find_store()
    files = list_files(layout, params, found)
    published = publish_trial(files, store)
    # A sweep of experiments would register a model each.
    if params.registry.name is not None and "DVC_EXP_NAME" not in os.environ:
        _register(layout, files, published, found.recommended.arm, store)
    write_json({"fingerprint": published.fingerprint}, layout.published)
    shown = (
        make_page_address(store.name, published.experiment) if store.is_server else "equipoise ui"
    )
    print_in_full(*_list_last_lines(layout, params, shown, found.recommended))


def _register(
    layout: Layout, files: TrialFiles, published: Published, arm: str, store: Store
) -> None:
    """Register the model of the recommended arm, with its card."""
    from equipoise.record.registry import register_arm  # noqa: PLC0415 - few trials register
    from equipoise.using.card_files import write_card_files  # noqa: PLC0415 - as above

    names = {str(name): name for name in files.params.run.arms}
    with TemporaryDirectory() as folder:
        card = write_card_files(layout, files.params, names[arm], Path(folder) / "model_card")
        version = register_arm(files, arm, published, card, store)
    print_in_full(f"Registered:  version {version} of {files.params.registry.name}")


def list_files(layout: Layout, params: Params, found: Comparison) -> TrialFiles:
    """Return the files of the trial that lies there."""
    attached = (*(layout.params, layout.pipeline, layout.report, layout.audit, layout.net_benefit),)
    return TrialFiles(
        params=params,
        schema=layout.schema,
        parts={"train": layout.train} | ({"test": layout.test} if params.split.has_test else {}),
        comparison=layout.comparison,
        curves=layout.all_curves,
        arms=[_list_arm_files(layout, arm) for arm in list_finished(params.run, found.left_out)],
        lock=layout.lock,
        attachments=[*attached, *sorted(layout.checks.glob("*.json"))],
    )


def _list_last_lines(
    layout: Layout, params: Params, shown: str, recommended: Recommendation
) -> Iterator[str]:
    """Give what a run ends with: what to take, and where to look."""
    classes = {params.models[name].class_name for name in params.run.models}
    if classes == {LINEAR} and isinstance(params.data, FileData):
        yield (
            "Only logistic regression was run. Another model may do more than any remedy: add"
            " boosting to run.models"
        )
    yield name_recommendation(recommended)
    yield f"The page:    {layout.report}"
    yield f"MLflow:      {shown}"


def _list_arm_files(layout: Layout, arm: ArmName) -> ArmFiles:
    return ArmFiles(
        str(arm),
        *arm,
        layout.metrics(arm),
        layout.curves(arm),
        layout.resampling_summary(arm.strategy),
        layout.model(arm),
        layout.decision(arm),
    )

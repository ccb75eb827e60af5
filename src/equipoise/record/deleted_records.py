"""Runs, models and experiments that are marked deleted in MLflow: `mlflow gc` removes them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mlflow import MlflowClient
from mlflow.entities import ViewType
from mlflow.entities.model_registry import ModelVersion

from equipoise.record.store import Store, ask_first, open_store, reaching, taking_turns
from equipoise.record.trial_runs import MOST_RUNS
from equipoise.terminal.errors import UserError

NOT_PRUNED = "nothing was pruned"
ADDRESS = re.compile(r"(?:runs|models):/([\w-]+)")


@dataclass(frozen=True)
class DeletedRecords:
    """The ids of what is marked deleted."""

    runs: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()
    experiments: frozenset[str] = frozenset()


def list_named(store: Store) -> Mapping[str, str]:
    """Return what versions of registered models name, each with the version in words.

    These are ids of runs and models, and the hashes of rows.
    """
    with reaching(store, NOT_PRUNED):
        return {
            name: f"version {version.version} of {version.name}"
            for version in _list_versions(open_store(store), store)
            for name in _list_names(version)
        }


def find_deleted(store: Store, named: Mapping[str, str]) -> DeletedRecords:
    """Return what is marked deleted; a `UserError` says which of it a registered version names.

    `mlflow gc` does not ask the registry.
    """
    with reaching(store, NOT_PRUNED):
        client = open_store(store)
        experiments = client.search_experiments(view_type=ViewType.DELETED_ONLY)
        backend = client._tracking_client.store  # noqa: SLF001 - the lists of `mlflow gc`
        deleted = DeletedRecords(
            frozenset(backend._get_deleted_runs()),  # noqa: SLF001 - as above
            frozenset(backend._get_deleted_logged_models()),  # noqa: SLF001 - as above
            frozenset(experiment.experiment_id for experiment in experiments),
        )
        inside = _find_inside(client, deleted.experiments)
    for name in sorted({*deleted.runs, *deleted.models, *inside} & {*named}):
        raise UserError(
            f"{NOT_PRUNED}: {named[name]} needs {name}, which is marked deleted in MLflow;"
            f" {_find_remedy(name, deleted, inside)}"
        )
    return deleted


def _find_remedy(name: str, deleted: DeletedRecords, inside: Mapping[str, str]) -> str:
    """Return what to do about a run or model that is needed; `inside` as `_find_inside` has it."""
    if name in deleted.models:
        return "no command restores a model, so delete that version"
    restoring = f"runs restore --run-id {name}"
    if name in inside:
        restoring = f"experiments restore --experiment-id {inside[name]}"
    return f"restore it by `mlflow {restoring}`, or delete that version"


def remove_deleted(store: Store) -> None:
    """Remove all that is marked deleted, with its artifacts."""
    from mlflow.cli import gc  # noqa: PLC0415 - a second that a look can do without

    with reaching(store, "not all was pruned"), taking_turns(store):
        open_store(store)
        gc.main(["--backend-store-uri", store.uri], standalone_mode=False)


def _list_versions(client: MlflowClient, store: Store) -> Iterator[ModelVersion]:
    page = ask_first(store, client.search_model_versions)
    yield from page
    while page.token:
        page = client.search_model_versions(page_token=page.token)
        yield from page


def _list_names(version: ModelVersion) -> set[str]:
    told = [version.run_id or "", version.source or "", *version.tags.values()]
    return {*told, *(found for text in told for found in ADDRESS.findall(text))} - {""}


def _find_inside(client: MlflowClient, experiments: frozenset[str]) -> dict[str, str]:
    """Return the experiment of each model and run in some experiments."""
    if not experiments:
        return {}
    models = client.search_logged_models(sorted(experiments))
    runs = client.search_runs(
        sorted(experiments), run_view_type=ViewType.ALL, max_results=MOST_RUNS
    )
    return {
        **{model.model_id: model.experiment_id for model in models},
        **{run.info.run_id: run.info.experiment_id for run in runs},
    }

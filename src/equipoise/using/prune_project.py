"""Show what nothing names any more, and remove it if that is asked for."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from equipoise.core.tables import format_count
from equipoise.record.deleted_records import (
    DeletedRecords,
    find_deleted,
    list_named,
    remove_deleted,
)
from equipoise.record.store import find_store
from equipoise.storage.dvc_lock import refuse_conflicts
from equipoise.storage.layout import Layout
from equipoise.terminal.errors import UserError, print_in_full
from equipoise.terminal.yaml_file import read_yaml
from equipoise.using.repair_dvc import misses_killed_run, repair_dvc_files
from equipoise.using.unused_cache import list_unused, remove_unused

MEGABYTE = 1_000_000
NOTHING = DeletedRecords()
ON_SERVER = "MLflow: its server keeps what is marked deleted until `mlflow gc` is run there"


def prune_project(layout: Layout, *, confirmed: bool) -> None:
    """Say what nothing names in DVC's cache and what is marked deleted in MLflow; remove it if so.

    A `UserError` says why nothing can be removed.
    """
    refuse_conflicts(layout.lock)
    if layout.params.exists():
        read_yaml(layout.params)
    repair_dvc_files(layout)
    if misses_killed_run(layout):
        raise UserError(
            "nothing names yet what the killed run had finished, so it would go; run `dvc repro`"
            " first"
        )
    store = find_store()
    has_record = store.file is None or store.file.exists()
    named = list_named(store) if has_record else {}
    unused = list_unused(layout.root, named)
    deleted = find_deleted(store, named) if has_record and not store.is_server else NOTHING
    told = [ON_SERVER] if store.is_server else [*_describe_deleted(deleted)]
    print_in_full(_describe_unused(unused), *told)
    if not confirmed:
        print_in_full("Nothing is removed yet; `equipoise prune --yes` does it")
        return
    remove_unused(layout.root, named)
    if deleted != NOTHING:
        remove_deleted(store)
    print_in_full("Removed")


def _describe_unused(unused: Sequence[Path]) -> str:
    size = sum(path.stat().st_size for path in unused) / MEGABYTE
    return (
        f"DVC's cache: {format_count(len(unused), 'file')} ({size:,.1f} MB) needed by no commit,"
        " stash, experiment or registered model, nor by the files here"
    )


def _describe_deleted(deleted: DeletedRecords) -> Iterator[str]:
    counts = [
        format_count(len(deleted.runs), "run"),
        format_count(len(deleted.models), "model"),
        format_count(len(deleted.experiments), "experiment"),
    ]
    yield f"MLflow: {', '.join(counts)} marked deleted"
    yield from (f"  run {run}" for run in sorted(deleted.runs))

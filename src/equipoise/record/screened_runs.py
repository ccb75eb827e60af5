"""Screenings in MLflow: a run for each, with a child for each arm."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Metric, Param

from equipoise.record.store import Store, open_store, reaching, taking_turns
from equipoise.record.tracking import open_experiment
from equipoise.record.trial_files import PARENT
from equipoise.screening.screened import RankedArm, Screening
from equipoise.storage.files.formats import hash_file

SCREENED = "screening"
FAILED = (
    "MLflow has no run of this screening; all else is done and saved: run it again, or with"
    " --no-mlflow"
)


def log_screening(
    screening: Screening, files: Sequence[Path], experiment: str, store: Store
) -> None:
    """Have a finished run of this screening, with one child for each ranked arm.

    `files` are attached, the ranking first: one that is the same is logged once.
    """
    state = hash_file(files[0])
    with reaching(store, FAILED), taking_turns(store):
        client = open_store(store)
        identifier = open_experiment(client, store, experiment)
        for run in client.search_runs([identifier], f"tags.{SCREENED} = '{state}'"):
            if run.info.status == "FINISHED":
                return
            client.delete_run(run.info.run_id)
        parent = _start_run(client, identifier, "screening", {SCREENED: state})
        found = screening.found
        numbers = {"arms": len(found.arms), "left_out": len(found.left_out), "fits": found.fits}
        settings = {"metric": found.metric, "folds": found.folds, "level": found.level}
        _log(client, parent, numbers, {**settings, "budget": found.budget})
        for rank, arm in enumerate(found.arms, 1):
            child = _start_run(client, identifier, arm.arm, {PARENT: parent})
            known = dict(_list_numbers(arm, rank, screening.seconds[arm.arm]))
            _log(client, child, known, {"strategy": arm.strategy, "model": arm.model})
            if arm.leader is not None:
                client.set_tag(child, "dropped", f"after fold {arm.folds}, behind {arm.leader}")
            client.set_terminated(child)
        for path in files:
            client.log_artifact(parent, str(path))
        client.set_terminated(parent)


def _start_run(client: MlflowClient, experiment: str, name: str, tags: Mapping[str, str]) -> str:
    return str(client.create_run(experiment, run_name=name, tags=dict(tags)).info.run_id)


def _log(
    client: MlflowClient,
    run: str,
    numbers: Mapping[str, float],
    settings: Mapping[str, object],
) -> None:
    """Log metrics and params of a run in one request."""
    now = client.get_run(run).info.start_time
    metrics = [Metric(name, value, now, 0) for name, value in numbers.items()]
    client.log_batch(run, metrics, [Param(name, str(own)) for name, own in settings.items()])


def _list_numbers(arm: RankedArm, rank: int, seconds: float) -> Iterator[tuple[str, float]]:
    """Give the numbers of an arm by name."""
    yield "rank", rank
    yield "value", arm.value
    yield "folds", arm.folds
    yield "seconds", seconds
    if arm.behind is not None and arm.interval is not None:
        yield "behind", arm.behind
        yield "behind_low", arm.interval[0]
        yield "behind_high", arm.interval[1]
    if arm.untuned is not None:
        yield "untuned", arm.untuned

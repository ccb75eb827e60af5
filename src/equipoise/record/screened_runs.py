"""Screenings in MLflow: a run for each, with a child for each arm."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, Run

from equipoise.record.publisher import find_publisher
from equipoise.record.store import Store, open_store, reaching, taking_turns
from equipoise.record.tracking import open_experiment
from equipoise.record.trial_files import PARENT
from equipoise.record.trial_runs import MOST_RUNS, letting_others_delete, start_run
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
        publisher = find_publisher(store)
        known = client.search_runs([identifier], f"tags.{SCREENED} = '{state}'")
        if any(run.info.status == "FINISHED" for run in known):
            return
        for run in filter(publisher.can_delete, known):
            _delete_with_arms(client, run)
        tags, found = publisher.tags, screening.found
        run = start_run(client, identifier, "screening", {**tags, SCREENED: state})
        numbers = {"arms": len(found.arms), "left_out": len(found.left_out), "fits": found.fits}
        settings = {"metric": found.metric, "folds": found.folds, "level": found.level}
        _log(client, run, numbers, {**settings, "budget": found.budget})
        for rank, arm in enumerate(found.arms, 1):
            own = {**tags, PARENT: run.info.run_id, **_describe_drop(arm)}
            child = start_run(client, identifier, arm.arm, own)
            of_arm = dict(_list_numbers(arm, rank, screening.seconds[arm.arm]))
            _log(client, child, of_arm, {"strategy": arm.strategy, "model": arm.model})
            client.set_terminated(child.info.run_id)
        for path in files:
            client.log_artifact(run.info.run_id, str(path))
        client.set_terminated(run.info.run_id)


def _delete_with_arms(client: MlflowClient, run: Run) -> None:
    """Delete an unfinished screening, its arms first: they are found by it."""
    identifier = run.info.run_id
    arms = client.search_runs(
        [run.info.experiment_id], f"tags.`{PARENT}` = '{identifier}'", max_results=MOST_RUNS
    )
    for own in (*arms, run):
        with letting_others_delete():
            client.delete_run(own.info.run_id)


def _describe_drop(arm: RankedArm) -> dict[str, str]:
    """Return a tag that says when an arm was dropped, if it was."""
    if arm.leader is None:
        return {}
    return {"dropped": f"after fold {arm.folds}, behind {arm.leader}"}


def _log(
    client: MlflowClient, run: Run, numbers: Mapping[str, float], settings: Mapping[str, object]
) -> None:
    """Log metrics and params of a run in one request."""
    now = run.info.start_time
    metrics = [Metric(name, value, now, 0) for name, value in numbers.items()]
    params = [Param(name, str(own)) for name, own in settings.items()]
    client.log_batch(run.info.run_id, metrics, params)


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

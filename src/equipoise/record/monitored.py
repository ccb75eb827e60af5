"""Looks at new rows in MLflow: a run for each batch, beside the run of the trial."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Metric, RunTag

from equipoise.monitoring.check_report import CheckedBatch
from equipoise.record.naming import make_allowed_name
from equipoise.record.notes import NOTE, cut_to_fit
from equipoise.record.store import Store, open_store, reaching, taking_turns
from equipoise.record.tracking import open_experiment
from equipoise.record.trial_runs import find_trial, list_runs, start_run

# By another tag than a trial's own, which publications go by.
BATCH, MODEL, STATE = "monitored_batch", "monitored_model", "trial_fingerprint"
FAILED = (
    "MLflow has no run of this look; all else is done and saved: run it again, or with --no-mlflow"
)


@dataclass(frozen=True)
class LookRun:
    """What is logged of a look: what it found, its text and page.

    `state` is the fingerprint of the trial; `alarmed` tells whether this look has found an alarm,
    now or when the batch had labels.
    """

    batch: CheckedBatch
    state: str
    text: str
    page: Path
    alarmed: bool


def log_look(look: LookRun, experiment: str, store: Store) -> None:
    """Have a finished run of this batch and model in the experiment; asked again, it is the same.

    Its tags name the run of the trial, if the store has it.
    """
    with reaching(store, FAILED), taking_turns(store):
        client = open_store(store)
        identifier = open_experiment(client, store, experiment)
        run = _find_run(client, identifier, look)
        tags = {
            "arm": look.batch.arm,
            "look": str(look.batch.look),
            "alarm": str(look.alarmed).lower(),
            STATE: look.state,
            NOTE: cut_to_fit(look.text),
            **_find_trial(client, identifier, look.state),
        }
        now = int(time.time() * 1000)
        numbers = [
            Metric(make_allowed_name(name), number, now, step=0)
            for name, number in list_look_metrics(look.batch)
        ]
        client.log_batch(run, numbers, tags=[RunTag(*tag) for tag in tags.items()])
        client.log_artifact(run, str(look.page))
        client.set_terminated(run)


def list_look_metrics(batch: CheckedBatch) -> Iterator[tuple[str, float]]:
    """Give the numbers of a look by name."""
    check = batch.check
    yield "alarms", len(check.alarms)
    yield "rows", check.rows
    yield "unscored", len(batch.reasons)
    for share in check.shares:
        yield f"share of {share.label}", share.share
        yield f"share of {share.label} low", share.interval[0]
        yield f"share of {share.label} high", share.interval[1]
    for decided in check.decided:
        yield f"decided {decided.label}", decided.share
    yield "largest_drift", max(drift.size for drift in check.drifts)
    for promise in check.promises:
        yield promise.metric, promise.value


def _find_trial(client: MlflowClient, experiment: str, state: str) -> dict[str, str]:
    """Return tags that name the run of the trial; none if it is not in the store."""
    trial = find_trial(list_runs(client, experiment, state))
    if trial is None:
        return {}
    return {"trial_run": trial.info.run_id, "trial_name": trial.info.run_name}


def _find_run(client: MlflowClient, experiment: str, look: LookRun) -> str:
    """Return the run of an earlier look at the same batch, or a new one that is found like that."""
    own = {BATCH: look.batch.rows_hash, MODEL: look.batch.model_hash}
    same = " AND ".join(f"tags.{tag} = '{value}'" for tag, value in own.items())
    found = client.search_runs([experiment], same, max_results=1)
    run = found[0] if found else start_run(client, experiment, f"monitor {look.batch.name}", own)
    return str(run.info.run_id)

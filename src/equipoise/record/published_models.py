"""Models that MLflow has."""

from mlflow.models import get_model_info

from equipoise.record.naming import name_experiment
from equipoise.record.store import Store, find_experiment, open_store, reaching
from equipoise.record.trial_files import PARENT, TrialFiles
from equipoise.record.trial_runs import find_trial, list_runs
from equipoise.terminal.errors import UserError

NOT_FOUND = "the model cannot be found in MLflow"


def check_model(address: str, store: Store) -> None:
    """Raise a `UserError` unless there is a model at an address of the store, or in a folder."""
    with reaching(store, f"{NOT_FOUND}: {address}"):
        open_store(store)
        get_model_info(address)


def find_model(trial: TrialFiles, arm: str, store: Store) -> str:
    """Return the address of an arm's model; a `UserError` says that the store has none."""
    state = trial.make_fingerprint()
    with reaching(store, NOT_FOUND):
        client = open_store(store)
        experiment = find_experiment(client, store, name_experiment(trial.params))
        runs = [] if experiment is None else list_runs(client, experiment.experiment_id, state)
    published = find_trial(runs)
    for run in runs:
        is_published = published is not None and run.data.tags.get(PARENT) == published.info.run_id
        if is_published and run.info.run_name == arm and run.outputs is not None:
            return f"models:/{run.outputs.model_outputs[0].model_id}"
    raise UserError(f"{store.name} has no model of {arm} as it lies here; run `dvc repro`")

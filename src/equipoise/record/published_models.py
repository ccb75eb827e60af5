"""Models that MLflow has."""

from mlflow import MlflowClient
from mlflow.entities import LoggedModelOutput, Run

from equipoise.record.logged_files import NOT_FETCHED
from equipoise.record.naming import name_experiment
from equipoise.record.store import Store, find_experiment, open_store, reaching
from equipoise.record.trial_files import TrialFiles
from equipoise.record.trial_runs import find_trial, list_runs, select_arms
from equipoise.terminal.errors import UserError

# Not `dvc repro` alone: DVC does not know that another store is asked, or what was deleted there.
PUBLISH = "publish the trial there with `dvc repro --force --single-item track`"


def find_model(trial: TrialFiles, arm: str, store: Store) -> str:
    """Return the id of an arm's model; a `UserError` says that the store has none."""
    state = trial.make_fingerprint()
    with reaching(store, NOT_FETCHED):
        client = open_store(store)
        experiment = find_experiment(client, store, name_experiment(trial.params))
        run = experiment and find_arm_run(client, experiment.experiment_id, state, arm)
    if not run:
        raise UserError(f"{store.name} has no model of {arm} as it lies here; {PUBLISH}")
    return read_model_id(run)


def find_arm_run(client: MlflowClient, experiment: str, state: str, arm: str) -> Run | None:
    """Return the run of an arm in the finished trial of a state, if there is one."""
    runs = list_runs(client, experiment, state)
    trial = find_trial(runs)
    return None if trial is None else select_arms(runs, trial).get(arm)


def read_model_id(run: Run) -> str:
    """Return the id of the model of an arm's run: the last one, if any was deleted before."""
    logged = max(list_models(run), key=lambda output: output.step)
    identifier: str = logged.model_id
    return identifier


def list_models(run: Run) -> list[LoggedModelOutput]:
    """Return what names the models of a run."""
    return run.outputs.model_outputs if run.outputs else []

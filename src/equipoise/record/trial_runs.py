"""The runs of one state in MLflow: one finished trial stays, whoever publishes at the same time.

A server has no lock that several machines could hold. So each publisher looks when it begins,
before it finishes and after that: the last one to look sees all trials, and everybody keeps the
same one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.exceptions import MlflowException

from equipoise.record.publisher import Publisher
from equipoise.record.trial_files import FINGERPRINT, PARENT

# As many as MLflow gives for one request: a trial with its arms is never cut in two.
MOST_RUNS = 50_000


@dataclass(frozen=True)
class TrialRuns:
    """The runs of a state, as a publisher that holds its lock may change them."""

    client: MlflowClient
    experiment: str
    state: str
    publisher: Publisher

    def find_trial(self) -> Run | None:
        """Return the finished trial of the state."""
        return find_trial(list_runs(self.client, self.experiment, self.state))

    def keep_one(self) -> Run | None:
        """Return the finished trial; doubles of it, and what nobody will finish, are deleted."""
        runs = list_runs(self.client, self.experiment, self.state)
        finished = {run.info.run_id for run in _select_finished(runs)}
        kept = find_trial(runs)
        for run in sorted(runs, key=lambda run: PARENT in run.data.tags):  # trials before arms
            trial = run.data.tags.get(PARENT, run.info.run_id)
            if kept is not None and trial == kept.info.run_id:
                continue
            if trial in finished or self.publisher.can_delete(run):
                self._delete(run)
        return kept

    def end_abandoned(self) -> None:
        """Mark runs of any state that were begun, and whose publisher was killed at once."""
        begun = f"attributes.status = 'RUNNING' AND tags.{FINGERPRINT} != ''"
        for run in self.client.search_runs([self.experiment], begun, max_results=MOST_RUNS):
            if self.publisher.can_delete(run):
                self.client.set_terminated(run.info.run_id, "KILLED")

    def _delete(self, run: Run) -> None:
        """Delete a run, and the models of it that no finished trial has."""
        for model in self.client.search_logged_models(
            [self.experiment], filter_string=f"source_run_id = '{run.info.run_id}'"
        ):
            if FINGERPRINT not in model.tags:
                with letting_others_delete():
                    self.client.delete_logged_model(model.model_id)
        with letting_others_delete():
            self.client.delete_run(run.info.run_id)


def start_run(client: MlflowClient, experiment: str, name: str, tags: Mapping[str, str]) -> Run:
    """Return a new run that is KILLED until it is finished: an interruption needs no care."""
    run = client.create_run(experiment, run_name=name, tags=dict(tags))
    client.set_terminated(run.info.run_id, "KILLED")
    return run


def list_runs(client: MlflowClient, experiment: str, state: str) -> list[Run]:
    """Return all runs of a state: of its trial and arms, and of what is not finished."""
    of_state = f"tags.{FINGERPRINT} = '{state}'"
    return list(client.search_runs([experiment], of_state, max_results=MOST_RUNS))


def find_trial(runs: Iterable[Run]) -> Run | None:
    """Return the trial of a state that was finished first: all publishers agree on it."""
    return min(
        _select_finished(runs), key=lambda run: (run.info.end_time, run.info.run_id), default=None
    )


@contextmanager
def letting_others_delete() -> Iterator[None]:
    """Go on if another publisher has deleted it a moment ago."""
    try:
        yield
    except MlflowException as failure:
        if failure.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise


def write_beside_others(write: Callable[[], None]) -> None:
    """Have something written that another publisher may be writing at the same moment.

    MLflow looks whether a row is there, and adds it if not: the second to add it is refused. The
    next time, it finds the row.
    """
    try:
        write()
    except MlflowException as failure:
        if failure.error_code != "BAD_REQUEST":
            raise
        write()


def _select_finished(runs: Iterable[Run]) -> list[Run]:
    return [run for run in runs if run.info.status == "FINISHED" and PARENT not in run.data.tags]

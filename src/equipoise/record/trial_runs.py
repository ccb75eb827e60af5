"""The runs of one state in MLflow: one finished trial stays, whoever publishes at the same time.

A server has no lock that several machines could hold. So each publisher looks when it begins,
before it finishes and after that: the last one to look sees all trials, and everybody keeps the
same one. Where another is about to finish too, it is given the time to do so before that look.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from mlflow import MlflowClient
from mlflow.entities import Run, ViewType
from mlflow.exceptions import MlflowException

from equipoise.core.arms import ArmName
from equipoise.record.publisher import Publisher
from equipoise.record.trial_files import FINGERPRINT, PARENT
from equipoise.terminal.errors import print_lines

# As many as MLflow gives for one request: a trial with its arms is never cut in two.
MOST_RUNS = 50_000
# How runs end that nobody will change: FAILED is an arm that was left out.
ENDED = {"FINISHED", "FAILED"}
# Seconds within which a publisher that has seen no finished trial has finished its own.
LONGEST_FINISH = 2


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

    def finish(self, trial: str) -> Run | None:
        """Finish a trial if no other one is; return the one that stays, whoever asks."""
        if self.find_trial() is None:
            self.client.set_terminated(trial)
            if self._has_rival(trial):  # which may have looked a moment ago, and seen none
                time.sleep(LONGEST_FINISH)
        return self.keep_one()

    def keep_one(self) -> Run | None:
        """Return the finished trial; doubles of it, and what nobody will finish, are deleted.

        Of its arms as well.
        """
        runs = list_runs(self.client, self.experiment, self.state)
        finished = {run.info.run_id for run in _select_finished(runs)}
        kept = find_trial(runs)
        stay = [] if kept is None else [kept, *select_arms(runs, kept).values()]
        ids = {run.info.run_id for run in stay}
        for run in sorted(runs, key=lambda run: PARENT in run.data.tags):  # trials before arms
            if run.info.run_id in ids:
                continue
            trial = run.data.tags.get(PARENT, run.info.run_id)
            ended = kept is None or trial != kept.info.run_id or run.info.status in ENDED
            if (trial in finished and ended) or self.publisher.can_delete(run):
                self._delete(run)
        return kept

    def restore_arms(self, trial: Run, arms: Iterable[str]) -> list[str]:
        """Have arms of the finished trial back whose runs were deleted in MLflow, and say so.

        Return those whose runs are there no more at all.
        """
        there = self.find_arms(trial)
        missing = [arm for arm in arms if arm not in there]
        if not missing:
            return []
        deleted = list_runs(self.client, self.experiment, self.state, ViewType.DELETED_ONLY)
        found = select_arms(deleted, trial)
        for arm in missing:
            if arm in found:
                self.client.restore_run(found[arm].info.run_id)
                print_lines([f"Restored:    the run of {arm}, which was deleted in MLflow"])
        return [arm for arm in missing if arm not in found]

    def find_arms(self, trial: Run) -> dict[str, Run]:
        """Return the runs of a trial's arms by name."""
        return select_arms(list_runs(self.client, self.experiment, self.state), trial)

    def end_abandoned(self) -> None:
        """Mark runs of any state that were begun, and whose publisher was killed at once."""
        begun = f"attributes.status = 'RUNNING' AND tags.{FINGERPRINT} != ''"
        for run in self.client.search_runs([self.experiment], begun, max_results=MOST_RUNS):
            if self.publisher.can_delete(run):
                self.client.set_terminated(run.info.run_id, "KILLED")

    def _has_rival(self, trial: str) -> bool:
        """Return whether another trial of the state is not finished."""
        return any(
            run.info.run_id != trial
            and run.info.status != "FINISHED"
            and "strategy" not in run.data.tags
            for run in list_runs(self.client, self.experiment, self.state)
        )

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


def list_runs(
    client: MlflowClient, experiment: str, state: str, kind: int = ViewType.ACTIVE_ONLY
) -> list[Run]:
    """Return all runs of a state: of its trial and arms, and of what is not finished."""
    of_state = f"tags.{FINGERPRINT} = '{state}'"
    return list(client.search_runs([experiment], of_state, kind, MOST_RUNS))


def find_trial(runs: Iterable[Run]) -> Run | None:
    """Return the trial of a state that was finished first: all publishers agree on it."""
    return min(
        _select_finished(runs), key=lambda run: (run.info.end_time, run.info.run_id), default=None
    )


def select_arms(runs: Iterable[Run], trial: Run) -> dict[str, Run]:
    """Return the runs of a trial's arms by name: of an arm twice there, what was finished first.

    A run may have another name by now, which a user gave it in MLflow.
    """
    own = (run for run in runs if run.data.tags.get(PARENT) == trial.info.run_id)
    ended = (run for run in own if run.info.status in ENDED)
    first = sorted(ended, key=lambda run: (run.info.end_time, run.info.run_id), reverse=True)
    return {_name_arm(run): run for run in first}


def _name_arm(run: Run) -> str:
    """Return what an arm is called; of one that was left out, what its run is."""
    tags = run.data.tags
    if "strategy" in tags and "model" in tags:
        return str(ArmName(tags["strategy"], tags["model"]))
    return str(run.info.run_name)


@contextmanager
def letting_others_delete() -> Iterator[None]:
    """Go on if another publisher has deleted it a moment ago."""
    try:
        yield
    except MlflowException as failure:
        if not is_not_there(failure):
            raise


def is_not_there(failure: MlflowException) -> bool:
    """Return whether MLflow says that it does not have something, or not any more.

    Before it tags a model, it looks whether the model is there, and calls that a bad parameter.
    """
    cause = failure.__cause__
    return bool(failure.error_code == "RESOURCE_DOES_NOT_EXIST") or (
        isinstance(cause, MlflowException) and is_not_there(cause)
    )


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
    """Return finished trials, also one that a user has put under a run of another kind."""
    known = {run.info.run_id: run for run in runs}
    return [
        run
        for run in known.values()
        if run.info.status == "FINISHED"
        and "strategy" not in run.data.tags
        and run.data.tags.get(PARENT) not in known
    ]

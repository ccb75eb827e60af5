"""Of the runs of one state a single finished trial stays, whoever looks."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest
from mlflow import MlflowClient

from equipoise.record.publisher import PUBLISHER, Publisher
from equipoise.record.store import Store
from equipoise.record.tracking import create_experiment
from equipoise.record.trial_files import FINGERPRINT, PARENT
from equipoise.record.trial_runs import TrialRuns, letting_others_delete

# MLflow warns of its own calls.
pytestmark = pytest.mark.filterwarnings("ignore")

STATE = "state"
NAMES = count()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> MlflowClient:
    """A client of an empty store."""
    return MlflowClient(f"sqlite:///{tmp_path_factory.mktemp('store') / 'mlflow.db'}")


@pytest.fixture
def experiment(client: MlflowClient) -> str:
    """An experiment without runs."""
    return str(client.create_experiment(str(next(NAMES))))


@pytest.fixture
def runs(client: MlflowClient, experiment: str) -> TrialRuns:
    """What a publisher called `me` sees."""
    return TrialRuns(client, experiment, STATE, Publisher("me"))


def begin(runs: TrialRuns, publisher: str, parent: str | None = None, model: str = "any") -> str:
    """Return a new run of a trial, or of an arm of it."""
    arm = {"strategy": "baseline", "model": model}
    nested = {} if parent is None else {PARENT: parent, **arm}
    tags = {FINGERPRINT: STATE, PUBLISHER: publisher, **nested}
    return str(runs.client.create_run(runs.experiment, tags=tags).info.run_id)


def finish(runs: TrialRuns, publisher: str, when: int) -> set[str]:
    """Return the runs of a trial with an arm, finished at some time."""
    trial = begin(runs, publisher)
    arm = begin(runs, publisher, trial)
    for run in (arm, trial):
        runs.client.set_terminated(run, end_time=when)
    return {trial, arm}


def list_ids(runs: TrialRuns) -> set[str]:
    """Return the ids of all runs that are there."""
    return {run.info.run_id for run in runs.client.search_runs([runs.experiment])}


def test_a_finished_trial_stays_where_a_user_puts_it(runs: TrialRuns) -> None:
    """Under a run of another kind, such as a study of their own."""
    finished = finish(runs, "me", when=1)
    study = runs.client.create_run(runs.experiment).info.run_id
    trial = runs.find_trial()
    assert trial is not None
    runs.client.set_tag(trial.info.run_id, PARENT, study)
    kept = runs.keep_one()
    assert kept is not None
    assert list_ids(runs) == {*finished, study}
    assert len(runs.find_arms(kept)) == 1


def test_what_another_has_begun_stays_beside_a_finished_trial(runs: TrialRuns) -> None:
    """Finished arms of an unfinished trial, too."""
    finished = finish(runs, "another", when=1)
    begun = begin(runs, "a third")
    arm = begin(runs, "a third", begun)
    runs.client.set_terminated(arm)
    assert runs.keep_one() is not None
    assert list_ids(runs) == {*finished, begun, arm}


def test_what_oneself_has_begun_is_deleted_with_its_arms(runs: TrialRuns) -> None:
    """With or without a finished trial."""
    begin(runs, "me", begin(runs, "me"))
    assert runs.keep_one() is None
    assert list_ids(runs) == set()
    begin(runs, "me", begin(runs, "me"))
    finished = finish(runs, "another", when=1)
    assert runs.keep_one() is not None
    assert list_ids(runs) == finished


@pytest.mark.parametrize("asks", ["me", "another", "a third"])
def test_whoever_asks_keeps_the_trial_that_was_finished_first(asks: str, runs: TrialRuns) -> None:
    """Whichever was begun first."""
    finish(runs, "me", when=30)
    first = finish(runs, "another", when=10)
    finish(runs, "a third", when=20)
    asking = TrialRuns(runs.client, runs.experiment, STATE, Publisher(asks))
    kept = asking.keep_one()
    assert kept is not None
    assert list_ids(runs) == first
    assert kept.info.run_id in first


def test_a_moment_in_common_leaves_one_trial(runs: TrialRuns) -> None:
    """The ids decide."""
    trials = [finish(runs, "me", when=1), finish(runs, "another", when=1)]
    runs.keep_one()
    assert list_ids(runs) in trials


def test_a_trial_that_is_finished_a_moment_later_is_waited_for(runs: TrialRuns) -> None:
    """Its publisher has seen no other one, and its clock is behind."""
    mine, rival = begin(runs, "me"), begin(runs, "another")
    with ThreadPoolExecutor() as others:
        kept = others.submit(runs.finish, mine)
        while runs.find_trial() is None:
            assert not kept.done()
        runs.client.set_terminated(rival, end_time=1)
        found = kept.result()
    assert found is not None
    assert found.info.run_id == rival
    assert list_ids(runs) == {rival}


def test_an_arm_that_was_published_again_at_once_is_there_once(runs: TrialRuns) -> None:
    """That which was finished first stays, and so does what another publisher has only begun."""
    trial = begin(runs, "another")
    runs.client.set_terminated(trial)
    first, second = (begin(runs, "me", trial, "tree") for _ in range(2))
    begun, own = begin(runs, "a third", trial, "tree"), begin(runs, "me", trial, "forest")
    for when, run in enumerate([first, second], 2):
        runs.client.set_terminated(run, end_time=when)
    runs.keep_one()
    assert list_ids(runs) & {first, second, begun, own} == {first, begun}


def test_a_model_goes_with_its_trial_unless_others_may_have_it(runs: TrialRuns) -> None:
    """One with a fingerprint is in a finished trial, and found by later ones."""
    arm = begin(runs, "me", begin(runs, "me"))
    for name, tags in {"own": {}, "shared": {FINGERPRINT: "any"}}.items():
        runs.client.create_logged_model(runs.experiment, name, source_run_id=arm, tags=tags)
    runs.keep_one()
    (left,) = runs.client.search_logged_models([runs.experiment])
    assert left.name == "shared"


def test_runs_of_another_state_are_left_alone(runs: TrialRuns) -> None:
    begun = begin(runs, "me")
    TrialRuns(runs.client, runs.experiment, "another state", Publisher("me")).keep_one()
    assert list_ids(runs) == {begun}


def test_what_another_has_just_deleted_is_no_failure(runs: TrialRuns) -> None:
    """Both delete the same double; the one that made it was about to tag it."""
    model = runs.client.create_logged_model(runs.experiment, "model")
    for _ in range(2):
        with letting_others_delete():
            runs.client.delete_logged_model(model.model_id)
    with letting_others_delete():
        runs.client.set_logged_model_tags(model.model_id, {FINGERPRINT: "any"})
    assert list(runs.client.search_logged_models([runs.experiment])) == []


def test_an_experiment_that_another_has_just_made_is_taken(
    client: MlflowClient, tmp_path: Path
) -> None:
    """Both have looked before, and found none."""
    made = client.create_experiment("wanted by two")
    store = Store(client.tracking_uri, tmp_path)
    assert create_experiment(client, store, "wanted by two") == made

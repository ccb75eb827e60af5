"""Several at once: publishers of one state through one server, and experiments of one project."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random

from mlflow import MlflowClient
from tests.torture.cases import Case
from tests.torture.faults import TRACK, judge_record, serve_mlflow
from tests.torture.ground import Ground

PUBLISHERS, EXPERIMENTS = 8, 4
# Of SMOTE, from here on: each experiment has other ones, and none those of the finished job.
NEIGHBOURS = 6


def list_cases(generator: Random, number: int) -> Iterator[Case]:
    """Give each as often as asked for; a generator has no part in it."""
    del generator
    for n in range(number):
        yield Case(f"{PUBLISHERS} publishers at once", f"publishers {n}", _publish_at_once)
        yield Case(f"{EXPERIMENTS} experiments at once", f"experiments {n}", _experiment_at_once)


def _publish_at_once(ground: Ground) -> str:
    """Publish copies of one state at once; it is there once, as after one publication."""
    jobs = [ground.copy(ground.finished, f"publisher-{n}") for n in range(PUBLISHERS)]
    with serve_mlflow(jobs[0]) as port, ThreadPoolExecutor(PUBLISHERS) as threads:
        address = f"http://127.0.0.1:{port}"
        ended = [*threads.map(lambda job: job.run(*TRACK, MLFLOW_TRACKING_URI=address), jobs)]
        wrong = [run.stderr[-300:] for run in ended if run.returncode]
        return "; ".join(wrong) or judge_record(MlflowClient(address), ground)


def _experiment_at_once(ground: Ground) -> str:
    """Run queued experiments, all at once; each has its trial, finished."""
    job = ground.copy(ground.finished, "experiments")
    for k in range(EXPERIMENTS):
        name = f"strategies.smote.sampler.k_neighbors={NEIGHBOURS + k}"
        job.succeed("dvc", "exp", "run", "--queue", "--set-param", name)
    job.run("dvc", "exp", "run", "--run-all", "--jobs", str(EXPERIMENTS))
    runs, trials = job.runs(), job.trials()
    states = {run.info.status for run in runs}
    if states != {"FINISHED"} or len(trials) != 1 + EXPERIMENTS:
        return f"{len(trials)} trials, {sorted(states)}"
    return ""

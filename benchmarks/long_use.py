"""Edit a strategy and run `dvc repro`, many times in one project, and show what grows.

    PYTHONPATH=src python benchmarks/long_use.py --edits 200 --every 20

Each edit is a share of SMOTE that was not there before, in the default job, and follows the run
before so closely that the process of the warm start goes on. It is measured with the runs.
Prints, for every so many edits, the medians of the last ones: seconds, seconds of the processor and
peak memory of one `dvc repro`; and the size of MLflow's store and artifacts, and of DVC's cache.
Then what `equipoise prune` leaves, and what it leaves after every trial but the last is deleted in
MLflow. Linux only.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import mlflow
import yaml
from measuring import Usage, measuring_while_awaited
from mlflow import MlflowClient
from pipeline import Copy, clone, temporary_folder

from equipoise.record.trial_files import PARENT

STORE = ("mlflow.db", "mlartifacts")
CACHE = (".dvc/cache",)
PRUNE = (sys.executable, "-m", "equipoise", "prune", "--yes")
HEADER = "| edits | s | s of the processor | peak, MB | MLflow, MB | cache, MB |\n|" + "---|" * 6


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edits", type=int, default=200)
    parser.add_argument("--every", type=int, default=20, help="edits for each line of the table")
    arguments = parser.parse_args()
    print(HEADER)
    with temporary_folder() as folder:
        project = clone(folder / "project", folder / "log.txt")
        with measuring_while_awaited():  # what it leaves behind is part of the next run
            project.run("dvc", "repro")
        usages: list[Usage] = []
        for edit in range(1, arguments.edits + 1):
            change_share(project, edit)
            with measuring_while_awaited() as usage:
                project.run("dvc", "repro")
            usages.append(usage)
            if edit % arguments.every == 0:
                print(format_row(edit, usages[-arguments.every :], project.folder), flush=True)
        for when in ("pruned", "trials deleted, pruned"):
            project.run(*PRUNE)
            print(format_sizes(when, project.folder), flush=True)
            delete_older_trials(project.folder)


def change_share(project: Copy, edit: int) -> None:
    """Give SMOTE another share than in any edit before."""
    path = project.folder / "params.yaml"
    params = yaml.safe_load(path.read_text(encoding="utf-8"))
    params["strategies"]["smote"]["sampler"]["sampling_strategy"] = 0.5 + edit / 1000
    path.write_text(yaml.safe_dump(params), encoding="utf-8")


def format_row(edits: int, usages: Sequence[Usage], folder: Path) -> str:
    """Return a row of the table."""
    seconds, processor, peak = (
        median(getattr(usage, name) for usage in usages)
        for name in ("seconds", "processor", "peak")
    )
    return format_sizes(f"{edits} | {seconds:.1f} | {processor:.1f} | {peak:.0f}", folder)


def format_sizes(before: str, folder: Path) -> str:
    """Return the end of a row of the table, and what is before it."""
    sizes = (measure_size(folder, names) for names in (STORE, CACHE))
    return f"| {before} | {' | '.join(f'{size:.1f}' for size in sizes)} |"


def delete_older_trials(folder: Path) -> None:
    """Mark all trials but the last, with their arms and models, as deleted in MLflow's store."""
    mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
    runs = mlflow.search_runs(search_all_experiments=True, output_format="list")  # the last first
    trials = {run.info.run_id: run.data.tags.get(PARENT, run.info.run_id) for run in runs}
    last = trials[runs[0].info.run_id]
    experiment = runs[0].info.experiment_id
    for model in mlflow.search_logged_models([experiment], output_format="list"):
        if trials[model.source_run_id] != last:
            MlflowClient().delete_logged_model(model.model_id)
    for run, trial in trials.items():
        if trial != last:
            mlflow.delete_run(run)


def measure_size(folder: Path, names: Sequence[str]) -> float:
    """Return the size of files, and of folders with all that is in them, in MB."""
    files = (file for name in names for file in (folder / name, *(folder / name).rglob("*")))
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6


if __name__ == "__main__":
    main()

"""Run the 24 arms of an example, and make the same fits alone.

    PYTHONPATH=src python benchmarks/many_arms.py --example bank_marketing

First, `dvc repro` with the warm start, from nothing to the record in MLflow, in a project made by
`equipoise new`; then the fits of all folds and of the final models, one after the other in one
process (`n_jobs: 1`), of which nothing is kept. Prints seconds of the processor and their ratio,
which other work on the machine changes little. Linux only.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from example_project import fetch_example, make_project
from measuring import measuring
from pipeline import temporary_folder

from equipoise.core.arms import ArmName
from equipoise.data.datasets import make_dataset
from equipoise.stages.resample import resample_train
from equipoise.stages.split import split_table
from equipoise.stages.train import train_arm
from equipoise.terminal.params_file import load_params

EXAMPLES = ("bank_marketing", "give_me_some_credit")
FITS = (sys.executable, __file__, "--fits-of")


def main() -> None:
    """Print what both take, or make the fits of a project."""
    parser = argparse.ArgumentParser(description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--example", choices=EXAMPLES)
    what.add_argument("--fits-of", type=Path, metavar="PROJECT")
    arguments = parser.parse_args()
    if arguments.fits_of:
        fit_all(arguments.fits_of)
        return
    with temporary_folder() as folder:
        source = fetch_example(arguments.example, folder / "clone", folder / "log.txt")
        project = make_project(
            arguments.example, folder / "project", source, {"EQUIPOISE_WARM": "1"}
        )
        with measuring() as whole:
            project.run("dvc", "repro")
        with measuring() as fits:
            subprocess.run([*FITS, str(project.folder)], cwd=project.folder, check=True)
    print(f"dvc repro: {whole.processor:,.0f} s of the processor, {whole.seconds:,.0f} s")
    print(f"the fits alone: {fits.processor:,.0f} s of the processor")
    print(f"ratio: {whole.processor / fits.processor:.2f}")


def fit_all(project: Path) -> None:
    """Fit every arm of a project in all folds, and on all of the train part."""
    params = load_params(project / "params.yaml").model_copy(update={"n_jobs": 1})
    train, _, _ = split_table(make_dataset(params.data, params.seed).table, params)
    for strategy in params.run.strategies:
        difference, *_ = resample_train(train, strategy, params)
        for model in params.run.models:
            train_arm(ArmName(strategy, model), train, difference, params)


if __name__ == "__main__":
    main()

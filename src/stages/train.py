"""Score the train part out of fold, then fit the arm's final model."""

import sys
from collections.abc import Sequence
from pathlib import Path

from equipoise.contract.command import parse, run
from equipoise.contract.params_file import cell_name, load_params
from equipoise.contract.storage import read_difference, read_frame, write_frame, write_json
from equipoise.fitting.crossfit import cross_fit
from equipoise.fitting.fit_warnings import say_others
from equipoise.fitting.model_files import write_model
from equipoise.fitting.models import Arm
from equipoise.fitting.progress import fit_bar
from equipoise.fitting.training import fit_final
from equipoise.fitting.treatment import describe_treatment


def main(argv: Sequence[str]) -> None:
    """Write `predictions/<cell>/oof.parquet`, `models/<cell>.skops`, `reports/fits/<cell>.json`."""
    arguments = parse(__doc__, argv, "strategy", "model")
    params = load_params(Path("params.yaml"), **vars(arguments))
    cell = cell_name(arguments.strategy, arguments.model)
    arm = Arm(
        params.strategies[arguments.strategy],
        params.models[arguments.model],
        *(params.preprocess, params.seed),
        *(f"strategies.{arguments.strategy}", f"models.{arguments.model}"),
    )
    train = read_frame(Path("data/split/train.parquet"))
    difference = read_difference(Path("data/resampled", arguments.strategy))
    with fit_bar(cell) as counted:
        folds = cross_fit(arm, train, params.cross_validation, params.n_jobs, counted)
        trained = fit_final(arm, train, difference, folds)
    sys.stdout.writelines(f"note: {cell}: {note}\n" for note in trained.fits["notes"])
    say_others(trained.warned)
    write_frame(trained.scores, Path("predictions", cell, "oof.parquet"))
    write_model(trained.model, Path("models", f"{cell}.skops"), params.plugins)
    write_json(trained.fits | describe_treatment(arm), Path("reports/fits", f"{cell}.json"))


if __name__ == "__main__":
    run(main)

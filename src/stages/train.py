"""Score the train part out of fold, then fit the arm's final model."""

from collections.abc import Sequence
from pathlib import Path

from equipoise.contract.command import parse, run
from equipoise.contract.params_file import cell_name, load_params
from equipoise.contract.storage import read_difference, read_frame, write_frame
from equipoise.fitting.crossfit import cross_fit
from equipoise.fitting.model_files import write_model
from equipoise.fitting.models import Arm, fit
from equipoise.fitting.progress import fit_bar


def main(argv: Sequence[str]) -> None:
    """Write `predictions/<cell>/oof.parquet` and `models/<cell>.skops`."""
    arguments = parse(__doc__, argv, "strategy", "model")
    params = load_params(Path("params.yaml"), **vars(arguments))
    cell = cell_name(arguments.strategy, arguments.model)
    train = read_frame(Path("data/split/train.parquet"))
    difference = read_difference(Path("data/resampled", arguments.strategy))
    arm = Arm(
        params.strategies[arguments.strategy],
        params.models[arguments.model],
        params.preprocess,
        params.seed,
        *(f"strategies.{arguments.strategy}", f"models.{arguments.model}"),
    )
    with fit_bar(cell) as counted:
        oof = cross_fit(arm, train, params.cross_validation, params.n_jobs, counted)
        model = fit(arm, train, difference)
    write_frame(oof, Path("predictions", cell, "oof.parquet"))
    write_model(model, Path("models", f"{cell}.skops"), params.plugins)


if __name__ == "__main__":
    run(main)

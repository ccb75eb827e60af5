"""Apply a strategy's sampler to the train part and store what it changed."""

import sys
from collections.abc import Sequence
from pathlib import Path

from equipoise.contract.command import parse, run
from equipoise.contract.difference import summarise
from equipoise.contract.params_file import load_params
from equipoise.contract.storage import read_frame, write_difference, write_json
from equipoise.contract.tables import features_and_target
from equipoise.fitting.categories import sampler_used
from equipoise.fitting.preprocessing import clean
from equipoise.fitting.resampling import resample


def main(argv: Sequence[str]) -> None:
    """Write the difference and its summary to `data/resampled/<strategy>/`."""
    arguments = parse(__doc__, argv, "strategy")
    params = load_params(Path("params.yaml"), **vars(arguments))
    train = read_frame(Path("data/split/train.parquet"))
    strategy, key = params.strategies[arguments.strategy], f"strategies.{arguments.strategy}"
    cleaned = train if strategy.sampler is None else clean(train, params.seed)[1]
    difference = resample(cleaned, strategy, params.preprocess, params.seed, key)
    folder = Path("data/resampled", arguments.strategy)
    write_difference(difference, folder)
    used = sampler_used(strategy, features_and_target(cleaned)[0], key)
    sys.stdout.writelines(f"note: {note}\n" for note in used["notes"])
    write_json(summarise(train, difference, strategy) | used, folder / "summary.json")


if __name__ == "__main__":
    run(main)

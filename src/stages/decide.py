"""Settle by train alone how an arm decides and what its scores mean."""

from collections.abc import Sequence
from pathlib import Path

from equipoise.assessment.decisions import known_ratios, learn_decision
from equipoise.assessment.judging import Judging
from equipoise.assessment.objectives import with_amounts
from equipoise.contract.command import parse, run
from equipoise.contract.decision_files import write_decision
from equipoise.contract.params_file import cell_name, load_params
from equipoise.contract.storage import read_frame, read_json


def main(argv: Sequence[str]) -> None:
    """Write `decisions/<arm>.json`: a rule, a calibrator, and what they promise out of fold."""
    arguments = parse(__doc__, argv, "strategy", "model")
    params = load_params(Path("params.yaml"), **vars(arguments))
    name = cell_name(arguments.strategy, arguments.model)
    train = read_frame(Path("data/split/train.parquet"))
    oof = with_amounts(read_frame(Path("predictions", name, "oof.parquet")), train, params.decision)
    resampled = read_json(Path("data/resampled", arguments.strategy, "summary.json"))
    fitted = read_json(Path("reports/fits", f"{name}.json"))
    decision = learn_decision(
        oof,
        known_ratios(resampled["ratios"], fitted["unknown_odds"], params.calibration),
        Judging(params.decision, params.calibration, params.uncertainty, params.seed),
        labels=read_json(Path("data/schema.json"))["labels"],
        treatment=fitted["treatment"],
    )
    write_decision(decision, Path("decisions", f"{name}.json"))


if __name__ == "__main__":
    run(main)

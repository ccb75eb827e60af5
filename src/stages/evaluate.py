"""Score the test part once, with the decisions that train settled."""

from collections.abc import Sequence
from pathlib import Path

from equipoise.assessment.evaluation import evaluate
from equipoise.contract.command import parse, run
from equipoise.contract.params import cell_name, load_params
from equipoise.contract.storage import read_frame, write_csv, write_frame, write_json
from equipoise.fitting.model_files import read_model
from equipoise.fitting.models import score


def main(argv: Sequence[str]) -> None:
    """Write the cell's test predictions, metrics, curves and bootstrap replicates."""
    arguments = parse(__doc__, argv, "strategy", "model")
    params = load_params(Path("params.yaml"), **vars(arguments))
    cell = cell_name(arguments.strategy, arguments.model)
    oof = read_frame(Path("predictions", cell, "oof.parquet"))
    model = read_model(Path("models", f"{cell}.skops"))
    test = score(model, read_frame(Path("data/split/test.parquet")))
    evaluation = evaluate(test, oof, params.decision, params.uncertainty, params.seed)
    names = {"cell": cell, "strategy": arguments.strategy, "model": arguments.model}
    write_frame(test, Path("predictions", cell, "test.parquet"))
    write_json(names | evaluation.metrics, Path("reports/metrics", f"{cell}.json"))
    write_csv(evaluation.curves.assign(**names), Path("reports/curves", f"{cell}.csv"))
    write_frame(evaluation.replicates, Path("reports/replicates", f"{cell}.parquet"))


if __name__ == "__main__":
    run(main)

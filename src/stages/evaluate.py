"""Score the test part once, with the decisions that train settled."""

from collections.abc import Sequence
from pathlib import Path

from equipoise.assessment.brief import brief, curves_of
from equipoise.assessment.evaluation import evaluate
from equipoise.assessment.judging import Judging
from equipoise.assessment.objectives import with_amounts
from equipoise.contract.command import parse, run
from equipoise.contract.decision_files import read_decision
from equipoise.contract.params_file import cell_name, load_params
from equipoise.contract.storage import read_frame, read_json, write_csv, write_frame, write_json
from equipoise.contract.tables import ROW
from equipoise.deciding.scoring import assemble_classifier, score_decided
from equipoise.fitting.model_files import read_model


def main(argv: Sequence[str]) -> None:
    """Write predictions, metrics and the few that matter, curves, fold scores and replicates."""
    arguments = parse(__doc__, argv, "strategy", "model")
    params = load_params(Path("params.yaml"), **vars(arguments))
    cell = cell_name(arguments.strategy, arguments.model)
    train, part = (read_frame(Path("data/split", f"{name}.parquet")) for name in ("train", "test"))
    decided = read_decision(Path("decisions", f"{cell}.json"))
    settings = params.decision, params.calibration, params.uncertainty, params.seed
    oof = with_amounts(read_frame(Path("predictions", cell, "oof.parquet")), train, params.decision)
    earliest = len(train) - oof[ROW].nunique()
    judging = Judging(*settings, forward=params.split.method == "time", never_scored=earliest)
    model = read_model(Path("models", f"{cell}.skops"), params.plugins)
    test = score_decided(assemble_classifier(model, decided), part)
    notes = read_json(Path("reports/fits", f"{cell}.json"))["notes"]
    scored = with_amounts(test, part, params.decision)
    evaluation = evaluate(scored, oof, decided, judging).with_notes(notes)
    write_frame(test, Path("predictions", cell, "test.parquet"))
    names = {"cell": cell, **vars(arguments)}
    metrics = names | evaluation.metrics | {"treatment": decided.treatment}
    write_json(metrics, Path("reports/metrics", f"{cell}.json"))
    write_json(brief(metrics, judging), Path("scores", cell))
    write_csv(curves_of(evaluation, judging).assign(**names), Path("reports/curves", f"{cell}.csv"))
    write_frame(evaluation.folds, Path("reports/folds", f"{cell}.parquet"))
    write_frame(evaluation.replicates, Path("reports/replicates", f"{cell}.parquet"))


if __name__ == "__main__":
    run(main)

"""Compare every arm that `run` names with the baseline, and print the verdict."""

from collections.abc import Sequence
from pathlib import Path

from equipoise.conclusions import describe_fitted_models, describe_remedies
from equipoise.confusions import confusion_table
from equipoise.contract import storage
from equipoise.contract.command import parse, run
from equipoise.contract.params_file import cell_name, load_params
from equipoise.recommendation import recommend
from equipoise.report import print_comparison
from equipoise.verdict import Evidence, Rules, compare_cells

NAMES = ("metrics", "curves", "folds", "replicates")
OTHERS = [Path(name) for name in ("decisions", "models", "reports/fits", "scores")]  # only tidied
METRICS, CURVES, *FRAMES = (Path("reports", name) for name in NAMES)


def main(argv: Sequence[str]) -> None:
    """Write `reports/comparison.json`, `curves.csv` and `confusion.csv`; print the table."""
    parse(__doc__, argv)
    params = load_params(Path("params.yaml"))
    cells = [cell_name(s, m) for m in params.run.models for s in params.run.strategies]
    storage.keep_only(cells, METRICS, CURVES, *FRAMES, *OTHERS)
    storage.keep_only(params.run.strategies, Path("data/resampled"))
    frames = {c: [storage.read_frame(f / f"{c}.parquet") for f in FRAMES] for c in cells}
    evidence = {c: Evidence(storage.read_json(METRICS / f"{c}.json"), *frames[c]) for c in cells}
    rules = Rules(params.run, params.decision, params.uncertainty, params.verdict)
    comparison = compare_cells(evidence, rules)
    comparison["conclusions"] = describe_remedies(comparison, evidence)
    comparison["conclusions_on_test"] = describe_fitted_models(comparison, evidence)
    comparison["recommended"] = recommend(evidence, rules) | {"calibration": params.calibration}
    storage.write_json(comparison, Path("reports/comparison.json"))
    storage.concat_csv([CURVES / f"{cell}.csv" for cell in cells], Path("reports/curves.csv"))
    arms = [evidence[cell].metrics for cell in cells]
    storage.write_csv(confusion_table(arms), Path("reports/confusion.csv"))
    print_comparison(arms, comparison, params.uncertainty)


if __name__ == "__main__":
    run(main)

"""The table and the verdict, as they are printed."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table

from equipoise.contract.params import Uncertainty

WIDTH = 100
COUNTS = ("tn", "fp", "fn", "tp")
WORDS = frozenset({"arm", "verdict", "cv verdict"})
SMALLEST_DECIMAL = 0.001
RATIOS = ("accuracy", "precision", "recall", "f1")


def print_comparison(
    metrics: Sequence[Mapping[str, Any]], comparison: Mapping[str, Any], uncertainty: Uncertainty
) -> None:
    """Print each arm's numbers on the test part, its differences from the baseline, the verdict."""
    test, recommended = metrics[0]["test"], comparison["recommended"]
    notes = [f"{cell['cell']}: {cell['note']}" for cell in metrics if "note" in cell]
    Console(width=WIDTH, highlight=False, markup=False).print(
        Group(
            f"\nTest part: {test['n']} rows, {test['prevalence']:.2%} positive",
            _scores(metrics),
            "",
            _decisions(metrics, comparison["objective"]),
            f"\nDifference from {comparison['baseline']} with the same model (p: Holm-corrected;"
            " cv: over the folds of train)",
            _differences(comparison["comparisons"], uncertainty.confidence),
            "",
            *notes,
            *comparison["conclusions"],
            f"Recommended: {recommended['cell']} with threshold {recommended['threshold']:.6g}:"
            f" {recommended['why']}.",
        )
    )


def _scores(metrics: Sequence[Mapping[str, Any]]) -> RenderableType:
    names = ("average_precision", "roc_auc", "brier_score", "log_loss")
    table = _table("arm", *names, "recalibrated_brier_score")
    for cell in metrics:
        values = [*(cell["test"][name] for name in names), cell["calibrated"]["brier_score"]]
        table.add_row(cell["cell"], *(f"{value:.4f}" for value in values))
    return table


def _decisions(metrics: Sequence[Mapping[str, Any]], objective: str) -> RenderableType:
    ratios = RATIOS if objective in RATIOS else (*RATIOS[1:], objective)
    table = _table("arm", "threshold", *COUNTS, *ratios)
    for view in ("default", "tuned"):
        table.add_row(f"{view} threshold", style="bold")
        for cell in metrics:
            decision = cell[view]
            table.add_row(
                f"  {cell['cell']}",
                f"{decision['threshold']:.6g}",
                *(f"{decision[name]}" for name in COUNTS),
                *(f"{decision[name]:.4f}" for name in ratios),
            )
    return table


def _differences(comparisons: Sequence[Mapping[str, Any]], confidence: float) -> RenderableType:
    interval = f"{100 * confidence:g}% interval"
    table = _table("arm", "effect", interval, "p", "verdict", "cv", "cv p", "cv verdict")
    for (view, metric), answers in groupby(comparisons, key=itemgetter("view", "metric")):
        table.add_row(view, "", metric, style="bold")
        by_arm: dict[str, dict[str, Mapping[str, Any]]] = {}
        for answer in answers:
            by_arm.setdefault(answer["cell"], {})[answer["source"]] = answer
        for arm, sources in by_arm.items():
            low, high = sources["test"]["interval"]
            effect, *rest = _summary(sources["test"])
            bounds = f"[{_signed(low)}, {_signed(high)}]"
            folds = _summary(sources["cv"]) if "cv" in sources else ()
            table.add_row(f" {arm}", effect, bounds, *rest, *folds)
    return table


def _summary(answer: Mapping[str, Any]) -> tuple[str, str, str]:
    return _signed(answer["effect"]), _p_value(answer["p_holm"]), answer["verdict"]


def _p_value(p: float) -> str:
    return f"<{SMALLEST_DECIMAL}" if p < SMALLEST_DECIMAL else f"{p:.3f}"


def _signed(difference: float) -> str:
    tiny = 0 < abs(difference) < SMALLEST_DECIMAL
    return f"{difference:+.1e}" if tiny else f"{difference:+.3f}"


def _table(*headings: str) -> Table:
    """Return an empty table: words stand left, numbers right, and only arms' names may break."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    for heading in headings:
        table.add_column(
            heading,
            justify="left" if heading in WORDS else "right",
            no_wrap=heading != "arm",
            overflow="fold",
        )
    return table

"""The table and the verdict, as they are printed."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table

WIDTH = 100
COUNTS = ("tn", "fp", "fn", "tp")
WORDS = frozenset({"arm", "verdict"})
SMALLEST_DECIMAL = 0.001
RATIOS = ("accuracy", "precision", "recall", "f1")


def print_comparison(
    metrics: Sequence[Mapping[str, Any]], comparison: Mapping[str, Any], confidence: float
) -> None:
    """Print each arm's numbers on the test part, then its differences from the baseline."""
    test = metrics[0]["test"]
    Console(width=WIDTH, highlight=False).print(
        Group(
            f"\nTest part: {test['n']} rows, {test['prevalence']:.2%} positive",
            _scores(metrics),
            "",
            _decisions(metrics),
            f"\nDifference from {comparison['baseline']} with the same model (p: Holm-corrected)",
            _differences(comparison["comparisons"], confidence),
        )
    )


def _scores(metrics: Sequence[Mapping[str, Any]]) -> RenderableType:
    names = ("average_precision", "roc_auc", "brier_score", "log_loss")
    table = _table("arm", *names, "recalibrated_brier_score")
    for cell in metrics:
        values = [*(cell["test"][name] for name in names), cell["calibrated"]["brier_score"]]
        table.add_row(cell["cell"], *(f"{value:.4f}" for value in values))
    return table


def _decisions(metrics: Sequence[Mapping[str, Any]]) -> RenderableType:
    table = _table("arm", "threshold", *COUNTS, *RATIOS)
    for view in ("default", "tuned"):
        table.add_row(f"{view} threshold", style="bold")
        for cell in metrics:
            decision = cell[view]
            table.add_row(
                f"  {cell['cell']}",
                f"{decision['threshold']:.6g}",
                *(f"{decision[name]}" for name in COUNTS),
                *(f"{decision[name]:.4f}" for name in RATIOS),
            )
    return table


def _differences(comparisons: Sequence[Mapping[str, Any]], confidence: float) -> RenderableType:
    interval = f"{100 * confidence:g}% interval"
    table = _table("arm", "difference", interval, "p", "verdict")
    for (view, metric), answers in groupby(comparisons, key=itemgetter("view", "metric")):
        table.add_row(f"{view}: {metric}", style="bold")
        for answer in answers:
            low, high = answer["interval"]
            table.add_row(
                f"  {answer['cell']}",
                _signed(answer["effect"]),
                f"[{_signed(low)}, {_signed(high)}]",
                _p_value(answer["p_holm"]),
                answer["verdict"],
            )
    return table


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

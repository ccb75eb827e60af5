"""What trials of remedies found, as the tables of docs/honesty.md."""

from collections.abc import Iterator, Sequence

import pandas as pd
from remedies import QUESTIONS

HEADINGS = ("average precision", "ROC-AUC", "F1, default", "F1, tuned", "Brier, recalibrated")
# Each row of a table: which arm is compared with which, as `remedies.summarise` names them.
DIFFERENT = {
    ("class_weight", "baseline"): "class weights",
    ("smote", "baseline"): "SMOTE",
    ("bagging", "baseline"): "balanced bagging",
    ("under_0", "baseline"): "under-sampling",
    ("bagging", "under_0"): "bagging beside under-sampling",
}
EQUAL = {
    ("under_n", "under_0"): "equal: under-sampling",
    ("copy_n", "copy_0"): "equal: copies",
}
KINDS = {"under": "under-sampling", "copy": "copies"}
# A difference of Brier scores is that of squares of small numbers.
DECIMALS = {"calibrated_brier_score": 4}


def format_shares(shares: pd.DataFrame) -> list[str]:
    """Return a table of true differences, and of how often they were held and claimed."""
    found = {tuple(row[:3]): row for row in shares.reset_index().to_numpy().tolist()}
    rows = []
    for pair, name in (DIFFERENT | EQUAL).items():
        cells = []
        for question in QUESTIONS:
            true, *said = found[*pair, question][3:]
            digits, decimals = 1 if pair in EQUAL else 0, DECIMALS.get(question, 3)
            held, claimed, corrected = (f"{share:.{digits}f}" for share in said)
            before = "" if pair in EQUAL else f"{true:+.{decimals}f}: "
            cells.append(f"{before}{held}, {claimed} ({corrected})")
        rows.append([name, *cells])
    return list(_make_table(["", *HEADINGS], rows))


def format_false_claims(shares: pd.DataFrame) -> list[str]:
    """Return a table of how often any of so many equal remedies was called different."""
    rows, before = [], None
    for kind, size, *found in shares.reset_index().to_numpy().tolist():
        name = "" if kind == before else KINDS[kind]
        rows.append([name, str(size), *(f"{share:.1f}" for share in found)])
        before = kind
    return list(_make_table(["", "remedies", *HEADINGS], rows))


def format_simplest(taken: pd.DataFrame) -> list[str]:
    """Return a table of how often the simplest of equal arms was recommended, of so many others."""
    rows, before = [], None
    for kind, size, deviation, share in taken.reset_index().to_numpy().tolist():
        name = "" if kind == before else KINDS[kind]
        rows.append([name, str(size), f"{deviation:.3f}", f"{share:.0f}"])
        before = kind
    return list(_make_table(["equal arms", "others", "deviation", "simplest taken, %"], rows))


def _make_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield _join_cells(headings)
    yield f"|{'---|' * len(headings)}"
    yield from map(_join_cells, rows)


def _join_cells(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |".replace("|  |", "| |")

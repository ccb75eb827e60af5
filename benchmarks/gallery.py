"""Print the table of an example for docs/gallery.md, from what `dvc repro` found.

    PYTHONPATH=src python benchmarks/gallery.py

A number is the mean over the folds of train. The sign behind it is the verdict about the
remedy there: + better, - worse, = equivalent, nothing where it is undecided.
"""

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

from equipoise.core.arms import ArmName
from equipoise.storage.files.formats import read_frame, read_json
from equipoise.storage.layout import Layout
from equipoise.terminal.params_file import load_params

SIGNS = {"better": " +", "worse": " −", "equivalent": " =", "undecided": ""}  # noqa: RUF001
COLUMNS = {
    "AP": ("ranking", "average_precision", "average_precision"),
    "F1 by default": ("default", "f1", "default_f1"),
    "F1 tuned": ("tuned", "f1", "tuned_f1"),
    "Brier, recalibrated": ("calibrated", "brier_score", "calibrated_brier_score"),
}


def main() -> None:
    """Print the table, what was recommended, and how often each verdict was given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=Path())
    layout = Layout(parser.parse_args().root)
    run = load_params(layout.params).run
    found = read_json(layout.comparison)
    said = {
        (answer["arm"], answer["view"], answer["metric"]): answer["verdict"]
        for answer in found["comparisons"]
        if answer["claim"] == "remedy"
    }
    print("| strategy |", " | ".join(f"{name}, {m}" for name in COLUMNS for m in run.models), "|")
    print("|---" * (1 + len(COLUMNS) * len(run.models)) + "|")
    for strategy in run.strategies:
        cells = [
            shown(layout, ArmName(strategy, model), said, where)
            for where in COLUMNS.values()
            for model in run.models
        ]
        print("|", " | ".join([strategy, *cells]), "|")
    for name, (view, metric, _) in COLUMNS.items():
        counts = Counter(v for (_, *of), v in said.items() if of == [view, metric])
        print(name, dict(counts))
    print(found["recommended"])


def shown(layout: Layout, arm: ArmName, said: dict[Any, str], where: tuple[str, str, str]) -> str:
    """Return an arm's mean over the folds, and the sign of the verdict about it."""
    view, metric, column = where
    mean = read_frame(layout.folds(arm))[column].mean()
    digits = 5 if mean < 0.01 else 3  # noqa: PLR2004 - losses of rare classes are small
    return f"{mean:.{digits}f}{SIGNS[said.get((str(arm), view, metric), 'undecided')]}"


if __name__ == "__main__":
    main()

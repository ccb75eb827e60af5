"""Measure the default job here and with other tools, and stages by rows; write the page of it.

    python benchmarks/performance.py            # or: make bench

All that is measured goes to `performance.json`, and from there to `docs/performance.md`. A ratio
or an exponent over `budget.yaml` ends the run with an error. Linux only.
"""

import json
import shutil
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from example_project import fetch_example, make_project
from machine import describe_machine
from measuring import Usage, measuring
from performance_page import MEASUREMENTS, PAGE, list_over_budget, write_page
from pipeline import (
    CHECKS_OF_NO_OP,
    CONFUSION,
    STRATEGIES,
    Copy,
    clone,
    copy_tutorial,
    require_same_results,
    temporary_folder,
)
from tools import TOOLS, Installed, install, require_same_work

from stages import Job, run_stages

ROWS = (100_000, 300_000, 1_000_000)
POSITIVES = 0.005
REMEDIES, MODELS = ("baseline", "random_under", "class_weight"), ("logistic", "boosting")
# Of the bare script, for the same work as those stages.
SCRIPT_OPTIONS = (
    *("--strategies", *REMEDIES, "--models", *MODELS),
    *("--features", "30", "--informative", "10", "--positives", str(POSITIVES)),
    *("--flipped", "0", "--repeats", "1", "--intervals", "counted"),
)
EXAMPLE = "creditcard"
# Of the bare script, for the work of that example.
EXAMPLE_OPTIONS = (
    *("--target", "Class", "--drop", "Time"),
    *("--repeats", "1", "--threads", "-1", "--intervals", "counted"),
)
Usages = dict[str, list[dict[str, float]]]


def main() -> None:
    """Measure what is asked for, keep the rest as it was, and write the page."""
    options = parse_options()
    if not shutil.which("dvc"):
        sys.exit("error: dvc is not on the PATH; activate the environment first")
    measured = json.loads(MEASUREMENTS.read_text()) if MEASUREMENTS.exists() else {}
    with temporary_folder() as folder:
        machine = describe_machine()
        tools = install([tool for tool in TOOLS if tool.name not in options.without], folder)
        if options.repeats:
            usages = measure_default_job(options.repeats, tools, folder)
            versions = {each.tool.name: each.list_versions() for each in tools}
            measured["default_job"] = {"machine": machine, "versions": versions, "usages": usages}
            example = measure_example(options.repeats, tools, folder / EXAMPLE)
            measured["example"] = {"machine": machine, "usages": example}
            save(measured)
        if options.rows:
            scaling = measure_scaling(options.rows, tools, folder)
            measured["scaling"] = {"machine": machine, **scaling}
            save(measured)
    if over := list_over_budget(measured):
        sys.exit("error: over the budget: " + "; ".join(over))


def save(measured: Mapping[str, Any]) -> None:
    """Write what is measured, and the page of it."""
    MEASUREMENTS.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    write_page(measured)
    print(f"written: {PAGE}", flush=True)


def parse_options() -> Namespace:
    """Return what to measure."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument(
        "--repeats", type=int, default=3, help="of the default job and the example; 0 for none"
    )
    parser.add_argument(
        "--rows", type=int, nargs="*", default=ROWS, help="to run stages on; nothing for none"
    )
    names = [tool.name for tool in TOOLS if tool.requirements != "bare.txt"]
    parser.add_argument("--without", nargs="*", default=[], choices=names, help="tools left out")
    return parser.parse_args()


def measure_default_job(repeats: int, tools: Sequence[Installed], folder: Path) -> Usages:
    """Run every tool, one after another, in each repeat."""
    usages: Usages = {}
    for repeat in range(repeats):
        found = _repeat(folder / f"repeat-{repeat}", folder / "log.txt", tools)
        for name, used in found.items():
            usages.setdefault(name, []).extend(usage.rounded for usage in used)
    return usages


def measure_example(repeats: int, tools: Sequence[Installed], folder: Path) -> Usages:
    """Run the credit card example from nothing, plain and warm, and the bare script."""
    source = fetch_example(EXAMPLE, folder / "clone", folder.parent / "log.txt")
    table = source.folder / "data/raw" / f"{EXAMPLE}.csv"
    bare = _take_tool(tools, "bare, counted")
    usages: Usages = {}
    for repeat in range(repeats):
        for kind, warm in (("plain", "0"), ("warm", "1")):
            variables = {"EQUIPOISE_WARM": warm}
            project = make_project(EXAMPLE, folder / f"{kind}-{repeat}", source, variables)
            usages.setdefault(f"{kind}, example", []).append(_use(project, "repro").rounded)
        used, results = bare.run("--table", str(table), *EXAMPLE_OPTIONS)
        require_same_work("bare, counted", results, _read_results(project))
        usages.setdefault("bare, example", []).append(used.rounded)
    return usages


def measure_scaling(
    rows: Sequence[int], tools: Sequence[Installed], folder: Path
) -> dict[str, Any]:
    """Run our stages and the bare script on as many rows; one process and thread at a time."""
    bare = _take_tool(tools, "bare, counted")
    stages, script = {}, {}
    for n in rows:
        job = Job(n, POSITIVES, REMEDIES, MODELS, flipped=0)
        stages[n] = {" ".join(stage): used.rounded for stage, used in run_stages(job, folder)}
        used, _ = bare.run("--rows", str(n), *SCRIPT_OPTIONS)
        script[n] = used.rounded
        print(f"{n:,} rows: done", flush=True)
    return {"stages": stages, "bare": script}


def _repeat(folder: Path, log: Path, tools: Sequence[Installed]) -> Mapping[str, Sequence[Usage]]:
    """Run all once: from nothing, then what is edited, then what has nothing to do."""
    copies = {
        "plain": clone(folder / "plain", log, {"EQUIPOISE_WARM": "0"}),
        "tutorial": copy_tutorial(folder / "tutorial", log),
        "warm": clone(folder / "warm", log, {"EQUIPOISE_WARM": "1"}),
    }
    used = {f"{name}, cold": [_use(copy, "repro")] for name, copy in copies.items()}
    ours = _read_results(copies["plain"])
    require_same_work("warm", _read_results(copies["warm"]), ours)
    require_same_results(copies["plain"], copies["tutorial"])
    for each in tools:
        usage, results = each.run()
        used[each.tool.name] = [usage]
        require_same_work(each.tool.name, results, ours)
    for name, copy in copies.items():
        copy.edit()
        used[f"{name}, edited"] = [_use(copy, "repro")]
    # Nothing runs then, so being warm makes no difference.
    for what, command in (("plain, nothing to do", "repro"), ("status", "status")):
        used[what] = [_use(copies["plain"], command) for _ in range(CHECKS_OF_NO_OP)]
    print(f"{folder.name}: done", flush=True)
    return used


def _take_tool(tools: Sequence[Installed], name: str) -> Installed:
    return next(each for each in tools if each.tool.name == name)


def _use(copy: Copy, command: str) -> Usage:
    """Return what a command of DVC uses."""
    with measuring() as usage:
        copy.run("dvc", command)
    return usage


def _read_results(copy: Copy) -> dict[str, Any]:
    """Return what the other tools' scripts end with, of ours."""
    results = {}
    for strategy in STRATEGIES:
        arm = f"{strategy}-logistic"
        counts = json.loads((copy.folder / f"reports/metrics/{arm}.json").read_text())["default"]
        folds = pd.read_parquet(copy.folder / f"reports/folds/{arm}.parquet")
        results[strategy] = {
            "confusion": [counts[name] for name in CONFUSION],
            "average_precision": float(folds["average_precision"].mean()),
        }
    return results


if __name__ == "__main__":
    main()

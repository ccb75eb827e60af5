"""Break a small job on purpose, some hundred times, and count what was not as it should be.

    python -m tests.torture --seed 1              # some hours; stopped, it goes on where it was
    python -m tests.torture --seed 1 --share 0.02 # minutes

Outcomes are kept in a file, and the table of docs/reliability.md is made from those of all seeds in
this folder (--page).
"""

import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from math import ceil
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.torture import beside, faults, fuzz, kills, limits
from tests.torture.cases import Case, format_counts, list_processes, read_outcomes, try_cases
from tests.torture.ground import Ground

# How much of each battery there is with a share of 1.
BATTERIES: dict[str, tuple[Callable[[Random, int], Iterator[Case]], int]] = {
    "kills": (kills.list_cases, 200),
    "limits": (limits.list_cases, 40),
    "faults": (faults.list_cases, 60),
    "turns": (faults.list_turns, faults.REQUESTS),
    "versions": (faults.list_versions, 10),
    "beside": (beside.list_cases, 2),
    "fuzz": (fuzz.list_cases, 10_000),
}
KEPT = "torture-{}.jsonl"
PAGE = Path(__file__).parents[2] / "docs/reliability.md"
STOPPED = "stopped; start it again to go on"
BEGIN, END = "<!-- made by the command above -->\n", "<!-- end -->\n"


def main() -> int:
    """Try all cases, print what is wrong with each and the counts; return the exit status."""
    parser = ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--share", type=float, default=1.0, help="of each battery")
    parser.add_argument("--only", choices=BATTERIES, nargs="+", default=[*BATTERIES])
    parser.add_argument("--kept", type=Path, help="the file of outcomes")
    parser.add_argument("--page", action="store_true", help="write the counts into the docs")
    arguments = parser.parse_args()
    if arguments.page and (arguments.share < 1 or arguments.kept):
        parser.error("--page is for the whole battery, kept where all are")
    # What a shell starts in the background ignores Ctrl-C, and so would all that is started here.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(STOPPED))
    kept = arguments.kept or Path(KEPT.format(arguments.seed))
    outcomes = []
    # Where it is stopped, a process of a case may still write there.
    with TemporaryDirectory(prefix="torture-", ignore_cleanup_errors=True) as folder:
        ground = Ground.prepare(Path(folder))
        for outcome in try_cases(list_all(arguments), ground, kept):
            outcomes.append(outcome)
            print(outcome.name, outcome.wrong or "as it should be", sep=": ", flush=True)
        left = list_processes(ground.folder)
    counts = format_counts(outcomes)
    print(counts, *(f"still running: {process}" for process in left), sep="\n")
    if arguments.page:
        write_page()
    return int(bool(left) or any(outcome.wrong for outcome in outcomes))


def list_all(arguments: Namespace) -> Iterator[Case]:
    """Give the cases of the batteries that were asked for, the same ones for the same seed."""
    for name in arguments.only:
        list_cases, number = BATTERIES[name]
        yield from list_cases(Random(f"{arguments.seed} {name}"), ceil(number * arguments.share))


def write_page() -> None:
    """Put the counts of all seeds that were tried here into the docs."""
    files = sorted(Path().glob(KEPT.format("*")))
    counts = format_counts(outcome for file in files for outcome in read_outcomes(file))
    seeds = " and ".join(file.stem.partition("-")[2] for file in files)
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text(f"{before}{BEGIN}\nSeeds: {seeds}.\n\n{counts}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(STOPPED)

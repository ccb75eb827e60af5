"""What a battery tries: cases by name, each of which is given as good or says what is wrong."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from tests.torture.ground import Ground

# The table is kept in a page of the docs.
COLUMNS = "| what was done | times | not as it should be |\n|---|---|---|\n"


@dataclass(frozen=True)
class Case:
    """Something to do to a job; `attempt` returns what is wrong afterwards, or nothing."""

    battery: str
    name: str
    attempt: Callable[[Ground], str]
    times: int = 1


@dataclass(frozen=True)
class Outcome:
    """What came of a case."""

    battery: str
    name: str
    wrong: str
    times: int = 1


def try_cases(cases: Iterable[Case], ground: Ground, file: Path) -> Iterator[Outcome]:
    """Give the outcome of each case, those that are in the file without trying them again."""
    known = {(known.battery, known.name): known for known in read_outcomes(file)}
    file.write_text("".join(map(_write_line, known.values())), encoding="utf-8")
    for case in cases:
        outcome = known.get((case.battery, case.name))
        if outcome is None:
            outcome = Outcome(case.battery, case.name, case.attempt(ground), case.times)
            ground.clear()
            with file.open("a", encoding="utf-8") as lines:
                lines.write(_write_line(outcome))
        yield outcome


def _write_line(outcome: Outcome) -> str:
    return f"{json.dumps(asdict(outcome))}\n"


def read_outcomes(file: Path) -> list[Outcome]:
    """Return the outcomes that a file has, without the one that was being written at a kill."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [Outcome(**json.loads(line)) for line in lines if line.endswith("}")]


def format_counts(outcomes: Iterable[Outcome]) -> str:
    """Return a table of how often each thing was done, and how often something was wrong."""
    tried, wrong = Counter[str](), Counter[str]()
    for outcome in outcomes:
        tried[outcome.battery] += outcome.times
        wrong[outcome.battery] += bool(outcome.wrong)
    rows = (f"| {battery} | {count:,} | {wrong[battery]} |" for battery, count in tried.items())
    return COLUMNS + "\n".join(rows) + "\n"


def list_processes(folder: Path) -> list[str]:
    """Return the commands of the processes that work in a folder."""
    found = []
    for process in psutil.process_iter(["cwd", "cmdline", "status"]):
        inside = (process.info["cwd"] or "").startswith(str(folder))
        if inside and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(" ".join(process.info["cmdline"] or ()))
    return found

"""What a battery tries: cases by name, each of which is given as good or says what is wrong."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from tests.torture.ground import Ground

# The table is kept in a page of the docs.
TITLES = ("what was done", "a run was ended in")
COLUMNS = "| {} | times | not as it should be |\n|---|---|---|\n"


@dataclass(frozen=True)
class Case:
    """Something to do to a job; `attempt` returns what is wrong afterwards, or nothing.

    A run that is ended is `within` a stage.
    """

    battery: str
    name: str
    attempt: Callable[[Ground], str]
    times: int = 1
    within: str = ""


@dataclass(frozen=True)
class Outcome:
    """What came of a case."""

    battery: str
    name: str
    wrong: str
    times: int = 1
    within: str = ""


def try_cases(cases: Iterable[Case], ground: Ground, file: Path) -> Iterator[Outcome]:
    """Give the outcome of each case, those that are in the file without trying them again."""
    known = {(known.battery, known.name): known for known in read_outcomes(file)}
    file.write_text("".join(map(_write_line, known.values())), encoding="utf-8")
    for case in cases:
        outcome = known.get((case.battery, case.name))
        if outcome is None:
            wrong = case.attempt(ground)
            outcome = Outcome(case.battery, case.name, wrong, case.times, case.within)
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
    """Return a table of how often each thing was done and how often something was wrong.

    A second one has the same of the stages that runs were ended in.
    """
    known = [*outcomes]
    by_kind = {
        TITLES[0]: [(outcome.battery, outcome) for outcome in known],
        TITLES[1]: [(f"`{outcome.within}`", outcome) for outcome in known if outcome.within],
    }
    return "\n".join(_format_table(title, rows) for title, rows in by_kind.items() if rows)


def _format_table(title: str, outcomes: Iterable[tuple[str, Outcome]]) -> str:
    tried, wrong = Counter[str](), Counter[str]()
    for kind, outcome in outcomes:
        tried[kind] += outcome.times
        wrong[kind] += bool(outcome.wrong)
    rows = (f"| {kind} | {count:,} | {wrong[kind]} |" for kind, count in tried.items())
    return COLUMNS.format(title) + "\n".join(rows) + "\n"


def list_processes(folder: Path) -> list[str]:
    """Return the commands of the processes that work in a folder."""
    found = []
    for process in psutil.process_iter(["cwd", "cmdline", "status"]):
        inside = (process.info["cwd"] or "").startswith(str(folder))
        if inside and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(" ".join(process.info["cmdline"] or ()))
    return found

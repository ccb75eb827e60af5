"""Kills and interruptions at random moments; what is run afterwards must make it good."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from random import Random

import yaml
from tests.repository import ROOT, Repository
from tests.torture.cases import Case
from tests.torture.ground import (
    BEFORE,
    EQUIPOISE,
    REPRO,
    Ground,
    compare,
    describe_record,
    interrupt,
    run_again,
    switch,
)

# One in so many is Ctrl-C, which is easier to live through than a kill.
INTERRUPTED = 5
# Seconds within which a command of ours has done most of what it does.
SECONDS_OF_COMMAND = 12.0
SCORED, NEW_ROWS = "scored.csv", "data/split/test.parquet"


@dataclass(frozen=True)
class Kill:
    """When a run is ended and how; `moment` is a share of the stage, or of what a command takes."""

    number: int
    moment: float
    by: signal.Signals
    warm: bool


def draw_kills(generator: Random, number: int) -> Iterator[Kill]:
    """Give random kills, every other one with the warm start."""
    for n in range(number):
        by = signal.SIGINT if n % INTERRUPTED == INTERRUPTED - 1 else signal.SIGKILL
        yield Kill(n, generator.random(), by, warm=bool(n % 2))


def list_cases(generator: Random, number: int) -> Iterator[Case]:
    """Give kills of a whole run from nothing, three for each one of a command."""
    of_runs = [*draw_kills(generator, number - number // 4)]
    of_commands = [*draw_kills(generator, number // 4)]
    stages = [BEFORE, *yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]]
    first = generator.randrange(len(stages))
    for kill in of_runs:
        battery = f"`dvc repro` ended by {kill.by.name}{', warm start' if kill.warm else ''}"
        # By rounds, so that each stage meets Ctrl-C, and the warm start.
        stage = stages[(first + kill.number + kill.number // len(stages)) % len(stages)]
        attempt = partial(_end_run, kill=kill, stage=stage)
        yield Case(battery, f"{stage} {kill.number}", attempt, within=stage)
    commands = [*COMMANDS]
    for kill in of_commands:
        round_before = kill.number // len(commands)  # so that Ctrl-C does not always meet the same
        name = commands[(kill.number + round_before) % len(commands)]
        yield Case(
            f"`equipoise {name}` ended by {kill.by.name}",
            f"{name} {kill.number}",
            partial(_end_command, kill=kill, name=name),
        )


def _end_run(ground: Ground, kill: Kill, stage: str) -> str:
    """End a run from nothing in a stage, run what is left; return what is wrong."""
    job = ground.copy(ground.start, f"repro-{kill.number}")
    name, after = ground.measure(warm=kill.warm).find(stage, kill.moment)
    interrupt(job, REPRO, after, kill.by, name, **switch(warm=kill.warm))
    return run_again(job) or compare(job, ground.finished)


# What each command is given, and what it writes beside what it does in MLflow.
COMMANDS = {
    "score": ((NEW_ROWS, "--out", SCORED), SCORED),
    "screen": ((), "reports/screening.json"),
    "card": (("--out", "card.md"), "card.md"),
    "monitor": ((NEW_ROWS,), "reports/monitor/history.jsonl"),
    "promote": ((), None),
}


def _end_command(ground: Ground, kill: Kill, name: str) -> str:
    """End a command, run it again; return what is wrong with what it wrote or logged."""
    arguments, written = COMMANDS[name]
    command = (*EQUIPOISE, name, *arguments)
    expected = ground.keep(f"after-{name}", lambda job: job.succeed(*command))
    job = ground.copy(ground.finished, f"{name}-{kill.number}")
    interrupt(job, command, kill.moment * SECONDS_OF_COMMAND, kill.by)
    whole = _read(expected, written)
    if _read(job, written) not in {None, whole}:
        return f"{written} is torn"
    job.succeed(*command)
    if _read(job, written) != whole:
        return f"another {written}"
    found = describe_record(job)
    return "" if found == describe_record(expected) else f"another record: {found}"


def _read(job: Repository, written: str | None) -> bytes | None:
    path = job.path / (written or ".")
    return path.read_bytes() if path.is_file() else None

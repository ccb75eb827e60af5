"""What a check found, and what follows from it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from equipoise.terminal.errors import UserError

ADVICE = "if a file was edited, run `dvc repro`; if none was, fix the code that wrote it"
SHOWN = 3


@dataclass(frozen=True)
class AuditResult:
    """What one check found, in words; `name` is `<split, strategy or arm>.<check>`."""

    name: str
    passed: bool
    detail: str


def stop_on_failures(results: Iterable[AuditResult]) -> None:
    """Raise a `UserError` with a line for each check that failed, if any did."""
    lines = [f"audit: {r.name}: {r.detail}" for r in results if not r.passed]
    if lines:
        raise UserError(*lines)


def make_audit_result(name: str, wrong: Sequence[str], otherwise: str) -> AuditResult:
    """Return a failure that says all that is wrong and a remedy; a pass if nothing is.

    What is wrong may come as empty texts, which say that nothing is.
    """
    said = "; ".join(filter(None, wrong))
    return AuditResult(name, not said, f"{said}; {ADVICE}" if said else otherwise)


def format_found(found: Iterable[object], saying: str, unit: str = "row") -> str:
    """Return how many were found, what of, and the first of them; an empty text for none."""
    names = [str(name) for name in found]
    if not names:
        return ""
    units = unit if len(names) == 1 else f"{unit}s"
    more = ", ..." if len(names) > SHOWN else ""
    return f"{len(names):,} {units} {saying} ({', '.join(names[:SHOWN])}{more})"

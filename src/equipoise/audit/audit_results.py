"""What a check found, and what follows from it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from equipoise.core.json_values import JsonObject
from equipoise.terminal.errors import UserError

ADVICE = "if a file was edited, run `dvc repro`; if none was, fix the code that wrote it"
SHOWN = 3


@dataclass(frozen=True)
class AuditResult:
    """What one check found, in words; `name` is `<split, strategy or arm>.<check>`."""

    name: str
    passed: bool
    detail: str


def encode_audit(results: Iterable[AuditResult]) -> JsonObject:
    """Return whether all is well, and by name whether each check passed and what it found."""
    found: dict[str, JsonObject] = {
        r.name: {"passed": r.passed, "detail": r.detail} for r in results
    }
    return {"passed": all(result["passed"] for result in found.values()), "checks": found}


def decode_audit(values: Mapping[str, Any]) -> list[AuditResult]:
    """Return what `encode_audit` was given."""
    return [AuditResult(name, **result) for name, result in values["checks"].items()]


def stop_on_failures(results: Iterable[AuditResult]) -> None:
    """Raise a `UserError` with a line for each check that failed, if any did."""
    lines = [f"audit: {r.name}: {r.detail}" for r in results if not r.passed]
    if lines:
        raise UserError("\n".join(lines))


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

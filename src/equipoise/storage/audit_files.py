"""`reports/audit.json`: what the audit found, by the name of the check."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from equipoise.audit.audit_results import AuditResult
from equipoise.core.json_values import JsonObject
from equipoise.storage.files.formats import write_json
from equipoise.storage.files.record_files import read_record


@dataclass(frozen=True)
class _Check:
    passed: bool
    detail: str


@dataclass(frozen=True)
class _Found:
    """The file."""

    passed: bool
    checks: Mapping[str, _Check]


def write_audit(results: Sequence[AuditResult], path: Path) -> None:
    """Write whether all is well, and by name whether each check passed and what it found."""
    checks: JsonObject = {r.name: {"passed": r.passed, "detail": r.detail} for r in results}
    write_json({"passed": all(r.passed for r in results), "checks": checks}, path)


def read_audit(path: Path) -> list[AuditResult]:
    """Read what `write_audit` wrote; a `UserError` names the key that is not as it should be."""
    checks = read_record(path, _Found).checks
    return [AuditResult(name, check.passed, check.detail) for name, check in checks.items()]

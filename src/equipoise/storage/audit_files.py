"""`reports/audit.json`: what the audit found, by the name of the check."""

from collections.abc import Sequence
from pathlib import Path

from equipoise.audit.audit_results import AuditResult
from equipoise.core.json_values import JsonObject
from equipoise.storage.files.formats import read_json, write_json


def write_audit(results: Sequence[AuditResult], path: Path) -> None:
    """Write whether all is well, and by name whether each check passed and what it found."""
    checks: JsonObject = {r.name: {"passed": r.passed, "detail": r.detail} for r in results}
    write_json({"passed": all(r.passed for r in results), "checks": checks}, path)


def read_audit(path: Path) -> list[AuditResult]:
    """Read what `write_audit` wrote."""
    return [AuditResult(name, **found) for name, found in read_json(path)["checks"].items()]

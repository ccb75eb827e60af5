"""What the audit found, and its file: nothing is lost."""

import json
from pathlib import Path

import pytest

from equipoise.audit.audit_results import AuditResult
from equipoise.storage.audit_files import read_audit, write_audit

PASSED, FAILED = AuditResult("a.kept", True, "40 rows"), AuditResult("b.kept", False, "Ü lost")  # noqa: FBT003


@pytest.mark.parametrize("results", [[], [PASSED], [PASSED, FAILED]], ids=len)
def test_an_audit_comes_back_as_it_was(results: list[AuditResult], tmp_path: Path) -> None:
    """And the file says of each check what it found, and whether all of them passed."""
    path = tmp_path / "audit.json"
    write_audit(results, path)
    assert read_audit(path) == results
    assert json.loads(path.read_text()) == {
        "passed": FAILED not in results,
        "checks": {r.name: {"passed": r.passed, "detail": r.detail} for r in results},
    }

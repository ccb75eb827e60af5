"""`data/checks`: what checks found, a file for each stage that has some."""

from pathlib import Path

from equipoise.checks.finding import Finding, Findings
from equipoise.storage.files.record_files import read_record


def read_findings(*paths: Path) -> tuple[Finding, ...]:
    """Read what the checks of stages found, in this order."""
    return tuple(finding for path in paths for finding in read_record(path, Findings).findings)

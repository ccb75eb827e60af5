"""Say what may be wrong with the job, before any work is done; write nothing."""

import sys
from collections.abc import Sequence
from pathlib import Path

from equipoise.checks.arms import check_arms
from equipoise.checks.finding import tell
from equipoise.checks.memory import available_memory, check_memory
from equipoise.checks.rare import check_job
from equipoise.checks.sections import missing_sections
from equipoise.checks.suite import check_parts, check_table
from equipoise.checks.trials import try_arms
from equipoise.contract.command import parse, run
from equipoise.contract.params_file import load_params
from equipoise.datasets import make_dataset
from equipoise.splitting import split_dataset

PARAMS = Path("params.yaml")


def main(argv: Sequence[str]) -> None:
    """Print every warning and note; a `UserError` has the errors."""
    parse(__doc__, argv)
    params = load_params(PARAMS)
    dataset = make_dataset(params.data, params.seed)
    table, memory = dataset.table, available_memory()
    found = missing_sections(params, PARAMS, Path("dvc.yaml"))
    found += [*dataset.findings, *check_table(table, params.data)]
    found += [] if memory is None else check_memory(table, params, memory)
    tell(found)
    parts = split_dataset(table, params.split, params.seed)
    found_in_parts = check_parts(*parts, params.uncertainty) + check_job(parts[0], params)
    found_in_parts += check_arms(table, params)
    tell(found_in_parts)
    tell(try_arms(parts[0], params))  # slow beside the others, and only what can be built
    warnings = sum(finding.level == "warning" for finding in found + found_in_parts)
    sys.stdout.write(f"No errors; warnings: {warnings}. The job can run: dvc repro\n")


if __name__ == "__main__":
    run(main)

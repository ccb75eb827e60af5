"""Make the table of the trial, or read it from the user's file."""

from equipoise.checks.finding import Finding, Findings, print_findings
from equipoise.checks.suite import check_table
from equipoise.data.datasets import Dataset, make_dataset
from equipoise.params.trial_params import Params
from equipoise.storage.files.formats import write_frame
from equipoise.storage.files.record_files import write_record
from equipoise.storage.layout import Layout


def run(layout: Layout, params: Params) -> None:
    """Write the table, its schema and what checks found; errors stop."""
    dataset = make_dataset(params.data, params.seed)
    findings = check_dataset(dataset, params)
    print_findings(findings)
    write_frame(dataset.table, layout.dataset)
    write_record(dataset.schema, layout.schema)
    write_record(Findings(findings), layout.checks_of_table)


def check_dataset(dataset: Dataset, params: Params) -> list[Finding]:
    """Return what was found when the table was read, and what checks find in it."""
    return [*dataset.findings, *check_table(dataset.table, params.data)]

"""Make the table of the trial, or read it from the user's file."""

from equipoise.checks.finding import encode_findings, tell
from equipoise.checks.suite import check_table
from equipoise.data.datasets import make_dataset
from equipoise.params.trial_params import Params
from equipoise.storage.files import write_frame, write_json
from equipoise.storage.layout import Layout
from equipoise.storage.record_files import write_record


def run(layout: Layout, params: Params) -> None:
    """Write the table, its schema and what checks found; errors stop."""
    dataset = make_dataset(params.data, params.seed)
    findings = [*dataset.findings, *check_table(dataset.table, params.data)]
    tell(findings)
    write_frame(dataset.table, layout.dataset)
    write_record(dataset.schema, layout.schema)
    write_json(encode_findings(findings), layout.checks_of_table)

"""Make the table of the trial, or read it from the user's file."""

from equipoise.checks.finding import findings_as_json, tell
from equipoise.checks.suite import check_table
from equipoise.contract.layout import Layout
from equipoise.contract.params import Params
from equipoise.contract.storage import write_frame, write_json
from equipoise.datasets import make_dataset


def run(layout: Layout, params: Params) -> None:
    """Write the table, its schema and what checks found; errors stop."""
    dataset = make_dataset(params.data, params.seed)
    findings = [*dataset.findings, *check_table(dataset.table, params.data)]
    tell(findings)
    write_frame(dataset.table, layout.dataset)
    write_json(dataset.schema, layout.schema)
    write_json(findings_as_json(findings), layout.checks_of_table)

"""Keep some rows aside for the test."""

import pandas as pd

from equipoise.checks.finding import Finding, Findings, print_findings
from equipoise.checks.suite import check_parts
from equipoise.data.splitting import split_dataset
from equipoise.params.trial_params import Params
from equipoise.storage.files.formats import read_frame, write_frame
from equipoise.storage.files.record_files import write_record
from equipoise.storage.layout import Layout


def run(layout: Layout, params: Params) -> None:
    """Write train and test, and what checks found of them; errors stop."""
    train, test, findings = split_table(read_frame(layout.dataset), params)
    print_findings(findings)
    write_frame(train, layout.train)
    write_frame(test, layout.test)
    write_record(Findings(findings), layout.checks_of_parts)


def split_table(
    table: pd.DataFrame, params: Params
) -> tuple[pd.DataFrame, pd.DataFrame, list[Finding]]:
    """Return train, test, and what checks find in them."""
    train, test = split_dataset(table, params.split, params.seed)
    return train, test, check_parts(train, test, params)

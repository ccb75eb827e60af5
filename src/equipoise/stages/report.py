"""Draw the page that shows what was found: nothing is computed here that decides anything."""

from equipoise.comparing.result_files import read_comparison
from equipoise.contract.layout import Layout
from equipoise.contract.params import Params
from equipoise.contract.storage import (
    read_csv,
    read_difference,
    read_frame,
    read_json,
    read_metrics,
    write_text,
)
from equipoise.page.render import Findings, render
from equipoise.record.provenance import digest


def run(layout: Layout, params: Params) -> None:
    """Write the page."""
    strategies = params.run.strategies
    checks = [read_json(path) for path in (layout.checks_of_table, layout.checks_of_parts)]
    hashed = (layout.dataset, layout.train, layout.comparison)
    found = Findings(
        params=params,
        schema=read_json(layout.schema),
        comparison=read_comparison(layout.comparison),
        arms=[read_metrics(layout.metrics(arm)) for arm in params.run.arms],
        curves=read_csv(layout.all_curves),
        confusions=read_csv(layout.confusions),
        resampling={name: read_json(layout.resampling_summary(name)) for name in strategies},
        train=read_frame(layout.train),
        differences={name: read_difference(layout.resampled(name)) for name in strategies},
        checks=[finding for part in checks for finding in part["findings"]],
        audit=read_json(layout.audit),
        hashes={path.relative_to(layout.root).as_posix(): digest(path) for path in hashed},
    )
    write_text(render(found), layout.report)

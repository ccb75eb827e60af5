"""Draw the page that shows what was found: nothing is computed here that decides anything."""

from equipoise.charts.projection import project_rows
from equipoise.core.difference import ResamplingSummary, count_copies
from equipoise.core.table_schema import TableSchema
from equipoise.fitting.fold_rows import count_rarest_scored
from equipoise.page.render import PageContent, render_page
from equipoise.params.trial_params import Params
from equipoise.stages.finished_arms import list_compared
from equipoise.storage.audit_files import read_audit
from equipoise.storage.comparison_files import read_comparison
from equipoise.storage.dvc_lock import read_stages
from equipoise.storage.files.formats import (
    hash_file,
    read_csv,
    read_difference,
    read_frame,
    write_text,
)
from equipoise.storage.files.record_files import read_record
from equipoise.storage.finding_files import read_findings
from equipoise.storage.layout import Layout
from equipoise.storage.result_files import read_result


def run(layout: Layout, params: Params) -> None:
    """Write the page."""
    comparison, train = read_comparison(layout.comparison), read_frame(layout.train)
    arms = list_compared(layout, params, comparison, read_stages(layout.lock))
    strategies = list(dict.fromkeys(arm.strategy for arm in arms))
    differences = {name: read_difference(layout.resampled(name)) for name in strategies}
    hashed = (layout.dataset, layout.train, layout.comparison)
    found = PageContent(
        params=params,
        schema=read_record(layout.schema, TableSchema),
        comparison=comparison,
        arms=[read_result(layout.metrics(arm)) for arm in arms],
        curves=read_csv(layout.all_curves),
        resampling={
            name: read_record(layout.resampling_summary(name), ResamplingSummary)
            for name in strategies
        },
        copies={name: count_copies(difference) for name, difference in differences.items()},
        train_rare=count_rarest_scored(train, params.cross_validation),
        projections=project_rows(train, differences, params.seed, params.preprocess.dates),
        checks=read_findings(layout.checks_of_parts, layout.checks_of_table),
        audit=read_audit(layout.audit),
        hashes={path.relative_to(layout.root).as_posix(): hash_file(path) for path in hashed},
    )
    write_text(render_page(found), layout.report)

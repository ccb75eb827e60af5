"""Say what may be wrong with the job, before any work is done; write nothing."""

from equipoise.checks.buildable import check_arms
from equipoise.checks.finding import Finding, print_findings, stop_on_errors
from equipoise.checks.many_fits import find_many_fits
from equipoise.checks.memory import check_memory
from equipoise.checks.needed_files import find_missing_files
from equipoise.checks.rare import check_job
from equipoise.checks.sections import find_missing_sections
from equipoise.checks.suite import check_parts
from equipoise.checks.tried_arms import try_arms
from equipoise.core.tables import format_count
from equipoise.data.datasets import make_dataset
from equipoise.data.description import describe_table
from equipoise.data.splitting import split_dataset
from equipoise.founding.edited_pipeline import check_stages
from equipoise.params.data_params import RAW_FOLDER, FileData
from equipoise.params.trial_params import Params
from equipoise.stages.generate_data import check_dataset
from equipoise.storage.dvc_lock import refuse_conflicts, refuse_conflicts_of_tables
from equipoise.storage.layout import Layout
from equipoise.terminal.available_memory import measure_available_memory
from equipoise.terminal.errors import UserError, print_in_full


def run(layout: Layout, params: Params) -> None:
    """Print every warning and note; a `UserError` has the errors."""
    refuse_conflicts(layout.lock)
    refuse_conflicts_of_tables(layout.root / RAW_FOLDER.parent)
    if layout.pipeline.exists() and not (layout.root / RAW_FOLDER).is_dir():
        raise UserError(f"{RAW_FOLDER} is missing, and DVC asks for it; make that folder")
    stop_on_errors(find_missing_files(layout))
    if layout.code.exists():
        check_stages(layout.root)
    dataset = make_dataset(params.data, params.seed)
    print_in_full(*describe_table(dataset.schema), "")
    params = params.for_labels(dataset.schema.labels)
    table, memory = dataset.table, measure_available_memory()
    found = find_missing_sections(params, layout.params, layout.pipeline)
    found += check_dataset(dataset, params) + find_many_fits(params)
    found += [] if memory is None else check_memory(table, params, memory)
    print_findings(found)
    train, test = split_dataset(table, params.split, params.seed)
    found_in_parts = check_parts(train, test, params) + check_job(train, params)
    found_in_parts += check_arms(table, params)
    print_findings(found_in_parts)
    refused = try_arms(train, params)  # slow beside the others, and only what can be built
    print_findings([finding for finding in refused if finding not in found_in_parts])
    print_findings(_ask_for_objective(params))
    known = dict.fromkeys([*found, *found_in_parts, *refused])
    warnings = sum(finding.level == "warning" for finding in known)
    also = f", {format_count(warnings, 'warning')}" if warnings else " and no warnings"
    print_in_full(f"No errors{also}. The trial can run: dvc repro")


def _ask_for_objective(params: Params) -> list[Finding]:
    """Return a note on F1, which is where params start, and seldom what the work needs."""
    if params.decision.objective != "f1" or not isinstance(params.data, FileData):
        return []
    message = (
        "decision.objective: f1 treats a missed positive and a false alert as about equally"
        " bad; if one is worse, choose another objective (in the documentation: Which objective?)"
    )
    return [Finding("note", "decision.objective", message)]

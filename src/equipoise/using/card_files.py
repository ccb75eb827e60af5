"""Write the model card of an arm of the trial that lies here, as Markdown and as a page."""

from importlib.metadata import version
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt

from equipoise.core.arms import ArmName
from equipoise.core.difference import ResamplingSummary
from equipoise.core.table_schema import TableSchema
from equipoise.params.trial_params import Params
from equipoise.record.provenance import make_provenance_tags
from equipoise.storage.audit_files import read_audit
from equipoise.storage.comparison_files import read_comparison
from equipoise.storage.files.formats import hash_file, replace_text
from equipoise.storage.files.record_files import read_record
from equipoise.storage.finding_files import read_findings
from equipoise.storage.layout import Layout
from equipoise.storage.result_files import read_result
from equipoise.using.model_card import CardedArm, write_card

PACKAGES = ("scikit-learn", "imbalanced-learn")


def write_card_files(layout: Layout, params: Params, arm: ArmName, out: Path) -> tuple[Path, Path]:
    """Write the card of an arm as `out` with .md and with .html behind it, and return both."""
    written = out.with_name(f"{out.name}.md"), out.with_name(f"{out.name}.html")
    text = write_card(_read_arm(layout, params, arm, written))
    replace_text(text, written[0])
    replace_text(make_page(text, f"Model card: {arm}"), written[1])
    return written


def make_page(text: str, title: str) -> str:
    """Return Markdown as a page of its own; HTML in it stays text."""
    environment = Environment(
        autoescape=True,
        loader=PackageLoader("equipoise.using"),
        undefined=StrictUndefined,
    )
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    page: str = environment.get_template("markdown.html.jinja").render(body=body, title=title)
    return page


def _read_arm(
    layout: Layout, params: Params, arm: ArmName, written: tuple[Path, Path]
) -> CardedArm:
    """Return what the files of the trial tell of an arm; its card will be `written`."""
    return CardedArm(
        params,
        read_record(layout.schema, TableSchema),
        read_result(layout.metrics(arm)),
        read_comparison(layout.comparison),
        read_findings(layout.checks_of_table, layout.checks_of_parts),
        read_record(layout.resampling_summary(arm.strategy), ResamplingSummary),
        read_audit(layout.audit),
        _find_origin(layout, arm, written),
    )


def _find_origin(layout: Layout, arm: ArmName, written: tuple[Path, Path]) -> dict[str, str]:
    """Return what tells this model from others: the code, the trial, the files."""
    tags = make_provenance_tags(made=written)
    commit = tags.get("mlflow.source.git.commit", "none")
    edited = ", with edits on top" if tags.get("git.dirty") == "true" else ""
    files = (layout.lock, layout.model(arm), layout.decision(arm))
    there = filter(Path.exists, files)
    hashes = {path.relative_to(layout.root).as_posix(): hash_file(path) for path in there}
    versions = {name: version(name) for name in PACKAGES}
    return {"Git commit": f"{commit}{edited}", **versions, **hashes}

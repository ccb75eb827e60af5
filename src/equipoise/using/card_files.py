"""Write the model card of an arm of the trial that lies here, as Markdown and as a page."""

import sys
from importlib.metadata import version
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt

from equipoise.core.difference import ResamplingSummary
from equipoise.record.provenance import make_provenance_tags
from equipoise.saved_trial import load
from equipoise.storage.audit_files import read_audit
from equipoise.storage.files.formats import hash_file, write_text
from equipoise.storage.files.record_files import read_record
from equipoise.storage.layout import Layout
from equipoise.trial import TrialArm
from equipoise.using.chosen_arm import choose_arm
from equipoise.using.model_card import Background, write_card

PACKAGES = ("scikit-learn", "imbalanced-learn")


def write_card_files(layout: Layout, arm: str | None, out: Path) -> None:
    """Write the card of an arm, the recommended one if None, as `out` with .md and with .html."""
    trial = load(layout.root)
    chosen = choose_arm(trial, arm)
    resampling = read_record(layout.resampling_summary(chosen.name.strategy), ResamplingSummary)
    background = Background(resampling, read_audit(layout.audit), _find_origin(layout, chosen))
    text = write_card(trial, chosen, background)
    for ending, written in (
        (".md", text),
        (".html", make_page(text, f"Model card: {chosen.name}")),
    ):
        path = out.with_suffix(ending)
        write_text(written, path)
        sys.stdout.write(f"Written: {path}\n")


def make_page(text: str, title: str) -> str:
    """Return Markdown as a page of its own; HTML in it stays text."""
    environment = Environment(
        autoescape=True,
        loader=PackageLoader("equipoise.page"),
        undefined=StrictUndefined,
    )
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    page: str = environment.get_template("markdown.html.jinja").render(body=body, title=title)
    return page


def _find_origin(layout: Layout, arm: TrialArm) -> dict[str, str]:
    """Return what tells this model from others: the code, the trial, the files."""
    tags = make_provenance_tags()
    commit = tags.get("mlflow.source.git.commit", "none")
    edited = ", with edits on top" if tags.get("git.dirty") == "true" else ""
    files = (layout.lock, layout.model(arm.name), layout.decision(arm.name))
    there = filter(Path.exists, files)
    hashes = {path.relative_to(layout.root).as_posix(): hash_file(path) for path in there}
    versions = {name: version(name) for name in PACKAGES}
    return {"Git commit": f"{commit}{edited}", **versions, **hashes}

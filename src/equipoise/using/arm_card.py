"""Write the model card of an arm that a user names."""

from pathlib import Path

from equipoise.saved_trial import load
from equipoise.storage.layout import Layout
from equipoise.terminal.errors import UserError, print_in_full
from equipoise.using.card_files import write_card_files
from equipoise.using.chosen_arm import choose_arm
from equipoise.using.kept_files import refuse_own_files
from equipoise.using.model_card import BEGINNING

ENDINGS = (".md", ".html")


def write_arm_card(layout: Layout, arm: str | None, out: Path) -> None:
    """Write the card of an arm, the recommended one if None, and say where.

    `out` is either of the two files, or their name without an ending.
    """
    stem = out.with_suffix("") if out.suffix in ENDINGS else out
    for taken in filter(Path.is_dir, (out, *(Path(f"{stem}{ending}") for ending in ENDINGS))):
        raise UserError(f"--out: '{taken}' is a folder; name a file in it")
    if out.exists() and not out.is_file():
        raise UserError(f"--out: '{out}' is no regular file; name another one")
    if not out.parent.is_dir():
        raise UserError(f"--out: the folder of '{out}' does not exist; make it first")
    _refuse_other_text(Path(f"{stem}.md"))
    trial = load(layout.root)
    refuse_own_files(layout, trial.params, *(Path(f"{stem}{ending}") for ending in ENDINGS))
    written = write_card_files(layout, trial.params, choose_arm(trial, arm).name, stem)
    print_in_full(*(f"Written: {path}" for path in written))


def _refuse_other_text(out: Path) -> None:
    """Raise if a file is there that is no card, such as README.md."""
    if out.is_file() and not out.read_bytes().startswith(BEGINNING.encode()):
        raise UserError(f"--out: '{out}' is no model card, and would be lost; name another file")

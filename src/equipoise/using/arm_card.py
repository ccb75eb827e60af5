"""Write the model card of an arm that a user names."""

import sys
from pathlib import Path

from equipoise.saved_trial import load
from equipoise.storage.layout import Layout
from equipoise.using.card_files import write_card_files
from equipoise.using.chosen_arm import choose_arm


def write_arm_card(layout: Layout, arm: str | None, out: Path) -> None:
    """Write the card of an arm, the recommended one if None, and say where."""
    trial = load(layout.root)
    written = write_card_files(layout, trial.params, choose_arm(trial, arm).name, out)
    sys.stdout.writelines(f"Written: {path}\n" for path in written)

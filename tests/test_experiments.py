"""What `dvc exp run -S` does to params.yaml, by DVC's own code."""

import re
import shutil
from difflib import ndiff
from pathlib import Path

import pytest
from dvc.utils.hydra import apply_overrides

from equipoise.terminal.params_file import load_params

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs/objective.md").read_text()
OBJECTIVES = dict.fromkeys(re.findall(r"\{objective: [^}]+\}", GUIDE))


@pytest.mark.parametrize("decision", OBJECTIVES)
def test_an_objective_of_the_guide_is_one_command_and_one_line(
    decision: str, tmp_path: Path
) -> None:
    """All else in the file stays as it was laid out, comments included."""
    params = Path(shutil.copy(ROOT / "params.yaml", tmp_path))
    other = "+decision={objective: cost, false_negative: 7, false_positive: 1}"
    for value in (other, f"+decision={decision}"):
        apply_overrides(params, ["~decision", value])
    assert load_params(params).decision.objective == re.findall(r"objective: (\w+)", decision)[0]
    before, after = ((path / "params.yaml").read_text().splitlines() for path in (ROOT, tmp_path))
    changed = [line for line in ndiff(before, after) if line.startswith(("+ ", "- "))]
    assert changed in ([], ["- decision: {objective: f1}", f"+ decision: {decision}"])


def test_the_guide_shows_the_command() -> None:
    """With both parts."""
    assert "dvc exp run -S '~decision' -S '+decision={objective: cost, " in GUIDE

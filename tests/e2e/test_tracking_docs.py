"""The code in docs/tracking.md runs on a real store, and gives the table that is printed."""

import re
from typing import Any

import pandas as pd
import pytest
from tests.repository import ROOT, Repository

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow warns of its own calls


def documented() -> str:
    """Return all Python of the page, as a reader would run it from top to bottom."""
    text = (ROOT / "docs/tracking.md").read_text()
    return "\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL))


def test_the_documented_queries_give_the_printed_table(
    finished: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the repository's folder, as it stands there: arms in order, numbers as `dvc repro` has."""
    monkeypatch.chdir(finished.path)
    names: dict[str, Any] = {}
    exec(documented(), names)  # noqa: S102 - our own page
    printed = (finished.path.parent / "first_run.txt").read_text()
    table: pd.DataFrame = names["table"]
    # Between them stand the Brier score and the log loss before recalibration.
    row = r"^(\S+-logistic) +([\d.]+) +([\d.]+) +[\d.]+ +[\d.]+ +([\d.]+)"
    rows = re.findall(row, printed, re.MULTILINE)
    assert list(table.index) == [arm for arm, *_ in rows]
    for arm, *numbers in rows:
        shown = table.loc[arm, ["average_precision", "roc_auc", "calibrated_brier_score"]]
        assert [f"{value:.4f}" for value in shown] == numbers
    assert list(names["tried"]["params.strategy.sampler.k_neighbors"]) == ["5"]
    assert "tuned_f1" in capsys.readouterr().out
    assert set(names["verdicts"]["verdict"]) <= {"better", "worse", "equivalent", "undecided"}

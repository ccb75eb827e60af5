"""Nothing that a table holds makes a terminal do something: it is written out."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from equipoise.storage.layout import Layout
from equipoise.using.monitor_batch import MonitorRequest, monitor_batch
from equipoise.using.use_table import Asked, use_table

Stage = Callable[..., None]
# They change the colour, clear the screen, go back in the line and to its beginning.
NUMBER, WORD = "\x1b[31mred\x1b[2J\x07", "a\x08\x08b\rover"
LABELS = ("\x1b[31myes\x07", "n\x1b[2Jo", "third\x1b[5m")
ARMS = (("baseline", "logistic"), ("smote", "logistic"))
PARAMS = """
seed: 7
data: {source: synthetic, n_samples: 300}
split: {test_size: 0.3}
run: {strategies: [baseline, smote], models: [logistic]}
strategies: {baseline: {}, smote: {sampler: {class: SMOTE, k_neighbors: 3}}}
models: {logistic: {class: LogisticRegression}}
cross_validation: {folds: 2, repeats: 1}
uncertainty: {resamples: 100}
n_jobs: 1
"""


def write_table(path: Path, classes: int, shift: float = 0) -> None:
    """Write a table whose names and labels are such signs."""
    rng = np.random.default_rng(classes)
    places = rng.choice(classes, 400, p=[0.2, *[0.8 / (classes - 1)] * (classes - 1)])
    number = rng.normal(places, 1) + shift
    word = np.where(rng.random(400) < 0.3 + shift / 10, "x", "y\x1b[2J")
    labels = np.array(LABELS)[places]
    pd.DataFrame({NUMBER: number, WORD: word, "y": labels}).to_parquet(path)


@pytest.mark.parametrize("classes", [2, 3])
def test_names_of_columns_and_labels_cannot_move_the_cursor(
    tmp_path: Path,
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    classes: int,
) -> None:
    """Not in what `use`, the stages, `doctor` and `monitor` print."""
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").write_text(PARAMS)
    write_table(Path("table.parquet"), classes)
    write_table(Path("batch.parquet"), classes, shift=5)
    use_table(Layout(), Path("table.parquet"), Asked("y"))
    for name in ("doctor", "generate_data", "split"):
        stage(name)
    for strategy, model in ARMS:
        stage("resample", "--strategy", strategy)
        for name in ("train", "decide", "evaluate"):
            stage(name, "--strategy", strategy, "--model", model)
    for name in ("audit", "compare", "report"):
        stage(name)
    monitor_batch(Layout(), Path("batch.parquet"), MonitorRequest(None, None, mlflow=False))
    said = "".join(capsys.readouterr())
    assert [sign for sign in "\x1b\x07\x08\r" if sign in said] == []
    assert "Alarm: \\x1b[31mred" in said
    assert "\\x1b[31myes" in said

"""Words that repeat, from the user's file to the verdict."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.metrics import average_precision_score

from .conftest import Stage

PARAMS: dict[str, Any] = {
    "seed": 7,
    "data": {"source": "file", "path": "data/raw/shops.csv", "target": "late", "positive": 1},
    "split": {"test_size": 0.3},
    "preprocess": {"numeric": "standardize"},
    "run": {"strategies": ["baseline"], "models": ["logistic"]},
    "strategies": {
        "baseline": {},
        "smote": {"sampler": {"class": "SMOTE", "k_neighbors": 3}},
        "under": {"sampler": {"class": "RandomUnderSampler"}},
    },
    "models": {"logistic": {"class": "LogisticRegression", "max_iter": 1000}},
    "cross_validation": {"folds": 3, "repeats": 1},
    "uncertainty": {"confidence": 0.9, "resamples": 100},
    "n_jobs": 1,
}
ROWS, SHOPS = 1_500, 60


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a table in which it is the shop that tells who will be late."""
    rng = np.random.default_rng(0)
    letters = rng.choice([*"abcdefghijklmnopqrstuvwxyz"], (SHOPS, 6))
    shop, size, odds = rng.integers(0, SHOPS, ROWS), rng.normal(size=ROWS), rng.normal(size=SHOPS)
    late = rng.random(ROWS) < 1 / (1 + np.exp(2.5 - 1.5 * odds[shop] - 0.5 * size))
    named = np.array(["".join(word) for word in letters])[shop]
    table = pd.DataFrame({"size": size, "shop": named, "late": late.astype(int)})
    (tmp_path / "data/raw").mkdir(parents=True)
    table.to_csv(tmp_path / "data/raw/shops.csv", index=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(desk: Path, **sections: Any) -> list[str]:
    """Write params of a job, some keys of its sections replaced; return its strategies."""
    changed = {name: PARAMS[name] | section for name, section in sections.items()}
    (desk / "params.yaml").write_text(yaml.safe_dump(PARAMS | changed))
    return list((PARAMS | changed)["run"]["strategies"])


def average_precision(desk: Path, stage: Stage, **sections: Any) -> float:
    """Return that of a job's baseline, out of fold."""
    write(desk, **sections)
    stage("generate_data")
    stage("split")
    stage("resample", "--strategy", "baseline")
    stage("train", "--strategy", "baseline", "--model", "logistic")
    oof = pd.read_parquet(desk / "predictions/baseline-logistic/oof.parquet")
    return float(average_precision_score(oof["y_true"], oof["y_score"]))


def test_words_that_repeat_are_worth_more_as_categories_than_as_text(
    desk: Path, stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """Sixty shops are sixty columns, or the share of late ones in each, and it is said so."""
    one_hot = average_precision(desk, stage)
    said = "note: column 'shop': a category with 60 values; if it is text, pin it in"
    assert said in capsys.readouterr().out
    assert said.removeprefix("note: ") in (desk / "data/checks/table.json").read_text()
    by_target = average_precision(desk, stage, preprocess={"categories": "target"})
    as_text = average_precision(desk, stage, data={"columns": {"shop": "text"}})
    assert as_text + 0.1 < min(one_hot, by_target)


def test_the_doctor_says_which_values_share_a_column(
    desk: Path, stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """Beside what the column was taken for."""
    write(desk, preprocess={"most_categories": 20})
    stage("doctor")
    said = " ".join(capsys.readouterr().out.split())
    assert "column 'shop': a category with 60 values" in said
    assert "'shop' has 60 values in train; the 19 most common get a column each" in said


@pytest.mark.parametrize("several", [False, True], ids=["two", "several"])
@pytest.mark.parametrize("preprocess", [{"categories": "target"}, {"most_categories": 20}], ids=str)
def test_every_stage_runs_and_the_audit_finds_no_leak(
    desk: Path, stage: Stage, preprocess: dict[str, Any], *, several: bool
) -> None:
    """Each encoding is fitted again from train alone, and is what the model files hold."""
    path = desk / "data/raw/shops.csv"
    if several:
        table = pd.read_csv(path)
        table["late"] = table["late"].map({0: "no", 1: "yes"}).where(table["size"] < 1.3, "never")
        table.to_csv(path, index=False)
    data = {"positive": None} if several else {}
    run = {"strategies": ["baseline", "smote", "under"]}
    strategies = write(desk, preprocess=preprocess, data=data, run=run)
    stage("generate_data")
    stage("split")
    for strategy in strategies:
        stage("resample", "--strategy", strategy)
        for name in ("train", "decide", "evaluate"):
            stage(name, "--strategy", strategy, "--model", "logistic")
    for name in ("audit", "compare", "report"):
        stage(name)
    checks = json.loads((desk / "reports/audit.json").read_text())["checks"]
    learned = "encodings_" if "categories" in preprocess else "_infrequent_indices"
    assert learned in checks["smote-logistic.preprocessing"]["detail"]

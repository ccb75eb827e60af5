"""A job whose column names and labels are scripts, addresses and Markdown, run by its stages."""

import json
from pathlib import Path

import pytest

from tests.stages.conftest import finished_job, run_stage

HOSTILE = "<script>alert('x')</script>"
ADDRESS = "https://elsewhere.example/x"
MARKED = f"[here]({ADDRESS}) {ADDRESS} **loud** ![a]({ADDRESS}.png)"
PARAMS = """
seed: 7
data: {source: file, path: data/raw/table.csv, target: <hostile>}
split: {test_size: 0.3}
run: {strategies: [baseline, over], models: [logistic]}
strategies: {baseline: {}, over: {sampler: {class: RandomOverSampler}}}
models: {logistic: {class: LogisticRegression, max_iter: 1000}}
cross_validation: {folds: 3, repeats: 1}
uncertainty: {confidence: 0.9, resamples: 100}
n_jobs: 1
"""


def hostile_job(folder: Path) -> Path:
    """Run the job in a new folder, its page included; return the folder."""
    write_table(folder)
    finished_job(folder, PARAMS.replace("<hostile>", json.dumps(HOSTILE)), ("baseline", "over"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        run_stage("audit")
        run_stage("report")
    return folder


def write_table(folder: Path) -> None:
    """Write a table whose classes and columns have such names, but for one class."""
    rows = [f"a {MARKED},b,constant {HOSTILE},{HOSTILE}"]
    for n in range(240):
        label = ("plain", MARKED, HOSTILE)[(n % 4 == 0) + (n % 8 == 0)]
        rows.append(f"{n * 7919 % 101 + 40 * (n % 4 == 0)},{n * 104729 % 97},5,{label}")
    (folder / "data/raw").mkdir(parents=True)
    (folder / "data/raw/table.csv").write_text("\n".join(rows))

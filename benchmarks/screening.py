"""Screen a catalogue, and score it with a plain loop of `cross_val_score` over the same folds.

    PYTHONPATH=src:examples python benchmarks/screening.py --job FOLDER

The job is that of docs/screening.md: 20,000 rows of bank marketing, 26 strategies with 5 models. It
is made in FOLDER; if something was made there before, of another job perhaps, that is taken. The
loop works in two processes, writes each arm to `loop.jsonl` there, and goes on from it if it was
stopped. Seconds of the processor count all processes of each.
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import yaml
from bank_marketing.fetch import TABLE
from fetching import fetch
from measuring import measuring

from equipoise.comparing.regions import measure_region
from equipoise.core.tables import TARGET
from equipoise.params.trial_params import Params
from equipoise.screening.screened import Screened
from equipoise.storage.files.formats import read_frame
from equipoise.storage.files.record_files import read_record
from equipoise.storage.layout import Layout
from equipoise.terminal.params_file import load_params
from equipoise.terminal.yaml_file import read_yaml

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples/bank_marketing"
MODELS = ("logistic", "naive_bayes", "boosting", "lightgbm", "xgboost")
STAGES, BEFORE = ROOT / "src/stages", ("generate_data", "split")
LEFT_OUT = "condensed_neighbours"  # a fold of it takes 730 s
TEST_SIZE = 0.5576  # leaves 20,000 rows to train
LOOP, COMMAND = Path(__file__).with_name("plain_loop.py"), "equipoise screen --no-mlflow"


def main() -> None:
    """Print what both took, and how far the winner of the screening is from that of the loop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", type=Path, required=True)
    layout = Layout(parser.parse_args().job)
    if not layout.train.exists():
        make_job(layout)
    shutil.rmtree(layout.screening_fits, ignore_errors=True)
    with measuring() as used:
        subprocess.run([sys.executable, "-m", *COMMAND.split()], cwd=layout.root, check=True)
    print(f"screening: {used.seconds:,.0f} s, {used.processor:,.0f} s of the processor")
    subprocess.run([sys.executable, LOOP, "--job", layout.root], check=True)
    lines = (layout.root / "loop.jsonl").read_text(encoding="utf-8").splitlines()
    loop = [json.loads(line) for line in lines]
    seconds, processor = (sum(arm[key] for arm in loop) for key in ("seconds", "processor"))
    print(f"loop: {seconds:,.0f} s, {processor:,.0f} s of the processor")
    print(f"ratios: {used.seconds / seconds:.2f}, {used.processor / processor:.2f}")
    compare_winners(
        {arm["arm"]: float(np.mean(arm["scores"])) for arm in loop},
        read_record(layout.screening, Screened),
        load_params(layout.params),
        float(read_frame(layout.train, [TARGET])[TARGET].mean()),
    )


def make_job(layout: Layout) -> None:
    """Have a table, params and a train part in a folder."""
    layout.root.mkdir(parents=True, exist_ok=True)
    params, catalogue = map(read_yaml, (EXAMPLE / "params.yaml", ROOT / "params.yaml"))
    params |= {part: catalogue[part] for part in ("strategies", "models")}
    params["split"]["test_size"] = TEST_SIZE
    strategies = [name for name in params["strategies"] if name != LEFT_OUT]
    params["run"] = {"strategies": strategies[:1], "models": [*MODELS]}
    own = {"strategies": strategies, "models": [*MODELS], "metric": "average_precision"}
    layout.params.write_text(yaml.safe_dump(params | {"screen": own}), encoding="utf-8")
    fetch(TABLE, layout.root / "data/raw")
    for name in BEFORE:
        subprocess.run([sys.executable, STAGES / f"{name}.py"], cwd=layout.root, check=True)


def compare_winners(
    loop: dict[str, float], found: Screened, params: Params, prevalence: float
) -> None:
    """Print both winners, and the region within which a shortfall does not matter."""
    best, winner = max(loop, key=lambda arm: loop[arm]), found.arms[0]
    baseline = loop[f"{params.run.strategies[0]}-{winner.model}"]
    region = measure_region(found.metric, baseline, prevalence, params.verdict.rope)
    print(f"best in the loop: {best}, {loop[best]:.4f}")
    short = loop[best] - loop[winner.arm]
    print(f"winner of the screening: {winner.arm}, {short:.4f} short in the loop")
    print(f"region of equivalence: {region:.4f}")


if __name__ == "__main__":
    main()

"""Screen a catalogue, and score it with a plain loop of `cross_val_score` over the same folds.

    PYTHONPATH=src python benchmarks/screening.py --job FOLDER

FOLDER has params.yaml and what the stages `generate_data` and `split` make of it; `screen` in its
params names strategies and models, and has `metric: average_precision`. The loop works in two
processes, writes each arm to `loop.jsonl` there, and goes on from it if it was stopped. Seconds of
the processor count all processes of each.
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
from measuring import measuring

from equipoise.comparing.regions import measure_region
from equipoise.core.tables import TARGET
from equipoise.params.trial_params import Params
from equipoise.screening.screened import Screened
from equipoise.storage.files.formats import read_frame
from equipoise.storage.files.record_files import read_record
from equipoise.storage.layout import Layout
from equipoise.terminal.params_file import load_params

LOOP, COMMAND = Path(__file__).with_name("plain_loop.py"), "equipoise screen --no-mlflow"


def main() -> None:
    """Print what both took, and how far the winner of the screening is from that of the loop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", type=Path, required=True)
    layout = Layout(parser.parse_args().job)
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

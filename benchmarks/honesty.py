"""Say how often what is claimed is so, by simulation on data whose truth is known.

Run: PYTHONPATH=src python benchmarks/honesty.py --scenario logistic-2000-10 --draws 500 --seed 1

Scenarios are named model-rows-N, where one row in N is positive; `equal-models-MODEL` is what one
test part says of two equal remedies, `fitted-models` what it says of models that stay as they are.
--repeats and --group-size change the folds. Draws of the same seed are the same.

Prints tables, as docs/honesty.md has them. What was drawn is written to honesty-SCENARIO-SEED.json,
a line for each answer, or to another file (--json). With --kept, draws of remedies that are in that
file already are not drawn again: so a run that was stopped goes on, and with `--draws 0` the tables
are those of what is there.
"""

import argparse
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import equal_models
import fitted_models
import pandas as pd
from honesty_tables import format_false_claims, format_shares, format_simplest
from remedies import (
    QUESTIONS,
    SCENARIOS,
    Scenario,
    count_false_claims,
    count_simplest_taken,
    draw_differences,
    measure_regret,
    summarise,
)

FITTED_MODELS, EQUAL_MODELS = "fitted-models", "equal-models-"


def print_remedies(scenario: Scenario, differences: pd.DataFrame) -> None:
    """Print what the folds say of remedies, beside the truth."""
    print(f"{differences['draw'].nunique()} draws")
    print(*format_shares(summarise(differences)), "", sep="\n")
    print(*format_false_claims(count_false_claims(scenario, differences)), "", sep="\n")
    print(measure_regret(differences).to_string(), "", sep="\n")
    print(*format_simplest(count_simplest_taken(scenario, differences)), sep="\n")


def keep(rows: Iterable[dict[str, Any]], file: Path) -> Iterator[dict[str, Any]]:
    """Give rows as they are, each added to a file as it comes."""
    with file.open("a", encoding="utf-8") as lines:
        for row in rows:
            lines.write(f"{json.dumps(row, default=float)}\n")
            lines.flush()
            yield row


def read_whole_draws(file: Path, answers: int) -> pd.DataFrame:
    """Return the draws in a file that have all their answers; the file is left with these."""
    if not file.exists() or not file.stat().st_size:
        return pd.DataFrame({"draw": []})
    kept = pd.read_json(file, lines=True)
    whole = kept[kept["draw"].map(kept["draw"].value_counts()) == answers]
    whole.to_json(file, orient="records", lines=True, double_precision=15)
    return whole


def main() -> None:
    """Run one scenario."""
    equal = [f"{EQUAL_MODELS}{model}" for model in equal_models.MODELS]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", choices=[*SCENARIOS, *equal, FITTED_MODELS], required=True)
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="the file to write")
    parser.add_argument("--kept", action="store_true", help="go on with the draws in the file")
    parser.add_argument("--repeats", type=int, default=2, help="of the folds")
    parser.add_argument("--group-size", type=int, default=1, help="rows that belong together")
    arguments = parser.parse_args()
    name, draws, seed = arguments.scenario, arguments.draws, arguments.seed
    file = arguments.json or Path(f"honesty-{name}-{seed}.json")
    if not arguments.kept:
        file.unlink(missing_ok=True)
    if name == FITTED_MODELS:
        shares, said = fitted_models.simulate(draws, seed)
        pd.concat([shares, said]).to_json(file, orient="records", lines=True)
        print(*fitted_models.tables(shares, said), sep="\n")
    elif name in equal:
        answers = equal_models.draw_answers(name.removeprefix(EQUAL_MODELS), 2_000, draws, seed)
        print(equal_models.count_claims(pd.DataFrame(list(keep(answers, file)))).to_string())
    else:
        scenario = replace(
            SCENARIOS[name], repeats=arguments.repeats, group_size=arguments.group_size
        )
        known = read_whole_draws(file, len(scenario.pairs) * len(QUESTIONS))
        drawn = keep(draw_differences(scenario, range(len({*known["draw"]}), draws), seed), file)
        differences = pd.concat([known, pd.DataFrame(list(drawn))], ignore_index=True)
        print_remedies(scenario, differences)


if __name__ == "__main__":
    main()

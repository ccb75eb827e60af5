"""Say how often what is claimed is so, by simulation on data whose truth is known.

Run: PYTHONPATH=src python benchmarks/honesty.py --scenario logistic-2000-10 --draws 500 --seed 1

Scenarios are named model-rows-N, where one row in N is positive; `equal-models-MODEL` is what one
test part says of two equal remedies, `fitted-models` what it says of models that stay as they are.
--repeats and --group-size change the folds. --json FILE keeps what tables of remedies are made of.
Draws of the same seed are the same.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import equal_models
import fitted_models
import pandas as pd
from remedies import (
    SCENARIOS,
    Scenario,
    count_false_claims,
    draw_differences,
    measure_regret,
    summarise,
)

FITTED_MODELS, EQUAL_MODELS = "fitted-models", "equal-models-"


def print_remedies(scenario: Scenario, draws: int, seed: int, kept: Path | None) -> None:
    """Print what the folds say of remedies, beside the truth."""
    differences = pd.DataFrame(draw_differences(scenario, draws, seed))
    if kept is not None:
        differences.to_json(kept, orient="records", lines=True)
    shares = summarise(differences)
    print(shares.round(1).assign(difference=shares["difference"].round(4)).to_string())
    print(count_false_claims(scenario, differences).round(1).to_string())
    print(measure_regret(differences).to_string())


def main() -> None:
    """Run one scenario."""
    equal = [f"{EQUAL_MODELS}{model}" for model in equal_models.MODELS]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", choices=[*SCENARIOS, *equal, FITTED_MODELS], required=True)
    parser.add_argument("--draws", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--repeats", type=int, default=2, help="of the folds")
    parser.add_argument("--group-size", type=int, default=1, help="rows that belong together")
    arguments = parser.parse_args()
    if arguments.scenario == FITTED_MODELS:
        for line in fitted_models.tables(*fitted_models.simulate(arguments.draws, arguments.seed)):
            print(line)
    elif arguments.scenario in equal:
        model = arguments.scenario.removeprefix(EQUAL_MODELS)
        answers = equal_models.draw_answers(model, 2_000, arguments.draws, arguments.seed)
        print(equal_models.count_claims(pd.DataFrame(answers)).to_string())
    else:
        scenario = replace(
            SCENARIOS[arguments.scenario],
            repeats=arguments.repeats,
            group_size=arguments.group_size,
        )
        print_remedies(scenario, arguments.draws, arguments.seed, arguments.json)


if __name__ == "__main__":
    main()

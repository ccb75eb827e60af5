"""Two arms on two classes, as `evaluate` and `compare` tell of them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.decided import judge, objective_of

from equipoise.judging.arm_result import ArmResult
from equipoise.judging.records import Judging
from equipoise.params.decision_params import Decision
from equipoise.params.trial_params import Uncertainty

STRATEGIES = {"baseline-logistic": "baseline", "smote-logistic": "smote"}
JUDGING = Judging(objective_of(Decision()), Uncertainty(resamples=100), seed=3)


def scored(rows: int, shift: float, seed: int) -> pd.DataFrame:
    """Return rows with scores that are higher for positives, by `shift`."""
    rng = np.random.default_rng(seed)
    y_true = (rng.random(rows) < 0.2).astype(int)
    y_score = 1 / (1 + np.exp(-rng.normal(shift * y_true - 1)))
    y_pred = (y_score >= 0.5).astype(int)
    columns = {"y_true": y_true, "y_score": y_score, "y_pred": y_pred}
    folds = {"row": np.arange(rows), "repeat": 0, "fold": np.arange(rows) % 3}
    return pd.DataFrame(folds | columns)


@pytest.fixture(scope="session")
def evaluated() -> dict[str, tuple[ArmResult, pd.DataFrame]]:
    """Each arm's result and curves."""
    found = {}
    for place, (arm, strategy) in enumerate(STRATEGIES.items()):
        parts = scored(200, 1.5 + place, seed=1), scored(300, 1.5 + place, seed=2)
        evaluation = judge(*parts, {"0": 1.0, "1": 1.0}, JUDGING)
        names = {"arm": arm, "strategy": strategy, "model": "logistic"}
        result = replace(evaluation.result, arm=arm, strategy=strategy)
        found[arm] = (result, evaluation.curves.assign(**names))
    return found


@pytest.fixture
def arms(evaluated: dict[str, tuple[ArmResult, pd.DataFrame]]) -> list[ArmResult]:
    """The results of both arms."""
    return [result for result, _ in evaluated.values()]


@pytest.fixture
def curves(evaluated: dict[str, tuple[ArmResult, pd.DataFrame]]) -> pd.DataFrame:
    """The curves of both arms, under one another."""
    return pd.concat([curves for _, curves in evaluated.values()], ignore_index=True)

"""How many fits a trial has is said before it has begun, if they are many."""

from pathlib import Path

import pytest

from equipoise.checks.many_fits import MANY, find_many_fits
from equipoise.params.trial_params import CrossValidation, Params
from equipoise.terminal.params_file import load_params


@pytest.fixture
def params() -> Params:
    """The params of the default job."""
    return load_params(Path(__file__).parents[3] / "params.yaml")


def with_repeats(params: Params, repeats: int) -> Params:
    """Return params with five folds, made so many times."""
    folds = CrossValidation(folds=5, repeats=repeats)
    return params.model_copy(update={"cross_validation": folds})


def test_a_trial_of_hours_is_told(params: Params) -> None:
    """With how many fits it has: one for each fold, and one on all of train."""
    arms = len(params.run.arms)
    most = (MANY // arms - 1) // 5
    assert find_many_fits(with_repeats(params, most)) == []
    (finding,) = find_many_fits(with_repeats(params, 1_000))
    assert finding.level == "warning"
    assert f"in 5,000 folds are {5_001 * arms:,} fits" in finding.message

"""How many fits a trial has is said before it has begun, if they are many."""

from equipoise.checks.many_fits import MANY, find_many_fits
from equipoise.params.trial_params import Params
from equipoise.terminal.params_file import parse_params


def params_with(repeats: int) -> Params:
    """Params with three arms and five folds."""
    return parse_params(
        {
            "seed": 1,
            "data": {
                "source": "synthetic",
                "n_samples": 100,
                "n_features": 4,
                "n_informative": 2,
                "weights": [0.8, 0.2],
            },
            "split": {"test_size": 0.3},
            "run": {"strategies": ["a", "b", "c"], "models": ["logistic"]},
            "strategies": {"a": {}, "b": {}, "c": {}},
            "models": {"logistic": {"class": "LogisticRegression"}},
            "cross_validation": {"folds": 5, "repeats": repeats},
        },
        "params",
    )


def test_a_trial_of_hours_is_told() -> None:
    most = (MANY // 3 - 1) // 5
    assert find_many_fits(params_with(most)) == []
    (finding,) = find_many_fits(params_with(1_000))
    assert finding.level == "warning"
    assert finding.message.startswith("cross_validation: 3 arms in 5,000 folds are 15,003 fits")

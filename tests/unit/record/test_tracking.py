"""The numbers that MLflow is told: all of them, each by a name of its own."""

from equipoise.record.tracking import metric_values

METRICS = {
    "cell": "smote-logistic",
    "treatment": "sampler",
    "note": "nothing alerts",
    "test": {"n": 1500, "brier_score": 0.17},
    "calibrated": {"brier_score": 0.075},
    "constant_guess": {"brier_score": 0.094},
    "prior_corrected": {"brier_score": 0.077},
    "tuned": {"threshold": 0.2, "cost": 1.5},
    "elkan": {"cost": 1.4},
    "out_of_fold": {"tuned_cost": 1.6},
    "interval": {"brier_score": [0.16, 0.18]},
}


def test_every_numeric_section_is_told_by_name() -> None:
    """Test numbers by their own name, others by their section's; words are no metrics."""
    assert metric_values(METRICS) == {
        "n": 1500,
        "brier_score": 0.17,
        "calibrated_brier_score": 0.075,
        "constant_guess_brier_score": 0.094,
        "prior_corrected_brier_score": 0.077,
        "tuned_threshold": 0.2,
        "tuned_cost": 1.5,
        "elkan_cost": 1.4,
        "out_of_fold_tuned_cost": 1.6,
        "brier_score_low": 0.16,
        "brier_score_high": 0.18,
    }


def test_every_number_is_a_float() -> None:
    """MLflow stores nothing else."""
    assert {type(value) for value in metric_values(METRICS).values()} == {float}

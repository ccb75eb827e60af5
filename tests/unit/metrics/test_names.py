"""How metrics are called."""

from equipoise.metrics.names import PLAIN, name_column


def test_a_section_is_named_before_its_metrics_but_for_the_plain_one() -> None:
    """What the model's own scores give goes by its own name; no two names are the same."""
    assert name_column(PLAIN, "brier_score") == "brier_score"
    assert name_column("calibrated", "brier_score") == "calibrated_brier_score"

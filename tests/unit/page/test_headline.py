"""The first screen: a finding, numbers of everyday work, and what could overturn it."""

from dataclasses import replace

import pytest
from scipy.stats import binomtest
from tests.answers import recommendation, result_of

from equipoise.audit.audit_results import AuditResult
from equipoise.checks.finding import FEW_ROWS, Finding
from equipoise.judging.arm_result import ArmResult
from equipoise.page.headline import list_badges, list_candidates, list_numbers

TAKEN = recommendation("baseline-logistic", threshold=0.2)
OPEN = replace(TAKEN, settled=False, leading="smote-logistic")


def arm(n_positive: int = 100, **more: object) -> ArmResult:
    """1,000 test rows, of which 60 alert, 45 of them rightly."""
    return result_of(
        {
            "test": {"n": 1000, "prevalence": n_positive / 1000},
            "constant_guess": {"cost": 0.5},
            "tuned": {
                "threshold": 0.2,
                "tn": 885,
                "fp": 15,
                "fn": n_positive - 45,
                "tp": 45,
                "precision": 0.75,
                "recall": 0.45,
                "cost": 0.25,
            },
            "interval": {
                "tuned_precision": [0.63, 0.84],
                "tuned_recall": [0.36, 0.55],
                "tuned_cost": [0.2, 0.3],
            },
            **more,
        }
    )


def test_alerts_right_ones_and_missed_positives_are_counted_in_the_same_cases() -> None:
    """Sixty of a thousand are alerted, 45 of them rightly; of a hundred positives 55 are missed."""
    numbers = [*list_numbers(arm(), "cost")]
    assert [number.value for number in numbers] == ["60", "45", "55", "0.25"]
    low, high = binomtest(60, 1000).proportion_ci(method="wilson")
    assert numbers[0].interval == f"{1000 * low:.0f} to {1000 * high:.0f}"
    assert [number.interval for number in numbers[1:]] == ["38 to 50", "45 to 64", "0.2 to 0.3"]
    assert len([*list_numbers(arm(), "f1")]) == 3


def test_of_several_classes_the_rarest_has_a_number() -> None:
    """Beside what is decided right, with every row and with every class alike."""
    several = result_of(
        {
            "classes": ["a", "b"],
            "test": {"n": 100, "prevalence": 0.1},
            "class_a": {"n": 90},
            "class_b": {"n": 10, "tuned_recall": 0.4},
            "tuned": {"accuracy": 0.9, "balanced_accuracy": 0.7},
            "interval": {
                "tuned_accuracy": [0.8, 0.95],
                "tuned_balanced_accuracy": [0.6, 0.8],
                "class_b_tuned_recall": [0.2, 0.6],
            },
        }
    )
    numbers = [*list_numbers(several, "f1")]
    assert [(number.value, number.interval) for number in numbers] == [
        *(("90", "80 to 95"), ("70", "60 to 80"), ("40", "20 to 60"))
    ]


def test_two_arms_are_shown_where_it_is_open_between_them() -> None:
    """Else, and with few positives, the one that is recommended."""
    assert list_candidates(replace(OPEN, can_tell=False)) == {"baseline-logistic"}
    assert list_candidates(TAKEN) == {"baseline-logistic"}
    assert list_candidates(OPEN) == {"baseline-logistic", "smote-logistic"}


def test_what_could_overturn_the_verdict_has_a_badge() -> None:
    """Leaks first, then few rows, then warnings; what is only noted has none."""
    long = [f"3 of 1,200 rows are twice in it (two alike); {'x' * 90}", "w" * 200]
    warnings = [Finding("warning", "x", text) for text in (long[0], *[long[1]] * 8)]
    checks = [Finding("note", "x", "all is well"), *warnings]
    failed = AuditResult("rows in both parts", passed=False, detail="3 rows")
    badges = list_badges(
        arm(n_positive=49, note="no fit converged"),
        "cost",
        49,
        checks=checks,
        audit=[failed],
        left_out=["a-m is left out: b"],
    )
    assert [badge.text for badge in badges[:5]] == [
        "leak: rows in both parts",
        "49 train rows of the rarest class",
        "49 test rows of the rarest class",
        "baseline-logistic: no fit converged",
        "a-m is left out: b",
    ]
    assert badges[5].text == "3 of 1,200 rows are twice in it"
    assert badges[-1].text == "8 more"
    long_only = list_badges(arm(), "cost", 50, checks=warnings[1:2], audit=[], left_out=[])
    assert [badge.text for badge in long_only] == [f"{'w' * 90}..."]
    assert list_badges(arm(), "cost", 50, checks=checks[:1], audit=[], left_out=[]) == []
    few = [Finding("warning", FEW_ROWS, "with 49 train rows")]
    (many,) = list_badges(arm(), "cost", 50, checks=few, audit=[], left_out=["a is", "b is"])
    assert many.text == "2 arms are left out"


@pytest.mark.parametrize(
    ("objective", "value", "guess", "warned"),
    [("cost", 0.5, 0.5, True), ("cost", 0.4, 0.5, False), ("f1", 0.2, 0.3, True)],
)
def test_an_arm_no_better_than_one_decision_for_all_has_a_badge(
    objective: str, value: float, guess: float, *, warned: bool
) -> None:
    """On the test part, whatever cross-validation says; lower costs are better."""
    used = arm(tuned={"threshold": 0.2, objective: value}, constant_guess={objective: guess})
    badges = list_badges(used, objective, 50, checks=[], audit=[], left_out=[])
    assert ["no better than a constant guess" in badge.text for badge in badges] == [True] * warned

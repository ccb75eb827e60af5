"""The sentences follow from the numbers."""

from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from tests.answers import answer, comparison, recommendation

from equipoise.comparing.conclusions import summarise_trial
from equipoise.comparing.results import Answer, Comparison
from equipoise.comparing.wording import format_differences, format_values
from equipoise.core.table_schema import TableSchema
from equipoise.judging.arm_result import ArmResult
from equipoise.page.words import CALIBRATIONS, describe_instability, write_method
from equipoise.params.trial_params import Params
from equipoise.terminal.params_file import load_params

ROOT = Path(__file__).parents[3]
SCHEMA = TableSchema(
    rows=5000,
    classes={"0": 4478, "1": 522},
    columns={"a": "numeric"},
    examples={"a": "1.5"},
    gaps={"a": 0},
    labels=("well", "ill"),
    positive="ill",
    positives=522,
    target="outcome",
)
SAMPLERS = {"baseline": None, "smote": "SMOTE", "class_weight": None}


def taking(*answers: Answer, **rule: Any) -> Comparison:
    return comparison(*answers, recommended=recommendation("baseline-logistic", **rule))


def test_the_verdict_says_what_to_take_and_what_remedies_came_to() -> None:
    """Verdicts over the folds are counted; those on test are of fitted models, and are not."""
    answers = [
        answer(),
        answer(verdict="undecided"),
        answer(source="test", claim="model", verdict="better"),
        answer(view="tuned", metric="f1", verdict="equivalent"),
    ]
    take, came_to = summarise_trial(taking(*answers, threshold=0.20552))
    assert take == "Recommended: baseline-logistic with threshold 0.20552: it is good."
    assert came_to == (
        "In cross-validation 1 arm was compared with baseline, each with the same model. Average"
        " precision: worse for 1, undecided for 1. F1 with tuned thresholds: equivalent for 1."
    )


def test_several_classes_have_weights_for_a_threshold() -> None:
    """What decides is called by its name."""
    take, came_to = summarise_trial(
        taking(answer(), answer(view="tuned", metric="f1"), weights={"a": 1.0, "b": 2.5})
    )
    assert take.startswith("Recommended: baseline-logistic with class weights (a: 1, b: 2.5): ")
    assert "with tuned class weights: worse for 1." in came_to


def test_with_few_positives_it_is_said_once_that_nothing_can_be_told() -> None:
    """No count of verdicts that are undecided for that reason alone."""
    found = taking(answer(), answer(view="tuned", metric="f1"), threshold=0.5)
    few = replace(found, recommended=replace(found.recommended, can_tell=False))
    take, came_to = summarise_trial(few)
    assert take.startswith("Cannot tell yet")
    assert came_to == ""


def test_a_baseline_alone_has_nothing_to_compare() -> None:
    """One strategy makes no comparison, and the page says so."""
    assert summarise_trial(taking(threshold=0.5))[1].startswith("There is no remedy to compare")


def test_charts_are_told_in_words(arms: list[ArmResult]) -> None:
    """Who cannot see a chart reads its numbers."""
    assert format_differences([answer()]) == (
        "smote-logistic (cross-validated) -0.04, from -0.06 to -0.02, worse"
    )
    said = format_values(arms, "test", "roc_auc")
    assert said.count("-logistic") == 2
    assert f"{arms[0].test['roc_auc']:.3f}" in said


def test_every_calibration_has_words() -> None:
    """A new one is not forgotten."""
    assert set(CALIBRATIONS) == set(get_args(Params.model_fields["calibration"].annotation))


@pytest.mark.parametrize(
    "said", ["5,000 rows", "seed 42", "2 x 5-fold", "SMOTE", "30%", "1,500", "ill is positive"]
)
def test_the_method_tells_how_it_was_done(said: str, arms: list[ArmResult]) -> None:
    """Params, sizes and sources are all there."""
    params = load_params(ROOT / "params.yaml")
    arm = replace(arms[0], test={**arms[0].test, "n": 1500})
    assert said in " ".join(write_method(params, SCHEMA, arm, SAMPLERS))


def test_a_strategy_is_described_by_all_it_does(arms: list[ArmResult], tmp_path: Path) -> None:
    """A sampler with class weights is both."""
    text = (ROOT / "params.yaml").read_text()
    both = "smote: {sampler: {class: SMOTE, k_neighbors: 5}, class_weight: {0: 1, 1: 2}}"
    changed = text.replace("smote: {sampler: {class: SMOTE, k_neighbors: 5}}", both)
    (tmp_path / "params.yaml").write_text(changed)
    told = " ".join(write_method(load_params(tmp_path / "params.yaml"), SCHEMA, arms[0], SAMPLERS))
    assert "smote: SMOTE with class weights {0: 1.0, 1: 2.0}" in told
    assert "baseline: no remedy" in told


def test_how_stable_an_arm_is_is_told_in_shares_of_rows_and_of_alerts(
    arms: list[ArmResult],
) -> None:
    """Of an arm that was trained in one repeat nothing is said."""
    numbers = {"probability_moved": 0.0217, "tuned_flipped": 0.018, "tuned_alerts_lost": 0.07}
    ends = {
        "instability_tuned_flipped": (0.009, 0.03),
        "instability_tuned_alerts_lost": (0.04, 0.12),
    }
    again = replace(arms[0], instability=numbers, intervals=ends)
    said = describe_instability(again)
    assert "decides 1.8% (0.9% to 3%) of rows differently, and 7% (4% to 12%) of its alerts" in said
    assert describe_instability(arms[0]) == ""

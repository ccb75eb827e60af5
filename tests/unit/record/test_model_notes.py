"""Descriptions of models: what one decides, promises, and where it ends."""

from pathlib import Path
from typing import Any

from tests.answers import result_of

from equipoise.core.difference import ResamplingSummary
from equipoise.core.table_schema import TableSchema
from equipoise.judging.arm_result import ArmResult
from equipoise.params.data_params import FileData
from equipoise.params.decision_params import Decision
from equipoise.record.model_notes import make_model_note
from equipoise.terminal.params_file import load_params

ROOT = Path(__file__).parents[3]
F1, ALERTS = Decision(), Decision(objective="alerts", per_thousand=10)


def note_of(
    result: ArmResult, before: dict[str, int], decision: Decision = F1, **schema: Any
) -> list[str]:
    """Return the paragraphs on a model of a file, which SMOTE has filled up."""
    data = FileData(source="file", path="data/raw/loans.csv", target="default_42", positive="yes")
    known = TableSchema(0, {}, data.target, {}, **schema, examples={}, gaps={})
    after = dict.fromkeys(before, max(before.values()))
    made = sum(after.values()) - sum(before.values())
    resampling = ResamplingSummary(before, after, None, "sampler", sum(before.values()), made)
    used = load_params(ROOT / "params.yaml").model_copy(update={"data": data, "decision": decision})
    return make_model_note(result, known, resampling, used).split("\n\n")


def test_a_model_of_two_classes_says_what_predict_gives() -> None:
    """The threshold, both claims, the rows it learned from, and what its numbers warn of."""
    result = result_of(
        {
            "arm": "smote-logistic",
            "default": {"alerts": 0.3, "threshold": 0.5},
            "tuned": {"alerts": 0.44, "threshold": 0.125},
            "out_of_fold": {"tuned_alerts": 0.4, "limit_kept": 0.0},
            "interval": {"tuned_alerts": [0.35, 0.55]},
            "note": "a guess is better",
        }
    )
    schema = {"labels": ("no", "yes"), "positive": "yes", "positives": 50}
    decides, promises, limits = note_of(result, {"0": 950, "1": 50}, ALERTS, **schema)
    assert decides.startswith(r"**What it decides.** Whether the default\_42 is yes. predict takes")
    assert "a decision: yes if the score is at least 0.125." in decides
    assert "recall within an alert budget is 0.400 out of fold" in promises
    assert "it is 0.440 (95% interval from 0.350 to 0.550): a claim about this one" in promises
    assert "1,000 rows of data/raw/loans.csv: 50 are yes (5.0%). 900 synthetic rows" in limits
    assert "do not keep the objective's limit. Warning: a guess is better." in limits


def test_a_model_of_several_classes_says_by_which_weights_the_trial_decides() -> None:
    """No class is positive: each is counted."""
    result = result_of(
        {
            "arm": "smote-logistic",
            "classes": ["a", "b", "c"],
            "tuned": {"f1": 0.44, "weights": {"a": 1.0, "b": 2.0, "c": 4.0}},
            "out_of_fold": {"tuned_f1": 0.4},
        }
    )
    before = {"a": 80, "b": 15, "c": 5}
    decides, promises, limits = note_of(result, before, labels=("a", "b", "c"))
    assert "Which of a, b, c the" in decides
    assert "(a: 1, b: 2, c: 4)" in decides
    assert "With the tuned class weights, macro F1 is 0.400 out of fold" in promises
    assert "80 are a, 15 are b, 5 are c." in limits

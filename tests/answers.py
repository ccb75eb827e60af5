"""Answers and comparisons for tests, complete but for what a test says of them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from equipoise.comparing.results import Answer, Comparison, Recommendation
from equipoise.judging.arm_result import CELLS, ArmResult, name_class_section
from equipoise.storage.result_files import NUMBERS, decode_result

ANSWER = Answer(
    arm="smote-logistic",
    against="baseline-logistic",
    view="ranking",
    metric="average_precision",
    source="cv",
    claim="remedy",
    effect=-0.04,
    interval=(-0.06, -0.02),
    p=0.001,
    p_holm=0.002,
    rope=0.01,
    p_equivalent=0.9,
    verdict="worse",
)


def answer(**changes: Any) -> Answer:
    """Return an answer: SMOTE worse in average precision over the folds, but for changes."""
    return replace(ANSWER, **changes)


def comparison(*answers: Answer, **changes: Any) -> Comparison:
    """Return a comparison with these answers, in which the baseline is recommended."""
    recommended = recommendation("baseline-logistic", threshold=0.5)
    known = Comparison("baseline", "f1", answers, (), (), (), (), recommended)
    return replace(known, **changes)


def recommendation(arm: str, why: str = "it is good", **rule: Any) -> Recommendation:
    """Return a recommendation of an arm, with a `threshold` or `weights`."""
    return Recommendation(arm, why, "auto", settled=True, simplest=arm, leading=arm, **rule)


def result_of(numbers: Mapping[str, Any]) -> ArmResult:
    """Return the result of an arm, as a file with these numbers has it; others count nothing."""
    arm = str(numbers.get("arm", "baseline-logistic"))
    strategy, _, model = arm.partition("-")
    names = {"arm": arm, "strategy": strategy, "model": model, "treatment": "nothing"}
    values = {**names, "interval": {}, **{name: {} for name in NUMBERS}, **numbers}
    views = ("default", "tuned", *(["elkan"] if "elkan" in numbers else []))
    values |= {view: values.get(view, {}) for view in views}
    if "classes" in numbers:
        values |= {
            name: values.get(name, {}) for name in map(name_class_section, numbers["classes"])
        }
        values["confusion"] = {view: [] for view in views} | values.get("confusion", {})
    else:
        values |= {view: dict.fromkeys(CELLS, 0) | values[view] for view in views}
    return decode_result(values)

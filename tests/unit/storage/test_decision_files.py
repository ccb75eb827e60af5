"""A decision read back is the decision that was written, to the last bit."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.deciding.calibrators import (
    Calibrator,
    ClassCurves,
    Isotonic,
    PositiveCurve,
    PriorShift,
    Restated,
    Sigmoid,
    Uncalibrated,
)
from equipoise.deciding.decision import ArmDecision, Settled
from equipoise.deciding.rules import ClassWeights, LeastExpectedCost, Rule, Threshold
from equipoise.storage.decision_files import read_decision, write_decision
from equipoise.terminal.errors import UserError

THIRD = 1 / 3
CALIBRATORS: list[Calibrator] = [
    Uncalibrated(),
    PriorShift((THIRD, 2.0)),
    Restated(PositiveCurve(Sigmoid(THIRD, -1.0, 0.1)), THIRD, 0.02),
    PositiveCurve(Isotonic((0.1, THIRD), (0.0, 1.0), 1e-5)),
    ClassCurves((Sigmoid(THIRD, -1.0, 0.1), Isotonic((0.0,), (1.0,), 0.1)), (0.5, 0.5), 0.1),
]
RULES: list[Rule] = [
    Threshold(0.20552661),
    ClassWeights((1.0, THIRD)),
    LeastExpectedCost(((0.0, 1.0), (5.0, 0.0))),
]


@pytest.mark.parametrize("calibrator", CALIBRATORS)
@pytest.mark.parametrize("rule", RULES)
def test_every_kind_survives_the_file(rule: Rule, calibrator: Calibrator, tmp_path: Path) -> None:
    """Labels keep their types, what is absent stays absent."""
    decision = ArmDecision(
        *(("nein", 1), rule, calibrator, "nothing", {"tuned_f1": THIRD}),
        folds=(Settled(rule, calibrator),) * 2,
        note="odd: ü",
    )
    path = tmp_path / "decisions/arm.json"
    write_decision(decision, path)
    assert read_decision(path) == decision
    assert "null" not in path.read_text()


@given(threshold=st.floats(allow_nan=False, allow_infinity=False))
def test_a_threshold_keeps_its_last_digit(
    threshold: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Rounded up, it would no longer reach the row whose score it is."""
    path = tmp_path_factory.mktemp("decisions") / "arm.json"
    decision = ArmDecision((0, 1), Threshold(threshold), Uncalibrated(), "nothing", {})
    write_decision(decision, path)
    assert read_decision(path) == decision


BAD_RULE = """{"kind": "decision", "labels": [0, 1], "rule": 7, "treatment": "nothing",
"calibrator": {"kind": "uncalibrated"}, "out_of_fold": {}}"""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"kind": "threshold", "threshold": 1}',
        '{"kind": "spell"}',
        "\xff",
        BAD_RULE,
    ],
)
def test_what_is_no_decision_is_named(text: str, tmp_path: Path) -> None:
    """With the file, and what to do."""
    path = tmp_path / "arm.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(UserError, match=r"arm\.json is not a decision.*dvc repro"):
        read_decision(path)
    path.unlink()
    with pytest.raises(UserError, match=r"arm\.json cannot be read: No such file.*; run"):
        read_decision(path)

"""The result of an arm and its file: nothing is lost, and the schema published is the file's."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from equipoise.judging.arm_result import ArmResult, Decided, UsedRule
from equipoise.storage.files.formats import write_json
from equipoise.storage.result_files import NAMES, encode_result, read_result, write_result
from equipoise.storage.result_files import NUMBERS as SECTIONS
from equipoise.terminal.errors import UserError

ROOT = Path(__file__).parents[3]
LOSSES = {"brier_score": 0.25, "log_loss": 0.5, "calibration_error": 0.125}
# Of test, calibrated, of the constant guess, out of fold.
NUMBERS = (
    {"n": 40, "prevalence": 0.25, "roc_auc": 0.75} | LOSSES,
    *(LOSSES, LOSSES, {"tuned_f1": 0.75}),
)
TWO = ArmResult(
    *("smote-logistic", "smote", "logistic", "sampler"),
    *NUMBERS,
    default=Decided({"f1": 0.5}, ((20, 10), (5, 5)), UsedRule(threshold=0.5)),
    tuned=Decided({"f1": 0.75}, ((30, 0), (1, 9)), UsedRule(threshold=0.125)),
    elkan=Decided({"f1": 0.7}, ((29, 1), (1, 9))),
    prior_corrected=LOSSES,
    intervals={"roc_auc": (0.5, 1.0)},
    note="nothing alerts",
)
MATRIX = ((1, 2, 3), (4, 5, 6), (7, 8, 9))
WEIGHTS = {"50%+": 1.0, "b": 2.5, "ü": 1.0}
THREE = ArmResult(
    *("baseline-bayes", "baseline", "bayes", "nothing"),
    *NUMBERS,
    default=Decided({"f1": 0.5}, MATRIX),
    tuned=Decided({"f1": 0.75}, MATRIX, UsedRule(weights=WEIGHTS)),
    by_class={label: {"n": 4, "tuned_recall": 0.5} for label in WEIGHTS},
)
RESULTS = {"two classes": TWO, "several": THREE}


@pytest.mark.parametrize("result", RESULTS.values(), ids=RESULTS)
def test_a_result_comes_back_as_it_was(result: ArmResult, tmp_path: Path) -> None:
    """And what has no meaning is not in the file."""
    write_result(result, tmp_path / "a.json")
    assert read_result(tmp_path / "a.json") == result
    assert "null" not in (tmp_path / "a.json").read_text()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"arm": "a"}, "has no 'strategy'; `rm -f .* && dvc repro`"),
        (
            {**encode_result(TWO), "interval": 1},
            "is not the result of an arm: .*; `rm -f .* && dvc repro`",
        ),
        (
            {**encode_result(TWO), "tuned": 1},
            "is not the result of an arm: .*; `rm -f .* && dvc repro`",
        ),
    ],
)
def test_another_file_is_refused_in_one_line(
    values: dict[str, Any], said: str, tmp_path: Path
) -> None:
    """Valid JSON of something else is no reason for a traceback."""
    write_json(values, tmp_path / "a.json")
    with pytest.raises(UserError, match=said):
        read_result(tmp_path / "a.json")


@pytest.mark.parametrize("result", RESULTS.values(), ids=RESULTS)
def test_a_file_is_as_the_published_schema_says(result: ArmResult) -> None:
    """Whoever reads the file elsewhere can rely on it; a section too many is refused."""
    published = json.loads((ROOT / "docs/schemas/result.schema.json").read_text())
    assert published["oneOf"][0]["required"] == [
        *NAMES,
        *SECTIONS,
        *("default", "tuned", "interval"),
    ]
    values = json.loads(json.dumps(encode_result(result)))
    jsonschema.validate(values, published)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(values | {"cell": "a"}, published)

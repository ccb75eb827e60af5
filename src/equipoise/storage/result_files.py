"""`reports/metrics/<arm>.json`: the result of an arm as JSON, and the schema of the file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from equipoise.core.json_values import JsonObject
from equipoise.judging.arm_result import CELLS, ArmResult, Matrix, UsedRule
from equipoise.storage.files import read_json, round_as_written, write_json
from equipoise.terminal.errors import UserError

NAMES = ("arm", "strategy", "model", "treatment")
DECIDED = ("default", "tuned", "elkan")
RULE = ("threshold", "weights")
# What a file must have; the rest depends on the job.
REQUIRED = (
    *(*NAMES, "test", "calibrated", "constant_guess"),
    *("default", "tuned", "out_of_fold", "interval"),
)


def encode_result(result: ArmResult) -> JsonObject:
    """Return what the file has: what is None is left out."""
    values: dict[str, Any] = {name: getattr(result, name) for name in NAMES}
    values |= {section: dict(numbers) for section, numbers in result.sections.items()}
    for view, rule in result.rules.items():
        own = {name: getattr(rule, name) for name in RULE}
        values[view] |= {name: value for name, value in own.items() if value is not None}
    if result.classes is None:
        for view in result.confusions:  # of two classes it stands in the section of its view
            values[view] |= result.count_cells(view)
    else:
        values["classes"] = list(result.classes)
        values["confusion"] = {view: list(map(list, m)) for view, m in result.confusions.items()}
    values["interval"] = dict(result.intervals)
    return values | ({} if result.note is None else {"note": result.note})


def decode_result(values: Mapping[str, Any]) -> ArmResult:
    """Return the record of what a file has."""
    sections = {}
    rules: dict[str, UsedRule] = {}
    confusions: dict[str, Matrix] = {}
    for name, section in values.items():
        if name in {*NAMES, "classes", "confusion", "interval", "note"}:
            continue
        rule = {key: section[key] for key in RULE if key in section}
        cells = {cell: int(section[cell]) for cell in CELLS if cell in section}
        if name in DECIDED:
            rules[name] = UsedRule(**rule)
        if cells:
            tn, fp, fn, tp = (cells[cell] for cell in CELLS)
            confusions[name] = ((tn, fp), (fn, tp))
        sections[name] = {k: v for k, v in section.items() if k not in {*rule, *cells}}
    for view, matrix in values.get("confusion", {}).items():
        confusions[view] = tuple(map(tuple, matrix))
    intervals = {name: (low, high) for name, (low, high) in values["interval"].items()}
    classes = tuple(values["classes"]) if "classes" in values else None
    arm, strategy, model, treatment = (str(values[name]) for name in NAMES)
    return ArmResult(
        arm,
        strategy,
        model,
        treatment,
        sections=sections,
        rules=rules,
        confusions=confusions,
        intervals=intervals,
        classes=classes,
        note=values.get("note"),
    )


def round_result(result: ArmResult) -> ArmResult:
    """Return the result as it is read from its file: numbers have six significant digits."""
    return decode_result(round_as_written(encode_result(result)))


def write_result(result: ArmResult, path: Path) -> None:
    """Write the result of an arm."""
    write_json(encode_result(result), path)


def read_result(path: Path) -> ArmResult:
    """Read what `write_result` wrote; a `UserError` names a file that is something else."""
    values = read_json(path, REQUIRED)
    try:
        return decode_result(values)
    except (ValueError, KeyError, TypeError, AttributeError) as bad:
        raise UserError(
            f"{path} is not the result of an arm: {bad}; run `dvc repro`, which writes it again"
        ) from bad


def make_result_schema() -> JsonObject:
    """Return the JSON Schema of the file."""
    number: JsonObject = {"type": "number"}
    count: JsonObject = {"type": "integer", "minimum": 0}
    numbers: JsonObject = {"type": "object", "additionalProperties": number}
    share: JsonObject = {"type": "number", "minimum": 0, "maximum": 1}
    of_test: JsonObject = {
        "properties": {"n": count, "prevalence": share},
        "required": ["n", "prevalence"],
    }
    decided = {**numbers, "properties": {"threshold": number, "weights": numbers}}
    bounds: JsonObject = {"type": "array", "items": number, "minItems": 2, "maxItems": 2}
    matrix: JsonObject = {"type": "array", "items": {"type": "array", "items": count}}
    named: JsonObject = {
        **{name: {"type": "string"} for name in (*NAMES, "note")},
        "test": {**numbers, **of_test},
        **dict.fromkeys(("calibrated", "prior_corrected", "constant_guess"), numbers),
        **dict.fromkeys(DECIDED, decided),
        "out_of_fold": numbers,
        "interval": {"type": "object", "additionalProperties": bounds},
        "classes": {"type": "array", "items": {"type": "string"}},
        "confusion": {"type": "object", "additionalProperties": matrix},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The result of an arm",
        "type": "object",
        "properties": named,
        "patternProperties": {"^class_": numbers},
        "required": list(REQUIRED),
        "additionalProperties": False,
    }

"""Decisions as JSON that a person can read; numbers are written to the last digit."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from equipoise.deciding.calibrators import (
    ClassCurves,
    Isotonic,
    PositiveCurve,
    PriorShift,
    Restated,
    Sigmoid,
    Uncalibrated,
)
from equipoise.deciding.decision import ArmDecision, Settled
from equipoise.deciding.rules import ClassWeights, LeastExpectedCost, Threshold
from equipoise.storage.files.formats import write_text
from equipoise.terminal.environment import read_text
from equipoise.terminal.errors import SpoiltFileError
from equipoise.terminal.remaking import describe_remaking

# What a value is, under `kind` in the file.
KINDS: Mapping[str, type] = {
    "decision": ArmDecision,
    "settled": Settled,
    "threshold": Threshold,
    "class_weights": ClassWeights,
    "least_expected_cost": LeastExpectedCost,
    "uncalibrated": Uncalibrated,
    "prior_shift": PriorShift,
    "positive_curve": PositiveCurve,
    "class_curves": ClassCurves,
    "restated": Restated,
    "sigmoid": Sigmoid,
    "isotonic": Isotonic,
}
NAMES = {kind: name for name, kind in KINDS.items()}


def write_decision(decision: ArmDecision, path: Path) -> None:
    """Write a decision, keys in the order of its fields."""
    text = json.dumps(_encode_node(decision), indent=2, allow_nan=False, ensure_ascii=False)
    write_text(text + "\n", path)


def read_decision(path: Path) -> ArmDecision:
    """Read what `write_decision` wrote; a `SpoiltFileError` names a file that is something else."""
    try:
        found = _decode_node(json.loads(read_text(path)))
    except OSError as missing:
        raise SpoiltFileError(
            f"{path} cannot be read: {missing.strerror}; run `dvc repro`"
        ) from missing
    except (ValueError, KeyError, TypeError, RecursionError) as bad:
        reason = " ".join(str(bad).split())
        raise SpoiltFileError(
            f"{path} is not a decision: {reason}; {describe_remaking(path)}"
        ) from bad
    if not isinstance(found, ArmDecision):
        raise SpoiltFileError(f"{path} is not a decision; {describe_remaking(path)}")
    return found


def _encode_node(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        own = {field.name: _encode_node(getattr(value, field.name)) for field in fields(value)}
        return {"kind": NAMES[type(value)]} | {k: v for k, v in own.items() if v is not None}
    if isinstance(value, tuple):
        return [_encode_node(item) for item in value]
    return dict(value) if isinstance(value, Mapping) else value


def _decode_node(node: Any) -> Any:
    if isinstance(node, list):
        return tuple(_decode_node(item) for item in node)
    if isinstance(node, Mapping) and "kind" in node:
        own = {key: _decode_node(value) for key, value in node.items() if key != "kind"}
        return TypeAdapter(KINDS[node["kind"]]).validate_python(own, strict=False)
    return node

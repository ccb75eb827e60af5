"""params.yaml, read and checked: every mistake in it said in one line."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from equipoise.core.json_values import JsonObject
from equipoise.params.trial_params import Params
from equipoise.terminal.errors import UserError, shorten, suggest_nearest
from equipoise.terminal.yaml_file import read_yaml

SHOULD_BE = " should be "
# What pydantic says in Python's words, said in YAML's.
SAYINGS = {
    "tuple_type": "a list",
    "too_short": "a list of at least {min_length}",
    "too_long": "a list of at most {max_length}",
    "dict_type": "keys and values",
    "model_type": "keys and values, as in {{key: value}}",
    "model_attributes_type": "keys and values, as in {{key: value}}",
    "string_pattern_mismatch": "letters, digits and underscores",
    "string_type": "text in quotes",
    "string_too_long": "at most {max_length} characters",
}


def load_params(path: Path, **chosen: str) -> Params:
    """Return the checked params; a `UserError` names every key that is wrong.

    A `strategy` or `model` that is chosen must be in its catalogue.
    """
    raw = read_yaml(path)
    params = parse_params(raw, str(path))
    for option, catalogue in (("strategy", params.strategies), ("model", params.models)):
        if option in chosen and chosen[option] not in catalogue:
            known = suggest_nearest(chosen[option], catalogue)
            raise UserError(f"--{option}: '{chosen[option]}' is not in {path}; {known}")
    return params


def make_params_schema() -> JsonObject:
    """Return the JSON Schema of params.yaml."""
    schema: JsonObject = Params.model_json_schema(by_alias=True)
    return schema


def parse_params(raw: JsonObject, origin: str) -> Params:
    """Return the checked params; a `UserError` names every key that is wrong, and the origin."""
    try:
        return Params.model_validate(raw)
    except RecursionError as endless:
        raise UserError(
            f"{origin} is nested too deep, or in itself; write it out flat"
        ) from endless
    except ValidationError as invalid:
        described = [_describe_error(error, raw) for error in invalid.errors()]
        lines = _merge_lines(
            [line for key, line in described if not _has_mistake_inside(key, described)]
        )
        raise UserError(*(f"{origin}: {line}" for line in lines)) from invalid


def _merge_lines(lines: Sequence[str]) -> list[str]:
    """Return one line for each key, with all that its value may be."""
    allowed: dict[str, list[str]] = {}
    for line in dict.fromkeys(lines):
        subject, _, meant = line.partition(SHOULD_BE)
        allowed.setdefault(subject, []).append(meant)
    return [SHOULD_BE.join([s, " or ".join(m)]) if m != [""] else s for s, m in allowed.items()]


def _has_mistake_inside(key: str, described: Sequence[tuple[str, str]]) -> bool:
    """Tell a key whose mistake only follows from another one further inside."""
    return any(other.startswith(f"{key}.") for other, _ in described)


def _describe_error(error: ErrorDetails, raw: JsonObject) -> tuple[str, str]:
    """Return the user's key, and what is wrong with it."""
    kind, value = error["type"], error["input"]
    key = _make_dotted_key(error["loc"], raw, missing=kind == "missing")
    if kind == "mistake":
        return key, f"{key}: {error['msg']}" if key else error["msg"]
    if kind == "missing":
        near = get_close_matches(str(error["loc"][-1]), map(str, value), n=1)
        remedy = f", or rename '{near[0]}'" if near else ""
        return key, f"{key} is required and missing; set it{remedy}"
    if kind in {"union_tag_invalid", "union_tag_not_found"}:
        source = value.get("source") if isinstance(value, Mapping) else None
        return key, f"{key}.source: {shorten(repr(source))} should be 'synthetic' or 'file'"
    meant = SAYINGS.get(kind, "").format(**error.get("ctx", {}))
    plain = error["msg"].removeprefix("Input should ").removeprefix("be ")
    return key, f"{key}: {shorten(repr(value))}{SHOULD_BE}{meant or plain}"


def _make_dotted_key(location: Sequence[int | str], raw: JsonObject, *, missing: bool) -> str:
    """Return the user's key: pydantic's location less the names of union members."""
    node: Any = raw
    parts: list[str] = []
    for position, part in enumerate(location):
        if (isinstance(node, Mapping) and part in node) or _is_index(node, part):
            node = node[part]
            parts.append(str(part))
        elif missing and position == len(location) - 1 and isinstance(part, str):
            parts.append(part)
    return ".".join(parts)


def _is_index(node: object, part: int | str) -> bool:
    return isinstance(node, list) and isinstance(part, int) and part < len(node)

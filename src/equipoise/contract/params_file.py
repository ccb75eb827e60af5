"""params.yaml, read and checked: every mistake in it said in one line."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from equipoise.contract.errors import UserError, nearest
from equipoise.contract.params import Params

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
}


class _Loader(yaml.SafeLoader):
    """YAML as DVC reads it: `1e-3` is a number (YAML 1.2)."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?[0-9][0-9]*[eE][-+]?[0-9]+$"),
    list("-+0123456789"),
)


def cell_name(strategy: str, model: str) -> str:
    """Return the key of a strategy with a model, in file names and in the record."""
    return f"{strategy}-{model}"


def load_params(path: Path, **chosen: str) -> Params:
    """Return the checked params; a `UserError` names every key that is wrong.

    A `strategy` or `model` that is chosen must be in its catalogue.
    """
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a SafeLoader
    except FileNotFoundError as missing:
        raise UserError(f"{path} is missing; run from the repository's root") from missing
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as bad:
        raise UserError(f"{path} is not valid YAML: {' '.join(str(bad).split())}") from bad
    if not isinstance(raw, Mapping):
        raise UserError(f"{path} must hold keys and values, and holds {type(raw).__name__}")
    try:
        params = Params.model_validate(raw)
    except ValidationError as invalid:
        lines = _merged([_describe(error, raw) for error in _roots(invalid.errors())])
        raise UserError("\n".join(f"{path}: {line}" for line in lines)) from invalid
    for option, catalogue in (("strategy", params.strategies), ("model", params.models)):
        if option in chosen and chosen[option] not in catalogue:
            known = nearest(chosen[option], catalogue)
            raise UserError(f"--{option}: '{chosen[option]}' is not in {path}; {known}")
    return params


def _merged(lines: Sequence[str]) -> list[str]:
    """Return one line for each key, with all that its value may be."""
    allowed: dict[str, list[str]] = {}
    for line in dict.fromkeys(lines):
        subject, _, meant = line.partition(SHOULD_BE)
        allowed.setdefault(subject, []).append(meant)
    return [SHOULD_BE.join([s, " or ".join(m)]) if m != [""] else s for s, m in allowed.items()]


def _roots(errors: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Return the errors without those that only follow from another one further inside."""
    inside = [error["loc"][: len(error["loc"]) - 1] for error in errors]
    return [error for error in errors if error["type"] != "too_short" or error["loc"] not in inside]


def _describe(error: ErrorDetails, raw: Mapping[str, Any]) -> str:
    kind = error["type"]
    key = _dotted_key(error["loc"], raw, missing=kind == "missing")
    if kind == "mistake":
        return f"{key}: {error['msg']}" if key else error["msg"]
    if kind == "missing":
        return f"{key} is required and missing"
    if kind in {"union_tag_invalid", "union_tag_not_found"}:
        source = error["input"].get("source") if isinstance(error["input"], Mapping) else None
        return f"{key}.source: {source!r} should be 'synthetic' or 'file'"
    meant = SAYINGS.get(kind, "").format(**error.get("ctx", {}))
    plain = error["msg"].removeprefix("Input should ").removeprefix("be ")
    return f"{key}: {error['input']!r}{SHOULD_BE}{meant or plain}"


def _dotted_key(location: Sequence[int | str], raw: Mapping[str, Any], *, missing: bool) -> str:
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

"""YAML by the rules of params.yaml: read with a line for whatever is wrong with it, and written."""

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from equipoise.core.json_values import Json, Unchecked
from equipoise.terminal.environment import format_failure, read_text
from equipoise.terminal.errors import UserError, shorten
from equipoise.terminal.yaml_size import MOST_BYTES, check_values

# The beginning of a line of Git's, where two sides differ.
CONFLICT = re.compile(rb"(?m)^<<<<<<< ")


class ParamsLoader(yaml.SafeLoader):
    """YAML 1.2 as DVC reads it: `1e-3` and `010` are numbers, `yes` and `12:30` words.

    No key is there twice.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's own signature
        """Return keys and values; a `YAMLError` says which key is there twice, and where."""
        seen: dict[tuple[str, str], yaml.Node] = {}
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                first = seen.setdefault((key.tag, key.value), key)
                if first is not key:
                    context = f"found key '{key.value}'"
                    raise yaml.MarkedYAMLError(
                        context, first.start_mark, "and found it again", key.start_mark
                    )
        return super().construct_mapping(node, deep)


def construct_integer(_loader: ParamsLoader, node: yaml.ScalarNode) -> int:
    """Return a whole number, of which a zero in front says nothing."""
    digits = node.value.replace("_", "")
    return int(digits, 0 if BASE.match(digits) else 10)


def refuse_tag(_loader: ParamsLoader, node: yaml.Node) -> None:
    """Raise a `YAMLError`: DVC cannot write such values into dvc.lock, or runs stages without."""
    problem = f"found !!{node.tag.removeprefix(TAG)}, where a list or keys and values are meant"
    raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)


BASE = re.compile("[-+]?0[box]")
TAG = "tag:yaml.org,2002:"
TRUTH, INTEGER, FLOAT = (f"{TAG}{name}" for name in ("bool", "int", "float"))
TRUTHS = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
NUMBERS = {
    INTEGER: re.compile(r"^[-+]?(?:0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)$"),
    FLOAT: re.compile(
        r"^[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[0-9][0-9_]*[eE][-+]?[0-9]+"
        r"|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|\.(?:inf|Inf|INF))$|^\.(?:nan|NaN|NAN)$"
    ),
}
ParamsLoader.yaml_implicit_resolvers = {
    sign: [(tag, form) for tag, form in known if tag not in {TRUTH, *NUMBERS}]
    for sign, known in ParamsLoader.yaml_implicit_resolvers.items()
}
ParamsLoader.add_implicit_resolver(TRUTH, TRUTHS, list("tTfF"))
ParamsLoader.add_constructor(INTEGER, construct_integer)
for kind in ("set", "omap", "pairs", "binary"):
    ParamsLoader.add_constructor(f"{TAG}{kind}", refuse_tag)


class ParamsDumper(yaml.SafeDumper):
    """YAML in which a word is quoted that DVC, or a reader of YAML 1.1, would take for another."""


for reader_or_writer in (ParamsLoader, ParamsDumper):
    for number, form in NUMBERS.items():
        reader_or_writer.add_implicit_resolver(number, form, list("-+.0123456789"))


def read_yaml(path: Path) -> Unchecked:
    """Return the keys and values of a YAML file; a `UserError` says where it is none."""
    try:
        raw = _load_yaml(path)
    except FileNotFoundError as missing:
        raise UserError(f"{path} is missing; run from the repository's root") from missing
    except OSError as failure:
        raise UserError(format_failure(failure)) from failure
    except RecursionError as endless:
        raise UserError(f"{path} is nested too deep, or in itself; write it out flat") from endless
    except (yaml.YAMLError, ValueError) as bad:
        if CONFLICT.search(path.read_bytes()):
            raise UserError(
                f"{path} has conflicts of a merge; keep one side of each, without the lines of"
                " <<<<<<<, ======= and >>>>>>>"
            ) from bad
        raise UserError(
            f"{path} is not valid YAML: {_describe_yaml_error(bad)}; fix it there"
        ) from bad
    if not isinstance(raw, dict):
        found = {type(None): "nothing", list: "a list"}.get(type(raw)) or shorten(repr(raw))
        raise UserError(f"{path} must hold keys and values, as in seed: 42, but holds {found}")
    return raw


def _load_yaml(path: Path) -> Any:
    """Return what is in a YAML file, unless there is more of it than params can need."""
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise yaml.YAMLError(f"it has {size:,} bytes, and at most {MOST_BYTES:,} are allowed")
    return parse_yaml(read_text(path))


def parse_yaml(text: str) -> Any:
    """Return what a text holds by the rules of params.yaml; a `YAMLError` if it is no YAML."""
    loader = ParamsLoader(text)
    root = loader.get_single_node()
    check_values(root)
    return None if root is None else loader.construct_document(root)


def dump_yaml(value: Json, *, flow: bool = False, escape: bool = False) -> str:
    """Return a value as params.yaml has it, each in one line; with `flow` all in one."""
    return yaml.dump(
        value,
        Dumper=ParamsDumper,
        default_flow_style=flow,
        sort_keys=False,
        allow_unicode=not escape,
        width=float("inf"),
    )


def _describe_yaml_error(bad: Exception) -> str:
    """Return what is wrong with YAML, and in which lines."""
    if not isinstance(bad, yaml.MarkedYAMLError):
        return " ".join(str(bad).split()).replace(' in "<unicode string>",', " at")
    said = ((bad.context, bad.context_mark), (bad.problem, bad.problem_mark))
    return ", ".join(
        what if mark is None else f"{what} (line {mark.line + 1})" for what, mark in said if what
    )

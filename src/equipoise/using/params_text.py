"""Edits of params.yaml as text: comments, the catalogue and all other keys stay as they are."""

from typing import TypeAlias

import yaml

from equipoise.core.json_values import Json, JsonObject
from equipoise.terminal.errors import UserError
from equipoise.terminal.yaml_file import dump_yaml, parse_yaml

Pair: TypeAlias = tuple[yaml.ScalarNode, yaml.Node]


def replace_section(text: str, key: str, values: JsonObject) -> str:
    """Return the text with another section `key`, at its place or, if there is none, at the end.

    Comments inside the old section go with it; those before the next key stay.
    """
    section = {key: values}
    written = dump_yaml(section)
    if parse_yaml(written) != section:  # some signs do not come back unless they are escaped
        written = dump_yaml(section, escape=True)
    lines = text.splitlines(keepends=True)
    pairs = _list_pairs(text)
    starts = [name.start_mark.line for name, _ in pairs] + [len(lines)]
    for place, (name, _) in enumerate(pairs):
        if name.value == key:
            start, end = starts[place], starts[place + 1]
            while end > start + 1 and _is_between_keys(lines[end - 1]):
                end -= 1
            return "".join(lines[:start]) + written + "".join(lines[end:])
    return f"{text.rstrip()}\n\n{written}" if text.strip() else written


def replace_value(text: str, section: str, key: str, value: Json) -> str:
    """Return the text with another value of a key that the section has, written in one line."""
    written = dump_yaml(value, flow=True).strip()
    for name, values in _list_pairs(text):
        if name.value == section and isinstance(values, yaml.MappingNode):
            for own, node in values.value:
                if own.value == key:
                    return _replace_node(text, own, node, written)
    raise UserError(f"params.yaml has no {section}.{key}; write it there")


def _list_pairs(text: str) -> list[Pair]:
    """Return the top-level keys and their values, with where they stand."""
    node = yaml.compose(text, yaml.SafeLoader)
    return list(node.value) if isinstance(node, yaml.MappingNode) else []


def _replace_node(text: str, key: yaml.Node, node: yaml.Node, written: str) -> str:
    """Return the text with a node written in the line of its key.

    A block, as a list of one item a line, reaches to the next key: what follows its last item in
    that stretch, blank lines and comments, stays.
    """
    old = text[node.start_mark.index : node.end_mark.index]
    kept = old[len(old.rstrip()) :]
    while old.rstrip() and old.rstrip().splitlines()[-1].lstrip().startswith("#"):
        last = old.rstrip().splitlines(keepends=True)[-1]
        old = old.rstrip()[: -len(last)]
        kept = text[node.start_mark.index + len(old.rstrip()) : node.end_mark.index]
    return f"{text[: key.end_mark.index]}: {written}{kept}{text[node.end_mark.index :]}"


def _is_between_keys(line: str) -> bool:
    """Tell a blank line or a comment that is not indented, as one before a key is."""
    return not line.strip() or line.startswith("#")

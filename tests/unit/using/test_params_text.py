"""Edits of params.yaml leave everything else as it was written."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.core.json_values import JsonObject
from equipoise.terminal.errors import UserError
from equipoise.terminal.yaml_file import parse_yaml
from equipoise.using.params_text import replace_section, replace_value

PARAMS = (Path(__file__).parents[3] / "params.yaml").read_text(encoding="utf-8")
BLOCK = """\
seed: 42

# the table
data:
  source: synthetic  # made
  # path: data/raw/t.csv

# what runs
run:
  models:
  - logistic

  # the first is what the others must beat
  strategies:
  - baseline  # nothing
  - smote
models: {logistic: {}}
"""
NEW = {"source": "file", "path": "data/raw/ä b.csv", "target": "y: z", "positive": "yes"}


@pytest.mark.parametrize("text", [PARAMS, BLOCK, BLOCK.replace("\n", "\r\n")])
def test_a_section_is_replaced_and_every_other_line_stays(text: str) -> None:
    """Comments before the next key are its own; words that YAML takes for others are quoted."""
    edited = replace_section(text, "data", NEW)
    expected = {**yaml.safe_load(text), "data": NEW}
    assert yaml.safe_load(edited) == expected
    rest = text[text.index("split:" if text == PARAMS else "# what runs") :]
    assert edited.endswith(rest)
    assert edited.startswith(text[: text.index("data:")])


def test_a_section_that_is_not_there_is_added_at_the_end() -> None:
    """Nothing before it changes."""
    edited = replace_section("seed: 42\n", "data", NEW)
    assert edited.startswith("seed: 42\n")
    assert yaml.safe_load(edited) == {"seed": 42, "data": NEW}


@pytest.mark.parametrize("text", [PARAMS, BLOCK])
@pytest.mark.parametrize("key", ["models", "strategies"])
def test_a_value_is_replaced_in_its_place(text: str, key: str) -> None:
    """In a line or as a block, with what stands behind and below it."""
    edited = replace_value(text, "run", key, ["logistic", "boosting"])
    expected: Any = yaml.safe_load(text)
    expected["run"][key] = ["logistic", "boosting"]
    assert yaml.safe_load(edited) == expected
    assert "is what the others must beat" in edited
    assert edited.count("\n") >= text.count("\n") - 2


@given(st.text(st.characters(codec="utf-8"), max_size=30))
@settings(max_examples=50, deadline=None)
def test_any_label_comes_back_as_it_was(label: str) -> None:
    """Whatever YAML would make of it unquoted."""
    edited = replace_section(BLOCK, "data", {"positive": label})
    assert yaml.safe_load(edited)["data"] == {"positive": label}
    assert yaml.safe_load(edited)["run"] == yaml.safe_load(BLOCK)["run"]


def test_a_key_that_the_section_has_not_is_asked_for() -> None:
    """One line, with the key."""
    with pytest.raises(UserError, match=r"no run\.models; write it there"):
        replace_value("run: {strategies: [a]}\n", "run", "models", ["b"])


def test_words_that_only_params_take_for_numbers_are_quoted() -> None:
    """DVC and the pipeline read YAML 1.2, where 1e5 is a number; other programs read 1.1."""
    words = ["1e5", "-2E-3", "yes", "1_000", "1.5"]
    kinds = dict.fromkeys(words, "category")
    section: JsonObject = {"target": "1e5", "columns": kinds, "drop": words}
    edited = replace_section("seed: 42\n", "data", section)
    assert parse_yaml(edited)["data"] == yaml.safe_load(edited)["data"] == section
    edited = replace_value("data:\n  drop: []\n", "data", "drop", words)
    assert parse_yaml(edited) == yaml.safe_load(edited) == {"data": {"drop": words}}

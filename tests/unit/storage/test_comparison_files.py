"""A comparison and its file: nothing is lost, and the schema that is published is the file's."""

import json
from pathlib import Path

import pytest
from tests.answers import answer, comparison, recommendation

from equipoise.comparing.results import Comparison
from equipoise.judging.probability import Probability
from equipoise.storage.comparison_files import COMPARISON, read_comparison, write_comparison
from equipoise.terminal.errors import UserError

ROOT = Path(__file__).parents[3]
COMPARISONS = {
    "baseline alone": comparison(),
    "two arms": comparison(
        answer(probability=Probability(0.5, 0.25, 0.25)),
        answer(source="test", claim="model", verdict="undecided", positives_needed=12),
        conclusions=("smote: worse",),
    ),
    "several classes": comparison(recommended=recommendation("a-b", weights={"ü": 1.5})),
}


@pytest.mark.parametrize("known", COMPARISONS.values(), ids=COMPARISONS)
def test_a_comparison_comes_back_as_it_was(known: Comparison, tmp_path: Path) -> None:
    """Kinds are told by what is there, and what has no meaning is not in the file."""
    path = tmp_path / "comparison.json"
    write_comparison(known, path)
    assert read_comparison(path) == known
    assert "null" not in path.read_text()


@pytest.mark.parametrize(
    ("edit", "named"),
    [
        ({"recommended": None}, "recommended"),
        ({"comparisons": [{"arm": "a"}]}, "comparisons.0.against"),
        ({"baseline": 1}, "baseline"),
    ],
)
def test_another_file_is_refused_in_one_line(
    edit: dict[str, object], named: str, tmp_path: Path
) -> None:
    """With the file, the key and the remedy."""
    path = tmp_path / "comparison.json"
    write_comparison(comparison(), path)
    path.write_text(json.dumps(json.loads(path.read_text()) | edit))
    with pytest.raises(UserError, match=f"comparison.json: {named}: .*; `rm -f .* && dvc repro`"):
        read_comparison(path)


def test_the_schema_that_is_published_is_that_of_the_file() -> None:
    """Whoever reads the file elsewhere can rely on it."""
    published = json.loads((ROOT / "docs/schemas/comparison.schema.json").read_text())
    assert published == COMPARISON.json_schema(mode="serialization")

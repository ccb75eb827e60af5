"""Two who changed the same pipeline: what `docs/sharing.md` tells them to do."""

import re
from pathlib import Path
from typing import Any

from tests.repository import Repository

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/sharing.md").read_text()
RECIPE = re.findall(
    r"^(git checkout|git add|dvc repro) *([^#\n]*)", GUIDE[GUIDE.index("git merge") :], re.MULTILINE
)


def other_neighbours_without_weights(params: dict[str, Any]) -> None:
    """Their edits: an arm of ours is none of theirs."""
    params["strategies"]["smote"]["sampler"]["k_neighbors"] = 3
    params["run"]["strategies"].remove("class_weight")


def another_region_and_weight(params: dict[str, Any]) -> None:
    """Our edits, elsewhere in the file."""
    params["verdict"]["rope"] = 0.2
    params["strategies"]["class_weight"]["class_weight"] = {0: 1, 1: 4}


def test_conflicts_in_what_dvc_made_are_settled_by_the_recipe(repository: Repository) -> None:
    """Nothing that either has computed is computed again, and the merged state is whole."""
    repository.succeed("git", "checkout", "-b", "their-branch")
    repository.edit_params(other_neighbours_without_weights)
    repository.repro()
    repository.commit("Theirs")
    repository.succeed("git", "checkout", "main")
    repository.succeed("dvc", "checkout")
    repository.edit_params(another_region_and_weight)
    repository.repro()
    repository.commit("Ours")
    merged = repository.run("git", "merge", "their-branch")
    assert "CONFLICT (content): Merge conflict in dvc.lock" in merged.stdout
    assert "CONFLICT (modify/delete): scores/class_weight-logistic" in merged.stdout
    assert "dvc.lock has conflicts of a merge" in repository.run("equipoise", "card").stderr
    for command, options in RECIPE:
        if command == "dvc repro":
            ran = repository.repro()
            assert ran == ["audit", "compare", "report", "track"]
        else:
            repository.succeed(*command.split(), *options.split("&&")[0].split())
    repository.succeed("git", "commit", "--quiet", "--message", "Merge")
    assert repository.repro() == []
    assert repository.succeed("git", "status", "--short") == ""

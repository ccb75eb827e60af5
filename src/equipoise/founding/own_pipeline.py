"""The dvc.yaml of this repository, for a project where the library is an installed package.

Edited as text, so that comments and the order of keys stay.
"""

import re

import yaml

# Of the sources that a stage depends on here; a project has none of them.
SOURCES = "src/equipoise/"
# How a script here finds them.
SEARCH_PATH = "PYTHONPATH=src "
# Where a project has the fingerprints that stand for them.
CODE_FILE = "code.json"
STAGE = re.compile(r"  ([\w-]+):$")


def make_own_pipeline(text: str) -> str:
    """Return dvc.yaml with a fingerprint for each stage in place of the sources."""
    made: list[str] = []
    stage, has_params = "", False
    for line in text.splitlines():
        if found := STAGE.match(line):
            stage, has_params = found[1], False
        has_params = has_params or line == "    params:"
        if line == "    deps:":
            made += [] if has_params else ["    params:"]
            made += [f"      - {CODE_FILE}:", f"          - stages.{stage}"]
        if not line.startswith(f"      - {SOURCES}"):
            made.append(line.replace(SEARCH_PATH, ""))
    return "\n".join([*made, ""])


def list_parts(text: str) -> dict[str, tuple[str, ...]]:
    """Return the modules and packages that each stage depends on here, as the library has them."""
    return {
        stage: tuple(
            dep.removeprefix(SOURCES) for dep in content["deps"] if dep.startswith(SOURCES)
        )
        for stage, content in yaml.safe_load(text)["stages"].items()
    }

"""What projects are made of: this repository's own files, and those that only projects have."""

from pathlib import Path

from equipoise.core.imported_modules import PACKAGE

# A wheel has the files there; in a clone they are where they belong.
IN_WHEEL, IN_CLONE = PACKAGE / "project", PACKAGE.parents[1]
# As pyproject.toml puts them into the wheel.
GIVEN = (
    ".dvc/config",
    ".dvc/plots/*.json",
    ".dvcignore",
    ".gitignore",
    "data/raw/.gitkeep",
    "docs/schemas/params.schema.json",
    "dvc.yaml",
    "params.yaml",
    "src/stages/*.py",
)
# README.md, pyproject.toml and a test, with blanks for the name and the version.
TEMPLATES = Path(__file__).parent / "templates"


def read_given() -> dict[str, str]:
    """Return the text of each file that a project takes from this repository, by its path."""
    root = IN_WHEEL if IN_WHEEL.is_dir() else IN_CLONE
    return _read(root, GIVEN)


def read_templates() -> dict[str, str]:
    """Return the text of each file that only projects have, by its path."""
    return _read(TEMPLATES, ("*.md", "*.toml", "tests/*.py"))


def _read(root: Path, patterns: tuple[str, ...]) -> dict[str, str]:
    paths = sorted(path for pattern in patterns for path in root.glob(pattern))
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in paths}

"""Which code of the library each stage runs, by what it imports."""

from pathlib import Path

import yaml

from equipoise.core.imported_modules import PACKAGE, find_imported
from equipoise.founding.origin import read_given
from equipoise.record.model_code import NAMED, list_travelling

# What a user types and reads, and where files are, which dvc.yaml says too: an edit of either alone
# makes no result another.
UNWATCHED = (PACKAGE / "terminal", PACKAGE / "storage/layout.py")
# By the names in there a model file has classes of this package, which reading it imports.
NAMING = "storage/trusted_types.py"
# The stage that writes fingerprints; it is of this repository alone.
FINGERPRINTING = "fingerprint"


def list_stages() -> tuple[str, ...]:
    """Return the stages that have a fingerprint, in the order of dvc.yaml."""
    stages = yaml.safe_load(read_given()["dvc.yaml"])["stages"]
    return tuple(stage for stage in stages if stage != FINGERPRINTING)


def list_code_of_stages() -> dict[str, tuple[str, ...]]:
    """Return the files that each stage runs or shows, as the library has them."""
    return {stage: _list_code(stage) for stage in list_stages()}


def _list_code(stage: str) -> tuple[str, ...]:
    """Return modules, those too that are sent or named and not imported, and what packages show."""
    root = PACKAGE / "stages" / f"{stage.replace('-', '_')}.py"
    modules = find_imported(root, *(list_travelling() if stage == "track" else ()))
    if PACKAGE / NAMING in modules:
        modules |= find_imported(*(PACKAGE / named for named in NAMED))
    packages = {module.parent for module in modules} - {PACKAGE}
    beside = {path for package in packages for path in _list_beside(package)}
    found = {path for path in modules | beside if not _is_unwatched(path)}
    return tuple(sorted(path.relative_to(PACKAGE).as_posix() for path in found))


def _list_beside(package: Path) -> list[Path]:
    return [package / "__init__.py", *package.glob("templates/*")]


def _is_unwatched(path: Path) -> bool:
    return any(each in (path, *path.parents) for each in UNWATCHED)

"""Which code of the library each stage runs, by what it imports."""

from pathlib import Path

import yaml

from equipoise.core.imported_modules import PACKAGE, find_imported
from equipoise.founding.origin import read_given
from equipoise.record.model_code import list_travelling

# What a user types and reads, and where files are, which dvc.yaml says too: an edit of either alone
# makes no result another.
UNWATCHED = (PACKAGE / "terminal", PACKAGE / "storage/layout.py")
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
    """Return modules, those too that `track` sends along with models, and files beside them."""
    root = PACKAGE / "stages" / f"{stage.replace('-', '_')}.py"
    modules = find_imported(root, *(list_travelling() if stage == "track" else ()))
    packages = {module.parent for module in modules} - {PACKAGE}
    shown = {path for package in packages for path in _list_shown(package)}
    found = {path for path in modules | shown if not _is_unwatched(path)}
    return tuple(sorted(path.relative_to(PACKAGE).as_posix() for path in found))


def _list_shown(package: Path) -> list[Path]:
    """Return what lies in a package and is no code: templates."""
    files = [path for path in package.rglob("*") if path.is_file()]
    return [path for path in files if path.suffix not in {".py", ".pyc"}]


def _is_unwatched(path: Path) -> bool:
    return any(each in (path, *path.parents) for each in UNWATCHED)

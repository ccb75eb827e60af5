"""Fingerprints of the installed library: of each part, and of all that a stage runs."""

import hashlib
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path

from equipoise.core.imported_modules import PACKAGE

# As many as tell any two apart. dvc.lock has one for each stage.
DIGITS = 32


def hash_text(text: str) -> str:
    """Return the fingerprint of a text."""
    return hash_bytes(text.encode())


def hash_bytes(content: bytes) -> str:
    """Return the fingerprint of what a file holds."""
    return hashlib.sha256(content).hexdigest()[:DIGITS]


def hash_parts(parts: Iterable[str]) -> dict[str, str]:
    """Return the fingerprint of each module or package: names and contents of all its files."""
    return {part: _hash_part(PACKAGE / part, PACKAGE) for part in sorted(set(parts))}


def hash_source(name: str) -> str | None:
    """Return the fingerprint of the Python files of a module or package; None if there are none.

    It is not imported, and neither is what it imports looked at.
    """
    try:
        spec = find_spec(name)
    except ValueError:  # of `__main__`
        spec = None
    if spec is None:
        return None
    origins = spec.submodule_search_locations or [spec.origin or ""]
    paths = [Path(origin) for origin in origins]
    return hash_text("".join(_hash_part(p, p.parent, "*.py") for p in paths if p.exists()))


def hash_stages(
    stages: Mapping[str, Iterable[str]], fingerprints: Mapping[str, str]
) -> dict[str, str]:
    """Return one fingerprint for all parts of each stage."""
    return {
        stage: hash_text("".join(f"{part} {fingerprints[part]}\n" for part in parts))
        for stage, parts in stages.items()
    }


def _hash_part(path: Path, folder: Path, pattern: str = "*") -> str:
    found = sorted(path.rglob(pattern)) if path.is_dir() else [path]
    files = [file for file in found if file.is_file() and "__pycache__" not in file.parts]
    names = [file.relative_to(folder).as_posix() for file in files]
    hashes = [hash_bytes(file.read_bytes()) for file in files]
    return hash_text("".join(f"{name} {own}\n" for name, own in zip(names, hashes, strict=True)))

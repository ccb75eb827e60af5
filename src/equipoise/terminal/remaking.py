"""What to type so that a file of the pipeline is made again."""

import os
import shlex
from collections.abc import Iterable
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from equipoise.terminal.errors import UserError


def describe_remaking(path: Path) -> str:
    """Return how the message on a file that cannot be used ends: with the command that heals it.

    DVC takes a file from its cache without reading it, so a damaged copy there has to go too.
    """
    return f"`{format_remaking([path, *_find_damaged_in_cache(path)])}` makes it again"


def format_remaking(damaged: Iterable[Path]) -> str:
    """Return the command by which stages make files again, whatever DVC takes them for."""
    return f"{format_removal(damaged)} && dvc repro"


def format_removal(paths: Iterable[Path]) -> str:
    """Return the command that removes files, and folders that are in the place of one."""
    unique = [*dict.fromkeys(paths)]
    option = "-rf" if any(path.is_dir() for path in unique) else "-f"
    return shlex.join(["rm", option, *map(format_path, unique)])


def format_path(path: Path) -> str:
    """Return a path as it is typed in the working directory."""
    here = Path.cwd()
    return os.fspath(path.relative_to(here) if path.is_relative_to(here) else path)


def is_damaged_in_cache(path: Path) -> bool:
    """Return whether DVC's cache has a damaged copy of a file, so that it brings nothing back."""
    return bool(_find_damaged_in_cache(path))


def _find_damaged_in_cache(path: Path) -> list[Path]:
    """Return the entry of DVC's cache for a file, if it is damaged."""
    place = path.parent.resolve() / path.name
    with suppress(UserError, ImportError):  # a served model has no repository, and may have no DVC
        kept = import_module("equipoise.storage.dvc_cache").list_kept_files(place.parent)
        return [f.cached for f in kept if f.path == place and f.is_damaged_in_cache()]
    return []

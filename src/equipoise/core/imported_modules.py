"""Which modules of this package a module imports, directly or through others."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1]


def find_imported(*modules: Path) -> frozenset[Path]:
    """Return modules of this package, and all of it that they import, on demand too."""
    found: set[Path] = set()
    left = [*modules]
    while left:
        module = left.pop()
        if module not in found:
            found.add(module)
            left += _list_imported(module)
    return frozenset(found)


@cache
def _list_imported(module: Path) -> tuple[Path, ...]:
    names = _list_names(ast.parse(module.read_text(encoding="utf-8")))
    paths = ((PACKAGE.parent / name.replace(".", "/")).with_suffix(".py") for name in names)
    return tuple(path for path in paths if path.is_file())


def _list_names(tree: ast.Module) -> Iterator[str]:
    """Give the dotted names of this package's modules that a module mentions, and others."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if _is_own(alias.name))
        elif isinstance(node, ast.ImportFrom) and node.module and _is_own(node.module):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _is_own(name: str) -> bool:
    return name.startswith(f"{PACKAGE.name}.")

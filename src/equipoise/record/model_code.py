"""The modules that travel inside a logged model: those that its loader needs, and no others."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from equipoise.core.imported_modules import PACKAGE, find_imported

# What loads a model, and what `trusted_types` lets a model file name of this package.
LOADER = "equipoise.serving.served_model"
NAMED = (
    "fitting/numbered_classes.py",
    "fitting/ordered_classes.py",
    "fitting/scored_classes.py",
)
ROOTS = ("serving/served_model.py", *NAMED)
# Where this package is installed as well, modules that did not travel are found there.
EXTENDED = """
__path__ = __import__("pkgutil").extend_path(__path__, __name__)
"""


@cache
def read_model_code() -> dict[str, str]:
    """Return the text of each file that travels, by its path in the folder `code`."""
    modules = list_travelling()
    packages = {
        parent / "__init__.py"
        for path in modules
        for parent in path.parents
        if parent.is_relative_to(PACKAGE)
    }
    texts = {path: path.read_text(encoding="utf-8") for path in modules}
    texts |= {path: path.read_text(encoding="utf-8") + EXTENDED for path in packages}
    return {path.relative_to(PACKAGE.parent).as_posix(): texts[path] for path in sorted(texts)}


def list_travelling() -> frozenset[Path]:
    """Return the modules that travel."""
    return find_imported(*(PACKAGE / root for root in ROOTS))


def list_packages() -> list[str]:
    """Return the packages of others that the travelling modules import when they are loaded."""
    trees = map(ast.parse, read_model_code().values())
    names = {name.partition(".")[0] for tree in trees for name in _list_imports(_list_run(tree))}
    return sorted(names - {PACKAGE.name} - sys.stdlib_module_names)


def _list_run(module: ast.Module) -> Iterator[ast.stmt]:
    """Give the statements that run when a module is loaded, those in a `with` block too."""
    for statement in module.body:
        yield from statement.body if isinstance(statement, ast.With) else [statement]


def _list_imports(nodes: Iterator[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            yield str(node.module)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)

"""code.json of a project: which code of the library it is of, and which files it was given."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from pydantic import TypeAdapter

from equipoise import __version__
from equipoise.founding.own_pipeline import CODE_FILE
from equipoise.terminal.environment import read_text, replacing
from equipoise.terminal.errors import UserError

# In characters; what a project is given has shorter ones by far.
LONGEST_PATH = 200


@dataclass(frozen=True)
class Code:
    """The version of the library, and fingerprints by name.

    DVC watches only `stages`. `parts` tell why one is another, and `files`, as they were given to
    the project, what its user has edited. A `ValueError` refuses files that no project is given:
    an upgrade may remove them, and anybody can have written code.json.
    """

    name: str
    version: str
    stages: Mapping[str, str]
    parts: Mapping[str, str]
    files: Mapping[str, str]

    def __post_init__(self) -> None:
        for path in map(PurePosixPath, self.files):
            if (
                path.is_absolute()
                or {"..", ".git"} & {*path.parts}
                or len(str(path)) > LONGEST_PATH
            ):
                raise ValueError(path)


def write_code(code: Code, root: Path) -> None:
    """Have code.json in a folder, whole or as it was."""
    with replacing(root / CODE_FILE) as part:
        part.write_text(f"{json.dumps(asdict(code), indent=2)}\n", encoding="utf-8")


def read_code(root: Path) -> Code:
    """Return what code.json of a folder says; a `UserError` where it says nothing of use."""
    path = root / CODE_FILE
    try:
        return TypeAdapter(Code).validate_json(read_text(path))
    except FileNotFoundError as missing:
        raise UserError(
            f"{path} is missing; run this in a project that `equipoise new` has made"
        ) from missing
    except ValueError as invalid:
        raise UserError(
            f"{path} is not as `equipoise` has written it; restore it: git checkout {path}. If Git"
            " does not have it, take that of a project of the same name that `equipoise new` makes"
        ) from invalid


def check_version(root: Path) -> None:
    """Refuse to run a project with another version of the library than its results are of."""
    if (made_by := read_code(root).version) != __version__:
        raise UserError(
            f"this project is of equipoise {made_by}, and {__version__} is installed; run"
            f" `equipoise upgrade`, or install equipoise=={made_by}"
        )

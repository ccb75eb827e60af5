"""Arms that cannot be fitted: the reason stands in their files, so that other arms can go on."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from equipoise.storage.files.formats import read_json, write_json
from equipoise.terminal.errors import RefusalError, print_in_full

REFUSED = "refused"


@contextmanager
def keeping_refusals(name: str, files: Sequence[Path]) -> Iterator[None]:
    """Write why an arm or a strategy is refused, if it is, in place of its files, and say so."""
    try:
        yield
    except RefusalError as refused:
        print_in_full(*f"left out: {name}: {refused}".split("\n"))
        _write_reason(str(refused), files)


def pass_refusal_on(source: Path, files: Sequence[Path]) -> bool:
    """Write the reason that stands in the file of an earlier stage, if one does; tell whether."""
    reason = read_refusal(source)
    if reason is not None:
        _write_reason(reason, files)
    return reason is not None


def read_refusal(path: Path) -> str | None:
    """Return the reason that stands, as JSON, in a file in place of what it is to have."""
    if path.suffix == ".parquet" and not _begins_json(path):
        return None
    values = read_json(path)
    return values.get(REFUSED) if isinstance(values, dict) else None


def _begins_json(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(1) == b"{"


def _write_reason(reason: str, files: Sequence[Path]) -> None:
    for path in files:
        write_json({REFUSED: reason}, path)

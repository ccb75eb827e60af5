"""Every file that DVC keeps, against the hash that it should have."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from equipoise.core.tables import format_count
from equipoise.storage.dvc_cache import KeptFile, list_kept_files
from equipoise.terminal.errors import UserError, print_in_full
from equipoise.terminal.remaking import format_path, format_remaking, format_removal


@dataclass(frozen=True)
class Damage:
    """Which of the copies of a file are damaged."""

    file: KeptFile
    here: bool
    in_cache: bool

    @property
    def copies(self) -> list[Path]:
        """The copies that are damaged."""
        file = self.file
        return [*([file.path] if self.here else []), *([file.cached] if self.in_cache else [])]


def verify_files(root: Path) -> None:
    """Say that each file has its hash, or which do not, and what to type; then a `UserError`.

    A file that is missing is not among them: DVC sees that by itself.
    """
    kept = list_kept_files(root)
    looked_at = (Damage(f, f.is_damaged_here(), f.is_damaged_in_cache()) for f in kept)
    damaged = [damage for damage in looked_at if damage.copies]
    if damaged:
        print_in_full(*map(_describe_damage, damaged), *_list_remedies(damaged))
        found = format_count(len(damaged), "file")
        raise UserError(f"{found} of {len(kept):,} damaged; type what stands above")
    files = format_count(len(kept), "file")
    print_in_full(f"{files} in the workspace and in DVC's cache: no damage", "")


def _describe_damage(damage: Damage) -> str:
    name, cached = format_path(damage.file.path), format_path(damage.file.cached)
    if not damage.in_cache:
        return f"{name} is damaged, edited or of another commit: DVC knows it by another hash"
    where = "here and in DVC's cache" if damage.here else "in DVC's cache"
    return f"{name} is damaged {where}: {cached} has another hash"


def _list_remedies(damaged: Sequence[Damage]) -> Iterator[str]:
    """Give the command that makes the results again, and what restores each file of the user's."""
    results = [path for damage in damaged if not damage.file.added for path in damage.copies]
    if results:
        yield f"to make results again: {format_remaking(results)}"
    yield from (_describe_restoring(damage) for damage in damaged if damage.file.added)


def _describe_restoring(damage: Damage) -> str:
    """Return how to have a file back that no stage makes, from the copy that is left if one is."""
    file, removal = damage.file, format_removal(damage.copies)
    output = format_path(file.output)
    if not damage.here and file.path.exists():
        return f"to cache {output} again: {removal} && dvc add {output}"
    edited = f"if you edited it, dvc add {output}; if not, " if damage.here else ""
    if file.cached.exists() and not damage.in_cache:
        return f"to restore {output}: {edited}{removal} && dvc checkout {output}"
    return f"to restore {output}: {edited}if a remote has it, {removal} && dvc pull {output}"

"""Files that cannot be written, or not whole; outputs that are damaged or in the way."""

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random

from tests.torture.cases import Case
from tests.torture.ground import EQUIPOISE, REPRO, Ground, compare, run_again

WAYS = ("cut short", "emptied", "changed", "removed", "a folder")
READ_ONLY = ("data", "models", "predictions", "decisions", "reports", ".dvc", ".")
# Between a file of a few numbers and the largest one of the small job, in bytes.
SMALLEST, LARGEST = 200, 2_000_000
# What the system counts the room of a file in, in bytes.
BLOCK = 512


def list_cases(generator: Random, number: int) -> Iterator[Case]:
    """Give runs without room or in a read-only folder, and jobs with a damaged file."""
    for n in range(-(-number // 6)):
        folder = READ_ONLY[n % len(READ_ONLY)]
        yield Case(
            "a folder that is read-only",
            f"read-only {n}",
            partial(_run_in_read_only, number=n, folder=folder),
        )
    for n in range(number // 3):
        size = int(SMALLEST * (LARGEST / SMALLEST) ** generator.random())
        yield Case(
            "no room: files can grow to some size only",
            f"limit {n}",
            partial(_run_without_room, number=n, size=size),
        )
    for n in range(number // 4):
        yield Case(
            "a disk that is full",
            f"disk {n}",
            partial(_run_on_small_disk, number=n, share=generator.random(), counts=_count_bytes),
        )
        yield Case(
            "a disk that takes no more files",
            f"files {n}",
            partial(_run_on_small_disk, number=n, share=generator.random(), counts=_count_files),
        )
    for n in range(number // 2):
        way, place = WAYS[n % len(WAYS)], generator.random()
        yield Case(
            f"output {way}",
            f"damage {n}",
            partial(_damage, number=n, way=way, place=place),
        )


def _run_without_room(ground: Ground, number: int, size: int) -> str:
    """Run with a limit on the size of files, then without; return what is wrong."""
    job = ground.copy(ground.start, f"limit-{number}")
    job.run("prlimit", f"--fsize={size}", *REPRO)
    return run_again(job) or compare(job, ground.finished)


def _run_on_small_disk(
    ground: Ground, number: int, share: float, counts: Callable[[Path], tuple[str, int]]
) -> str:
    """Run on a disk of its own that has not room for all, then make it larger and run again.

    `share` is that of the bytes, or of the files, which a run adds.
    """
    (option, begun), (_, whole) = map(counts, (ground.start.path, ground.finished.path))
    job = ground.copy(ground.start, f"{option}-{number}")
    disk = ground.folder / f"mounted-{option}-{number}"
    disk.mkdir()
    limit = f"{option}={int(begun + share * (whole - begun))}"
    again = f"dvc repro || ( {' '.join(EQUIPOISE)} doctor; dvc repro )"
    run_on_disk = (
        f'mount -t tmpfs -o {limit} none "$0" && cp -a . "$0" && cd "$0" && dvc repro;'
        f' echo "ended with $?"; mount -o remount,{option}=1g "$0" && ( {again} ); status=$?;'
        ' cp -a . "$OLDPWD"; exit $status'
    )
    ended = job.run("unshare", "--map-root-user", "--mount", "sh", "-c", run_on_disk, str(disk))
    if "ended with 0" in ended.stdout or ended.returncode:
        return f"{limit}: {ended.stdout[-300:]}{ended.stderr[-300:]}"
    return compare(job, ground.finished)


def _count_bytes(folder: Path) -> tuple[str, int]:
    """Return the room that the files of a folder take on a disk; folders take none in memory."""
    files = (path for path in folder.rglob("*") if not path.is_dir())
    return "size", sum(path.lstat().st_blocks * BLOCK for path in files)


def _count_files(folder: Path) -> tuple[str, int]:
    """Return how many files and folders a folder has, itself among them."""
    return "nr_inodes", 1 + sum(1 for _ in folder.rglob("*"))


def _run_in_read_only(ground: Ground, number: int, folder: str) -> str:
    """Run where a folder is read-only, for this run alone, then again; return what is wrong."""
    job = ground.copy(ground.start, f"read-only-{number}")
    (job.path / folder).mkdir(exist_ok=True)
    hold = f'mount --bind {folder} {folder} && mount -o remount,ro,bind {folder} && cd "$PWD"'
    held = job.run("unshare", "--map-root-user", "--mount", "sh", "-c", f"{hold} && dvc repro")
    if "Read-only file system" not in held.stdout + held.stderr:
        return f"{folder}: {held.stdout[-300:]}{held.stderr[-300:]}"
    return run_again(job) or compare(job, ground.finished)


def _damage(ground: Ground, number: int, way: str, place: float) -> str:
    """Damage an output of a finished job, and run again; return what is wrong."""
    job = ground.copy(ground.finished, f"damage-{number}")
    outputs = list_outputs(job.path)
    damage(outputs[int(place * len(outputs))], way)
    return run_again(job) or compare(job, ground.finished)


def list_outputs(folder: Path) -> list[Path]:
    """Return the files that the stages have made, sorted."""
    made = (
        "data/split",
        "data/resampled",
        "models",
        "predictions",
        "decisions",
        "scores",
        "reports",
    )
    return sorted(file for name in made for file in (folder / name).rglob("*") if file.is_file())


def damage(file: Path, way: str) -> None:
    """Damage a file, and not the entry of DVC's cache that it may be a link to."""
    content = file.read_bytes()
    file.unlink()
    if way == "a folder":
        file.mkdir()
        shutil.copy(__file__, file)
    elif way != "removed":
        middle = len(content) // 2
        changed = content[:middle] + bytes(8) + content[middle + 8 :]
        spoilt = {"cut short": content[:middle], "emptied": b"", "changed": changed}
        file.write_bytes(spoilt[way])

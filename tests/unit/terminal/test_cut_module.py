"""A compiled module that a full disk has cut short is made again, and nobody has to do anything."""

import importlib.util
import py_compile
import sys
from importlib import import_module, invalidate_caches
from pathlib import Path

import pytest

from equipoise.terminal.command import run

NAMES = ("cut_short", "cut_shorter")


@pytest.fixture
def compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Two modules that are found, each compiled and then cut."""
    files = []
    for name in NAMES:
        source = tmp_path / f"{name}.py"
        source.write_text(f"VALUE = {list(range(2000))}\n")
        made = Path(str(py_compile.compile(str(source))))
        made.write_bytes(made.read_bytes()[:4096])
        files.append(made)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "argv", ["script", "option"])
    invalidate_caches()
    return files


def test_a_command_begins_again_with_modules_that_are_whole(
    compiled: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    found = []

    def main(arguments: object) -> None:
        found.append((arguments, [import_module(name).VALUE[-1] for name in NAMES]))

    run(main)
    assert found == [(["option"], [1999, 1999])]
    notes = capsys.readouterr().err.splitlines()
    assert notes == [
        f"note: {file} was cut short, by a full disk perhaps; made again" for file in compiled
    ]
    for file in compiled:
        source = importlib.util.source_from_cache(str(file))
        whole = py_compile.compile(source, cfile=f"{file}.own", doraise=True)
        assert file.read_bytes() == Path(str(whole)).read_bytes()


def test_the_end_of_other_input_is_a_failure_as_before() -> None:
    def main(_: object) -> None:
        raise EOFError("of something else")

    with pytest.raises(EOFError, match="of something else"):
        run(main)

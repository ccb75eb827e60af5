"""A stage on the command line: what goes wrong outside it is one line, not a traceback."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from equipoise.terminal.command import parse

SRC = Path(__file__).parents[3] / "src"
SCRIPT = r'''
import signal
import time
import warnings
from importlib import import_module
from pathlib import Path

from equipoise.terminal.command import run
from equipoise.terminal.errors import UserError
from equipoise.storage.files.formats import write_json

def main(argv):
    """Do what the first argument says."""
    if argv == ["mistake"]:
        raise UserError("split.test_size: 2 should be less than 1")
    if argv == ["bug"]:
        raise RuntimeError("not the user's fault")
    if argv == ["full"]:
        write_json({"a": 1}, Path("/dev/full"))
    if argv == ["warn"]:
        warnings.warn("old")
    if argv[0] == "import":
        import_module(argv[1])
    if argv == ["wait"]:
        # A shell that runs the tests in the background has it ignored.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        print("waiting", flush=True)
        for _ in range(600):  # in short steps: a signal just before one would be seen after it
            time.sleep(0.1)
    if argv == ["name"]:
        print("caf\xe9 \udcff")
    print("done", *argv)

run(main)
'''


def python(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
        check=False,
    )


def shell(line: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", line],
        env=os.environ | {"PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "stage.py"
    path.write_text(SCRIPT)
    return path


def test_a_mistake_is_one_line_and_status_1(script: Path) -> None:
    """DVC stops, and the last line on the screen is what the user has to fix."""
    done = python(script, "mistake", folder=script.parent)
    expected = "error: split.test_size: 2 should be less than 1\n"
    assert (1, "", expected) == (done.returncode, done.stdout, done.stderr)


def test_a_bug_keeps_its_traceback(script: Path) -> None:
    """What is not the user's fault is not dressed up as if it were."""
    done = python(script, "bug", folder=script.parent)
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "RuntimeError: not the user's fault" in done.stderr


def test_a_failure_of_the_environment_is_one_line(script: Path) -> None:
    """A full disk, say: the file, what happened, what to do about it."""
    done = python(script, "full", folder=script.parent)
    expected = (
        "error: /dev/full: No space left on device; free some space there, then run it again\n"
    )
    assert (1, "", expected) == (done.returncode, done.stdout, done.stderr)


def test_a_warning_that_counts_as_an_error_is_one_line(script: Path) -> None:
    """Libraries warn of their own calls, which nobody here can change."""
    done = python("-W", "error", script, "warn", folder=script.parent)
    assert done.returncode == 1
    assert done.stderr == (
        "error: a warning counts as an error here, by PYTHONWARNINGS or -W, and a library has one:"
        " UserWarning: old; unset it\n"
    )


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            "libfit.so: failed to map segment from shared object",
            "memory ran out: libfit.so: failed to map segment from shared object; close other",
        ),
        (
            "libgomp.so.1: cannot open shared object file: No such file or directory",
            "libgomp.so.1: cannot open shared object file: No such file or directory; install that",
        ),
    ],
)
def test_a_library_that_the_system_cannot_load_is_one_line(
    said: str, expected: str, script: Path
) -> None:
    """Whatever a package says around it. A module that is missing, or spoilt, is a bug."""
    (script.parent / "fit.py").write_text(
        "try:\n"
        f"    raise ImportError({said!r})\n"
        "except ImportError as failure:\n"
        "    raise ImportError('please read this' * 99) from failure\n"
    )
    done = python(script, "import", "fit", folder=script.parent)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith(f"error: {expected}")
    assert "Traceback" in python(script, "import", "absent", folder=script.parent).stderr


def test_a_variable_that_a_library_refuses_is_one_line(script: Path) -> None:
    """MLflow reads this one as it is imported. An error that names none that is set is a bug."""
    (script.parent / "named.py").write_text("raise ValueError('SPEED value must be a number')")
    done = shell(f"MLFLOW_CONFIGURE_LOGGING=maybe {sys.executable} {script} import mlflow")
    assert done.returncode == 1
    assert done.stderr.startswith("error: MLFLOW_CONFIGURE_LOGGING value must be one of ['true'")
    assert done.stderr.endswith("but got maybe; set it to such a value, or unset it\n")
    assert "Traceback" in python(script, "import", "named", folder=script.parent).stderr


@pytest.mark.parametrize(
    ("variable", "module"),
    [
        ("JOBLIB_START_METHOD=abc", "joblib"),
        ("LOKY_PICKLER=abc", "joblib"),
        ("MLFLOW_LOGGING_LEVEL=loud", "mlflow"),
        ("SKLEARN_WORKING_MEMORY=much", "sklearn"),
    ],
)
def test_a_variable_whose_value_is_quoted_without_its_name_is_named(
    variable: str, module: str, script: Path
) -> None:
    """As `could not convert string to float: 'much'`, which says nothing of where it stands."""
    done = shell(f"{variable} {sys.executable} {script} import {module}")
    name = variable.partition("=")[0]
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith(f"error: {name}: ")
    assert done.stderr.endswith("; set it to a value that it can have, or unset it\n")


def test_an_interruption_is_one_line_and_the_status_that_shells_know(script: Path) -> None:
    """Ctrl-C is nobody's mistake."""
    command = [sys.executable, str(script), "wait"]
    environment = os.environ | {"PYTHONPATH": str(SRC)}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True) as waiting:
        assert waiting.stdout is not None
        waiting.stdout.readline()
        waiting.send_signal(signal.SIGINT)
        _, said = waiting.communicate(timeout=30)
    assert (waiting.returncode, said) == (
        130,
        "error: interrupted; run it again to continue from here\n",
    )


def test_a_run_that_succeeds_has_status_0(script: Path) -> None:
    """Arguments reach the stage, and nothing is said on stderr."""
    done = python(script, "a", "b", folder=script.parent)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done a b\n", "")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_is_not_needed(closed: str, script: Path) -> None:
    """As cron may start it: what would be printed goes nowhere."""
    done = shell(f'"{sys.executable}" "{script}" a {closed}')
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("taker", "status", "said"),
    [
        ("> /dev/full", 1, "error: No space left on device; free some space there, then run"),
        ("| true; exit ${PIPESTATUS[0]}", 1, ""),
    ],
)
def test_output_that_nothing_takes_is_one_line_or_none(
    taker: str, status: int, said: str, script: Path
) -> None:
    """Python itself would say more at its very end, and end with status 120."""
    words = " ".join(["a" * 100] * 1000)
    done = shell(f'"{sys.executable}" "{script}" {words} {taker}')
    assert done.returncode == status
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == bool(said)


@pytest.mark.parametrize("encoding", ["ascii", "utf-8:strict"])
def test_a_name_that_the_terminal_cannot_show_is_written_out(encoding: str, script: Path) -> None:
    """As that of a file may be that is not in UTF-8: the work is done by then."""
    done = subprocess.run(
        [sys.executable, str(script), "name"],
        env=os.environ | {"PYTHONPATH": str(SRC), "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.endswith(b"\\udcff\ndone name\n")


def test_a_stage_run_from_the_wrong_folder_says_so(tmp_path: Path) -> None:
    """Where params.yaml is missing, whatever else is there, the message says what to do."""
    (tmp_path / "code.json").write_text("{}")
    done = python(SRC / "stages/generate_data.py", folder=tmp_path)
    expected = "error: params.yaml is missing; run from the repository's root\n"
    assert (done.returncode, done.stderr) == (1, expected)


def test_a_wrong_param_stops_a_stage_with_one_line(tmp_path: Path) -> None:
    """The first stage names the key, the value and what is allowed."""
    (tmp_path / "params.yaml").write_text((SRC.parent / "params.yaml").read_text() + "sede: 1\n")
    done = python(SRC / "stages/generate_data.py", folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "unknown key 'sede'; did you mean 'seed'?" in done.stderr


def test_required_options_are_read() -> None:
    """A stage gets each option by its name, in any order."""
    arguments = parse("A stage.", ["--model", "m", "--strategy", "s"], "strategy", "model")
    assert (arguments.strategy, arguments.model) == ("s", "m")


@pytest.mark.parametrize("argv", [[], ["--strategy", "s", "--colour", "red"]])
def test_a_missing_or_unknown_option_is_named(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistyped command ends with how it should have been."""
    with pytest.raises(SystemExit) as stop:
        parse("A stage.", argv, "strategy")
    assert stop.value.code == 2
    message = capsys.readouterr().err
    assert ("--colour" if argv else "--strategy") in message
    assert "usage:" in message


def test_help_says_what_the_stage_does(capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` shows the script's own first line."""
    with pytest.raises(SystemExit) as stop:
        parse("Keep some rows aside for the test.", ["--help"])
    assert stop.value.code == 0
    assert "Keep some rows aside for the test." in capsys.readouterr().out

"""A stage that a warm process runs ends, prints and is stopped as if it ran by itself."""

import ctypes
import os
import resource
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from tests.repository import clean_environment

SRC = Path(__file__).parents[2] / "src"
PROBE = """
import atexit, os, signal, sys, threading, time
from equipoise.terminal.warm import hand_over

hand_over()
import library

what = sys.argv[1]
if what == "imported":
    print("pandas" in sys.modules, library.VALUE, end="")
elif what == "surroundings":
    print(os.getcwd(), os.environ.get("OWN"), sys.argv, sys.path[:2], oct(os.umask(0o22)))
    print(sys.stdin.read(), __name__, __file__)
elif what == "address":
    import mlflow
    print(mlflow.get_tracking_uri(), end="")
elif what == "register":
    atexit.register(print, "last", end="")
    threading.Timer(0.2, print, ["later"]).start()
    print("first")
elif what == "lose":
    os.dup2(os.open("/dev/full", os.O_WRONLY), 1)
    print("nowhere to go")
elif what == "leave":
    sys.stderr.write("bye\\n")
    sys.exit(7)
elif what == "fail":
    raise RuntimeError("bug")
elif what == "die":
    os.kill(os.getpid(), signal.SIGSEGV)
elif what == "write":
    open("large", "wb").write(bytes(1 << 20))
elif what == "wait":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(43))
    try:
        print(os.getpid(), flush=True)
        time.sleep(60)
    except KeyboardInterrupt:
        sys.exit(130)
"""


@dataclass(frozen=True)
class Stage:
    """A script of its own, run with or without a warm process."""

    folder: Path
    temporary: Path
    interpreter: Path = Path(sys.executable)
    environment: dict[str, str] = field(default_factory=dict)

    def start(
        self, what: str, *options: str, warm: bool = True, **how: object
    ) -> subprocess.Popen[str]:
        """Start the script."""
        own = {"PYTHONPATH": str(SRC), "TMPDIR": str(self.temporary), "OWN": "value"}
        own |= self.environment | {"EQUIPOISE_WARM": "1" if warm else "0"}
        pipe = subprocess.PIPE
        process: subprocess.Popen[str] = subprocess.Popen(
            [self.interpreter, *options, "probe.py", what],
            cwd=self.folder,
            env=clean_environment() | own,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            text=True,
            **how,  # type: ignore[call-overload]
        )
        return process

    def run(
        self, what: str, *options: str, warm: bool = True, **how: object
    ) -> tuple[int, str, str]:
        """Return the status of the script, and what it prints."""
        with self.start(what, *options, warm=warm, **how) as process:
            printed, said = process.communicate("typed", timeout=60)
        return process.returncode, printed, said

    def sockets(self) -> list[Path]:
        """Return where warm processes listen."""
        return list(self.temporary.glob("equipoise-*/*.socket"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A script and a library of its own."""
    folder = tmp_path_factory.mktemp("probe")
    (folder / "probe.py").write_text(PROBE)
    (folder / "library.py").write_text("VALUE = 1")
    return folder


@pytest.fixture(scope="module")
def stage(folder: Path) -> Iterator[Stage]:
    """The script, with a warm process that listens."""
    with tempfile.TemporaryDirectory() as temporary:  # a socket's path must be short
        stage = Stage(folder, Path(temporary))
        assert stage.run("imported") == (0, "False 1", "")
        wait_until(stage.sockets)
        yield stage


def wait_until(holds: object, seconds: float = 30) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.05)


def find_states(*processes: int) -> str:
    """Return a letter for each process: R, S, T if stopped, Z for a zombie, as in ps(1)."""
    stats = (Path(f"/proc/{process}/stat").read_text() for process in processes)
    return "".join(stat.rpartition(")")[2].split()[0] for stat in stats)


def is_running(process: int) -> bool:
    """Return whether a process is there and not a zombie."""
    try:
        return find_states(process) != "Z"
    except FileNotFoundError:
        return False


def test_packages_are_there_and_edits_are_seen(stage: Stage) -> None:
    """What is imported beforehand is of others; the project's own code is read each time."""
    assert stage.run("imported") == (0, "True 1", "")
    (stage.folder / "library.py").write_text("VALUE = 22")
    assert stage.run("imported") == (0, "True 22", "")


@pytest.mark.parametrize("what", ["surroundings", "register", "lose", "leave", "fail", "die"])
def test_it_is_as_without(stage: Stage, what: str) -> None:
    """Output, streams, environment, search path; what is left to do at the end; status, death."""
    status, printed, said = stage.run(what)
    plain_status, plain_printed, plain_said = stage.run(what, warm=False)
    assert (status, printed) == (plain_status, plain_printed)
    assert said.splitlines()[-1:] == plain_said.splitlines()[-1:]


def test_the_server_of_the_record_is_the_clients(stage: Stage) -> None:
    """One process serves stages that publish to different places."""
    for address in ("http://127.0.0.1:1", "sqlite:///other.db"):
        own = replace(stage, environment={"MLFLOW_TRACKING_URI": address})
        assert own.run("imported")[1].startswith("True")
        assert own.run("address") == (0, address, "")


@pytest.mark.parametrize(
    "options", [("-m", "trace", "--count", "--coverdir=cover"), ("-m", "cProfile"), ("-O",)]
)
def test_what_watches_a_stage_sees_it(stage: Stage, options: tuple[str, ...]) -> None:
    """A debugger or profiler runs the script in its own process; so does Python with options."""
    assert "False" in stage.run("imported", *options)[1]


def test_limits_are_the_clients(stage: Stage) -> None:
    """A process with other limits is no place for a stage: it runs by itself."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    status, _, said = stage.run("write", preexec_fn=limit)
    assert status == 1
    assert "File too large" in said


def test_rights_are_the_clients(stage: Stage) -> None:
    """Who has given some up, as in a sandbox, does not get them back."""

    def give_up() -> None:
        no_new_privileges = 38  # PR_SET_NO_NEW_PRIVS of prctl(2)
        assert ctypes.CDLL(None).prctl(no_new_privileges, 1, 0, 0, 0) == 0

    assert stage.run("imported")[1].startswith("True")
    assert stage.run("imported", preexec_fn=give_up)[1].startswith("False")


def test_other_interpreters_and_packages_are_not_those_that_it_has(
    stage: Stage, tmp_path: Path
) -> None:
    """A stage of another environment runs by itself, and so does one after an installation."""
    environment = tmp_path / "environment"
    venv.create(environment, symlinks=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "all.pth").write_text(sysconfig.get_path("purelib"))
    other = replace(stage, interpreter=environment / "bin/python")
    known = {*stage.sockets()}
    assert other.run("imported")[1].startswith("False")
    wait_until(lambda: {*stage.sockets()} - known)
    wait_until(lambda: other.run("imported")[1].startswith("True"))
    (packages / "installed.py").touch()
    assert other.run("imported")[1].startswith("False")


def test_a_signal_to_the_process_group_reaches_the_stage(stage: Stage) -> None:
    """As when a job is cancelled: the stage can still put things in order."""
    with stage.start("wait", start_new_session=True) as own:
        assert own.stdout is not None
        process = int(own.stdout.readline())
        os.killpg(own.pid, signal.SIGTERM)
        own.communicate(timeout=20)
    assert own.returncode == 43
    assert not is_running(process)


def test_an_interruption_reaches_the_stage(stage: Stage) -> None:
    """Ctrl-C comes to the script as a KeyboardInterrupt."""
    with stage.start(
        "wait", preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
    ) as own:
        assert own.stdout is not None
        process = int(own.stdout.readline())
        assert process != own.pid
        own.send_signal(signal.SIGINT)
        own.communicate(timeout=20)
    assert own.returncode == 130
    assert not is_running(process)


def test_a_stage_stops_and_goes_on_with_its_client(stage: Stage) -> None:
    """As after Ctrl-Z in a terminal, and `fg`."""
    with stage.start("wait") as own:
        assert own.stdout is not None
        process = int(own.stdout.readline())
        own.send_signal(signal.SIGTSTP)
        wait_until(lambda: find_states(process, own.pid) == "TT", 5)
        own.send_signal(signal.SIGCONT)
        wait_until(lambda: find_states(process, own.pid) == "SS", 5)
        own.terminate()
    assert own.returncode == 43


def test_a_stage_ends_with_its_client(stage: Stage) -> None:
    """Nothing goes on once the process that DVC waits for has been killed."""
    with stage.start("wait") as own:
        assert own.stdout is not None
        process = int(own.stdout.readline())
        own.kill()
    wait_until(lambda: not is_running(process), 5)


def test_a_warm_process_that_does_not_answer_is_not_waited_for(stage: Stage) -> None:
    """A stage ends with its client even so, and the next one runs by itself after ten seconds."""
    with stage.start("wait") as own:
        assert own.stdout is not None
        process = int(own.stdout.readline())
        warm = int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
        os.kill(warm, signal.SIGSTOP)
        own.kill()
    try:
        wait_until(lambda: find_states(process) == "Z", 5)
        began = time.monotonic()
        assert stage.run("imported")[1].startswith("False")
        assert 9 < time.monotonic() - began < 30
    finally:
        os.kill(warm, signal.SIGCONT)
    wait_until(lambda: not is_running(process))
    assert stage.run("imported")[1].startswith("True")


def test_a_module_that_goes_before_a_package_is_seen(stage: Stage, tmp_path: Path) -> None:
    """What has a package's name and is found first is imported, so the stage runs by itself."""
    for path in stage.folder.glob("*.py"):
        (tmp_path / path.name).write_text(path.read_text())
    assert replace(stage, folder=tmp_path).run("imported")[1].startswith("True")
    (tmp_path / "pandas.py").touch()
    script = tmp_path / "probe.py"
    script.write_text(f"{script.read_text()}\nimport pandas\nprint(pandas.__file__)")
    _, printed, said = replace(stage, folder=tmp_path).run("imported")
    assert printed.endswith(f"{tmp_path / 'pandas.py'}\n"), said


def test_a_client_ends_with_its_stage(stage: Stage) -> None:
    """A stage that is killed, for memory say, is seen to be."""
    with stage.start("wait") as own:
        assert own.stdout is not None
        os.kill(int(own.stdout.readline()), signal.SIGKILL)
        own.communicate(timeout=20)
    assert own.returncode == -signal.SIGKILL


def test_nobody_else_can_reach_it(stage: Stage) -> None:
    """The socket is in a folder that only its user can enter; where others can, it is not used."""
    (own,) = {path.parent for path in stage.sockets()}
    assert own.stat().st_mode & 0o777 == 0o700
    own.chmod(0o755)
    assert stage.run("imported")[1].startswith("False")
    own.chmod(0o700)


def test_it_ends_when_nobody_asks(folder: Path) -> None:
    """Ten seconds after the last stage, or after its imports, which a busy machine is slow at."""
    with tempfile.TemporaryDirectory() as temporary:
        stage = Stage(folder, Path(temporary))
        stage.run("leave")
        wait_until(stage.sockets)
        time.sleep(5)
        assert stage.run("leave")[0] == 7
        time.sleep(7)
        assert stage.sockets()
        wait_until(lambda: not [*Path(temporary, f"equipoise-{os.getuid()}").iterdir()], 60)

"""A warm start for stages: a process that has imported the third-party packages forks for each.

A stage asks such a process to run its script, and starts one for the next stage if there is none.
The process imports no code of this project, so edits are always seen, and ends ten seconds after
the last stage. Where anything is in doubt the stage runs in its own process, with the same result;
it always does with `EQUIPOISE_WARM=0` in the environment. See docs/adr/0013.

    python src/equipoise/terminal/warm.py SOCKET    # what a stage starts
"""

import atexit
import ctypes
import fcntl
import gc
import hashlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from types import FrameType, ModuleType
from typing import NoReturn, TextIO

SWITCH, ON = "EQUIPOISE_WARM", "1"
IDLE_SECONDS = 10
# A warm process forks between one import and the next; a client that waits for longer goes alone.
PATIENCE_SECONDS = 10
MESSAGE_BYTES = 1 << 20
STREAMS = STDIN, STDOUT, STDERR = 0, 1, 2
# What takes long to import, first what the first stages need. A client waits for one at most, so
# what MLflow takes longest for comes apart. None may start a thread: a fork has only one.
PACKAGES = (
    "pandas",
    "pyarrow.parquet",
    "pydantic",
    "yaml",
    "scipy.optimize",
    "scipy.stats",
    "sklearn.compose",
    "sklearn.ensemble",
    "sklearn.linear_model",
    "sklearn.model_selection",
    "sklearn.pipeline",
    "sklearn.decomposition",
    "imblearn.over_sampling",
    "imblearn.under_sampling",
    "skops.io",
    "jinja2",
    "vl_convert",
    "sqlalchemy.orm",
    "alembic.command",
    "fastapi",
    "mlflow",
    "mlflow.store.tracking.sqlalchemy_store",
)
# Read when packages are imported, so a process is of use only where they are the same.
READ_AT_IMPORT = (
    *("PYTHON", "OMP_", "OPENBLAS_", "MKL_", "BLIS_", "KMP_", "SKLEARN_", "SCIPY_", "LD_"),
    *("MALLOC_", "MLFLOW_", "JOBLIB_", "LOKY_", "LC_", "LANG", "TZ", "HOME"),
)
# Not read then, though the names begin so: a forked process has those of its client in time.
READ_LATER = {"PYTHONPATH", "MLFLOW_TRACKING_URI"}
# In /proc/self/status: who the process is, and what it may do.
OF_RIGHTS = (
    "Uid",
    "Gid",
    "Groups",
    "Cap",
    "NoNewPrivs",
    "Seccomp:",
    "Cpus_allowed:",
    "Mems_allowed:",
)
FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
OF_JOB_CONTROL = (signal.SIGTSTP, signal.SIGCONT)


def hand_over() -> None:
    """Have the script run by a warm process and exit as it does; return if there is none.

    A process for the next stage is started then.
    """
    if os.environ.get(SWITCH, ON) != ON or not _is_safe():
        return
    try:
        address = _find_address()
    except OSError:
        return
    far, line = os.pipe()  # the forked process ends when the line of this one is closed
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
            connection.settimeout(PATIENCE_SECONDS)
            connection.connect(str(address))
            held = signal.pthread_sigmask(signal.SIG_BLOCK, (*FORWARDED, *OF_JOB_CONTROL))
            try:
                process = _await_process(connection)
                _send_command(connection, far)
                _forward_signals(process)
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, held)
            connection.settimeout(None)
            _exit_as(_await_end(connection))
    except (FileNotFoundError, ConnectionRefusedError):
        _start_server(address)
    except OSError:
        pass
    finally:
        os.close(far)
        os.close(line)


def _is_safe() -> bool:
    """Return whether a fork would be as the process itself, which is the script and no more.

    A debugger or profiler that runs the script would not see what a fork does.
    """
    is_script = sys.orig_argv[1:2] == sys.argv[:1]
    is_watched = sys.gettrace() or sys.getprofile()
    has_options = sys.flags.optimize or sys.flags.dev_mode or sys.warnoptions
    return is_script and not (is_watched or has_options)


def _find_address() -> Path:
    """Return the socket of processes that are what this one would become by its imports."""
    folder = Path(tempfile.gettempdir(), f"equipoise-{os.getuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise PermissionError(folder)
    return folder / f"{_hash_identity()[:24]}.socket"


def _hash_identity() -> str:
    """Return a hash of all that a forked process would not get from its client."""
    import resource  # noqa: PLC0415 - not on every system

    packages = Path(import_module("sysconfig").get_path("purelib")).stat()
    limits = [resource.getrlimit(getattr(resource, n)) for n in dir(resource) if "RLIMIT_" in n]
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    known = [
        Path(__file__).read_text(encoding="utf-8"),
        (sys.executable, sys.version, sys.prefix, packages.st_ino, packages.st_mtime_ns),
        sorted(
            item
            for item in os.environ.items()
            if item[0].startswith(READ_AT_IMPORT) and item[0] not in READ_LATER
        ),
        (limits, os.getpriority(os.PRIO_PROCESS, 0)),
        [line for line in status.splitlines() if line.startswith(OF_RIGHTS)],
        sorted(str(space.readlink()) for space in Path("/proc/self/ns").iterdir()),
        Path("/proc/self/cgroup").read_text(encoding="utf-8"),
    ]
    return hashlib.sha256(repr(known).encode()).hexdigest()


def _start_server(address: Path) -> None:
    with suppress(OSError):
        subprocess.Popen(
            [sys.executable, __file__, str(address)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
        )


def _send_command(connection: socket.socket, far: int) -> None:
    umask = os.umask(0)
    os.umask(umask)
    asked = {"argv": sys.argv, "cwd": str(Path.cwd()), "env": dict(os.environ), "umask": umask}
    sys.stdout.flush()
    sys.stderr.flush()
    socket.send_fds(connection, [json.dumps(asked).encode()], [*STREAMS, far])


def _await_process(connection: socket.socket) -> int:
    """Return the number of the forked process."""
    process = int(connection.recv(MESSAGE_BYTES) or 0)
    if not process:
        raise ConnectionResetError  # nothing has been run yet
    return process


def _forward_signals(process: int) -> None:
    """Have signals that come here passed on to the forked process and all that it started."""

    def forward(number: int, _frame: FrameType | None) -> None:
        with suppress(ProcessLookupError):
            os.killpg(process, number)

    def stop(_number: int, frame: FrameType | None) -> None:
        forward(signal.SIGSTOP, frame)  # a group without a terminal ignores what a terminal sends
        os.kill(os.getpid(), signal.SIGSTOP)

    for number in (*FORWARDED, signal.SIGCONT):
        signal.signal(number, forward)
    signal.signal(signal.SIGTSTP, stop)


def _await_end(connection: socket.socket) -> int:
    """Return the wait status of the forked process."""
    try:
        return int(connection.recv(MESSAGE_BYTES) or signal.SIGKILL)
    except ConnectionResetError:
        return signal.SIGKILL


def _exit_as(status: int) -> NoReturn:
    """End as the process with this wait status did."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(os.waitstatus_to_exitcode(status))


@dataclass(frozen=True)
class Job:
    """A script to run in a forked process, and the surroundings that its client has.

    Of the descriptors, the last is the far end of the client's line, the others are its streams.
    """

    argv: list[str]
    cwd: str
    env: dict[str, str]
    umask: int
    descriptors: list[int]

    @classmethod
    def receive(cls, connection: socket.socket) -> "Job":
        """Return what the client wants to be run; end the process if it is gone, or goes alone."""
        with connection:
            message, descriptors, *_ = socket.recv_fds(connection, MESSAGE_BYTES, len(STREAMS) + 1)
        if not message:
            os._exit(0)
        return cls(descriptors=descriptors, **json.loads(message))

    def run(self) -> None:
        """Run the script as a new interpreter would."""
        *streams, far = self.descriptors
        _end_with(far)
        signal.set_wakeup_fd(-1)
        for number in (*FORWARDED, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for target, descriptor in enumerate(streams):
            os.dup2(descriptor, target)
            os.close(descriptor)
        os.chdir(self.cwd)
        os.umask(self.umask)
        os.environ.clear()
        os.environ.update(self.env)
        script = Path(self.argv[0])
        given = self.env.get("PYTHONPATH")
        paths = [script.parent, *map(Path, given.split(os.pathsep) if given else ())]
        if _is_shadowed(paths):
            os.set_inheritable(far, True)  # noqa: FBT003 - that is how it is called
            environment = self.env | {SWITCH: "0"}
            os.execve(sys.executable, [sys.executable, *self.argv], environment)  # noqa: S606 - itself
        _reopen_streams()
        import_module("numpy").random.seed()
        sys.path[:0] = [str(path.absolute()) for path in paths]
        sys.argv = self.argv
        _run_as_main(script.absolute())


def _end_with(far: int) -> None:
    """Have the kernel end this process and its group once the other end of a pipe is closed.

    Whatever else goes on: no line of Python is run for it, here or in the warm process.
    """
    fcntl.fcntl(far, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(far, fcntl.F_SETSIG, signal.SIGKILL)
    flags = fcntl.fcntl(far, fcntl.F_GETFL)
    fcntl.fcntl(far, fcntl.F_SETFL, flags | os.O_ASYNC | os.O_NONBLOCK)
    with suppress(BlockingIOError):
        if not os.read(far, 1):  # closed before that
            os._exit(0)


def _is_shadowed(folders: Sequence[Path]) -> bool:
    """Return whether something in these may go before a module that is imported already."""
    for folder in folders:
        try:
            if any(path.name.partition(".")[0] in sys.modules for path in folder.iterdir()):
                return True
        except FileNotFoundError:
            continue
        except OSError:  # an archive, or what may not be read
            return True
    return False


def _run_as_main(script: Path) -> None:
    main = ModuleType("__main__")
    main.__file__ = str(script)
    sys.modules["__main__"] = main
    exec(compile(script.read_bytes(), script, "exec"), main.__dict__)  # noqa: S102 - the stage


def _reopen_streams() -> None:
    """Have the standard streams write where the client's do, as a new interpreter's would."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = _open_stream(number)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _open_stream(number: int) -> TextIO:
    of_errors = number == STDERR
    errors = "backslashreplace" if of_errors else None
    if number and os.environ.get("PYTHONUNBUFFERED"):
        raw = open(number, mode="wb", buffering=0, closefd=False)  # noqa: SIM115 - it stays open
        return TextIOWrapper(raw, errors=errors, write_through=True)
    return open(
        number,
        mode="w" if number else "r",
        buffering=1 if of_errors or os.isatty(number) else -1,
        errors=errors,
        closefd=False,
    )


@dataclass(frozen=True)
class Server:
    """Forks a process for each client, and tells it how that process ended."""

    listener: socket.socket
    selector: selectors.BaseSelector
    clients: dict[int, socket.socket] = field(default_factory=dict)

    def serve(self, packages: Sequence[str]) -> Job | None:
        """Return the job in each forked process; None, once there was none for long enough.

        Packages are imported between one client and the next: a fork imports the rest itself.
        """
        for package in packages:
            with suppress(ImportError):
                import_module(package)
            if job := self._attend():
                return job
        gc.collect()
        while self.selector.select(None if self.clients else IDLE_SECONDS):
            if job := self._attend():
                return job
        return None

    def _attend(self) -> Job | None:
        for key, _ in self.selector.select(0):
            job: Job | None = key.data(key.fileobj)
            if job is not None:
                return job
        return None

    def accept(self, listener: socket.socket) -> Job | None:
        """Fork for a client; return its job in the process that is forked."""
        connection, _ = listener.accept()
        gc.freeze()  # what is there is not looked through, and so not copied, after the fork
        process = os.fork()
        if process == 0:
            os.setpgid(0, 0)
            _end_with_parent()
            for own in self.clients.values():
                own.close()
            return Job.receive(connection)
        with suppress(PermissionError):  # the process has done it itself
            os.setpgid(process, process)
        self.clients[process] = connection
        _send_number(connection, process)
        return None

    def reap(self, wakeup: socket.socket) -> None:
        """Tell clients how their processes ended."""
        wakeup.recv(MESSAGE_BYTES)
        while self.clients:
            process, status = os.waitpid(-1, os.WNOHANG)
            if not process:
                return
            with self.clients.pop(process) as connection:
                _send_number(connection, status)


def _send_number(connection: socket.socket, number: int) -> None:
    with suppress(BrokenPipeError, ConnectionResetError):
        connection.send(str(number).encode())


def _end_with_parent() -> None:
    """Have the kernel end this process with the one that forked it."""
    set_parent_death_signal = 1  # PR_SET_PDEATHSIG of prctl(2)
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)


def _serve_at(address: Path) -> Job | None:
    """Return the job in each forked process; None, when there is another server or no client."""
    held = address.with_suffix(".lock")
    try:
        fcntl.flock(os.open(held, os.O_CREAT | os.O_RDWR, 0o600), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None
    address.unlink(missing_ok=True)
    wakeup, signalled = socket.socketpair()
    signalled.settimeout(0)
    signal.set_wakeup_fd(signalled.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(str(address))
        listener.listen()
        server = Server(listener, selectors.DefaultSelector())
        server.selector.register(listener, selectors.EVENT_READ, server.accept)
        server.selector.register(wakeup, selectors.EVENT_READ, server.reap)
        job = server.serve(PACKAGES)
        if job is None:
            address.unlink(missing_ok=True)
            held.unlink(missing_ok=True)
    return job


@dataclass
class Ending:
    """Whether the script of a forked process has run to its end."""

    reached: bool = False

    def leave(self) -> None:
        """End the process, if so, without the clearing of modules that Python ends with.

        It changes memory that is shared with the process that forked this one, so all of that
        would be copied, which takes a third of a second.
        """
        if self.reached:
            with suppress(OSError, ValueError):  # Python's own ending tells of it
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(0)


if __name__ == "__main__":
    del sys.path[0]  # the folder of this file: what is in it is no package of its own
    ending = Ending()
    atexit.register(ending.leave)  # before any package does, so it is called after theirs
    found = _serve_at(Path(sys.argv[1]))
    if found is not None:
        found.run()
        ending.reached = True

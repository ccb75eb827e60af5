"""Servers that tests start on 127.0.0.1, and stop."""

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

DEADLINE = 90
GRACE = 3


def free_port() -> int:
    """Return a port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(
    command: Sequence[str], port: int, folder: Path, environment: dict[str, str]
) -> Iterator[str]:
    """Run a server in a folder for as long as the block lasts; give its address once it answers."""
    with running(command, folder, environment):
        wait_for(f"http://127.0.0.1:{port}/health")
        yield f"http://127.0.0.1:{port}"


@contextmanager
def running(command: Sequence[str], folder: Path, environment: dict[str, str]) -> Iterator[None]:
    """Run a command in a folder for as long as the block lasts; what it prints is kept there."""
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            yield
        finally:
            stop(server)


@contextmanager
def answering(answer: bytes | None, pause: float = 0) -> Iterator[int]:
    """Answer every request with these bytes, or never if there are none; give the port.

    With a pause, in seconds, each byte comes by itself.
    """
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        threading.Thread(target=_answer_all, args=(listener, answer, pause), daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)  # ends the thread


def _answer_all(listener: socket.socket, answer: bytes | None, pause: float) -> None:
    open_connections = []  # those that get no answer are kept, or they would be closed
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            if answer is None:
                open_connections.append(connection)
                continue
            with connection:
                connection.recv(65536)
                for start in range(0, len(answer), 1 if pause else len(answer)):
                    connection.sendall(answer[start : start + 1] if pause else answer)
                    time.sleep(pause)


def http(status: int, body: str) -> bytes:
    """Return a whole answer of a server that speaks HTTP."""
    return f"HTTP/1.1 {status} Any\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def stop(server: subprocess.Popen[bytes]) -> None:
    """End a server and what it started; it has seconds to do so by itself."""
    os.killpg(server.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        server.wait(timeout=GRACE)
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait(timeout=DEADLINE)


def wait_for(url: str) -> None:
    """Return once the address answers."""
    deadline = time.monotonic() + DEADLINE
    while True:
        try:
            urlopen(url, timeout=5).close()  # noqa: S310 - 127.0.0.1, the test's own server
        except (URLError, ConnectionError, TimeoutError):
            assert time.monotonic() < deadline, f"{url} does not answer"
            time.sleep(0.2)
        else:
            return

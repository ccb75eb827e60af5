"""Fits on a Dask cluster: sent, and sent again where what was sent is lost."""

import os
import platform
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from equipoise.core.one_thread import summing_in_order
from equipoise.terminal.errors import UserError, print_in_full

if TYPE_CHECKING:
    from distributed import Client, Future

T = TypeVar("T")

SWITCH = "EQUIPOISE_DASK"
HOST = r"\[[0-9a-fA-F:.%]+\]|[^\s/@\[\]:]+"  # Dask has no logins
ADDRESS = re.compile(rf"(tcp|tls|ws|wss)://(?:{HOST}):\d+/?")
SECONDS_TO_CONNECT, SECONDS_FOR_WORKERS = 10, 60
# How often fits are sent: again after a scheduler, or all workers that held the data, were lost.
TRIES = 5
COMPUTING = (
    *("catboost", "imbalanced-learn", "lightgbm", "numpy", "pandas", "scikit-learn", "scipy"),
    *("skrub", "xgboost", "xgboost-cpu"),
)
PACKAGE = Path(__file__).parents[1]
# What a scheduler says that cannot import a function that it is sent.
UNREADABLE = "deserialization of the task graph"


def find_scheduler() -> str | None:
    """Return the scheduler that the environment names, if any."""
    address = os.environ.get(SWITCH) or None
    if address is not None and not ADDRESS.fullmatch(address):
        raise UserError(
            f"{SWITCH}: '{address}' is not the address of a Dask scheduler; set it to one, such as"
            " tcp://127.0.0.1:8786, or unset it"
        )
    return address


def run_on_cluster(
    address: str, fit: Callable[..., T], shared: Sequence[Any], each: Sequence[Sequence[Any]]
) -> Iterator[T]:
    """Give what `fit(*shared, *own)` gives for each `own`, in order.

    Dask runs a fit again whose worker is lost. A `UserError` says that the scheduler cannot be
    reached, has no workers or loses what it is sent, or that workers are not like this machine.
    """
    rest = list(each)
    for _ in range(TRIES):
        with connect(address) as client, suppress(CancelledError):
            for result in _send(client, fit, shared, rest):
                del rest[0]
                yield result
            return
    raise UserError(
        f"{SWITCH}: the cluster at {address} has lost what it was sent {TRIES} times; see its logs,"
        " or unset it"
    )


def connect(address: str) -> "Client":
    """Return a client of a scheduler with workers, having said where its dashboard is."""
    try:
        from distributed import Client  # noqa: PLC0415 - of an extra, and a second to import
    except ModuleNotFoundError as missing:
        raise UserError(
            f"{SWITCH}: the package distributed is missing; install equipoise[dask], or unset it"
        ) from missing
    try:
        client = Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except OSError as unreachable:
        raise UserError(
            f"{SWITCH}: no Dask scheduler answers at {address} within {SECONDS_TO_CONNECT} s; start"
            " it, fix the address, or unset it"
        ) from unreachable
    _await_workers(client)
    workers = len(client.nthreads())
    _announce(f"Dask: {workers} worker{'s' * (workers > 1)}; {client.dashboard_link}")
    return client


@cache
def _announce(line: str) -> None:
    """Say it once: a screening connects for every fold."""
    print_in_full(line)


def _await_workers(client: "Client") -> None:
    try:
        client.wait_for_workers(1, timeout=SECONDS_FOR_WORKERS)
    except TimeoutError as none:
        client.close()
        raise UserError(
            f"{SWITCH}: the scheduler has had no workers for {SECONDS_FOR_WORKERS} s; start some,"
            " or unset it"
        ) from none


def _send(
    client: "Client", fit: Callable[..., T], shared: Sequence[Any], each: Sequence[Sequence[Any]]
) -> Iterator[T]:
    from distributed import KilledWorker  # noqa: PLC0415 - see above

    held = client.scatter([*shared], broadcast=True, hash=False)
    own_environment = describe_environment()
    futures = [
        client.submit(_fit_there, own_environment, fit, *held, *own, pure=False) for own in each
    ]
    try:
        for future in futures:
            yield _await_result(client, future)
    except KilledWorker as killed:
        raise UserError(
            f"{SWITCH}: a fit has ended several workers, most likely because memory ran out; give"
            " them more memory, or fewer threads"
        ) from killed
    except (ImportError, RuntimeError) as failed:
        if isinstance(failed, RuntimeError) and UNREADABLE not in str(failed):
            raise
        raise UserError(
            f"{SWITCH}: scheduler or workers cannot load this version of equipoise; install the"
            " environment of this machine there, and restart them"
        ) from failed


def _await_result(client: "Client", future: "Future") -> Any:
    while True:
        try:
            return future.result(timeout=SECONDS_FOR_WORKERS)
        except TimeoutError:  # a slow fit, or no workers are left
            _await_workers(client)


def _fit_there(environment: Mapping[str, str], fit: Callable[..., T], *arguments: Any) -> T:
    """Return what a fit gives on a worker, in one thread, if that is like the client's machine."""
    found = describe_environment()
    different = [
        f"{name} {environment.get(name, '-')} here, {found.get(name, '-')} there"
        for name in sorted({*environment, *found})
        if environment.get(name) != found.get(name)
    ]
    if different:
        raise UserError(
            f"{SWITCH}: a worker would fit otherwise than this machine: {'; '.join(different)};"
            " install the same there, and restart the workers"
        )
    with summing_in_order():
        return fit(*arguments)


@cache
def describe_environment() -> dict[str, str]:
    """Return the versions of what computes, as this process has loaded it, by name."""
    code = sha256(b"".join(path.read_bytes() for path in sorted(PACKAGE.rglob("*.py"))))
    described = {"Python": platform.python_version(), "equipoise": code.hexdigest()[:12]}
    return {**described, **list_versions()}


def list_versions() -> dict[str, str]:
    """Return the versions of the packages in other versions of which a fit may come out otherwise.

    Those that are not installed are left out: some are extras.
    """
    versions = {}
    for name in COMPUTING:
        with suppress(PackageNotFoundError):
            versions[name] = version(name)
    return versions

"""A real MLflow server behind a proxy that does not pass every request on as it should."""

import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import ClassVar

from mlflow import MlflowClient
from tests.repository import PARENT, Repository, clean_environment
from tests.server import free_port, serving
from tests.torture.cases import Case
from tests.torture.ground import Ground

FAULTS = ("down", "slow", "cut", "500", "429", "garbage")
TRACK = (sys.executable, "src/stages/track.py")
SECONDS_OF_SLOW = 3
# Of one publication of the small job.
REQUESTS = 220
# A server takes seconds to start.
AT_ONE_SERVER = 20
# The oldest one that takes a trial, and one between it and the lock's.
VERSIONS = ("3.1.4", "3.8.1")
# So that a case takes seconds: MLflow asks again for minutes otherwise.
IMPATIENT = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "MLFLOW_HTTP_REQUEST_TIMEOUT": "10"}
GARBAGE = b"<html><body>Welcome to the guest network</body></html>"


@dataclass
class Fault:
    """What befalls a request, by its number, and every one after it if `lasting`."""

    kind: str = ""
    at: int = -1
    lasting: bool = False
    seen: int = field(default=0)

    def take(self) -> str:
        """Return what befalls the next request, if anything."""
        here, self.seen = self.seen, self.seen + 1
        hit = here == self.at or (self.lasting and here > self.at >= 0)
        return self.kind if hit else ""


class Proxy(BaseHTTPRequestHandler):
    """Passes requests on to the server at `port`, but for the fault, of which there may be none."""

    port: ClassVar[int]
    fault: ClassVar[Fault]
    address: ClassVar[str]

    def handle_any(self) -> None:
        """Answer a request."""
        length = int(self.headers.get("Content-Length") or 0)
        body, fault = self.rfile.read(length), self.fault.take()
        self.close_connection = True
        if fault == "down":
            self.connection.shutdown(socket.SHUT_RDWR)
        elif fault in {"500", "429"}:
            self._send(int(fault), b"{}")
        elif fault == "garbage":
            self._send(200, GARBAGE)
        else:
            time.sleep(SECONDS_OF_SLOW if fault == "slow" else 0)
            self._pass_on(body, cut=fault == "cut")

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815 - names of http.server

    def _pass_on(self, body: bytes, *, cut: bool) -> None:
        server = HTTPConnection("127.0.0.1", self.port, timeout=60)
        server.request(self.command, self.path, body, dict(self.headers))
        answer = server.getresponse()
        content = answer.read()
        if cut:
            self._send(answer.status, content[: len(content) // 2], len(content), answer)
        else:
            self._send(answer.status, content, len(content), answer)

    def _send(
        self,
        status: int,
        content: bytes,
        length: int | None = None,
        answer: HTTPResponse | None = None,
    ) -> None:
        kind = "text/html" if answer is None else answer.getheader("Content-Type", "text/plain")
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its name there
        """Be silent."""


@contextmanager
def proxying(port: int) -> Iterator[type[Proxy]]:
    """Pass requests on to a server for as long as the block lasts; give the proxy.

    It has one address, so that publications have one warm start.
    """
    handler: type[Proxy] = type("OwnProxy", (Proxy,), {"port": port, "fault": Fault()})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as proxy:
        handler.address = f"http://127.0.0.1:{proxy.server_port}"
        proxy.daemon_threads = True
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield handler
        proxy.shutdown()


def list_cases(generator: Random, number: int) -> Iterator[Case]:
    """Give publications in which some request meets a fault, or all from some request on."""
    for n in range(number):
        kind, lasting = FAULTS[n % len(FAULTS)], n // len(FAULTS) % 2 == 1
        fault = (kind, generator.randrange(REQUESTS), lasting and kind != "slow")
        yield Case(
            f"MLflow server: {kind}{' from some request on' if fault[2] else ' once'}",
            f"fault {n}",
            partial(_publish_through, number=n, fault=Fault(*fault)),
        )


def list_turns(generator: Random, number: int) -> Iterator[Case]:
    """Give publications that are cut off, at each of their requests in turn; none is drawn."""
    del generator
    for first in range(0, number, AT_ONE_SERVER):
        requests = range(first, min(first + AT_ONE_SERVER, number))
        yield Case(
            "MLflow server: cut at each request in turn",
            f"requests from {first}",
            partial(_cut_in_turn, requests=requests),
            times=len(requests),
        )


def list_versions(generator: Random, number: int) -> Iterator[Case]:
    """Give publications to servers of other versions, cut off at some request."""
    for version in VERSIONS:
        requests = sorted(generator.sample(range(REQUESTS), number))
        yield Case(
            f"MLflow server: version {version}, cut once",
            f"version {version}",
            partial(_cut_in_turn, requests=requests, version=version),
            times=number,
        )


def _cut_in_turn(ground: Ground, requests: Sequence[int], version: str | None = None) -> str:
    """Publish through the proxy to one server, again without it, once for each request."""
    job = ground.copy(ground.finished, f"turn-{version or requests[0]}")
    with serve_mlflow(job, version) as port, proxying(port) as proxy:
        client = MlflowClient(f"http://127.0.0.1:{port}")
        for at in requests:
            fault = Fault("cut", at)
            if wrong := _publish_twice(ground, job, proxy, fault):
                return f"request {at}: {wrong}"
            if fault.seen <= at:
                return f"a publication has {fault.seen} requests, and the fault is at {at}"
            for experiment in client.search_experiments():
                if experiment.name != "Default":
                    client.rename_experiment(experiment.experiment_id, f"before {at}")
                    client.delete_experiment(experiment.experiment_id)
    return ""


def _publish_through(ground: Ground, number: int, fault: Fault) -> str:
    """Publish through the proxy, again without it; return what is wrong then."""
    job = ground.copy(ground.finished, f"fault-{number}")
    with serve_mlflow(job) as port, proxying(port) as proxy:
        return _publish_twice(ground, job, proxy, fault)


def _publish_twice(ground: Ground, job: Repository, proxy: type[Proxy], fault: Fault) -> str:
    proxy.fault = fault
    first = job.run(*TRACK, MLFLOW_TRACKING_URI=proxy.address, **IMPATIENT)
    if wrong := _judge_end(first.returncode, first.stderr):
        return wrong
    proxy.fault = Fault()
    job.run(*TRACK, MLFLOW_TRACKING_URI=proxy.address, **IMPATIENT)
    return judge_record(MlflowClient(f"http://127.0.0.1:{proxy.port}"), ground)


@contextmanager
def serve_mlflow(job: Repository, version: str | None = None) -> Iterator[int]:
    """Run MLflow's server with a store of its own in a job; give its port.

    Of a version that is not installed, it is in an environment that uv makes.
    """
    port = free_port()
    store = ("--backend-store-uri", "sqlite:///server.db", "--artifacts-destination", "served")
    where = ("--host", "127.0.0.1", "--port", str(port), "--workers", "1")
    mlflow: tuple[str, ...] = (sys.executable, "-m", "mlflow")
    if version is not None:
        of_its_time = ("--from", f"mlflow=={version}", "--with", "sqlalchemy<2.1")
        mlflow = ("uvx", "--python", sys.executable, *of_its_time, "mlflow")
        job.succeed(*mlflow, "--version")  # which may take minutes
    command = (*mlflow, "server", *store, *where)
    with serving(command, port, job.path, clean_environment()):
        yield port


def _judge_end(status: int, said: str) -> str:
    """Return what is wrong with how a publication ended: it may fail, in one line of ours."""
    errors = [line for line in said.splitlines() if line.startswith("error: ")]
    if status and (len(errors) != 1 or "Traceback" in said):
        return f"status {status}: {said[-300:]}"
    return ""


def judge_record(client: MlflowClient, ground: Ground) -> str:
    """Return what is wrong with the record: there is one trial, finished, with all its arms."""
    ids = [experiment.experiment_id for experiment in client.search_experiments()]
    runs = list(client.search_runs(ids))
    states = {run.info.status for run in runs}
    trials = [run for run in runs if PARENT not in run.data.tags]
    if states != {"FINISHED"} or len(trials) != 1 or len(runs) != len(ground.finished.runs()):
        return f"{len(runs)} runs, {len(trials)} trials, {sorted(states)}"
    return ""

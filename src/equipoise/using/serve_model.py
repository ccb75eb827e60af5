"""Serve the model of an arm over HTTP, on this machine, until it is stopped."""

import os
import socket
import sys
from pathlib import Path

from equipoise.record.published_models import check_model, find_model
from equipoise.record.registry import CHAMPION, find_contenders
from equipoise.record.store import Store, find_store
from equipoise.stages.track import list_files
from equipoise.storage.comparison_files import read_comparison
from equipoise.storage.layout import Layout
from equipoise.terminal.errors import UserError
from equipoise.terminal.params_file import load_params

HOST = "127.0.0.1"


def serve_model(layout: Layout, port: int, uri: str | None = None) -> None:
    """Become the server of a model: of an address, the champion, or what the trial recommends.

    The champion is meant where `registry.name` is set. A `UserError` says that there is no such
    model, or that the port is taken.
    """
    _check_port(port)
    store = find_store()
    if uri is None:
        uri = _choose_model(layout, store)
    else:
        check_model(uri, store)
    sys.stdout.write(f"Serving {uri} at http://{HOST}:{port}/invocations; Ctrl-C stops it\n")
    sys.stdout.flush()
    os.environ["MLFLOW_TRACKING_URI"] = store.uri  # a command line can be seen by all
    # MLflow starts its server by name.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    where = ("--host", HOST, "--port", str(port), "--env-manager", "local")
    serve = ("-m", "mlflow", "models", "serve", "--model-uri", uri, *where)
    os.execv(sys.executable, [sys.executable, *serve])  # noqa: S606 - no shell is needed


def _choose_model(layout: Layout, store: Store) -> str:
    """Return the address of the champion if models are registered, else of the recommended arm."""
    params = load_params(layout.params)
    name = params.registry.name
    if name is not None:
        if find_contenders(name, store).champion is None:
            raise UserError(f"{name} has no champion; run `equipoise promote`, or say --model-uri")
        return f"models:/{name}@{CHAMPION}"
    found = read_comparison(layout.comparison)
    model = find_model(list_files(layout, params, found), found.recommended.arm, store)
    return f"models:/{model}"


def _check_port(port: int) -> None:
    """Raise a `UserError` if something listens there: MLflow would end with a traceback."""
    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex((HOST, port)) == 0:
            raise UserError(f"--port: something listens at {HOST}:{port} already; choose another")

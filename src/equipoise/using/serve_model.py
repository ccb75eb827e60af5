"""Serve the model of an arm over HTTP, on this machine, until it is stopped."""

import os
import sys
from pathlib import Path

from equipoise.record.logged_files import check_model
from equipoise.record.mlflow_page import HOST, require_port
from equipoise.record.published_models import find_model
from equipoise.record.registry import CHAMPION, find_contenders
from equipoise.record.store import Store, find_store
from equipoise.stages.track import list_files
from equipoise.storage.comparison_files import read_comparison
from equipoise.storage.layout import Layout
from equipoise.terminal.errors import UserError, make_showable, print_in_full
from equipoise.terminal.params_file import load_params

ADDRESSES = ("models:/", "runs:/")


def serve_model(layout: Layout, port: int, uri: str | None = None) -> None:
    """Become the server of a model: of an address, the champion, or what the trial recommends.

    The champion is meant where `registry.name` is set. A `UserError` says that there is no such
    model, or that the port is taken.
    """
    require_port(port)
    store = find_store()
    if uri is None:
        uri = _choose_model(layout, store)
    else:
        _require_address(uri)
    check_model(uri, store)
    print_in_full(
        f"Serving {make_showable(uri)} at http://{HOST}:{port}/invocations; Ctrl-C stops it"
    )
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


def _require_address(uri: str) -> None:
    """Raise a `UserError` unless it is of a model in MLflow, or a folder."""
    if not uri.startswith(ADDRESSES) and not Path(uri).is_dir():
        raise UserError(
            f"--model-uri: '{uri}' is not in MLflow; give models:/NAME@champion, another address"
            f" that begins with {' or '.join(ADDRESSES)}, or a folder with a model"
        )

"""MLflow's page of the record, brought up to date and served."""

import os
import socket
import subprocess
import sys
from typing import NoReturn

from equipoise.params.trial_params import Params
from equipoise.record.naming import name_experiment
from equipoise.record.store import find_experiment, find_store, open_store, reaching, taking_turns
from equipoise.record.views import make_page_address
from equipoise.terminal.environment import describe_failure
from equipoise.terminal.errors import UserError, print_in_full

HOST = "127.0.0.1"
# Of the experiment that is always there.
DEFAULT = "0"


def is_pipeline_unchanged() -> bool:
    """Return whether the files on disk are what params, data and code make."""
    status = (sys.executable, "-m", "dvc", "status", "--quiet", "--with-deps", "report")
    return subprocess.run(status, check=False).returncode == 0


def require_page_port(port: int) -> None:
    """Raise a `UserError` if the page cannot be served there; a server has its own."""
    if not find_store().is_server:
        require_port(port)


def require_port(port: int) -> None:
    """Raise a `UserError` if nothing can listen there: MLflow would say so again and again."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as failure:
            raise UserError(
                f"--port: {HOST}:{port} cannot be used: {describe_failure(failure)}; choose another"
            ) from failure


def serve_page(params: Params, port: int) -> NoReturn:
    """Say where the page is, and serve it unless a server does; logins stay out of sight."""
    store = find_store()
    with reaching(store, "MLflow's page cannot be opened"), taking_turns(store):
        client = open_store(store)
        found = find_experiment(client, store, name_experiment(params))
    server = store.name if store.is_server else f"http://{HOST}:{port}"
    page = make_page_address(server, found.experiment_id if found else DEFAULT)
    print_in_full(f"Runs: {page}")
    if store.is_server:
        sys.exit()
    sys.stdout.flush()
    os.environ["MLFLOW_BACKEND_STORE_URI"] = store.uri  # a command line can be seen by all
    # Eight processes more would wait for jobs of language models, which a trial has none of.
    os.environ.setdefault("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false")
    serve = ("-m", "mlflow", "ui", "--host", HOST, "--port", str(port), "--workers", "1")
    os.execv(sys.executable, [sys.executable, *serve])  # noqa: S606 - no shell is needed

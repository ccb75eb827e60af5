"""MLflow's page of the record, brought up to date and served."""

import os
import subprocess
import sys
from typing import NoReturn

from equipoise.params.trial_params import Params
from equipoise.record.naming import name_experiment
from equipoise.record.store import find_experiment, find_store, open_store, reaching, taking_turns
from equipoise.record.views import make_page_address

# Of the experiment that is always there.
DEFAULT = "0"


def is_pipeline_unchanged() -> bool:
    """Return whether the files on disk are what params, data and code make."""
    status = (sys.executable, "-m", "dvc", "status", "--quiet", "--with-deps", "report")
    return subprocess.run(status, check=False).returncode == 0


def serve_page(params: Params, port: int) -> NoReturn:
    """Say where the page is, and serve it unless a server does; logins stay out of sight."""
    store = find_store()
    with reaching(store, "MLflow's page cannot be opened"), taking_turns(store):
        client = open_store(store)
        found = find_experiment(client, store, name_experiment(params))
    server = store.name if store.is_server else f"http://127.0.0.1:{port}"
    page = make_page_address(server, found.experiment_id if found else DEFAULT)
    sys.stdout.write(f"Runs: {page}\n")
    if store.is_server:
        sys.exit()
    sys.stdout.flush()
    os.environ["MLFLOW_BACKEND_STORE_URI"] = store.uri  # a command line can be seen by all
    serve = ("-m", "mlflow", "ui", "--host", "127.0.0.1", "--port", str(port), "--workers", "1")
    os.execv(sys.executable, [sys.executable, *serve])  # noqa: S606 - no shell is needed

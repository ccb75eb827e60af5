"""Open MLflow's page of the record; what there is to publish, `track` has published."""

import os
import sys
from collections.abc import Sequence

from equipoise.record.naming import name_experiment
from equipoise.record.store import find_experiment, find_store, open_store, reaching, taking_turns
from equipoise.record.views import make_page_address
from equipoise.storage.layout import Layout
from equipoise.terminal.command import parse, run
from equipoise.terminal.params_file import load_params

# Of the experiment that is always there.
DEFAULT = "0"


def main(argv: Sequence[str]) -> None:
    """Say where the page is, and serve it unless a server does; logins stay out of sight."""
    port = parse(__doc__, argv, "port").port
    store = find_store()
    with reaching(store, "MLflow's page cannot be opened"), taking_turns(store):
        client = open_store(store)
        found = find_experiment(client, store, name_experiment(load_params(Layout().params)))
    server = store.name if store.is_server else f"http://127.0.0.1:{port}"
    page = make_page_address(server, found.experiment_id if found else DEFAULT)
    sys.stdout.write(f"Runs: {page}\n")
    if store.is_server:
        return
    sys.stdout.flush()
    os.environ["MLFLOW_BACKEND_STORE_URI"] = store.uri  # a command line can be seen by all
    serve = ("-m", "mlflow", "ui", "--host", "127.0.0.1", "--port", port, "--workers", "1")
    os.execv(sys.executable, [sys.executable, *serve])  # noqa: S606 - no shell is needed


if __name__ == "__main__":
    run(main)

"""MLflow's record of a project that was moved or copied: it names its artifacts by absolute paths.

Without this, what is published after a move would be written to where the project was, and a copy
would write among the artifacts of the original, and remove them.
"""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

# Where MLflow has paths of artifacts.
NAMED = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)


def follow_move(file: Path, artifacts: Path, patience: float) -> None:
    """Have the record in a SQLite file name the artifacts here, if they lay elsewhere before.

    They did if it names a folder of this name somewhere else, and has a run whose folder is here.
    """
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True, timeout=patience)) as store:
        for former in [*_list_former(store, artifacts)]:
            with store:  # all of it or nothing
                for table, column in NAMED:
                    store.execute(
                        f'UPDATE "{table}" SET "{column}" = ? || substr("{column}", ?)'  # noqa: S608 - names above
                        f' WHERE "{column}" = ? OR substr("{column}", 1, ?) = ?',
                        (
                            *(artifacts.as_uri(), len(former) + 1, former),
                            *(len(former) + 1, f"{former}/"),
                        ),
                    )
            sys.stderr.write(
                f"MLflow's record named its artifacts in {former}, where this project was before;"
                " now it names those here\n"
            )


def _list_former(store: sqlite3.Connection, artifacts: Path) -> Iterator[str]:
    """Give where the artifacts lay that are here now."""
    places = store.execute("SELECT DISTINCT artifact_location FROM experiments")
    for (place,) in places.fetchall():
        is_alike = str(place).startswith("file://") and str(place).endswith(f"/{artifacts.name}")
        if is_alike and place != artifacts.as_uri():
            runs = store.execute(
                "SELECT run_uuid FROM runs WHERE substr(artifact_uri, 1, ?) = ?",
                (len(place) + 1, f"{place}/"),
            )
            if any((artifacts / run).is_dir() for (run,) in runs):
                yield place

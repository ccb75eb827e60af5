"""Who publishes to a store: which unfinished runs may be deleted, and which are somebody's work.

The lock lets one publisher of a clone, or of a SQLite file, write at a time. Of a server there can
be others, on other machines.
"""

import hashlib
import platform
import time
import uuid
from dataclasses import dataclass

from mlflow.entities import Run

from equipoise.record.store import Store, choose_lock_file
from equipoise.storage.files.formats import replace_text

# A tag of runs: the clone that published them.
PUBLISHER = "publisher"
# Milliseconds after which nobody is still publishing: some minutes more or less, as clocks differ.
LONGEST = 24 * 60 * 60 * 1000


@dataclass(frozen=True)
class Publisher:
    """A clone that holds its lock, by its id; `None` if the lock keeps all others out."""

    identifier: str | None

    @property
    def tags(self) -> dict[str, str]:
        """What its runs are known by."""
        return {} if self.identifier is None else {PUBLISHER: self.identifier}

    def can_delete(self, run: Run) -> bool:
        """Tell whether a run of an unfinished trial is abandoned, or another's work in progress."""
        own = self.identifier in {None, run.data.tags.get(PUBLISHER)}
        return own or time.time() * 1000 - run.info.start_time > LONGEST


def find_publisher(store: Store) -> Publisher:
    """Return who holds the lock of the store; it has an id from now on.

    A copy of a clone, at another place or on another machine, has another id.
    """
    if store.file is not None:
        return Publisher(None)
    path = choose_lock_file(store).with_suffix(".publisher")
    if not path.exists():
        replace_text(uuid.uuid4().hex, path)
    place = f"{path.read_text(encoding='utf-8')} {platform.node()} {store.root}"
    return Publisher(hashlib.sha256(place.encode()).hexdigest()[:16])

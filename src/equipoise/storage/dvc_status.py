"""Whether what stages have made is of what they would read now, as `dvc status` says."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from dvc.exceptions import DvcException, NotDvcRepoError
from dvc.repo import Repo

from equipoise.storage.layout import Layout
from equipoise.terminal.environment import describe_failure
from equipoise.terminal.errors import UserError

# What is not there is not another one: a part of the files may have been pulled.
ABSENT = "deleted"


def list_changes(layout: Layout, stages: Sequence[str]) -> list[str]:
    """Return the files and params that are not those with which DVC last ran these stages.

    None if there is no pipeline of DVC's here. A `UserError` says why DVC cannot tell.
    """
    try:
        with Repo(str(layout.root)) as repo:
            known = chain.from_iterable(map(repo.stage.collect, stages))
            return [*dict.fromkeys(chain.from_iterable(map(_list_changes, known)))]
    except NotDvcRepoError:
        return []
    except DvcException as failure:
        said = describe_failure(failure)
        raise UserError(f"DVC cannot say what has changed: {said}; fix that") from failure


def _list_changes(stage: Any) -> Iterator[str]:
    """Give what has changed of a stage; DVC leaves out what a frozen one reads."""
    for part in (*(() if stage.frozen else stage.deps), *stage.outs):
        for name, change in part.status().items():
            if isinstance(change, dict):  # of params, by key
                yield from (f"{key} in {name}" for key in change)
            elif change != ABSENT:
                yield name

"""Files of arms that `run` names no more: DVC hashes folders whole, so they would count there."""

from collections.abc import Sequence
from contextlib import suppress
from itertools import product
from pathlib import Path

from equipoise.core.arms import ArmName
from equipoise.params.trial_params import Params
from equipoise.storage.dvc_lock import list_names
from equipoise.storage.files.formats import list_differences
from equipoise.storage.layout import Layout
from equipoise.terminal.errors import print_in_full

ANY = ArmName("any", "any")


def remove_former_arms(layout: Layout, params: Params) -> None:
    """Remove the files of arms and strategies that are not run any more, and say so.

    They are those of the catalogue and of dvc.lock; a user's own files beside them stay. What is
    removed is in DVC's cache, and comes back when the arm is run again.
    """
    now = params.run
    strategies = {*params.strategies, *list_names(layout.lock, "resample")} - {*now.strategies}
    arms = {*map(ArmName._make, product(params.strategies, params.models))} - {*now.arms}
    arms |= {*map(_parse, list_names(layout.lock, "train"))} - {*now.arms}
    removed = [name for name in strategies if _remove(_list_resampled(layout, name))]
    removed += [str(arm) for arm in arms if _remove(_list_made(layout, arm))]
    if removed:
        former = ", ".join(sorted(removed))
        print_in_full(f"Removed the files of what `run` no longer names: {former}")


def list_folders(layout: Layout) -> set[Path]:
    """Return the folders that DVC hashes whole, or that have a file of each arm."""
    made = {path.parent for path in _list_made(layout, ANY)}
    of_arms = {folder.parent if folder.name == str(ANY) else folder for folder in made}
    return {*of_arms, layout.resampled(ANY.strategy).parent, layout.train.parent, layout.checks}


def _parse(name: str) -> ArmName:
    strategy, _, model = name.partition("-")
    return ArmName(strategy, model)


def _list_resampled(layout: Layout, strategy: str) -> Sequence[Path]:
    """Return what the stage `resample` makes of a strategy."""
    return layout.resampling_summary(strategy), *list_differences(layout.resampled(strategy))


def _list_made(layout: Layout, arm: ArmName) -> Sequence[Path]:
    """Return what the stages make of an arm."""
    return *layout.list_trained(arm), layout.decision(arm), *layout.list_evaluated(arm)


def _remove(paths: Sequence[Path]) -> bool:
    """Remove files, and their folders if nothing else is in them; tell whether any was there."""
    there = [path for path in paths if path.is_file() or path.is_symlink()]
    for path in there:
        path.unlink()
        with suppress(OSError):  # something else is in it
            path.parent.rmdir()
    return bool(there)

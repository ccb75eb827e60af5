"""The arms that the stages after `evaluate` are about."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from equipoise.comparing.left_out import find_left_out
from equipoise.core.arms import ArmName
from equipoise.params.trial_params import Run
from equipoise.storage.dvc_lock import find_edited_params
from equipoise.storage.files.refusals import read_refusal
from equipoise.storage.layout import Layout
from equipoise.terminal.errors import UserError
from equipoise.terminal.params_file import read_yaml


def read_left_out(locate: Callable[[ArmName], Path], run: Run) -> dict[str, str]:
    """Return why each arm that has no result has none; a `UserError` if that is too many.

    `locate` gives the file of an arm in which the reason stands: any that an earlier stage made.
    """
    reasons = {str(arm): read_refusal(locate(arm)) for arm in run.arms}
    return find_left_out(run, {arm: why for arm, why in reasons.items() if why is not None})


def list_finished(run: Run, left_out: Mapping[str, str] | None) -> list[ArmName]:
    """Return the arms that are not left out, model by model."""
    return [arm for arm in run.arms if str(arm) not in (left_out or {})]


def refuse_edited_params(layout: Layout, arms: Iterable[ArmName]) -> None:
    """Raise if params.yaml says otherwise than what DVC has run for these arms."""
    edited = find_edited_params(layout.lock, read_yaml(layout.params), arms)
    if edited:
        raise UserError(
            f"{layout.params.name} has been edited since the trial that lies here"
            f" ({', '.join(edited)}); run `dvc repro`, or undo the edit"
        )

"""The arms that the stages after `evaluate` are about."""

from collections.abc import Callable, Mapping
from pathlib import Path

from equipoise.comparing.left_out import find_left_out
from equipoise.core.arms import ArmName
from equipoise.params.trial_params import Run
from equipoise.storage.files.refusals import read_refusal


def read_left_out(locate: Callable[[ArmName], Path], run: Run) -> dict[str, str]:
    """Return why each arm that has no result has none; a `UserError` if that is too many.

    `locate` gives the file of an arm in which the reason stands: any that an earlier stage made.
    """
    reasons = {str(arm): read_refusal(locate(arm)) for arm in run.arms}
    return find_left_out(run, {arm: why for arm, why in reasons.items() if why is not None})


def list_finished(run: Run, left_out: Mapping[str, str] | None) -> list[ArmName]:
    """Return the arms that are not left out, model by model."""
    return [arm for arm in run.arms if str(arm) not in (left_out or {})]

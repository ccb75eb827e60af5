"""The arms that a trial goes on without, and when it cannot."""

from collections.abc import Mapping

from equipoise.params.trial_params import Run
from equipoise.terminal.errors import UserError


def find_left_out(run: Run, refused: Mapping[str, str]) -> dict[str, str]:
    """Return why each arm that is left out is so: it was refused, or its model's baseline was.

    `refused` has the reason by arm. A `UserError` has all of them if `run.strict` wants every arm,
    or if no model has its baseline.
    """
    baselines = {model: str(run.find_baseline(model)) for model in run.models}
    if run.strict and refused:
        raise UserError(*_list_reasons("run.strict: true needs every arm, but", refused))
    if all(arm in refused for arm in baselines.values()):
        raise UserError(*_list_reasons("nothing can be compared, because", refused))
    reasons = {}
    for arm in run.arms:
        baseline = baselines[arm.model]
        if str(arm) in refused:
            reasons[str(arm)] = refused[str(arm)]
        elif baseline in refused:
            reasons[str(arm)] = f"{baseline}, which it is compared with, is left out"
    return reasons


def _list_reasons(opening: str, refused: Mapping[str, str]) -> list[str]:
    lines = (f"{arm} cannot be fitted: {reason}" for arm, reason in refused.items())
    return [f"{opening} {next(lines)}", *lines]

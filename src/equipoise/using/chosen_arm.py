"""The arm that a user names, or else the recommended one."""

from equipoise.terminal.errors import UserError, suggest_nearest
from equipoise.trial import Trial, TrialArm


def choose_arm(trial: Trial, name: str | None) -> TrialArm:
    """Return the arm of this name, the recommended one if None."""
    if name is None:
        return trial.recommended
    if name not in trial.arms:
        raise UserError(f"--arm: the trial has no '{name}'; {suggest_nearest(name, trial.arms)}")
    return trial.arms[name]

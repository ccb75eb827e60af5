"""The arm that a user names, or else the recommended one, and whether it was tested."""

from equipoise.terminal.errors import UserError, suggest_nearest
from equipoise.trial import Trial, TrialArm


def choose_arm(trial: Trial, name: str | None) -> TrialArm:
    """Return the arm of this name, the recommended one if None."""
    if name is None:
        return trial.recommended
    if name not in trial.arms:
        raise UserError(f"--arm: the trial has no '{name}'; {suggest_nearest(name, trial.arms)}")
    return trial.arms[name]


def require_test_part(trial: Trial, purpose: str) -> None:
    """Raise a `UserError` if the trial has no test part, which this purpose needs."""
    if not trial.params.split.has_test:
        raise UserError(
            f"split.test_size: 0 keeps no test part, and {purpose}; set it to a share such as 0.2,"
            " then run `dvc repro`"
        )

"""Equipoise: a trial of the remedies for class imbalance, on the user's own data.

>>> from equipoise import run_trial
>>> trial = run_trial(table, "params.yaml")  # doctest: +SKIP
>>> trial.verdicts  # doctest: +SKIP

`load` returns a trial that has run in a folder.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from equipoise.saved_trial import load
    from equipoise.terminal.errors import UserError
    from equipoise.trial import Trial, TrialArm, run_trial

__version__ = "0.1.0"
__all__ = ["Trial", "TrialArm", "UserError", "load", "run_trial"]
# Where a public name is, if not in `trial`.
PLACES = {"UserError": "terminal.errors", "load": "saved_trial"}


def __getattr__(name: str) -> Any:
    """Return a public name; imported when it is asked for, since a stage needs little of it."""
    if name not in __all__:
        raise AttributeError(f"module 'equipoise' has no attribute {name!r}")
    return getattr(import_module(f"equipoise.{PLACES.get(name, 'trial')}"), name)

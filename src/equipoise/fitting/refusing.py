"""What samplers and models refuse, and whose mistake that is."""

import sys

from equipoise.core.model_errors import REFUSALS
from equipoise.params.trial_params import Component
from equipoise.terminal.errors import RefusalError, UserError

# The error that scikit-learn raises for an invalid argument, whatever the table.
WRONG_ARGUMENT = "InvalidParameterError"


def list_refusals(*specs: Component) -> tuple[type[Exception], ...]:
    """Return what classes raise: `REFUSALS`, and of a plug-in the errors that its module names."""
    modules = (sys.modules.get(spec.class_name.rpartition(".")[0]) for spec in specs)
    named = (each for module in modules if module is not None for each in vars(module).values())
    own = (each for each in named if isinstance(each, type) and issubclass(each, Exception))
    return (*REFUSALS, *own)


def make_refusal(refused: BaseException, where: str) -> UserError:
    """Return what is raised: a wrong argument stops the run, all else leaves the arm out."""
    name = type(refused).__name__
    kind = UserError if name == WRONG_ARGUMENT else RefusalError
    return kind(f"{where}: {' '.join(str(refused).split()) or name}")

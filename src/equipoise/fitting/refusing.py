"""What samplers and models refuse, and whose mistake that is."""

from equipoise.terminal.errors import RefusalError, UserError

# What samplers and models raise; those of plug-ins are not always as careful as the others.
REFUSALS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    StopIteration,
    TypeError,
    ValueError,
)
# The error that scikit-learn raises for an invalid argument, whatever the table.
WRONG_ARGUMENT = "InvalidParameterError"


def make_refusal(refused: BaseException, where: str) -> UserError:
    """Return what is raised: a wrong argument stops the run, all else leaves the arm out."""
    kind = UserError if type(refused).__name__ == WRONG_ARGUMENT else RefusalError
    return kind(f"{where}: {' '.join(str(refused).split())}")

"""What a user's environment asks of MLflow, by variables that MLflow reads when it needs them."""

import os

from mlflow import environment_variables

from equipoise.terminal.errors import UserError, make_showable, shorten

EXPECTED = {bool: "true or false", float: "a number", int: "a whole number"}
POOL = "MLFLOW_SQLALCHEMYSTORE_POOLCLASS"
# The classes of SQLAlchemy that MLflow knows by name.
POOLS = (
    "AssertionPool",
    "AsyncAdaptedQueuePool",
    "NullPool",
    "QueuePool",
    "SingletonThreadPool",
    "StaticPool",
)


def check_settings() -> None:
    """Raise a `UserError` that names a variable with a value which MLflow cannot read.

    MLflow itself would raise a `ValueError` somewhere in the middle of its work.
    """
    for name, value in sorted(os.environ.items()):
        variable = getattr(environment_variables, name, None)
        if not name.startswith("MLFLOW_") or variable is None:
            continue
        try:
            variable.get()
        except ValueError as refused:
            expected = EXPECTED.get(variable.type, "another value")
            raise _refuse(name, value, expected) from refused
    pool = os.environ.get(POOL)
    if pool and pool not in POOLS:
        raise _refuse(POOL, pool, f"one of {', '.join(POOLS)}")


def _refuse(name: str, value: str, expected: str) -> UserError:
    shown = make_showable(shorten(value))
    return UserError(f"{name}: MLflow cannot read '{shown}'; set it to {expected}, or unset it")

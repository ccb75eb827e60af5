"""Rows that a fitted model refuses to score, as one of a plug-in may."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from equipoise.core.model_errors import REFUSALS
from equipoise.terminal.errors import RefusalError


@contextmanager
def scoring_by(pipeline: Any) -> Iterator[None]:
    """Have a `RefusalError` say why the model of a fitted pipeline cannot score rows."""
    try:
        yield
    except REFUSALS as refused:
        said = " ".join(str(refused).split()) or type(refused).__name__
        raise RefusalError(
            f"{type(pipeline[-1]).__name__} cannot score these rows: {said}; choose another model,"
            " or fix it"
        ) from refused

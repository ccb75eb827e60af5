"""The section `registry` of params.yaml: what MLflow registers, and the gates of a promotion."""

import re
from typing import Annotated, Literal

from pydantic import Field, field_validator

from equipoise.params.section import Section, Strings, make_mistake

# MLflow takes more, but neither a slash nor a colon, which addresses are made of.
NAMES = re.compile(r"[\w\-. ]*\w[\w\-. ]*")


class Registry(Section):
    """The name that recommended models are registered under, and what `equipoise promote` asks.

    `at_least` and `at_most` are held against the ends of intervals on the test part: the lower
    end of a metric is at least, the upper end of another at most this. `margin` is how much worse
    than the champion a model may be, credibly; without one it must not be credibly worse.
    `cleared` are subjects of findings about leaks that were looked into.
    """

    name: Annotated[str, Field(max_length=200)] | None = None
    at_least: dict[str, float] = Field(default_factory=dict)
    at_most: dict[str, float] = Field(default={"calibrated_calibration_error": 0.1})
    champion: Literal["not_worse", "not_asked"] = "not_worse"
    margin: float | None = Field(default=None, ge=0)
    cleared: Strings = ()

    @field_validator("name")
    @classmethod
    def _name_is_no_address(cls, name: str | None) -> str | None:
        if name is not None and not NAMES.fullmatch(name):
            raise make_mistake(f"'{name}' should be letters, digits, spaces and any of - . _")
        return name

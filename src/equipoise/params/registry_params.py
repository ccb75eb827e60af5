"""The section `registry` of params.yaml: what MLflow registers, and the gates of a promotion."""

from typing import Annotated, Literal

from pydantic import Field

from equipoise.params.section import Section, Strings

# MLflow takes more, but neither a slash nor a colon, which addresses are made of.
ModelName = Annotated[str, Field(pattern=r"^[\w\-. ]*\w[\w\-. ]*$", max_length=200)]


class Registry(Section):
    """The name that recommended models are registered under, and what `equipoise promote` asks.

    `at_least` and `at_most` are held against the ends of intervals on the test part: the lower
    end of a metric is at least, the upper end of another at most this. `margin` is how much worse
    than the champion a model may be, credibly; without one it must not be credibly worse.
    `cleared` are subjects of findings about leaks that were looked into.
    """

    name: ModelName | None = None
    at_least: dict[str, float] = Field(default_factory=dict)
    at_most: dict[str, float] = Field(default={"calibrated_calibration_error": 0.1})
    champion: Literal["not_worse", "not_asked"] = "not_worse"
    margin: float | None = Field(default=None, ge=0)
    cleared: Strings = ()

"""Configurations of a model: drawn from the space in params, one chosen by rows held out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from equipoise.params.screen_params import Choices, Range, Screen, Value
from equipoise.params.trial_params import Arm

Configuration = Mapping[str, Value]
# The model as params have it.
AS_GIVEN: Configuration = {}


def draw_configurations(screen: Screen, model: str, seed: int) -> list[Configuration]:
    """Return `screen.budget` configurations of a model, as it is in params first.

    Drawn at random (Bergstra and Bengio, 2012), the same for every strategy. A model that has no
    space is not tuned.
    """
    space = screen.space.get(model, {})
    if not space or not screen.budget:
        return [AS_GIVEN]
    rng = np.random.default_rng([seed, len(space)])
    drawn = [
        {name: _draw(values, rng) for name, values in sorted(space.items())}
        for _ in range(screen.budget - 1)
    ]
    return [AS_GIVEN, *drawn]


def _draw(values: Choices | Range, rng: np.random.Generator) -> Value:
    if not isinstance(values, Range):
        return values[int(rng.integers(len(values)))]
    low, high = (np.log(end) if values.log else end for end in (values.low, values.high))
    number = rng.uniform(low, high)
    number = float(np.exp(number) if values.log else number)
    whole = isinstance(values.low, int) and isinstance(values.high, int)
    return round(number) if whole else number


def configure(arm: Arm, configuration: Configuration) -> Arm:
    """Return an arm whose model has these arguments; what is wrong with them is so in `screen`."""
    if not configuration:
        return arm
    model = arm.model.model_copy(update=dict(configuration))
    return replace(arm, model=model.at(arm.model.key.replace("models.", "screen.space.", 1)))


def choose_configuration(
    configurations: Sequence[Configuration], measure: Callable[[Configuration], float]
) -> Configuration:
    """Return the configuration with the highest measure: of several equals, the first."""
    return max(configurations, key=measure)

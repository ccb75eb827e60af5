"""What an arm does about imbalance: by its strategy, and by its model inside itself."""

from collections.abc import Iterator

from equipoise.core.arms import TREATMENTS
from equipoise.fitting.components import Classifier, build_classifier, gives_probabilities
from equipoise.fitting.traits import SAMPLES, WEIGHTS, find_traits
from equipoise.params.trial_params import Arm


def find_treatment(arm: Arm) -> str:
    """Return the least simple of the `TREATMENTS` that an arm uses, its model's own among them."""
    return _choose_least_simple(arm.strategy.treatment, _find_own_treatment(_build_own_model(arm)))


def describe_unknown_odds(arm: Arm) -> str | None:
    """Return the part of an arm that changes odds nobody knows how much, and how it does so."""
    if arm.strategy.ensemble is not None:
        return f"{arm.strategy.key}.ensemble, which samples inside itself"
    model = _build_own_model(arm)
    own = _find_own_treatment(model)
    if own == "weights":
        return f"{arm.model.key}, which weights classes inside itself"
    if own != "nothing":
        return f"{arm.model.key}, which samples inside itself"
    calibrates = find_traits(type(model)).calibrates
    if not gives_probabilities(model):
        return f"{arm.model.key}, whose scores are not probabilities"
    if arm.strategy.class_weight is not None and model.get_params().get(calibrates or ""):
        return f"{arm.model.key}, which calibrates without weights inside itself"
    return None


def gives_only_scores(arm: Arm) -> bool:
    """Return whether the scores of an arm are no probabilities before they are calibrated."""
    return arm.strategy.ensemble is None and not gives_probabilities(_build_own_model(arm))


def _build_own_model(arm: Arm) -> Classifier:
    """Return the unfitted model of an arm, with nothing done to it by the strategy."""
    return build_classifier(arm.model, arm.seed)


def _find_own_treatment(model: Classifier) -> str:
    """Return the least simple of the `TREATMENTS` that a model, or what is in it, applies."""
    return _choose_least_simple(*_list_own_treatments(model))


def _list_own_treatments(model: Classifier) -> Iterator[str]:
    yield TREATMENTS[0]
    parts = {"": model, **model.get_params()}
    for name, value in parts.items():
        owner, _, argument = name.rpartition("__")
        if hasattr(value, "fit_resample"):
            yield "sampler"
        elif argument in WEIGHTS and value not in WEIGHTS[argument]:
            yield "weights"
        elif argument in SAMPLES and value not in SAMPLES[argument]:
            yield "sampler" if hasattr(parts.get(owner), "fit_resample") else "ensemble"


def _choose_least_simple(*treatments: str) -> str:
    return max(treatments, key=TREATMENTS.index)

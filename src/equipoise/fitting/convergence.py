"""Which fits of an arm did not converge: counted, and said in one line with what may help."""

from collections.abc import Mapping, Sequence

from equipoise.core.fit_report import FitCount, FitReport
from equipoise.fitting.components import build_classifier
from equipoise.fitting.fit_warnings import Warned
from equipoise.fitting.treatment import describe_unknown_odds, find_treatment
from equipoise.params.trial_params import Arm, Component

LIMIT = "max_iter"


def summarise_fits(
    arm: Arm, of_folds: Sequence[Sequence[Warned]], of_final: Sequence[Warned]
) -> FitReport:
    """Return how many fits there were, and how many did not converge."""
    failed, final_failed = sum(map(_has_failed, of_folds)), _has_failed(of_final)
    final = "the final fit did not converge" if final_failed else ""
    if failed:
        nor = ", nor did the final fit" if final_failed else ""
        final = f"{failed} of {len(of_folds)} fold fits did not converge{nor}"
    return FitReport(
        folds=FitCount(len(of_folds), failed),
        final=FitCount(1, int(final_failed)),
        notes=(f"{final} {_describe_remedy(arm)}",) if final else (),
        treatment=find_treatment(arm),
        unknown_odds=describe_unknown_odds(arm),
    )


def _has_failed(warned: Sequence[Warned]) -> bool:
    return any(warning.of_convergence for warning in warned)


def _describe_remedy(arm: Arm) -> str:
    """Return the class that did not converge, how many iterations it had, and what may help."""
    key, name, limit = _find_limit(arm)
    had = f"{name}, {LIMIT} {limit}" if limit else name
    remedies = [f"raise {key}.{LIMIT}" if limit else f"choose other settings for {key}"]
    if arm.preprocess.numeric != "standardize":
        remedies.append("set preprocess.numeric: standardize")
    return f"({had}): {', or '.join(remedies)}"


def _find_limit(arm: Arm) -> tuple[str, str, int | None]:
    """Return the outermost class of a model that has a limit: its key, its name, the limit."""
    limits = build_classifier(arm.model, arm.seed).get_params()
    for owners, spec in sorted(_list_components(arm.model).items(), key=lambda item: len(item[0])):
        limit = limits.get("__".join((*owners, LIMIT)))
        if limit is not None:
            return ".".join((arm.model.key, *owners)), spec.class_name, limit
    return arm.model.key, arm.model.class_name, None


def _list_components(spec: Component) -> dict[tuple[str, ...], Component]:
    """Return a component and those nested in its arguments, by where these have them."""
    found: dict[tuple[str, ...], Component] = {(): spec}
    for name, value in spec.arguments.items():
        if isinstance(value, Mapping) and "class" in value:
            inner = _list_components(Component.model_validate(value))
            found |= {(name, *owners): component for owners, component in inner.items()}
    return found

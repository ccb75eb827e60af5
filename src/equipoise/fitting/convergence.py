"""Which fits of an arm did not converge: counted, and said in one line with what may help."""

from collections.abc import Sequence

from equipoise.core.fit_report import FitCount, FitReport
from equipoise.fitting.components import build_classifier
from equipoise.fitting.fit_warnings import Warned
from equipoise.fitting.treatment import describe_unknown_odds, find_treatment, gives_only_scores
from equipoise.params.trial_params import Arm, Component, walk_components

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
        only_scores=gives_only_scores(arm),
    )


def _has_failed(warned: Sequence[Warned]) -> bool:
    return any(warning.of_convergence for warning in warned)


def _describe_remedy(arm: Arm) -> str:
    """Return the class that did not converge, how many iterations it had, and what may help."""
    spec, limit = _find_limit(arm)
    had = f"{spec.class_name}, {LIMIT} {limit}" if limit else spec.class_name
    remedies = [f"raise {spec.key}.{LIMIT}" if limit else f"choose other settings for {spec.key}"]
    if arm.preprocess.numeric in {"auto", "passthrough"}:
        remedies.append("set preprocess.numeric: standardize")
    return f"({had}): {', or '.join(remedies)}"


def _find_limit(arm: Arm) -> tuple[Component, int | None]:
    """Return the outermost component of a model that has a limit, and the limit."""
    limits = build_classifier(arm.model, arm.seed).get_params()
    for spec in sorted(walk_components(arm.model), key=lambda spec: spec.key.count(".")):
        owners = spec.key.removeprefix(arm.model.key).split(".")[1:]
        limit = limits.get("__".join((*owners, LIMIT)))
        if limit is not None:
            return spec, limit
    return arm.model, None

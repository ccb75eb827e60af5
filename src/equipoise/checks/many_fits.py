"""How many models a trial fits, before it fits any."""

from equipoise.checks.finding import Finding
from equipoise.core.tables import format_count
from equipoise.params.trial_params import Params

# Of a second each, three hours on one core.
MANY = 10_000


def find_many_fits(params: Params) -> list[Finding]:
    """Find a trial that would take hours however fast its models are."""
    folds = params.cross_validation.folds * params.cross_validation.repeats
    arms = len(params.run.arms)
    fits = arms * (folds + 1)  # and one on all of train
    if fits <= MANY:
        return []
    message = (
        f"cross_validation: {format_count(arms, 'arm')} in {folds:,} folds are {fits:,} fits, which"
        " take hours or days; lower repeats or folds, or name fewer arms in run"
    )
    return [Finding("warning", "cross_validation", message)]

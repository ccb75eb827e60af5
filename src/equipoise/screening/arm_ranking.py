"""The ranking of the arms, once the race is over."""

from collections.abc import Sequence

from equipoise.core.arms import ArmName
from equipoise.screening.racing import estimate_lead, find_leader
from equipoise.screening.runners import Runner, Runners, Setting
from equipoise.screening.screened import OfferedRun, RankedArm, Screened, Screening
from equipoise.terminal.errors import UserError

# The arms whose strategies and models are offered for a trial.
OFFERED = 3


def rank_arms(runners: Runners, setting: Setting) -> Screening:
    """Return the arms, the best first: those that were in all folds, then those dropped last.

    A `UserError` says why none could be fitted.
    """
    params, sign = setting.params, setting.race.yardstick.sign
    left_out = {str(n): runner.refused for n, runner in runners.items() if runner.refused}
    ranked = {name: runner for name, runner in runners.items() if not runner.refused}
    if not ranked:
        name, why = next(iter(left_out.items()))
        raise UserError(f"screen: no arm can be fitted; the first, {name}: {why}")
    running = {name: runner for name, runner in ranked.items() if runner.is_running} or ranked
    winner = find_leader({name: runner.own for name, runner in running.items()})
    arms = [_rank_arm(name, runner, ranked[winner], setting) for name, runner in ranked.items()]
    arms.sort(key=lambda arm: (-arm.folds, arm.is_dropped, arm.behind or 0, -sign * arm.value))
    found = Screened(
        metric=setting.race.yardstick.name,
        folds=len(setting.splits),
        level=params.screen.level,
        confidence=params.uncertainty.confidence,
        budget=params.screen.budget,
        fits=sum(len(runner.fits) for runner in runners.values()),
        arms=tuple(arms),
        left_out=left_out,
        run=_offer_run(arms, params.run.strategies[0]),
    )
    return Screening(found, {str(name): runner.seconds for name, runner in runners.items()})


def _rank_arm(name: ArmName, runner: Runner, winner: Runner, setting: Setting) -> RankedArm:
    sign, own = setting.race.yardstick.sign, runner.own
    lead = None if runner is winner else estimate_lead(winner.own, own, setting.track)
    confidence = setting.params.uncertainty.confidence
    return RankedArm(
        *(str(name), name.strategy, name.model, len(runner.fits), sign * own.mean),
        behind=None if lead is None else lead.effect,
        interval=None if lead is None else lead.find_interval(confidence),
        leader=None if runner.leader is None else str(runner.leader),
        chosen=tuple(fit.chosen for fit in runner.fits if fit.chosen is not None),
        untuned=None if runner.untuned is None else sign * runner.untuned.mean,
    )


def _offer_run(arms: Sequence[RankedArm], baseline: str) -> OfferedRun:
    """Return a trial of the best arms' strategies and models, the baseline first."""
    best = arms[:OFFERED]
    strategies = dict.fromkeys([baseline, *(arm.strategy for arm in best)])
    return OfferedRun(tuple(strategies), tuple(dict.fromkeys(arm.model for arm in best)))

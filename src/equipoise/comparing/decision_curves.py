"""Where deciding by an arm's probabilities gains net benefit, and how sure that is.

Each arm is held against alerting on every row, on none, and its model's baseline (Vickers and
Elkin, 2006). The two simple policies are arms like any other here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from equipoise.comparing.claims import (
    CLAIMS,
    FEWEST_FOR_CALIBRATED,
    has_few_positives,
)
from equipoise.comparing.results import Claim, Source
from equipoise.comparing.verdict import Criteria, compare_folds
from equipoise.core.few_rows import FEWEST_TO_CLAIM
from equipoise.judging.estimated_difference import EstimatedDifference
from equipoise.judging.evidence import Evidence
from equipoise.judging.intervals import correct_by_holm, estimate_paired_difference
from equipoise.judging.simple_policies import ALL, NONE, make_policy
from equipoise.metrics.names import NET_BENEFIT, name_column

SOURCES: tuple[Source, ...] = ("cv", "test")
# Where it is looked for, and whose it is.
PLACES: Mapping[Source, tuple[str, str]] = {
    "cv": ("in cross-validation", "its net benefit"),
    "test": ("on the test part", "this fitted model's net benefit"),
}


@dataclass(frozen=True)
class Gain:
    """The net benefit that an arm gains against another way to decide, at some threshold odds.

    `against` is a baseline, `all` (an alert for every row) or `none`. `p_holm` is corrected over
    arms and odds.
    """

    arm: str
    against: str
    source: Source
    claim: Claim
    odds: float
    gain: float
    low: float
    high: float
    p: float
    p_holm: float

    def is_higher(self, alpha: float) -> bool:
        """Whether the arm is credibly better."""
        return self.p_holm < alpha and self.gain > 0

    def is_lower(self, alpha: float) -> bool:
        """Whether the arm is credibly worse."""
        return self.p_holm < alpha and self.gain < 0


def compare_net_benefits(evidence: Mapping[str, Evidence], criteria: Criteria) -> list[Gain]:
    """Return what every arm gains at all odds, by source; several classes have no net benefit."""
    any_arm = next(iter(evidence.values()))
    odds = sorted(any_arm.result.net_benefit or {}, key=float)
    if not odds:
        return []
    rivals = {**evidence, **{name: make_policy(name, any_arm, odds) for name in (ALL, NONE)}}
    families = [[(arm, policy) for arm in evidence] for policy in (ALL, NONE)]
    families.append([(arm, baseline) for arm, baseline in criteria.run.pairs if arm in evidence])
    return [
        gain
        for source in SOURCES
        for pairs in families
        for gain in _compare_pairs(pairs, odds, rivals, source, criteria)
    ]


def tabulate_gains(gains: Sequence[Gain]) -> pd.DataFrame:
    """Return a row for each gain."""
    return pd.DataFrame(gains, columns=[*Gain.__dataclass_fields__])


def describe_net_benefit(
    gains: Sequence[Gain], arm: str, evidence: Evidence, alpha: float
) -> Iterator[str]:
    """Give for each claim a sentence: at which odds an arm gains net benefit, and against what."""
    few = {
        "cv": has_few_positives(evidence, FEWEST_FOR_CALIBRATED),
        "test": evidence.result.n_rare < FEWEST_TO_CLAIM,
    }
    for source in SOURCES:
        own = [gain for gain in gains if (gain.arm, gain.source) == (arm, source)]
        where, whose = PLACES[source]
        if own and few[source]:
            yield f"{arm}: there are too few positives {where} to say anything of {whose}."
        elif own:
            yield f"{arm}: {where} {whose} is {_describe_gains(own, alpha)}."


def _compare_pairs(
    pairs: Sequence[tuple[str, str]],
    odds: Sequence[str],
    evidence: Mapping[str, Evidence],
    source: Source,
    criteria: Criteria,
) -> Iterator[Gain]:
    """Give the gains of a family, p-values corrected over it."""
    asked = [(arm, against, each) for arm, against in pairs for each in odds]
    found = [_estimate(evidence[arm], evidence[other], at, source) for arm, other, at in asked]
    corrected = correct_by_holm([estimate.p for estimate in found])
    for (arm, against, at), estimate, p_holm in zip(asked, found, corrected, strict=True):
        low, high = estimate.find_interval(criteria.uncertainty.confidence)
        yield Gain(
            *(arm, against, source, CLAIMS[source], float(at)),
            *(estimate.effect, low, high, estimate.p, p_holm),
        )


def _estimate(arm: Evidence, other: Evidence, odds: str, source: Source) -> EstimatedDifference:
    column = name_column(NET_BENEFIT, odds)
    if source == "cv":
        return compare_folds(arm, other, column)
    replicates = arm.replicates[column] - other.replicates[column]
    return estimate_paired_difference(replicates, arm.result.n_rare)


def _describe_gains(own: Sequence[Gain], alpha: float) -> str:
    policies = [[gain for gain in own if gain.against == policy] for policy in (ALL, NONE)]
    useful = [all(g.is_higher(alpha) for g in both) for both in zip(*policies, strict=True)]
    odds = [gain.odds for gain in policies[0]]
    told = (
        "credibly higher than with an alert for every row, and than with none,"
        f" {_name_odds(odds, useful)}"
    )
    against = [gain for gain in own if gain.against not in {ALL, NONE}]
    if not against:
        return told
    higher = [gain.is_higher(alpha) for gain in against]
    lower = [gain.is_lower(alpha) for gain in against]
    differences = [
        f"credibly {word} {_name_odds(odds, where)}"
        for word, where in (("higher", higher), ("lower", lower))
        if any(where)
    ]
    beside = " and ".join(differences) or "not credibly different at any of these odds"
    return f"{told}; beside that of {against[0].against} it is {beside}"


def _name_odds(odds: Sequence[float], where: Sequence[bool]) -> str:
    """Return at which of the odds something holds, as ranges."""
    if not any(where):
        return f"at no threshold odds between {odds[0]:g} and {odds[-1]:g}"
    ranges: list[list[float]] = []
    for place, (each, holds) in enumerate(zip(odds, where, strict=True)):
        if holds and (place == 0 or not where[place - 1]):
            ranges.append([each, each])
        elif holds:
            ranges[-1][1] = each
    shown = (f"{low:g}" if low == high else f"{low:g} to {high:g}" for low, high in ranges)
    return f"at threshold odds of {' and '.join(shown)}"

"""What arms gain in net benefit: by the replicates and folds that are there, and in a sentence."""

from dataclasses import replace

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests
from tests.scored import SEVERAL, TWO

from equipoise.comparing.decision_curves import (
    Gain,
    compare_net_benefits,
    describe_net_benefit,
    tabulate_gains,
)
from equipoise.comparing.verdict import Criteria
from equipoise.judging.evidence import Evidence
from equipoise.judging.intervals import estimate_paired_difference
from equipoise.metrics.net_benefit import list_odds
from equipoise.params.trial_params import Run, Uncertainty, Verdict

ODDS = list_odds(0.2, (0.1, 1))
BASE, OTHER = "baseline-m", "other-m"
CRITERIA = Criteria(
    Run(strategies=("baseline", "other"), models=("m",)), "f1", Uncertainty(), Verdict()
)


@pytest.fixture(scope="module")
def evidence() -> dict[str, Evidence]:
    """Two arms on the same rows: the second's scores have noise."""
    noise = np.random.default_rng(5)

    def blur(rows: np.ndarray) -> np.ndarray:
        return np.clip(rows + noise.normal(0, 0.2, len(rows)), 0.01, 0.99)

    test = TWO.test.assign(y_score=blur(TWO.test["y_score"].to_numpy()))
    oof = TWO.oof.assign(y_score=blur(TWO.oof["y_score"].to_numpy()))
    return {BASE: TWO.judge(odds=ODDS), OTHER: TWO.judge(test, oof, odds=ODDS)}


@pytest.fixture(scope="module")
def gains(evidence: dict[str, Evidence]) -> list[Gain]:
    return compare_net_benefits(evidence, CRITERIA)


def test_a_gain_is_the_paired_difference_from_alerting_on_all_or_on_none(
    evidence: dict[str, Evidence], gains: list[Gain]
) -> None:
    """In each replicate the share of positives is its own."""
    arm = evidence[OTHER]
    for gain in (g for g in gains if (g.arm, g.source) == (OTHER, "test")):
        own = arm.replicates[f"net_benefit_{gain.odds:g}"]
        positives = arm.replicates["prevalence"]
        rival = {
            "none": 0 * own,
            "all": positives - (1 - positives) * gain.odds,
            BASE: evidence[BASE].replicates[own.name],
        }[gain.against]
        expected = estimate_paired_difference(own - rival, arm.result.n_rare)
        assert gain.claim == "model"
        assert gain.gain == pytest.approx(expected.effect)
        assert (gain.low, gain.high) == pytest.approx(expected.find_interval(0.95))


def test_over_the_folds_a_gain_is_about_the_remedy(
    evidence: dict[str, Evidence], gains: list[Gain]
) -> None:
    folds = evidence[OTHER].folds
    for gain in (g for g in gains if (g.arm, g.source, g.against) == (OTHER, "cv", "all")):
        every = folds["prevalence"] - (1 - folds["prevalence"]) * gain.odds
        expected = (folds[f"net_benefit_{gain.odds:g}"] - every).mean()
        assert gain.claim == "remedy"
        assert gain.gain == pytest.approx(expected)


def test_p_values_are_corrected_over_arms_and_odds(gains: list[Gain]) -> None:
    """By Holm's method, as statsmodels has it."""
    table = tabulate_gains(gains)
    for (_, against), family in table.groupby(["source", "against"]):
        assert len(family) == len(ODDS) * (1 if against == BASE else 2)
        expected = multipletests(family["p"], method="holm")[1]
        assert family["p_holm"].to_numpy() == pytest.approx(expected)


def test_several_classes_have_no_gains() -> None:
    evidence = {BASE: SEVERAL.plain}
    assert compare_net_benefits(evidence, CRITERIA) == []
    assert tabulate_gains([]).empty
    assert [*describe_net_benefit([], BASE, SEVERAL.plain, 0.05)] == []


def make_gains(against: str, higher: str) -> list[Gain]:
    """Return gains at odds of 0.1, 0.2 and so on: `+` and `-` are credible ones."""
    return [
        Gain(
            *(OTHER, against, "cv", "remedy", round(0.1 * place, 1)),
            *({"+": 0.1, "-": -0.1, ".": 0.1}[sign], 0.0, 0.0),
            *([1.0 if sign == "." else 0.001] * 2),
        )
        for place, sign in enumerate(higher, 1)
    ]


def test_the_sentence_names_ranges_of_odds(evidence: dict[str, Evidence]) -> None:
    """Where the arm beats both policies, and beside the baseline; few rows claim nothing."""
    arm = evidence[OTHER]
    many = replace(arm, folds=arm.folds.assign(n_rare=1000))
    said = [
        *make_gains("all", "-+++.+"),
        *make_gains("none", "++++++"),
        *make_gains(BASE, "...--+"),
    ]
    (told,) = describe_net_benefit(said, OTHER, many, 0.05)
    assert told == (
        "other-m: in cross-validation its net benefit is credibly higher than with an alert for"
        " every row, and than with none, at threshold odds of 0.2 to 0.4 and 0.6; beside that of"
        " baseline-m it is credibly higher at threshold odds of 0.6 and credibly lower at threshold"
        " odds of 0.4 to 0.5."
    )
    (few,) = describe_net_benefit(said, OTHER, arm, 0.05)
    assert "too few positives" in few
    nothing = [*make_gains("all", "..."), *make_gains("none", "+++"), *make_gains(BASE, "...")]
    (told,) = describe_net_benefit(nothing, OTHER, many, 0.05)
    assert "at no threshold odds between 0.1 and 0.3" in told
    assert told.endswith("it is not credibly different at any of these odds.")

"""Which arm is taken, by the folds of train alone."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng
from tests.answers import result_of
from tests.replicated import replicate_unmoved

from equipoise.comparing.recommendation import find_allowed_shortfall, recommend_arm
from equipoise.comparing.verdict import Criteria
from equipoise.core.arms import TREATMENTS
from equipoise.judging.arm_result import UsedRule
from equipoise.judging.evidence import Evidence
from equipoise.params.decision_params import Decision
from equipoise.params.trial_params import Run, Uncertainty, Verdict
from equipoise.storage.result_files import decode_result, encode_result

FOLDS, RESAMPLES = 10, 100
REPEAT = np.repeat([0, 1], 5)
F1 = Decision(objective="f1")
COST = Decision(objective="cost", false_negative=5, false_positive=1)
ALERTS = Decision(objective="alerts", per_thousand=10)
# A constant guess of each objective.
GUESS = {"f1": 0.0, "cost": 1.0, "alerts": 0.0}
TREATMENT = {
    "baseline": "nothing",
    "class_weight": "weights",
    "smote": "sampler",
    "easy": "ensemble",
}
# What is said of the test part, so that it may be changed.
ON_TEST = (
    "test",
    "default",
    "tuned",
    "calibrated",
    "constant_guess",
    "prior_corrected",
)


def arm(
    strategy: str,
    worth: float,
    decision: Decision = F1,
    *,
    brier_score: float = 0.07,
    default: float = 0.2,
) -> Evidence:
    """An arm with a mean objective over folds, by a threshold of its own and by default."""
    name, position = decision.objective, list(TREATMENT).index(strategy)
    shared = np.random.default_rng(0).normal(0, 0.05, FOLDS)
    own = np.random.default_rng([position, round(1000 * brier_score)]).normal(0, 0.005, FOLDS)
    scores = pd.Series(worth + shared + own - own.mean() - shared.mean())
    folds = pd.DataFrame(
        {
            "repeat": REPEAT,
            "n_rare": 1000,
            f"constant_guess_{name}": GUESS[name],
            f"default_{name}": default,
            f"tuned_{name}": scores,
        }
    )
    on_test = {
        section: {"average_precision": 0.4, "brier_score": 0.07, name: 0.3} for section in ON_TEST
    }
    on_test["tuned"] = {"threshold": 0.1 * (position + 1), name: 0.3}
    return Evidence(
        result_of(
            {
                "treatment": TREATMENT[strategy],
                "out_of_fold": {"brier_score": brier_score, f"tuned_{name}": worth},
                **on_test,
            }
        ),
        folds,
        replicate_unmoved(folds),
        pd.DataFrame({f"tuned_{name}": np.full(RESAMPLES, 0.3)}),
    )


def rules_of(decision: Decision = F1) -> Criteria:
    run = Run(strategies=("baseline",), models=("m",))
    return Criteria(
        run, decision.objective, Uncertainty(confidence=0.95, resamples=RESAMPLES), Verdict()
    )


def recommended(evidence: Mapping[str, Evidence], decision: Decision = F1) -> str:
    return str(recommend_arm(evidence, rules_of(decision), "auto").arm)


def arms(decision: Decision = F1, **worths: float) -> dict[str, Evidence]:
    return {f"{name}-m": arm(name, worth, decision) for name, worth in worths.items()}


def test_the_least_treatment_that_is_not_credibly_worse_is_taken() -> None:
    """A thousandth is not worth a sampler, nor weights an ensemble."""
    alike = arms(baseline=0.45, class_weight=0.451, smote=0.452, easy=0.453)
    for strategy in TREATMENT:
        assert recommended(alike) == f"{strategy}-m"
        del alike[f"{strategy}-m"]
        if not alike:
            break


@pytest.mark.parametrize(
    ("standard_error", "allowed"), [(0.0, 0.011), (0.011, 0.011), (0.022, 0.0055), (0.044, 0.00275)]
)
def test_the_simpler_arm_may_fall_short_by_less_where_folds_tell_less(
    standard_error: float, allowed: float
) -> None:
    """At most 0.55 of the region, here .02; as much less as the standard error is larger."""
    assert find_allowed_shortfall(0.02, standard_error) == pytest.approx(allowed)


def test_a_shortfall_beyond_what_is_allowed_decides() -> None:
    """The region is 5 % of .45, what the baseline gains over a guess; folds differ by little."""
    assert recommended(arms(baseline=0.45, smote=0.462)) == "baseline-m"
    assert recommended(arms(baseline=0.45, smote=0.463)) == "smote-m"


def test_treatments_are_listed_from_the_simplest() -> None:
    """What the tests here call less is what the library calls less."""
    assert tuple(TREATMENT.values()) == TREATMENTS


@pytest.mark.parametrize("best", ["class_weight", "smote", "easy"])
def test_a_clearly_better_remedy_wins(best: str) -> None:
    """Simplicity decides among arms that cannot be told apart, and no further."""
    worths = dict.fromkeys(TREATMENT, 0.40) | {best: 0.60}
    assert recommended(arms(F1, **worths)) == f"{best}-m"


def test_the_baseline_with_a_tuned_threshold_can_win() -> None:
    """Arms are told apart by the threshold of their own; the default one is no argument."""
    evidence = {
        "smote-m": arm("smote", 0.452, default=0.41),
        "baseline-m": arm("baseline", 0.45, default=0.05),
    }
    choice = recommend_arm(evidence, rules_of(), "auto")
    assert choice.arm == "baseline-m"
    assert choice.threshold == evidence["baseline-m"].result.tuned.rule.threshold


@pytest.mark.parametrize(("cost", "expected"), [(0.20, "smote-m"), (0.499, "baseline-m")])
def test_of_costs_the_lower_is_the_better(cost: float, expected: str) -> None:
    """A remedy that clearly saves is taken; one that saves next to nothing is not."""
    assert recommended(arms(COST, baseline=0.50, smote=cost), COST) == expected


def test_a_remedy_that_costs_more_is_not_taken() -> None:
    """Higher is no merit of a cost, whatever it is of a score."""
    assert recommended(arms(COST, baseline=0.2, smote=0.9), COST) == "baseline-m"
    assert recommended(arms(F1, baseline=0.2, smote=0.9), F1) == "smote-m"


def test_of_equal_treatments_the_better_probabilities_win() -> None:
    """Two models without a remedy that decide alike: the lower out-of-fold Brier score."""
    evidence = {
        "baseline-a": arm("baseline", 0.451, brier_score=0.08),
        "baseline-b": arm("baseline", 0.450, brier_score=0.06),
    }
    assert recommended(evidence) == "baseline-b"


def test_a_single_arm_is_the_one_to_take() -> None:
    """Without a remedy there is a recommendation as well: which threshold to use."""
    evidence = arms(baseline=0.4)
    choice = recommend_arm(evidence, rules_of(), "auto")
    assert (choice.arm, choice.threshold) == ("baseline-m", 0.1)


@given(seed=st.integers(0, 10_000), gain=st.sampled_from([-0.2, 0.001, 0.2]))
@settings(max_examples=15, deadline=None)
def test_nothing_of_the_test_part_recommends(seed: int, gain: float) -> None:
    """Whatever the test part says, in every number and replicate, the choice is the same."""
    evidence = arms(baseline=0.4, class_weight=0.4 + gain / 2, smote=0.4 + gain)
    rng, changed = np.random.default_rng(seed), {}
    for name, known in evidence.items():
        values: dict[str, Any] = dict(encode_result(known.result))
        for section, metric in product(ON_TEST, ("average_precision", "brier_score", "f1")):
            values[section][metric] = float(rng.uniform())
        replicates = pd.DataFrame(rng.uniform(size=known.replicates.shape))
        result = decode_result(values)
        changed[name] = replace(known, result=result, replicates=replicates)
    assert recommend_arm(evidence, rules_of(), "auto") == recommend_arm(changed, rules_of(), "auto")


@pytest.mark.parametrize(("decision", "worth"), [(F1, 0.0), (COST, 1.0)])
def test_an_arm_that_one_decision_for_all_does_as_well_as_is_called_so(
    decision: Decision, worth: float
) -> None:
    """Alerting on every case, or on none: no arm is worth using then."""
    alike = recommend_arm(arms(decision, baseline=worth), rules_of(decision), "auto")
    assert not alike.beats_guess
    same = f"a constant guess gives {worth:.3f}, which is no worse"
    assert alike.why.endswith(same)
    better = worth + (-0.1 if decision is COST else 0.1)
    assert recommend_arm(arms(decision, baseline=better), rules_of(decision), "auto").beats_guess


def test_the_default_threshold_does_not_recommend() -> None:
    """Nor do its fold scores: the arm is used with the threshold that goes with it."""
    evidence = arms(baseline=0.4, smote=0.6)
    poor = {
        name: replace(known, folds=known.folds.assign(default_f1=float(name[0] == "b")))
        for name, known in evidence.items()
    }
    assert recommend_arm(evidence, rules_of(), "auto") == recommend_arm(poor, rules_of(), "auto")


def test_the_order_of_arms_does_not_recommend() -> None:
    """Listing strategies in another order takes the same one."""
    evidence = arms(baseline=0.4, class_weight=0.45, smote=0.46, easy=0.47)
    turned = dict(reversed(evidence.items()))
    assert recommend_arm(evidence, rules_of(), "auto") == recommend_arm(turned, rules_of(), "auto")


@pytest.mark.parametrize("decision", [F1, COST])
def test_the_reason_has_the_numbers_of_both_arms(decision: Decision) -> None:
    """Of the arm that is taken and of the best one, as they are and not negated."""
    better = 0.452 if decision is F1 else 0.448
    why = recommend_arm(arms(decision, baseline=0.45, smote=better), rules_of(decision), "auto").why
    name = "F1" if decision is F1 else "average cost per case"
    assert f"cross-validated {name} 0.450 against {better:.3f} (smote-m)" in why


def test_an_arm_that_is_best_says_so() -> None:
    """The remedy that won is not called simple."""
    why = recommend_arm(arms(baseline=0.4, smote=0.6), rules_of(), "auto").why
    assert "best" in why
    assert "(0.600)" in why
    assert why.endswith("the simplest arm, baseline-m, is worse (0.400)")


def test_a_baseline_that_is_best_is_said_to_have_no_remedy() -> None:
    """One of several baselines is not called the simplest: a simpler model may be beside it."""
    why = recommend_arm(arms(baseline=0.6, smote=0.4), rules_of(), "auto").why
    assert why == "best cross-validated F1 (0.600) with tuned thresholds, and it has no remedy"


def with_noise(known: Evidence) -> Evidence:
    """An arm whose folds differ far more from those of other arms, with the same mean."""
    wide = default_rng(1).normal(0, 0.05, FOLDS)
    folds = known.folds.assign(tuned_f1=known.folds["tuned_f1"] + wide - wide.mean())
    return replace(known, folds=folds, fold_replicates=replicate_unmoved(folds))


def test_what_the_folds_do_not_settle_is_said_to_be_unsettled() -> None:
    """Both arms are named: what the simpler one may cost, and that the other may gain nothing."""
    known = arms(baseline=0.45, smote=0.455)
    known["smote-m"] = with_noise(known["smote-m"])
    found = recommend_arm(known, rules_of(), "auto")
    assert (found.settled, found.simplest, found.leading) == (False, "baseline-m", "smote-m")
    assert found.arm == "baseline-m"
    assert found.why.startswith("it is the simplest, but cross-validation does not settle it.")
    assert "0.450 with baseline-m, the simplest arm, and 0.455 with smote-m" in found.why
    assert recommend_arm(arms(baseline=0.45, smote=0.455), rules_of(), "auto").settled


def test_it_is_not_settled_while_some_simpler_arm_may_be_as_good() -> None:
    """The simplest of all is ruled out, the next one is not: the choice is open from there."""
    known = arms(baseline=0.2, class_weight=0.445, easy=0.465)
    known["class_weight-m"] = with_noise(known["class_weight-m"])
    found = recommend_arm(known, rules_of(), "auto")
    assert (found.arm, found.leading, found.simplest) == ("easy-m", "easy-m", "class_weight-m")
    assert not found.settled
    assert "0.445 with class_weight-m, the simplest that may be best" in found.why


def test_the_simplest_arm_may_lead_and_another_still_be_better() -> None:
    """The interval says by how much, where that matters; nothing found speaks for it yet."""
    known = arms(baseline=0.46, smote=0.45)
    assert "may still be better" not in recommend_arm(known, rules_of(), "auto").why
    known["smote-m"] = with_noise(known["smote-m"])
    found = recommend_arm(known, rules_of(), "auto")
    assert (found.arm, found.settled) == ("baseline-m", True)
    assert "; smote-m may still be better by up to 0.0" in found.why


def test_few_positives_settle_nothing() -> None:
    """However clear the difference looks."""
    few = {
        name: replace(known, folds=known.folds.assign(n_rare=49))
        for name, known in arms(baseline=0.4, smote=0.6).items()
    }
    found = recommend_arm(few, rules_of(), "auto")
    assert (found.arm, found.leading, found.settled) == ("baseline-m", "smote-m", False)
    assert "fewer than 50 train rows" in found.why
    assert not found.can_tell


def test_it_is_the_leading_arm_that_has_to_beat_one_decision_for_all() -> None:
    """With few positives the simplest is taken, which may not; some arm does all the same."""
    few = {
        name: replace(known, folds=known.folds.assign(n_rare=49))
        for name, known in arms(baseline=0.0, smote=0.6).items()
    }
    found = recommend_arm(few, rules_of(), "auto")
    assert (found.arm, found.beats_guess) == ("baseline-m", True)


def with_limit(known: Evidence, *, kept: bool) -> Evidence:
    """An arm whose threshold keeps the objective's limit out of fold, or cannot."""
    return replace(known, result=replace(known.result, limit_kept=kept))


def test_an_arm_that_breaks_the_limit_is_not_recommended_over_one_that_keeps_it() -> None:
    """More recall is no merit where the precision asked for is out of reach."""
    found, rules = arms(ALERTS, baseline=0.4, class_weight=0.6, smote=0.9), rules_of(ALERTS)
    kept = {"baseline-m": True, "class_weight-m": True, "smote-m": False}
    choice = recommend_arm(
        {c: with_limit(e, kept=kept[c]) for c, e in found.items()}, rules, "auto"
    )
    assert choice.arm == "class_weight-m"
    assert choice.why.endswith("; arms that break the limit out of fold are not considered")
    none = recommend_arm({c: with_limit(e, kept=False) for c, e in found.items()}, rules, "auto")
    assert none == recommend_arm(
        {c: with_limit(e, kept=True) for c, e in found.items()}, rules, "auto"
    )
    assert none.arm == "smote-m"


def with_weights(known: Evidence) -> Evidence:
    """An arm of several classes, which decides by class weights instead of a threshold."""
    tuned = replace(known.result.tuned, rule=UsedRule(weights={"a": 1.0, "b": 2.5}))
    by_class = {label: {"n": 500} for label in "ab"}
    return replace(known, result=replace(known.result, tuned=tuned, by_class=by_class))


def test_of_several_classes_the_weights_that_go_with_the_arm_are_recommended() -> None:
    """Whoever takes the arm gets what its decisions go by, in the numbers and in words."""
    evidence = {name: with_weights(known) for name, known in arms(baseline=0.4, smote=0.6).items()}
    choice = recommend_arm(evidence, rules_of(), "auto")
    assert choice.weights == {"a": 1.0, "b": 2.5}
    assert "best cross-validated macro F1 (0.600) with tuned class weights" in choice.why
    by_threshold = recommend_arm(arms(baseline=0.4, smote=0.6), rules_of(), "auto")
    assert choice.arm == by_threshold.arm
    assert (choice.threshold, by_threshold.weights) == (None, None)

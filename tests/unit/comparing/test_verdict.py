"""What is claimed of an arm: no more than its replicates show."""

from collections.abc import Mapping
from dataclasses import replace
from math import sqrt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from tests.answers import result_of
from tests.replicated import replicate_unmoved

from equipoise.comparing.results import Answer, Verdicts
from equipoise.comparing.verdict import Criteria, compare_arms, list_questions
from equipoise.judging.arm_result import Decided
from equipoise.judging.bootstrap import BOOTSTRAP, OBSERVED
from equipoise.judging.evidence import Evidence
from equipoise.judging.fold_differences import TRAININGS_WEIGHT
from equipoise.judging.intervals import correct_by_holm, estimate_paired_difference
from equipoise.judging.probability import Probability
from equipoise.metrics.names import Floats
from equipoise.params.decision_params import Decision
from equipoise.params.trial_params import Run, Uncertainty, Verdict

RESAMPLES = 1000
FOLDS = 10
REPEAT = np.repeat([0, 1], 5)
F1 = Decision(objective="f1")
COST = Decision(objective="cost", false_negative=5, false_positive=1)
# Differences this small are none, so that verdicts here rest on noise alone.
TINY = Verdict(rope=1e-9)
READ = Uncertainty(confidence=0.95, resamples=RESAMPLES)


def guess_of(objective: str) -> dict[str, float]:
    """A constant guess, as bad as can be."""
    worst = {"average_precision": 0.0, "roc_auc": 0.0, "brier_score": 1.0}
    return worst | {objective: float(objective == "cost")}


def metrics_of(value: float, objective: str) -> dict[str, Any]:
    return {
        "test": {"n": 1000, "prevalence": 0.1, "average_precision": value, "roc_auc": value},
        "default": {objective: value},
        "tuned": {objective: value},
        "calibrated": {"brier_score": value},
        "constant_guess": guess_of(objective),
    }


def columns(values: Floats, objective: str) -> dict[str, Floats]:
    names = (
        *("average_precision", "roc_auc", "calibrated_brier_score"),
        *(f"default_{objective}", f"tuned_{objective}", f"elkan_{objective}"),
    )
    return dict.fromkeys(names, values)


def evidence_of(value: float, replicates: Floats, folds: Floats, objective: str = "f1") -> Evidence:
    """An arm whose every number is the same one, on test and in folds.

    Other rows would not move the folds.
    """
    values = np.concatenate([[value], replicates])
    guess = {f"constant_guess_{name}": value for name, value in guess_of(objective).items()}
    sizes = {"repeat": REPEAT, "n_rare": 1000}
    by_fold = pd.DataFrame(sizes | guess | columns(folds, objective))
    draws = [OBSERVED] + [BOOTSTRAP] * len(replicates)
    return Evidence(
        result_of(metrics_of(value, objective)),
        by_fold,
        replicate_unmoved(by_fold),
        pd.DataFrame(columns(values, objective), index=pd.Index(draws, name="draw")),
    )


def rules_of(
    *strategies: str,
    models: tuple[str, ...] = ("m",),
    decision: Decision = F1,
    verdict: Verdict = TINY,
    uncertainty: Uncertainty = READ,
) -> Criteria:
    return Criteria(
        Run(strategies=strategies, models=models), decision.objective, uncertainty, verdict
    )


def evidence_with(
    gains: Mapping[str, float], noise: float = 0.01, objective: str = "f1"
) -> dict[str, Evidence]:
    """Arms whose every number is the baseline's plus a gain, with noise of their own."""
    arms = {"baseline-m": 0.0} | {f"{name}-m": gain for name, gain in gains.items()}
    shared = np.random.default_rng(0).normal(0.5, 0.1, size=RESAMPLES + FOLDS)
    evidence = {}
    for position, (arm, gain) in enumerate(arms.items()):
        rng = np.random.default_rng(position)
        own = rng.normal(0, noise * (gain != 0), size=RESAMPLES + FOLDS)
        values = shared + own + gain
        evidence[arm] = evidence_of(0.5 + gain, values[FOLDS:], values[:FOLDS], objective)
    return evidence


def trial(
    gains: Mapping[str, float],
    noise: float = 0.01,
    decision: Decision = F1,
    verdict: Verdict = TINY,
) -> Verdicts:
    """Return the comparison of arms whose every number is the baseline's plus a gain."""
    rules = rules_of("baseline", *gains, decision=decision, verdict=verdict)
    return compare_arms(evidence_with(gains, noise, decision.objective), rules)


def answers(comparison: Verdicts, source: str) -> list[Answer]:
    return [answer for answer in comparison.comparisons if answer.source == source]


def verdicts(comparison: Verdicts, arm: str, source: str = "test") -> dict[str, str]:
    return {
        answer.metric: answer.verdict for answer in answers(comparison, source) if answer.arm == arm
    }


def test_an_answer_says_what_it_is_about() -> None:
    """Over the folds of a remedy, with a posterior; on test of a fitted model."""
    comparison = trial({"smote": 0.1})
    assert (comparison.baseline, comparison.objective) == ("baseline", "f1")
    assert comparison.elkan == ()
    for answer in comparison.comparisons:
        assert (answer.source, answer.claim) in {("test", "model"), ("cv", "remedy")}
        assert (answer.probability is None) == (answer.source == "test")
        if answer.positives_needed is not None:
            assert (answer.source, answer.verdict) == ("test", "undecided")


def test_every_arm_is_asked_every_question() -> None:
    """Ranking, decisions at both thresholds and calibration, of each arm but the baseline."""
    asked = [
        (answer.arm, answer.view, answer.metric, answer.source)
        for answer in trial({"smote": 0.1, "under": -0.1}).comparisons
    ]
    expected = {
        (f"{strategy}-m", question.view, question.metric, source)
        for strategy in ("smote", "under")
        for question in list_questions("f1")
        for source in ("test", "cv")
    }
    assert expected == set(asked)
    assert len(expected) == len(asked)


def test_outside_a_limit_more_is_no_better() -> None:
    """By default decisions do not go by it, so they are not compared."""
    views = [question.view for question in list_questions("alerts")]
    assert views == ["ranking", "ranking", "tuned", "calibrated"]


def test_an_arm_like_the_baseline_is_neither_better_nor_worse() -> None:
    """No remedy is credited with what it did not do."""
    for answer in trial({"idle": 0.0}).comparisons:
        assert (answer.effect, list(answer.interval)) == (0, [0, 0])
        assert (answer.p, answer.p_holm) == (1, 1)
        assert answer.verdict == "equivalent"
        if answer.source == "cv":
            assert answer.probability == Probability(worse=0, equivalent=1, better=0)


@pytest.mark.parametrize(
    ("gain", "of_scores", "of_losses"),
    [
        (0.1, "better", "worse"),
        (-0.1, "worse", "better"),
    ],
)
def test_where_every_replicate_agrees_so_does_the_verdict(
    gain: float, of_scores: str, of_losses: str
) -> None:
    """A clear gain is better, a clear drop worse; of a loss, less is better."""
    actual = verdicts(trial({"arm": gain}), "arm-m")
    assert actual == {
        "average_precision": of_scores,
        "roc_auc": of_scores,
        "f1": of_scores,
        "brier_score": of_losses,
    }


def test_a_gain_within_the_noise_is_undecided() -> None:
    """A number that is higher by chance is not called better."""
    assert set(verdicts(trial({"lucky": 0.01}, noise=0.1), "lucky-m").values()) == {"undecided"}


def test_an_effect_is_the_arm_less_the_baseline_and_its_interval_is_of_the_pair() -> None:
    """Noise that both arms share cancels: the interval is that of the difference."""
    for answer in answers(trial({"smote": 0.1}, noise=0.01), "test"):
        low, high = answer.interval
        assert pytest.approx(0.1) == answer.effect
        assert pytest.approx((low, high), abs=0.005) == (0.08, 0.12)


@given(st.lists(st.floats(-0.03, 0.03), min_size=1, max_size=5))
@settings(max_examples=15, deadline=None)
def test_a_verdict_agrees_with_its_corrected_p_value(gains: list[float]) -> None:
    """Better or worse is said where the corrected p-value is below the level, and only there.

    But for arms that are told to be equivalent, whose p-value no longer matters.
    """
    arms = {f"arm_{position}": gain for position, gain in enumerate(gains)}
    for answer in trial(arms).comparisons:
        assert answer.p <= answer.p_holm <= 1
        decided = answer.verdict in {"better", "worse"}
        if answer.verdict != "equivalent":
            assert (answer.p_holm < 0.05) == decided


def test_more_arms_ask_for_more_evidence() -> None:
    """The same gain that convinces alone may not among ten others that were tried."""
    gain, noise = 0.023, 0.01
    alone = trial({"smote": gain}, noise)
    crowd = trial({"smote": gain} | {f"arm_{i}": 1e-6 * (i + 1) for i in range(10)}, noise)
    assert set(verdicts(alone, "smote-m").values()) == {"better", "worse"}
    assert set(verdicts(crowd, "smote-m").values()) == {"undecided"}


def test_arms_are_compared_within_their_model() -> None:
    """A remedy is not credited with a better model."""
    arms = [f"{strategy}-{model}" for model in ("a", "b") for strategy in ("base", "x", "y")]
    level = {"a": 0.5, "b": 0.9}
    evidence = {
        arm: evidence_of(
            level[arm[-1]],
            np.full(RESAMPLES, level[arm[-1]]),
            np.full(FOLDS, level[arm[-1]]),
        )
        for arm in arms
    }
    comparison = compare_arms(evidence, rules_of("base", "x", "y", models=("a", "b")))
    pairs = {(answer.arm, answer.against) for answer in comparison.comparisons}
    assert pairs == {("x-a", "base-a"), ("y-a", "base-a"), ("x-b", "base-b"), ("y-b", "base-b")}
    assert {answer.effect for answer in comparison.comparisons} == {0}


def test_other_models_are_compared_with_the_first_by_the_baseline_strategy() -> None:
    """What choosing a model comes to stands beside what choosing a remedy comes to."""
    rng, arms = np.random.default_rng(2), ("base-a", "x-a", "base-b", "x-b", "base-c", "x-c")
    level = {"a": 0.5, "b": 0.9, "c": 0.5}
    evidence = {
        arm: evidence_of(
            level[arm[-1]],
            rng.normal(level[arm[-1]], 0.01, RESAMPLES),
            rng.normal(level[arm[-1]], 0.01, FOLDS),
        )
        for arm in arms
    }
    comparison = compare_arms(evidence, rules_of("base", "x", models=("a", "b", "c")))
    pairs = {(answer.arm, answer.against) for answer in comparison.models}
    assert pairs == {("base-b", "base-a"), ("base-c", "base-a")}
    for answer in comparison.models:
        if answer.arm == "base-c":
            assert answer.verdict == "undecided"
        elif answer.source == "test":
            assert answer.effect == pytest.approx(0.4)
            assert answer.verdict == ("worse" if answer.metric == "brier_score" else "better")


def test_comparisons_of_models_do_not_make_remedies_harder_to_prove() -> None:
    """p-values are corrected over remedies, and over models, each for themselves."""
    rng = np.random.default_rng(3)
    arms = [f"{strategy}-{model}" for model in ("a", "b", "c") for strategy in ("base", "x")]
    evidence = {
        arm: evidence_of(0.5, rng.normal(0.5, 0.01, RESAMPLES), rng.normal(0.5, 0.01, FOLDS))
        for arm in arms
    }
    comparison = compare_arms(evidence, rules_of("base", "x", models=("a", "b", "c")))
    for part, expected in (("comparisons", 3), ("models", 2)):
        families: dict[tuple[str, ...], list[Answer]] = {}
        for answer in getattr(comparison, part):
            question = (answer.view, answer.metric, answer.source)
            families.setdefault(question, []).append(answer)
        assert {len(family) for family in families.values()} == {expected}
        for family in families.values():
            corrected = correct_by_holm([answer.p for answer in family])
            assert [answer.p_holm for answer in family] == corrected


def test_a_single_arm_is_compared_with_nothing() -> None:
    """A trial of the baseline alone is a trial, with nothing to say."""
    assert (trial({}).comparisons, trial({}).models) == ((), ())


def test_a_difference_on_test_is_estimated_from_the_replicates_of_the_pair() -> None:
    """Subtracted draw by draw, with the degrees of freedom that 100 positives leave."""
    evidence = evidence_with({"smote": 0.01, "under": -0.02}, noise=0.02)
    comparison = compare_arms(evidence, rules_of("baseline", "smote", "under"))
    for answer in answers(comparison, "test"):
        arms = [evidence[arm].replicates["roc_auc"] for arm in (answer.arm, answer.against)]
        expected = estimate_paired_difference(arms[0] - arms[1], 100)
        assert answer.interval == expected.find_interval(0.95)
        assert answer.p == expected.p


def test_what_is_undecided_needs_at_least_one_positive_more() -> None:
    """An interval may exclude 0 where Holm asks for more: that is not decided already."""
    needed = []
    for gain in np.linspace(0.020, 0.030, 11):
        arms = {"arm": gain} | {f"idle_{i}": 1e-6 * (i + 1) for i in range(9)}
        needed += [
            answer.positives_needed or 0
            for answer in answers(trial(arms, noise=0.01), "test")
            if answer.verdict == "undecided" and answer.interval[0] > 0
        ]
    assert needed
    assert min(needed) >= 1


@pytest.mark.parametrize(("gain", "said"), [(0.1, "worse"), (-0.1, "better")])
@pytest.mark.parametrize("source", ["test", "cv"])
def test_of_a_cost_less_is_better(gain: float, said: str, source: str) -> None:
    """Signs turn for a cost, on test and over folds, and for no score beside it."""
    comparison = trial({"arm": gain}, decision=COST)
    turned = {"worse": "better", "better": "worse"}[said]
    expected = {"average_precision": turned, "roc_auc": turned, "cost": said, "brier_score": said}
    assert verdicts(comparison, "arm-m", source) == expected


def test_elkans_decisions_are_compared_with_the_tuned_ones_of_the_same_arm() -> None:
    """In pairs, draw by draw, for every arm and the baseline; of costs the lower is better."""
    evidence = evidence_with({"smote": 0.1}, objective="cost")
    for arm, gain in (("baseline-m", 0.2), ("smote-m", -0.2)):
        known = evidence[arm]
        tuned = known.replicates["tuned_cost"]
        noise = np.random.default_rng(1).normal(0, 0.01, len(tuned))
        noise[0] = 0  # what was observed
        known.replicates["elkan_cost"] = tuned + gain + noise
        elkan = Decided({"cost": known.result.tuned.numbers["cost"] + gain}, ((0, 0), (0, 0)))
        evidence[arm] = replace(known, result=replace(known.result, elkan=elkan))
    found = compare_arms(evidence, rules_of("baseline", "smote", decision=COST)).elkan
    assert [(a.arm, a.against, a.verdict) for a in found] == [
        ("baseline-m", "baseline-m", "worse"),
        ("smote-m", "smote-m", "better"),
    ]
    for answer, gain in zip(found, (0.2, -0.2), strict=True):
        assert answer.view == "elkan"
        assert answer.effect == pytest.approx(gain)
        assert answer.interval == pytest.approx((gain - 0.0196, gain + 0.0196), abs=0.003)
        assert answer.p_holm == pytest.approx(2 * answer.p)


@pytest.mark.parametrize("gain", [0.1, -0.1])
@pytest.mark.parametrize("decision", [F1, COST])
def test_probabilities_over_folds_are_of_better_not_of_higher(
    gain: float, decision: Decision
) -> None:
    """A lower cost is probably better; effects keep the sign of the numbers."""
    for answer in answers(trial({"arm": gain}, decision=decision), "cv"):
        better = (gain > 0) != (answer.metric in {"cost", "brier_score"})
        assert answer.effect == pytest.approx(gain, abs=0.02)
        assert answer.probability is not None
        assert getattr(answer.probability, "better" if better else "worse") > 0.99
        assert sum(vars(answer.probability).values()) == pytest.approx(1)


def test_few_train_rows_of_a_class_leave_remedies_undecided() -> None:
    """From 49 down; recalibrated probabilities from 99 down. On test those of test count."""
    known = evidence_with({"smote": 0.1})
    said = {}
    for rows in (49, 50, 99, 100):
        few = {name: replace(a, folds=a.folds.assign(n_rare=rows)) for name, a in known.items()}
        comparison = compare_arms(few, rules_of("baseline", "smote"))
        said[rows] = [verdicts(comparison, "smote-m", "cv")[m] for m in ("f1", "brier_score")]
        assert "undecided" not in verdicts(comparison, "smote-m").values()
        told = {a.metric for a in answers(comparison, "cv") if a.probability is not None}
        assert ("f1" in told, "brier_score" in told) == (rows >= 50, rows >= 100)
    assert said == {
        49: ["undecided", "undecided"],
        50: ["better", "undecided"],
        99: ["better", "undecided"],
        100: ["better", "worse"],
    }


def test_few_test_rows_of_a_class_leave_fitted_models_undecided() -> None:
    """From 49 down; what would decide is 50 at the least. Over folds nothing changes."""
    known = evidence_with({"smote": 0.1})
    for rows, said in ((490, {"undecided"}), (500, {"better", "worse"})):
        few = {}
        for name, arm in known.items():
            test = {**arm.result.test, "n": rows}
            few[name] = replace(arm, result=replace(arm.result, test=test))
        comparison = compare_arms(few, rules_of("baseline", "smote"))
        assert set(verdicts(comparison, "smote-m").values()) == said
        assert set(verdicts(comparison, "smote-m", "cv").values()) == {"better", "worse"}
        needed = {answer.positives_needed for answer in answers(comparison, "test")}
        assert needed == ({1} if rows == 490 else {None})


@pytest.mark.parametrize("gain", [0.004, -0.004])
def test_an_effect_inside_the_region_is_equivalent(gain: float) -> None:
    """However sure it is that there is a difference, it is too small to matter."""
    comparison = trial({"arm": gain}, noise=0.0005, verdict=Verdict(rope=0.05))
    assert {answer.verdict for answer in comparison.comparisons} == {"equivalent"}
    assert all(answer.p_holm < 0.05 for answer in comparison.comparisons)
    assert {answer.positives_needed for answer in comparison.comparisons} == {None}


def test_of_ten_arms_at_the_edge_of_the_region_hardly_any_is_called_equivalent() -> None:
    """In 2.5 % of draws at most is any; without Holm's correction it would be in 20 %."""
    rng, edge, noise = np.random.default_rng(20031103), 0.025, 0.005
    names, draws, claimed = [f"arm{number}" for number in range(10)], 40, 0
    rules = rules_of("baseline", *names, verdict=Verdict(rope=2 * edge))
    folds = np.full(FOLDS, 0.5)
    for _ in range(draws):
        known = {"baseline-m": evidence_of(0.5, np.full(200, 0.5), folds)}
        for name in names:
            value = 0.5 + edge + rng.normal(0, noise)
            known[f"{name}-m"] = evidence_of(value, value + rng.normal(0, noise, 200), folds)
        found = answers(compare_arms(known, rules), "test")
        claimed += any(a.metric == "roc_auc" and a.verdict == "equivalent" for a in found)
    assert claimed <= stats.binom.ppf(0.999, draws, 0.025)


def test_two_arms_that_find_no_positive_have_an_answer_of_their_own() -> None:
    """F1 of 0 and 0 is no equivalence; nor is anything else where the baseline gains nothing."""
    known = {f"{name}-m": evidence_of(0.0, np.zeros(9), np.zeros(FOLDS)) for name in ("none", "a")}
    rules = rules_of("none", "a", verdict=Verdict(rope=0.05))
    for source in ("test", "cv"):
        said = {(a.view, a.verdict) for a in answers(compare_arms(known, rules), source)}
        assert said == {
            *(("default", "no hits"), ("tuned", "no hits")),
            *(("ranking", "undecided"), ("calibrated", "undecided")),
        }
    known["a-m"] = evidence_of(0.2, np.full(9, 0.2), np.full(FOLDS, 0.2))
    assert "no hits" not in {a.verdict for a in compare_arms(known, rules).comparisons}


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        (F1, {"average_precision": 0.05, "f1": 0.05, "brier_score": 0.05}),
        (COST, {"average_precision": 0.05, "cost": 0.05, "brier_score": 0.05}),
    ],
)
def test_the_region_is_scaled_to_the_metric(decision: Decision, expected: dict[str, float]) -> None:
    """A share of what the baseline gains over a constant guess, whichever way is better."""
    comparison = trial({"arm": 0.1}, decision=decision, verdict=Verdict(rope=0.1))
    ropes = {answer.metric: answer.rope for answer in answers(comparison, "test")}
    assert {metric: ropes[metric] for metric in expected} == pytest.approx(expected)


def test_what_is_undecided_says_how_many_positives_more_would_decide() -> None:
    """A whole number on the test part, none over folds, none where a verdict stands."""
    comparison = trial({"lucky": 0.02, "clear": 0.3}, noise=0.02)
    for answer in comparison.comparisons:
        undecided = answer.verdict == "undecided" and answer.source == "test"
        assert (answer.positives_needed is not None) == undecided
        assert (answer.positives_needed_at_best is not None) == undecided
    needed = {
        answer.metric: answer.positives_needed
        for answer in answers(comparison, "test")
        if answer.arm == "lucky-m"
    }
    low, _ = next(answer.interval for answer in answers(comparison, "test"))
    positives = 1000 * 0.1
    # Holm asks of the surer of two arms half the level, so a longer interval must be clear of 0.
    stretch = stats.t.ppf(0.05 / 2 / 2, 99) / stats.t.ppf(0.05 / 2, 99)
    expected = positives * ((stretch * (0.02 - low) / 0.02) ** 2 - 1)
    assert needed["roc_auc"] == pytest.approx(expected, abs=1)
    assert all(isinstance(number, int) and number > 0 for number in needed.values())


def test_folds_are_compared_pairwise() -> None:
    """Differences of the same folds, and of their replicates, draw by draw."""
    evidence = evidence_with({"smote": 0.03, "under": -0.01}, noise=0.02)
    comparison = compare_arms(evidence, rules_of("baseline", "smote", "under"))
    for answer in answers(comparison, "cv"):
        arms = [evidence[arm].folds["roc_auc"] for arm in (answer.arm, answer.against)]
        difference = (arms[0] - arms[1]).to_numpy()
        error = sqrt(
            TRAININGS_WEIGHT * np.mean([difference[:5].var(ddof=1), difference[5:].var(ddof=1)])
        )
        p = 2 * stats.t.sf(abs(difference.mean()) / error, FOLDS - 2)
        half = stats.t.ppf(0.975, FOLDS - 2) * error
        bounds = (difference.mean() - half, difference.mean() + half)
        assert answer.effect == pytest.approx(difference.mean())
        assert answer.p == pytest.approx(p)
        assert answer.interval == pytest.approx(bounds)


def test_noise_that_arms_share_over_folds_cancels() -> None:
    """Hard folds are hard for both: the plain spread of scores is no doubt about a difference."""
    spread = evidence_with({"smote": 0.03}, noise=0.001)["baseline-m"].folds["roc_auc"].std()
    answer = answers(trial({"smote": 0.03}, noise=0.001), "cv")[0]
    assert answer.interval[1] - answer.interval[0] < spread / 10
    assert answer.verdict == "better"


def test_p_values_are_corrected_within_question_and_source() -> None:
    """Over arms and models, and not over the views nor over test and folds together."""
    rng = np.random.default_rng(5)
    arms = [f"{strategy}-{model}" for model in ("a", "b") for strategy in ("base", "x", "y")]
    evidence = {
        arm: evidence_of(0.5, rng.normal(0.5, 0.01, RESAMPLES), rng.normal(0.5, 0.01, FOLDS))
        for arm in arms
    }
    for arm in evidence.values():
        for frame in (arm.folds, arm.fold_replicates, arm.replicates):
            frame["default_f1"] = rng.normal(0.5, 0.01, len(frame))
            frame["tuned_f1"] = rng.normal(0.5 + rng.normal(0, 0.02), 0.01, len(frame))
    comparison = compare_arms(evidence, rules_of("base", "x", "y", models=("a", "b")))
    families: dict[tuple[str, ...], list[Answer]] = {}
    for answer in comparison.comparisons:
        question = (answer.view, answer.metric, answer.source)
        families.setdefault(question, []).append(answer)
    assert {len(family) for family in families.values()} == {4}
    for family in families.values():
        corrected = correct_by_holm([answer.p for answer in family])
        assert [answer.p_holm for answer in family] == corrected


@given(st.floats(-0.05, 0.05), st.floats(0.001, 0.05), st.floats(0.001, 0.1))
@settings(max_examples=15, deadline=None)
def test_a_verdict_never_contradicts_its_own_numbers(
    gain: float, noise: float, rope: float
) -> None:
    """Equivalent lies inside the region, better and worse on their sides of zero."""
    comparison = trial({"arm": gain}, noise=noise, verdict=Verdict(rope=rope))
    for answer in comparison.comparisons:
        low, high = answer.interval
        inside = -answer.rope <= low and high <= answer.rope
        assert (answer.verdict == "equivalent") == inside
        if answer.verdict in {"better", "worse"}:
            higher_is_better = answer.metric != "brier_score"
            assert (answer.effect > 0) == ((answer.verdict == "better") == higher_is_better)

"""Which arm is taken, by the folds of train alone, and what is said of each."""

import copy
from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.contract.decision_params import Decision
from equipoise.contract.params import TREATMENTS, Run, Uncertainty, Verdict
from equipoise.recommendation import conclusions, recommend
from equipoise.verdict import Evidence, Rules

FOLDS, RESAMPLES = 10, 100
F1 = Decision(objective="f1")
COST = Decision(objective="cost", false_negative=5, false_positive=1)
TREATMENT = {
    "baseline": "nothing",
    "class_weight": "weights",
    "smote": "sampler",
    "easy": "ensemble",
}
VERDICTS = ("better", "worse", "equivalent", "undecided")
MORAL = "the gain comes of a threshold, not of the model"
# What is said of the test part, so that it may be changed.
ON_TEST = (
    "test",
    "default",
    "tuned",
    "calibrated",
    "constant_guess",
    "prior_corrected",
    "interval",
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
    folds = {"n_train": 800, "n_test": 200, f"default_{name}": default, f"tuned_{name}": scores}
    on_test = {
        section: {"average_precision": 0.4, "brier_score": 0.07, name: 0.3} for section in ON_TEST
    }
    on_test["tuned"] = {"threshold": 0.1 * (position + 1), name: 0.3}
    return Evidence(
        {
            "treatment": TREATMENT[strategy],
            "out_of_fold": {"brier_score": brier_score, f"tuned_{name}": worth},
            **on_test,
        },
        pd.DataFrame(folds),
        pd.DataFrame({f"tuned_{name}": np.full(RESAMPLES, 0.3)}),
    )


def rules_of(decision: Decision = F1) -> Rules:
    run = Run(strategies=("baseline",), models=("m",))
    return Rules(run, decision, Uncertainty(confidence=0.95, resamples=RESAMPLES), Verdict())


def recommended(evidence: Mapping[str, Evidence], decision: Decision = F1) -> str:
    return str(recommend(evidence, rules_of(decision))["cell"])


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
    choice = recommend(evidence, rules_of())
    assert choice["cell"] == "baseline-m"
    assert choice["threshold"] == evidence["baseline-m"].metrics["tuned"]["threshold"]


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
    choice = recommend(evidence, rules_of())
    assert (choice["cell"], choice["threshold"]) == ("baseline-m", 0.1)


@given(seed=st.integers(0, 10_000), gain=st.sampled_from([-0.2, 0.001, 0.2]))
@settings(max_examples=15, deadline=None)
def test_nothing_of_the_test_part_recommends(seed: int, gain: float) -> None:
    """Whatever the test part says, in every number and replicate, the choice is the same."""
    evidence = arms(baseline=0.4, class_weight=0.4 + gain / 2, smote=0.4 + gain)
    rng, changed = np.random.default_rng(seed), {}
    for cell, known in evidence.items():
        metrics = copy.deepcopy(dict(known.metrics))
        for section, name in product(ON_TEST, ("average_precision", "brier_score", "f1")):
            metrics[section][name] = float(rng.uniform())
        replicates = pd.DataFrame(rng.uniform(size=known.replicates.shape))
        changed[cell] = Evidence(metrics, known.folds, replicates)
    assert recommend(evidence, rules_of()) == recommend(changed, rules_of())


def test_the_default_threshold_does_not_recommend() -> None:
    """Nor do its fold scores: the arm is used with the threshold that goes with it."""
    evidence = arms(baseline=0.4, smote=0.6)
    poor = {
        cell: Evidence(
            known.metrics, known.folds.assign(default_f1=float(cell[0] == "b")), known.replicates
        )
        for cell, known in evidence.items()
    }
    assert recommend(evidence, rules_of()) == recommend(poor, rules_of())


def test_the_order_of_arms_does_not_recommend() -> None:
    """Listing strategies in another order takes the same one."""
    evidence = arms(baseline=0.4, class_weight=0.45, smote=0.46, easy=0.47)
    turned = dict(reversed(evidence.items()))
    assert recommend(evidence, rules_of()) == recommend(turned, rules_of())


@pytest.mark.parametrize("decision", [F1, COST])
def test_the_reason_has_the_numbers_of_both_arms(decision: Decision) -> None:
    """Of the arm that is taken and of the best one, as they are and not negated."""
    better = 0.452 if decision is F1 else 0.448
    why = recommend(arms(decision, baseline=0.45, smote=better), rules_of(decision))["why"]
    assert f"cross-validated {decision.objective}" in why
    assert "(0.450)" in why
    assert f"({better:.3f}, smote-m)" in why


def test_an_arm_that_is_best_says_so() -> None:
    """The remedy that won is not called simple."""
    why = recommend(arms(baseline=0.4, smote=0.6), rules_of())["why"]
    assert "best" in why
    assert "(0.600)" in why
    assert "simplest" not in why


def answer(cell: str, view: str, metric: str, verdict: str, source: str = "test") -> dict[str, Any]:
    said = {"cell": cell, "view": view, "metric": metric, "verdict": verdict, "source": source}
    return said | {"effect": 0.1, "interval": [-0.2, 0.01], "rope": 0.01}


def said_of(
    comparisons: list[dict[str, Any]],
    models: list[dict[str, Any]] | None = None,
    evidence: Mapping[str, Evidence] | None = None,
    elkan: list[dict[str, Any]] | None = None,
) -> list[str]:
    """The conclusions from such answers, of arms whose decisions go by a threshold."""
    cells = {answer["cell"] for answer in comparisons}
    known = {cell: arm("smote", 0.5) for cell in cells} if evidence is None else evidence
    comparison = {"comparisons": comparisons, "models": models or [], "elkan": elkan or []}
    return conclusions(comparison, known)


def answers(cell: str, default: str, tuned: str, source: str = "test") -> list[dict[str, Any]]:
    return [
        answer(cell, "ranking", "average_precision", "worse", source),
        answer(cell, "ranking", "roc_auc", "undecided", source),
        answer(cell, "default", "f1", default, source),
        answer(cell, "tuned", "f1", tuned, source),
    ]


@pytest.mark.parametrize(("default", "tuned"), list(product(VERDICTS, VERDICTS)))
def test_the_gain_is_called_the_thresholds_exactly_when_it_is(default: str, tuned: str) -> None:
    """Better by default and not better when each arm has its own threshold."""
    (said,) = said_of(answers("smote-m", default, tuned))
    assert (MORAL in said) == (default == "better" and tuned != "better")


@pytest.mark.parametrize(
    ("metric", "interval", "moral"),
    [
        ("f1", [-0.2, 0.0099], MORAL),
        (
            "f1",
            [-0.2, 0.0999],
            "at most 0.100 of the gain is the model's, the rest comes of a threshold",
        ),
        ("f1", [-0.2, 0.1001], "nothing shows that more than a threshold brings the gain"),
        ("cost", [-0.0099, 0.2], MORAL),
        (
            "cost",
            [-0.0999, 0.2],
            "at most 0.100 of the gain is the model's, the rest comes of a threshold",
        ),
        ("cost", [-0.1001, 0.2], "nothing shows that more than a threshold brings the gain"),
    ],
)
def test_where_a_gain_may_be_left_it_is_not_called_the_thresholds(
    metric: str, interval: list[float], moral: str
) -> None:
    """Undecided is no proof of nothing: a gain that matters must be outside the interval."""
    given = answers("smote-m", "better", "undecided")
    given[-1] |= {"metric": metric, "interval": interval}
    (said,) = said_of(given)
    assert said.endswith(f" {moral}.")


def test_what_is_undecided_is_said_with_what_would_decide() -> None:
    """Positives that are missing stand beside the verdict; where no number would do, none."""
    given = answers("smote-m", "undecided", "undecided")
    given[2]["positives_needed"], given[3]["positives_needed"] = 1234, None
    (said,) = said_of(given)
    assert "f1 by default undecided (+0.100; 1,234 more positives should decide)," in said
    assert "with a threshold of its own undecided (+0.100)." in said
    given[3]["positives_needed"] = 1
    assert "(+0.100; 1 more positive should decide)" in said_of(given)[0]
    (of_several,) = said_of(given, evidence={"smote-m": with_weights(arm("smote", 0.5))})
    assert "1,234 more rows of the rarest class should decide" in of_several


def test_what_elkans_threshold_comes_to_is_said_of_every_arm() -> None:
    """Beside the tuned one, with its threshold where all rows share one."""
    elkan = {"cost": 0.41, "threshold": 1 / 6}
    known = arm("smote", 0.5, COST)
    known = replace(known, metrics={**known.metrics, "elkan": elkan})
    given = answer("smote-m", "elkan", "cost", "worse")
    (said,) = said_of([], evidence={"smote-m": known}, elkan=[given])
    assert said == (
        "smote-m: cost is 0.41 by Elkan's threshold (0.1667) on recalibrated probabilities and 0.3"
        " with a threshold of its own: worse (+0.100)."
    )
    del elkan["threshold"]
    (said,) = said_of([], evidence={"smote-m": known}, elkan=[given])
    assert "by Elkan's threshold on recalibrated" in said
    several = {"smote-m": with_weights(known)}
    (said,) = said_of([], evidence=several, elkan=[given])
    assert "by least expected cost on recalibrated probabilities" in said


def with_limit(known: Evidence, kept: float) -> Evidence:
    """An arm whose threshold keeps the objective's limit out of fold, or cannot."""
    out_of_fold = known.metrics["out_of_fold"] | {"limit_kept": kept}
    return replace(known, metrics={**known.metrics, "out_of_fold": out_of_fold})


def test_an_arm_that_breaks_the_limit_is_not_recommended_over_one_that_keeps_it() -> None:
    """More recall is no merit where the precision asked for is out of reach."""
    found = arms(baseline=0.4, class_weight=0.6, smote=0.9)
    kept = {"baseline-m": 1.0, "class_weight-m": 1.0, "smote-m": 0.0}
    choice = recommend({c: with_limit(e, kept[c]) for c, e in found.items()}, rules_of())
    assert choice["cell"] == "class_weight-m"
    assert "among those that keep the limit out of fold (0.600)" in choice["why"]
    none = recommend({c: with_limit(e, 0.0) for c, e in found.items()}, rules_of())
    assert none == recommend(found, rules_of())
    assert none["cell"] == "smote-m"


def test_a_conclusion_keeps_three_claims_apart() -> None:
    """Ranking by average precision, decisions by default, decisions with a threshold each."""
    (said,) = said_of(answers("smote-m", "better", "worse"))
    assert said.startswith("smote-m: average_precision worse (+0.100);")
    assert "f1 by default better (+0.100)," in said
    assert "with a threshold of its own worse (+0.100)" in said


def test_every_arm_has_one_conclusion_from_the_test_part() -> None:
    """Answers over folds add none and change none."""
    on_test = answers("smote-m", "better", "worse") + answers("under-m", "worse", "worse")
    over_folds = answers("smote-m", "worse", "better", "cv")
    assert len(said_of(on_test)) == 2
    assert said_of(on_test) == said_of([*over_folds, *on_test, *over_folds])


def test_nothing_is_concluded_of_a_baseline_alone() -> None:
    """Without a remedy there is no claim."""
    assert said_of([]) == []


def with_weights(known: Evidence) -> Evidence:
    """An arm of several classes, which decides by class weights instead of a threshold."""
    tuned = {name: v for name, v in known.metrics["tuned"].items() if name != "threshold"}
    metrics = dict(known.metrics) | {"tuned": tuned | {"weights": {"a": 1.0, "b": 2.5}}}
    return Evidence(metrics, known.folds, known.replicates)


def test_of_several_classes_the_weights_that_go_with_the_arm_are_recommended() -> None:
    """Whoever takes the arm gets what its decisions go by, in the numbers and in words."""
    evidence = {cell: with_weights(known) for cell, known in arms(baseline=0.4, smote=0.6).items()}
    choice = recommend(evidence, rules_of())
    assert set(choice) == {"cell", "weights", "why"}
    assert choice["weights"] == {"a": 1.0, "b": 2.5}
    assert "with class weights of its own" in choice["why"]
    by_threshold = recommend(arms(baseline=0.4, smote=0.6), rules_of())
    assert choice["cell"] == by_threshold["cell"]
    assert set(by_threshold) == {"cell", "threshold", "why"}


def test_of_several_classes_the_gain_is_called_that_of_class_weights() -> None:
    """The moral names what the decisions of that arm go by."""
    evidence = {"smote-m": with_weights(arm("smote", 0.5))}
    (said,) = said_of(answers("smote-m", "better", "undecided"), evidence=evidence)
    assert "with class weights of its own undecided (+0.100)" in said
    assert "the gain comes of class weights, not of the model" in said
    assert "threshold" not in said


def test_what_another_model_changes_is_said_beside_what_remedies_change() -> None:
    """Once for each other model, by average precision on test, with both values."""
    evidence = arms(baseline=0.4, smote=0.5) | {"baseline-b": arm("baseline", 0.4)}
    evidence["baseline-b"].metrics["test"]["average_precision"] = 0.7
    moved = answers("smote-m", "better", "worse") + answers("smote-m", "better", "better", "cv")
    moved += answers("under-m", "worse", "worse")
    moved[0]["effect"], moved[4]["effect"], moved[8]["effect"] = -0.045, 0.9, 0.01
    evidence["under-m"] = arm("class_weight", 0.5)
    models = [
        answer("baseline-b", "ranking", metric, "better", source)
        | {"against": "baseline-m", "effect": 0.3}
        for metric in ("average_precision", "roc_auc")
        for source in ("test", "cv")
    ]
    *_, last = said = said_of(moved, models, evidence)
    assert len(said) == 3
    assert last == (
        "Without a remedy, average_precision is 0.700 (baseline-b) and 0.400 (baseline-m):"
        " better (+0.300); no remedy moves it by more than 0.045."
    )


def test_a_model_that_treats_imbalance_itself_is_not_called_without_a_remedy() -> None:
    """Its strategy is the baseline, its treatment an ensemble that samples."""
    evidence = {f"baseline-{model}": arm("baseline", 0.4) for model in "ab"}
    evidence["baseline-b"] = arm("easy", 0.4)
    models = [
        answer("baseline-b", "ranking", "average_precision", "undecided")
        | {"against": "baseline-a"}
    ]
    (said,) = said_of([], models, evidence)
    assert said.startswith("With the same strategy, average_precision is 0.400 (baseline-b) and")


def test_without_a_remedy_only_the_models_are_spoken_of() -> None:
    """There is nothing beside them then."""
    evidence = {f"baseline-{model}": arm("baseline", 0.4) for model in "ab"}
    models = [
        answer("baseline-b", "ranking", "average_precision", "undecided")
        | {"against": "baseline-a"}
    ]
    (said,) = said_of([], models, evidence)
    assert said.endswith(": undecided (+0.100).")
    assert "remedy moves" not in said

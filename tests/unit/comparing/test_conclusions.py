"""What is said of a remedy rests on the folds, what is said of a fitted model on the test part."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import pandas as pd
import pytest
from tests.answers import answer as any_answer
from tests.answers import result_of

from equipoise.comparing.conclusions import describe_fitted_models, describe_remedies
from equipoise.comparing.results import Answer, Verdicts
from equipoise.judging.evidence import Evidence

VERDICTS = ("better", "worse", "equivalent", "undecided")
FROM_THE_THRESHOLD = "the gain comes from the threshold, not from the model"
LEAVES_NONE = "the interval with a tuned threshold leaves no gain that matters"
LEFT = "the interval with a tuned threshold allows a gain of at most 0.100"
NOT_SHOWN = "a tuned threshold alone may give the same gain"
SOURCES = {"remedy": "cv", "model": "test"}
THRESHOLD = {"threshold": 0.2}
SEVERAL: dict[str, Any] = {"classes": ["a", "b", "c"]}
SEVERAL |= {f"class_{label}": {"n": 1000} for label in SEVERAL["classes"]}

Answers = list[Answer]


def answer(
    arm: str, view: str, metric: str, verdict: str, claim: str = "remedy", **more: Any
) -> Answer:
    said = {"arm": arm, "view": view, "metric": metric, "verdict": verdict}
    about = {"claim": claim, "source": SOURCES[claim]}
    return any_answer(**(said | about | {"effect": 0.1, "interval": (-0.2, 0.01)} | more))


def answers(arm: str, default: str, tuned: str, claim: str = "remedy") -> Answers:
    return [
        answer(arm, "ranking", "average_precision", "worse", claim),
        answer(arm, "ranking", "roc_auc", "undecided", claim),
        answer(arm, "default", "f1", default, claim),
        answer(arm, "tuned", "f1", tuned, claim),
    ]


def evidence(average_precision: float = 0.5, rows: int = 1000, **sections: Any) -> Evidence:
    folds = pd.DataFrame(
        {"average_precision": [average_precision - 0.1, average_precision + 0.1], "n_rare": 1000}
    )
    test = {"n": rows, "prevalence": 0.1}
    metrics = {"test": test, "tuned": THRESHOLD | {"cost": 0.3}, "treatment": "nothing"} | sections
    return Evidence(result_of(metrics), folds, pd.DataFrame(), pd.DataFrame())


def comparison(
    comparisons: Sequence[Answer], models: Sequence[Answer] = (), elkan: Sequence[Answer] = ()
) -> Verdicts:
    return Verdicts("baseline", "f1", tuple(comparisons), tuple(models), tuple(elkan))


def of_remedies(comparisons: Answers, **sections: Any) -> list[str]:
    known = {given.arm: evidence(**sections) for given in comparisons}
    return describe_remedies(comparison(comparisons), known)


def test_a_remedy_is_described_by_ranking_and_by_both_decisions() -> None:
    """Three claims in one sentence that says what it rests on."""
    (said,) = of_remedies(answers("smote-m", "better", "worse"))
    assert said == (
        "smote-m: in cross-validation average precision is worse (+0.100); F1 is better with the"
        " default threshold (+0.100) and worse with a tuned threshold (+0.100):"
        f" {FROM_THE_THRESHOLD}."
    )


@pytest.mark.parametrize("claim", ["remedy", "model"])
def test_what_holds_for_several_arms_is_said_once(claim: str) -> None:
    """With effects from the least to the most; arms of which something else holds stay apart."""
    named = ["smote-m", "under-m", "over-m"]
    alike = [a for arm in named for a in answers(arm, "undecided", "worse", claim)]
    alike[2] = replace(alike[2], effect=-0.2)
    other = answers("weights-m", "worse", "worse", claim)
    known = {arm: evidence() for arm in [*named, "weights-m"]}
    describe = describe_remedies if claim == "remedy" else describe_fitted_models
    (together,) = describe(comparison(alike), known)
    assert together.startswith("All arms with a remedy (smote-m, under-m, over-m): ")
    by_default = "not clearly different with the default threshold (-0.200 to +0.100) and worse"
    assert f"{by_default} with a tuned threshold (+0.100" in together
    assert ("these fitted models' average precision" in together) == (claim == "model")
    apart = describe(comparison([*other, *alike]), known)
    assert [said.partition(":")[0] for said in apart] == [
        "weights-m",
        "3 arms (smote-m, under-m, over-m)",
    ]
    assert len(describe(comparison(alike[: 2 * len(alike) // 3]), known)) == 2


def test_where_decisions_by_default_are_not_compared_nothing_is_said_of_them() -> None:
    """With a limit on alerts, say."""
    asked = [given for given in answers("smote-m", "x", "worse") if given.view != "default"]
    (said,) = of_remedies(asked)
    assert said.endswith("is worse (+0.100); F1 is worse with a tuned threshold (+0.100).")


def test_a_fitted_model_is_called_one() -> None:
    """On the test part nothing is said of a remedy, nor where a gain comes from."""
    given = answers("smote-m", "better", "undecided", "model")
    (said,) = describe_fitted_models(comparison(given), {"smote-m": evidence()})
    assert said == (
        "smote-m: on the test part this fitted model's average precision is worse (+0.100); its F1"
        " is better with the default threshold (+0.100) and not clearly different with a tuned"
        " threshold (+0.100)."
    )


def test_few_test_rows_are_warned_of_before_anything_is_said_of_fitted_models() -> None:
    """From 49 rows of the rarest class down; 50 are enough to say nothing of it."""
    given = comparison(answers("smote-m", "better", "undecided", "model"))
    few, _ = describe_fitted_models(given, {"smote-m": evidence(rows=490)})
    assert few.startswith("There are 49 test rows of the rarest class: with fewer than 50")
    assert len(describe_fitted_models(given, {"smote-m": evidence(rows=500)})) == 1


def test_a_verdict_on_both_kinds_of_decisions_is_said_once() -> None:
    """With the effect on each."""
    (said,) = of_remedies(answers("smote-m", "undecided", "undecided"))
    assert said.endswith(
        "F1 is not clearly different with the default threshold (+0.100) and with a tuned threshold"
        " (+0.100)."
    )


def test_evidence_of_one_kind_does_not_change_what_the_other_says() -> None:
    """Whatever the test part says, the sentence about the remedy is the same, and the reverse."""
    known = {"smote-m": evidence()}
    folds, test = answers("smote-m", "better", "worse"), answers("smote-m", "x", "y", "model")
    for describe, own in ((describe_remedies, folds), (describe_fitted_models, test)):
        assert describe(comparison([*test, *folds]), known) == describe(comparison(own), known)


@pytest.mark.parametrize(("default", "tuned"), list(product(VERDICTS, VERDICTS)))
def test_the_gain_is_called_the_thresholds_exactly_when_it_is(default: str, tuned: str) -> None:
    """Better by default, and shown not to be better once each arm's threshold is tuned."""
    (said,) = of_remedies(answers("smote-m", default, tuned))
    assert (FROM_THE_THRESHOLD in said) == (
        default == "better" and tuned not in {"better", "undecided"}
    )


@pytest.mark.parametrize(
    ("metric", "interval", "explained"),
    [
        ("f1", (-0.2, 0.0099), LEAVES_NONE),
        ("f1", (-0.2, 0.0999), LEFT),
        ("f1", (-0.2, 0.1001), NOT_SHOWN),
        ("cost", (-0.0099, 0.2), LEAVES_NONE),
        ("cost", (-0.0999, 0.2), LEFT),
        ("cost", (-0.1001, 0.2), NOT_SHOWN),
    ],
)
def test_where_a_gain_may_be_left_it_is_not_called_the_thresholds(
    metric: str, interval: tuple[float, float], explained: str
) -> None:
    """Undecided is no proof of nothing: a gain that matters must be outside the interval."""
    given = answers("smote-m", "better", "undecided")
    given[-1] = replace(given[-1], metric=metric, interval=interval)
    (said,) = of_remedies(given)
    assert said.endswith(f": {explained}.")


def test_of_several_classes_the_gain_is_called_that_of_class_weights() -> None:
    """Decisions go by weights then, and F1 is the mean of the classes'."""
    (said,) = of_remedies(answers("smote-m", "better", "equivalent"), **SEVERAL)
    assert "macro F1 is better with default decisions" in said
    assert "with tuned class weights (+0.100)" in said
    assert said.endswith("comes from the class weights of the decision, not from the model.")
    assert "threshold" not in said


def test_what_elkans_threshold_comes_to_is_said_of_every_fitted_model() -> None:
    """Beside the tuned one, with its threshold where all rows share one, and not each its own."""
    given = comparison([], elkan=[answer("smote-m", "elkan", "cost", "worse", "model")])
    elkan = {"cost": 0.41, "threshold": 1 / 6}
    (said,) = describe_fitted_models(given, {"smote-m": evidence(elkan=elkan)})
    assert said == (
        "smote-m: on the test part this fitted model's average cost per case is 0.41 by Elkan's"
        " threshold (0.1667) on recalibrated probabilities and 0.3 with a tuned threshold:"
        " worse (+0.100)."
    )
    (said,) = describe_fitted_models(given, {"smote-m": evidence(elkan={"cost": 0.41})})
    assert "0.41 by Elkan's threshold on recalibrated probabilities" in said
    several = evidence(elkan={"cost": 0.41}, **SEVERAL)
    (said,) = describe_fitted_models(given, {"smote-m": several})
    assert "by least expected cost on recalibrated probabilities" in said
    alike = [answer(arm, "elkan", "cost", "equivalent", "model") for arm in ("smote-m", "bag-m")]
    both = {"smote-m": evidence(elkan=elkan), "bag-m": evidence(elkan=elkan)}
    (said,) = describe_fitted_models(comparison([], elkan=alike), both)
    assert said == (
        "On the test part, Elkan's threshold on recalibrated probabilities costs about the same as"
        " a tuned threshold: smote-m, bag-m."
    )


def test_what_another_model_changes_is_said_beside_what_remedies_change() -> None:
    """Once for each other model, by average precision over the folds, with both values."""
    moved = answers("smote-m", "better", "worse") + answers("smote-m", "worse", "better", "model")
    moved[0], moved[4] = replace(moved[0], effect=-0.045), replace(moved[4], effect=0.9)
    models = [
        answer("baseline-b", "ranking", metric, "better", claim, against="baseline-m", effect=0.3)
        for metric in ("average_precision", "roc_auc")
        for claim in ("model", "remedy")
    ]
    known = {"smote-m": evidence(), "baseline-b": evidence(0.7), "baseline-m": evidence(0.4)}
    of_remedy, of_model = describe_remedies(comparison(moved, models), known)
    assert of_remedy.startswith("smote-m: ")
    assert of_model == (
        "Without a remedy, cross-validated average precision is better (+0.300) for baseline-b"
        " (0.700) than for baseline-m (0.400); the largest change found with a remedy is 0.045."
    )
    (alone,) = describe_remedies(comparison([], models), known)
    assert alone.endswith("for baseline-b (0.700) than for baseline-m (0.400).")
    same = replace(models[1], verdict="undecided")
    (open_still,) = describe_remedies(comparison([], [same]), known)
    assert open_still.endswith(
        "not clearly different (+0.300) for baseline-b (0.700) and baseline-m (0.400)."
    )
    known = {
        name: replace(own, folds=own.folds.assign(tuned_f1=own.folds["average_precision"] / 2))
        for name, own in known.items()
    }
    decides = answer("baseline-b", "tuned", "f1", "worse", against="baseline-m", effect=-0.05)
    (tuned,) = describe_remedies(comparison([], [decides]), known)
    assert tuned == (
        "Without a remedy, cross-validated F1 with a tuned threshold is worse (-0.050) for"
        " baseline-b (0.350) than for baseline-m (0.200)."
    )


def test_a_model_that_treats_imbalance_itself_is_not_called_without_a_remedy() -> None:
    """Its strategy is the baseline, its treatment an ensemble that samples."""
    known = {"baseline-a": evidence(), "baseline-b": evidence(treatment="ensemble")}
    given = answer("baseline-b", "ranking", "average_precision", "worse", against="baseline-a")
    (said,) = describe_remedies(comparison([], [given]), known)
    assert said.startswith("With the same strategy, cross-validated average precision is worse")


def test_nothing_is_concluded_of_a_baseline_alone() -> None:
    """Without a remedy there is no claim."""
    known = {"baseline-m": evidence()}
    for describe in (describe_remedies, describe_fitted_models):
        assert describe(comparison([]), known) == []

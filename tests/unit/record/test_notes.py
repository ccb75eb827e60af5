"""Descriptions of runs: what was found, in Markdown that shows names as they are."""

from tests.answers import answer, comparison, recommendation, result_of

from equipoise.comparing.results import Comparison
from equipoise.judging.arm_result import ArmResult
from equipoise.record.notes import MOST, make_arm_note, make_trial_note

ODD = "a|b_c*<script>"


def arm(name: str, strategy: str = "smote") -> ArmResult:
    """A metrics file with few numbers."""
    return result_of(
        {
            "arm": name,
            "strategy": strategy,
            "test": {"average_precision": 0.25},
            "tuned": {"f1": 0.5, "threshold": 0.125},
            "interval": {"average_precision": [0.2, 0.3]},
        }
    )


def found(*names: str) -> Comparison:
    """A comparison in which the first arm is recommended."""
    sentences = [f"{name}: F1 is worse (-0.1)" for name in names[1:]]
    return comparison(
        baseline="none",
        recommended=recommendation(names[0], "it is simplest", weights={ODD: 2.0}),
        conclusions=tuple(sentences),
        conclusions_on_test=tuple(f"{sentence} on test" for sentence in sentences),
        comparisons=tuple(
            answer(arm=name, view=view, metric=metric, verdict="worse", claim=claim, effect=effect)
            for effect, name in enumerate(names[1:])
            for claim in ("remedy", "model")
            for view, metric in (("ranking", "average_precision"), ("tuned", "f1"))
        ),
    )


def test_remedies_come_first_and_fitted_models_last() -> None:
    """The recommendation, what folds say, then the arms' numbers on the test part."""
    note = make_trial_note(found("none-m", "smote-m"), [arm("none-m", "none"), arm("smote-m")])
    assert note.startswith("**Recommended: none-m with class weights")
    assert "2):** it is simplest.\n" in note
    assert "| smote-m | 0.2500 | 0.5000 | 0.1250 |" in note
    assert note.index("- smote-m: F1 is worse (-0.1)\n") < note.index("| smote-m |")
    assert note.endswith("- smote-m: F1 is worse (-0.1) on test")


def test_labels_of_users_are_text() -> None:
    """No sign of a label becomes a column, emphasis or an element."""
    note = make_trial_note(found("none-m"), [arm("none-m", "none")])
    assert r"a\|b\_c\*\<script\>: 2" in note


def test_an_arm_has_its_own_sentence() -> None:
    """Of its remedy and its fitted model; no recommendation that is not its own."""
    note = make_arm_note(found("none-m", "smote-m", "smote-m2"), arm("smote-m2"))
    compared, of_remedy, of_model, *rest = note.splitlines()
    assert compared == "smote-m2 is compared with baseline-logistic."
    assert of_remedy.startswith("In cross-validation average precision is worse (+1.000); F1")
    assert of_model.startswith("On the test part this fitted model's average precision is worse")
    assert rest[0] == ""
    assert "| average\\_precision | 0.2500 | 0.2000 to 0.3000 |" in note


def test_the_recommended_baseline_says_so() -> None:
    """Both what it is and that it is to be taken."""
    note = make_arm_note(found("none-m"), arm("none-m", "none"))
    assert note.startswith("**Recommended.**\n\nnone-m is the baseline")


def test_many_arms_are_cut_at_a_line() -> None:
    """MLflow refuses longer tags, and half a row is no row."""
    names = [f"arm{n}-model" for n in range(300)]
    note = make_trial_note(found(*names), [arm(name) for name in names])
    assert MOST / 2 < len(note) <= MOST + 3
    *_, last, empty, end = note.splitlines()
    assert (last[:5], last[-1], empty, end) == ("- arm", ")", "", "…")

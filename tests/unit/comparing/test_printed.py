"""The printed table: every number, whole, within a hundred columns."""

import io
import re
from dataclasses import replace
from typing import Any

import pytest
from tests.answers import answer, comparison, recommendation, result_of

from equipoise.comparing.printed import MEANS, MOST_COLUMNS, RATIOS, WIDTH, print_comparison
from equipoise.comparing.results import Answer, Comparison
from equipoise.deciding.objectives import OF_A_POSITIVE_CLASS
from equipoise.judging.arm_result import CELLS
from equipoise.params.decision_params import Decision
from equipoise.params.trial_params import Uncertainty

OBJECTIVES = sorted(Decision.model_json_schema()["properties"]["objective"]["enum"])
OF_SEVERAL = sorted({*OBJECTIVES} - {*OF_A_POSITIVE_CLASS})
RECOMMENDED = recommendation("baseline-logistic", "it is the simplest", threshold=0.191234)
ESCAPE = "\x1b"


def evaluated(arm: str, scale: int = 1) -> dict[str, Any]:
    """The numbers of an arm, with counts of a table `scale` times as large."""
    return {
        "arm": arm,
        "test": {
            "n": 1500 * scale,
            "prevalence": 0.104667,
            "average_precision": 0.453412,
            "roc_auc": 0.848634,
            "brier_score": 0.0740251,
            "log_loss": 0.251649,
        },
        "default": decision(0.5, scale),
        "tuned": decision(0.191234, scale),
        "calibrated": {"brier_score": 0.0712678},
    }


def decision(threshold: float, scale: int) -> dict[str, float]:
    counts = dict(zip(CELLS, (1331 * scale, 12 * scale, 134 * scale, 23 * scale), strict=True))
    ratios = dict(zip(RATIOS, (0.902667, 0.657143, 0.146497, 0.239583), strict=True))
    return {"threshold": threshold} | counts | ratios


def compared(arm: str, metric: str, view: str, verdict: str) -> Answer:
    return answer(
        arm=arm,
        metric=metric,
        view=view,
        source="test",
        claim="model",
        effect=-0.041234,
        interval=(-0.062345, 0.023456),
        p=0.0009995,
        p_holm=0.001999,
        verdict=verdict,
    )


def over_folds(asked: Answer) -> Answer:
    """The answer to the same question over the folds of train."""
    return replace(
        asked, source="cv", claim="remedy", effect=-0.0371, p_holm=0.0089, verdict="undecided"
    )


def comparison_of(comparisons: list[Answer], objective: str = "f1") -> Comparison:
    return comparison(
        *comparisons,
        objective=objective,
        conclusions=tuple(f"{asked.arm} ranks worse." for asked in comparisons[:1]),
        conclusions_on_test=("this fitted model ranks worse.",) if comparisons else (),
        recommended=RECOMMENDED,
    )


def printed(
    capsys: pytest.CaptureFixture[str],
    *remedies: str,
    confidence: float = 0.95,
    scale: int = 1,
    p_holm: float = 0.001999,
) -> str:
    """What is printed of a baseline and its remedies."""
    ranking, calibrated = (
        [replace(compared(arm, metric, view, "worse"), p_holm=p_holm) for arm in remedies]
        for metric, view in [("average_precision", "ranking"), ("brier_score", "calibrated")]
    )
    comparison = comparison_of(
        [a for asked in (ranking, calibrated) for a in (*map(over_folds, asked), *asked)]
    )
    arms = [evaluated(arm, scale) for arm in ("baseline-logistic", *remedies)]
    print_comparison([*map(result_of, arms)], comparison, Uncertainty(confidence=confidence))
    return capsys.readouterr().out


def rows_of(output: str, arm: str) -> list[list[float]]:
    """The numbers of every row about an arm."""
    number = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:e[-+]\d+)?(?![\w.%])")
    lines = [line for line in output.splitlines() if line.split()[:1] == [arm]]
    lines = [line for line in lines if " ranks " not in line]
    return [[float(found) for found in number.findall(line)] for line in lines]


def test_the_test_part_is_described(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever reads the table knows how many rows it rests on, and how rare positives are."""
    assert "1,500 rows, 10.47% positive" in printed(capsys, "smote-logistic")


def test_every_number_of_an_arm_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """Scores, then both decisions, each figure to four decimals and each count whole."""
    rows = rows_of(printed(capsys, "smote-logistic"), "smote-logistic")
    counts, ratios = [1331, 12, 134, 23], [0.9027, 0.6571, 0.1465, 0.2396]
    assert rows[:3] == [
        [0.4534, 0.8486, 0.0740, 0.2516, 0.0713],
        [0.5, *counts, *ratios],
        [0.191234, *counts, *ratios],
    ]


def test_a_difference_is_printed_with_its_interval_and_verdict(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The remedy first, over the folds; beside it what the test part says of the fitted model."""
    output = printed(capsys, "smote-logistic")
    expected = [-0.0371, -0.062345, 0.023456, 0.0089, -0.041234, 0.001999]
    for row in rows_of(output, "smote-logistic")[3:5]:
        assert row == pytest.approx(expected, abs=5.1e-4)
    lines = [line.split() for line in output.splitlines() if "undecided" in line]
    assert [line[-1] for line in lines] == ["worse"] * 2


@pytest.mark.parametrize("p_holm", [0.0002, 0.00002])
def test_a_small_p_value_is_not_printed_as_zero(
    capsys: pytest.CaptureFixture[str], p_holm: float
) -> None:
    """With many replicates a p-value gets small, and never 0."""
    output = printed(capsys, "smote-logistic", p_holm=p_holm)
    assert not re.search(r" 0\.0+ ", output)


def test_every_arm_is_in_every_table(capsys: pytest.CaptureFixture[str]) -> None:
    """No arm is dropped: the baseline has its numbers, remedies their differences as well."""
    output = printed(capsys, "smote-logistic", "class_weight-logistic")
    assert len(rows_of(output, "baseline-logistic")) == 3
    assert len(rows_of(output, "smote-logistic")) == 5
    assert len(rows_of(output, "class_weight-logistic")) == 5


@pytest.mark.parametrize(
    ("confidence", "said"), [(0.95, "95%"), (0.9, "90%"), (0.995, "99.5%"), (0.999, "99.9%")]
)
def test_the_level_of_the_intervals_is_the_users(
    capsys: pytest.CaptureFixture[str], confidence: float, said: str
) -> None:
    """An interval says which share it holds; a 99.5 % one is not called a 100 % one."""
    assert f" {said} interval" in printed(capsys, "smote-logistic", confidence=confidence)


def test_a_baseline_alone_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """A trial of one arm shows its numbers and claims nothing."""
    output = printed(capsys)
    assert len(rows_of(output, "baseline-logistic")) == 3
    assert "worse" not in output


def test_nothing_but_text_is_printed_to_a_file(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log of the run holds no colour codes."""
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    assert ESCAPE not in printed(capsys, "smote-logistic")


@pytest.mark.parametrize("scale", [1, 1000])
@pytest.mark.parametrize("remedy", ["smote-logistic", "random_under_sampler-gradient_boosting"])
def test_lines_fit_and_numbers_are_whole(
    capsys: pytest.CaptureFixture[str], remedy: str, scale: int
) -> None:
    """Long names and large tables neither break lines nor cut numbers short."""
    output = printed(capsys, remedy, scale=scale)
    assert max(map(len, output.splitlines())) <= WIDTH
    for number in (1331 * scale, 134 * scale, "0.9027", "0.2396"):
        assert len(re.findall(rf"(?<!\S){number}(?!\S)", output)) == 4


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_terminal_can_show_the_table(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain C locale, as in many containers and cron jobs, ends in no error."""
    written = io.BytesIO()
    screen = io.TextIOWrapper(written, encoding=encoding, errors="strict")
    monkeypatch.setattr("sys.stdout", screen)
    arms = [evaluated("baseline-logistic"), evaluated("random_under_sampler-gradient_boosting")]
    asked = compared(arms[1]["arm"], "roc_auc", "ranking", "better")
    answers = [over_folds(asked), asked]
    print_comparison([*map(result_of, arms)], comparison_of(answers), Uncertainty())
    screen.flush()
    assert b"better" in written.getvalue()


def test_conclusions_and_the_recommendation_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """The last lines say what to take, with the threshold that goes with it."""
    output = printed(capsys, "smote-logistic")
    assert output.index("smote-logistic ranks worse.") < output.index("this fitted model")
    recommendation = "Recommended: baseline-logistic with threshold 0.191234: it is the simplest."
    assert output.splitlines()[-1].strip() == recommendation


def test_a_label_of_two_lines_is_on_one(capsys: pytest.CaptureFixture[str]) -> None:
    """Else its second could pass for a sentence of the comparison."""
    told = replace(comparison_of([]), conclusions=("class a\nsmote is better: 0.2",))
    print_comparison([result_of(evaluated("baseline-logistic"))], told, Uncertainty())
    assert "\nclass a\\nsmote is better: 0.2" in capsys.readouterr().out


def test_a_note_that_many_arms_have_is_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Notes that begin alike, up to a colon; the others stay with their arms."""
    bad = "this fitted model's probabilities are bad"
    notes = {f"a{n}-m": f"{bad}: 0.{n} against 0.1" for n in range(3)}
    arms = [evaluated(arm) | {"note": note} for arm, note in {**notes, "b-m": "odd: 7"}.items()]
    print_comparison([*map(result_of, arms)], comparison_of([]), Uncertainty())
    output = " ".join(capsys.readouterr().out.split())
    shared = "3 arms (a0-m, a1-m, a2-m): these fitted models' probabilities are bad"
    assert f"{shared}; the page has the numbers. b-m: odd: 7" in output


def test_notes_are_printed_with_the_arm_they_are_about(capsys: pytest.CaptureFixture[str]) -> None:
    """What is unusual about a threshold stands beside the table."""
    unusual = evaluated("baseline-logistic") | {"note": "nothing alerts"}
    print_comparison(
        [*map(result_of, (unusual, evaluated("smote-logistic")))], comparison_of([]), Uncertainty()
    )
    output = capsys.readouterr().out
    assert "baseline-logistic: nothing alerts" in output
    assert "smote-logistic: " not in output


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("value", [0.123456, 98765.4321])
def test_every_objective_has_its_column(
    capsys: pytest.CaptureFixture[str], objective: str, value: float
) -> None:
    """What the threshold was tuned for is in the table, whatever it is, within the width."""
    arms = [evaluated("baseline-logistic"), evaluated("random_under_sampler-gradient_boosting")]
    for arm in arms:
        for view in ("default", "tuned"):
            arm[view] = arm[view] | {objective: value}
    print_comparison([*map(result_of, arms)], comparison_of([], objective), Uncertainty())
    output = capsys.readouterr().out
    assert max(map(len, output.splitlines())) <= WIDTH
    assert objective in output.split()
    assert output.split().count(f"{value:.4f}") == 4


def test_long_sentences_break_at_the_width(capsys: pytest.CaptureFixture[str]) -> None:
    """Conclusions and reasons of any length stay within the width, no word lost."""
    said = comparison(
        conclusions=("random_under_sampler-gradient_boosting decides no differently " * 5,),
        recommended=replace(RECOMMENDED, why="it is the simplest arm of them all " * 5),
    )
    print_comparison([result_of(evaluated("baseline-logistic"))], said, Uncertainty())
    output = capsys.readouterr().out
    assert max(map(len, output.splitlines())) <= WIDTH
    assert output.split().count("differently") == 5
    assert output.split().count("simplest") == 5


ODD = ["50%+", "a b", "ü"]
LONG = ["random_under_sampler-gradient_boosting", "baseline-logistic"]


def of_classes(arm: str, labels: list[str], scale: int = 1) -> dict[str, Any]:
    """The numbers of an arm on several classes: the last is the rarest, no recall is another's."""
    means = dict(zip(MEANS, (0.811234, 0.562433, 0.56288, 0.769817, 0.555084), strict=True))
    sections = {
        f"class_{label}": {
            "n": 100 * scale - position,
            "default_recall": 0.9 - position / 100,
            "tuned_recall": 0.5 - position / 100,
        }
        for position, label in enumerate(labels)
    }
    decided = {"default": means | {"f1": 0.56288}, "tuned": means | {"f1": 0.56288}}
    return evaluated(arm, scale) | {"classes": labels} | sections | decided


def printed_of_classes(
    capsys: pytest.CaptureFixture[str],
    labels: list[str],
    arms: list[str],
    objective: str = "f1",
    scale: int = 1,
) -> str:
    """What is printed of arms on several classes, the first of them recommended."""
    weights = dict.fromkeys(labels, 1.0) | {labels[-1]: 12.3456789}
    recommended = recommendation(arms[0], "it is the simplest", weights=weights)
    answers = [compared(arm, "roc_auc", "ranking", "worse") for arm in arms[1:]]
    comparison = comparison_of([*map(over_folds, answers), *answers], objective)
    comparison = replace(comparison, recommended=recommended)
    metrics = [of_classes(arm, labels, scale) for arm in arms]
    for arm in metrics:
        for view in ("default", "tuned"):
            arm[view].setdefault(objective, 0.123456)
    print_comparison([*map(result_of, metrics)], comparison, Uncertainty())
    return capsys.readouterr().out


def recalls_in(output: str, arm: str) -> list[list[float]]:
    """The recalls of an arm, by default and tuned, class by class."""
    below = output.split("recall, default")[1].split("Difference", maxsplit=1)[0]
    return rows_of(below, arm)


def test_of_several_classes_the_rarest_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """What the prevalence is the share of, by the label that the user knows."""
    output = printed_of_classes(capsys, ODD, ["baseline-logistic"])
    assert "1,500 rows, 10.47% of class ü, the rarest of 3 classes" in output


def test_of_several_classes_decisions_are_told_by_means_and_recall_by_class(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No threshold and no counts of two classes; each class has its column, in the file's order."""
    output = printed_of_classes(capsys, ODD, ["baseline-logistic", "smote-logistic"])
    heading = next(line for line in output.splitlines() if "50%+" in line and "a b" in line)
    assert heading.split() == ["arm", "50%+", "a", "b", "ü"]
    for arm in ("baseline-logistic", "smote-logistic"):
        scores, *decided = rows_of(output, arm)[:3]
        assert scores == [0.4534, 0.8486, 0.0740, 0.2516, 0.0713]
        assert decided == [[0.8112, 0.5624, 0.5629, 0.7698, 0.5551]] * 2
        assert recalls_in(output, arm) == [[0.9, 0.89, 0.88], [0.5, 0.49, 0.48]]
    for absent in ("threshold", "tn", "fp"):
        assert absent not in output.split()


def test_of_several_classes_class_weights_are_recommended(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The last line says what to decide by, label by label."""
    output = printed_of_classes(capsys, ODD, ["baseline-logistic"])
    said = "baseline-logistic with class weights (50%+: 1, a b: 1, ü: 12.3): it is the simplest."
    assert f"Recommended: {said}" in " ".join(output.split())


@pytest.mark.parametrize("objective", OF_SEVERAL)
def test_every_objective_of_several_classes_has_its_column(
    capsys: pytest.CaptureFixture[str], objective: str
) -> None:
    """F1 goes by its full name; what is not among the usual numbers takes the place of accuracy."""
    output = printed_of_classes(capsys, ODD, LONG, objective)
    column = "macro_f1" if objective == "f1" else objective
    assert output.split().count(column) == 1
    assert ("accuracy" in output.split()) == (column in MEANS)
    assert output.split().count("0.1235") == (0 if column in MEANS else 4)
    assert max(map(len, output.splitlines())) <= WIDTH


@pytest.mark.parametrize("classes", range(3, MOST_COLUMNS + 1))
@pytest.mark.parametrize(
    "label", ["class {}", "slight injury of somebody {}", "x" * 70 + "{}", "[red]{}[/red] :+1:"]
)
def test_lines_fit_and_recalls_are_whole_whatever_classes_are_called(
    capsys: pytest.CaptureFixture[str], label: str, classes: int
) -> None:
    """Long labels break, take no arm's name away, and none is read as an instruction."""
    labels = [label.format(position) for position in range(classes)]
    output = printed_of_classes(capsys, labels, LONG, scale=10_000)
    assert max(map(len, output.splitlines())) <= WIDTH
    by_default = [0.9 - position / 100 for position in range(classes)]
    assert recalls_in(output, "baseline-logistic")[0] == pytest.approx(by_default)
    recalls = output.split("roc_auc")[1].split("recall, tuned")[0]
    assert all(f"{recall:.4f}" in recalls.split() for recall in by_default)
    assert f"of class {labels[-1]}, the" in " ".join(output.split())


def test_more_classes_than_fit_are_told_by_means_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """No table is cut short: the recalls of many classes are left to the metrics files."""
    labels = [f"class {position}" for position in range(MOST_COLUMNS + 1)]
    output = printed_of_classes(capsys, labels, ["baseline-logistic"])
    assert "recall" not in output
    assert f"class 8, the rarest of {MOST_COLUMNS + 1} classes" in output
    assert len(rows_of(output, "baseline-logistic")) == 3


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_terminal_can_show_any_label(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter that a terminal lacks is replaced, and the run ends in no error."""
    written = io.BytesIO()
    screen = io.TextIOWrapper(written, encoding=encoding, errors="strict")
    monkeypatch.setattr("sys.stdout", screen)
    labels = ["rare", "ü", "łódź"]
    weights = recommendation("a-m", weights=dict.fromkeys(labels, 1.0))
    print_comparison(
        [result_of(of_classes("a-m", labels))], comparison(recommended=weights), Uncertainty()
    )
    screen.flush()
    shown = written.getvalue().decode(encoding)
    assert ("ü: 1" in shown) == (encoding != "ascii")
    assert ("łódź" in shown) == (encoding == "utf-8")
    assert "rare: 1" in shown


def test_a_baseline_alone_has_no_empty_table(capsys: pytest.CaptureFixture[str]) -> None:
    """There is no difference to show, and no heading of one."""
    print_comparison([result_of(evaluated("baseline-logistic"))], comparison_of([]), Uncertainty())
    assert "Difference" not in capsys.readouterr().out

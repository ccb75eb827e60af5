"""The tables say what the files say, and sort by numbers rather than by what is shown."""

from dataclasses import replace
from typing import Any

import pytest
from tests.answers import answer

from equipoise.core.difference import ResamplingSummary
from equipoise.judging.arm_result import ArmResult, UsedRule
from equipoise.judging.probability import Probability
from equipoise.page.number_tables import (
    LIKELY,
    list_confusion_matrices,
    make_arms_table,
    make_differences_table,
    make_resampling_table,
)


def test_an_arm_has_its_numbers_intervals_and_verdicts(arms: list[ArmResult]) -> None:
    """The baseline is called so; a remedy's verdict is that of the folds, its effect below."""
    answers = [
        answer(source="test", claim="model", verdict="undecided"),
        answer(),
        answer(view="default", metric="f1", effect=0.1, verdict="better"),
        answer(view="tuned", metric="f1", effect=0.0, verdict="equivalent"),
    ]
    table = make_arms_table(arms, answers, "f1")
    rows = dict(table.rows)
    by_heading = {arm: dict(zip(table.headings, cells, strict=True)) for arm, cells in rows.items()}
    smote, baseline = by_heading["smote-logistic"], by_heading["baseline-logistic"]
    assert smote["average precision"].value == arms[1].test["average_precision"]
    low, high = arms[1].intervals["tuned_f1"]
    assert smote["F1, tuned"].below == f"{low:.3f} to {high:.3f}"
    assert smote["threshold"].value == arms[1].tuned.rule.threshold
    shown = [smote[name].text for name in ("ranking", "decisions, default", "decisions, tuned")]
    assert shown == ["worse", "better", "equivalent"]
    assert smote["ranking"].below == "-0.040"
    assert baseline["ranking"].kind == "baseline"


def test_weights_of_classes_stand_where_there_is_no_threshold(arms: list[ArmResult]) -> None:
    """Several classes decide by weights."""
    by_weights = UsedRule(weights={"a": 1.0, "b": 2.5})
    each = {label: {"n": 50} for label in "ab"}
    weighted = [replace(a, tuned=replace(a.tuned, rule=by_weights), by_class=each) for a in arms]
    table = make_arms_table(weighted, [], "f1")
    assert "class weights" in table.headings
    place = table.headings.index("class weights")
    assert {cells[place].text for _, cells in table.rows} == {"a: 1, b: 2.5"}


NOT_REAL = "no realistic amount"


def test_every_difference_is_a_row() -> None:
    """An undecided one says how many more positives it may take; a decided one nothing."""
    undecided = answer(source="test", claim="model", verdict="undecided")
    open_end = replace(undecided, positives_needed=1234, positives_needed_at_best=56)
    needing = replace(open_end, positives_needed_at_worst=7890)
    best_only = replace(open_end, positives_needed=None)
    as_any_claim = replace(open_end, positives_needed_at_best=1234, positives_needed_at_worst=1234)
    table = make_differences_table(
        [answer(), undecided, best_only, open_end, needing, as_any_claim]
    )
    evidence = [cells[4].text for _, cells in table.rows]
    assert evidence == ["cross-validated", *["fitted model, on test"] * 5]
    needed = [(cells[-1].text, cells[-1].below) for _, cells in table.rows]
    assert needed[:3] == [("", ""), (NOT_REAL, ""), (NOT_REAL, "at best 56")]
    assert needed[3:5] == [("about 1,234", "56 or more"), ("about 1,234", "56 to 7,890")]
    assert needed[5:] == [("at least 1,234", "")]
    assert [arm for arm, _ in table.rows] == ["smote-logistic"] * 6
    likely = Probability(0.8, 0.16, 0.04)
    ((_, cells),) = make_differences_table([answer(probability=likely)]).rows
    assert dict(zip(table.headings, cells, strict=True))[LIKELY].text == "80 / 16 / 4"
    assert [cells[5].value for _, cells in table.rows] == [-0.04] * 6


def test_resampling_shows_what_changed_only() -> None:
    """A class that stays as it was has one number, another two; one that vanished has 0."""
    before = {"0": 3000, "1": 300}
    nothing: dict[str, Any] = {"before": before, "ratios": None, "treatment": "sampler"}
    smote = ResamplingSummary(after={"0": 3000, "1": 3000}, kept=3300, synthetic=2700, **nothing)
    odd = ResamplingSummary(after={"1": 300}, kept=300, synthetic=0, **nothing)
    summaries = {"smote": smote, "odd": odd}
    table = make_resampling_table(summaries, {"smote": 0, "odd": 120})
    assert table.headings[1:3] == ["negative", "positive"]
    rows = [[cell.text for cell in cells] for _, cells in table.rows]
    assert rows == [
        ["smote", "3,000", "300 → 3,000", "3,300", "0", "2,700"],
        ["odd", "3,000 → 0", "300", "180", "120", "0"],
    ]


def test_confusions_are_rows_in_a_thousand(arms: list[ArmResult]) -> None:
    """All cells of a matrix make a thousand; each has its rows and its share of the class."""
    for arm in arms:
        matrices = [*list_confusion_matrices(arm)]
        assert [m.view for m in matrices] == ["default", "tuned"]
        for matrix in matrices:
            assert list(matrix.labels) == ["negative", "positive"]
            counts = [[rows for _, rows, _ in row] for row in matrix.cells]
            assert counts == [list(row) for row in arm.views[matrix.view].confusion]
            assert sum(p for row in matrix.cells for p, _, _ in row) == pytest.approx(1000)
            for row in matrix.cells:
                assert sum(share for _, _, share in row) == pytest.approx(1)

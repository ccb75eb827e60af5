"""A contest: on which rows it is held, what it finds, and when nothing can be known."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from equipoise.core.tables import GROUP, TARGET
from equipoise.deciding.calibrators import Uncalibrated
from equipoise.deciding.classifier import DecidingClassifier
from equipoise.deciding.rules import Threshold
from equipoise.params.trial_params import Params
from equipoise.promoting.contest import UnknownOutcomeError, hold_contest, select_unseen
from equipoise.terminal.params_file import parse_params

LABELS = ("well", "ill")


def draw_rows(rows: int, seed: int) -> pd.DataFrame:
    """Return rows of which a quarter is positive, told apart by the first of two columns."""
    rng = np.random.default_rng(seed)
    target = (rng.random(rows) < 0.25).astype(np.int64)
    return pd.DataFrame({"a": rng.normal(target), "b": rng.normal(size=rows), TARGET: target})


def fit(column: str, labels: tuple[str, ...] = LABELS) -> DecidingClassifier:
    """Return a classifier that was fitted on both columns, with noise in place of the other."""
    train = draw_rows(600, seed=0)
    seen = train[["a", "b"]].copy()
    other = "b" if column == "a" else "a"
    seen[other] = np.random.default_rng(1).normal(size=len(seen))
    pipeline = make_pipeline(StandardScaler().set_output(transform="pandas"), LogisticRegression())
    return DecidingClassifier(
        pipeline.fit(seen, train[TARGET]), Uncalibrated(), Threshold(0.3), labels
    )


@pytest.fixture
def params() -> Params:
    """Params of a trial that tunes for F1, with few resamples."""
    return parse_params(
        {
            "seed": 1,
            "data": {"source": "file", "path": "data/raw/t.csv", "target": "y"},
            "split": {"test_size": 0.3},
            "run": {"strategies": ["baseline"], "models": ["logistic"]},
            "strategies": {"baseline": {}},
            "models": {"logistic": {"class": "LogisticRegression"}},
            "uncertainty": {"resamples": 200},
        },
        "params",
    )


def test_a_model_is_credibly_worse_than_one_that_knows_more(params: Params) -> None:
    rows = draw_rows(900, seed=2)
    contest = hold_contest(fit("b"), fit("a"), rows, params)
    assert contest.metric == "tuned_f1"
    assert contest.rows == 900
    assert contest.interval[1] < 0
    turned = hold_contest(fit("a"), fit("b"), rows, params)
    assert turned.effect == pytest.approx(-contest.effect)


def test_a_model_does_not_differ_from_itself(params: Params) -> None:
    contest = hold_contest(fit("a"), fit("a"), draw_rows(900, seed=2), params)
    assert (contest.effect, contest.interval) == (0, (0, 0))


def test_too_few_rows_and_other_labels_tell_nothing(params: Params) -> None:
    few = draw_rows(900, seed=2).sort_values(TARGET).iloc[:-200]
    with pytest.raises(
        UnknownOutcomeError, match="rows of the rarest class are new to both, and 50"
    ):
        hold_contest(fit("b"), fit("a"), few, params)
    with pytest.raises(UnknownOutcomeError, match="between other labels: no, yes"):
        hold_contest(fit("b"), fit("a", ("no", "yes")), draw_rows(900, seed=2), params)


def test_rows_that_the_champion_learned_from_are_left_out() -> None:
    """Whatever their label: the model knows them."""
    rows = draw_rows(100, seed=3)
    trained_on = rows.iloc[20:50].assign(**{TARGET: 0})
    assert list(select_unseen(rows, trained_on).index) == [*range(20), *range(50, 100)]


def test_rows_are_the_same_after_single_precision_and_arithmetic() -> None:
    """As another program may have stored them; whole numbers are compared in all their digits."""
    rows = draw_rows(100, seed=3).assign(c=2**53, d=-0.0, e=1e300)
    exact = rows["a"].astype("float32").astype("float64")
    stored = rows.assign(a=exact, b=rows["b"] * 3 / 3, d=0.0)
    assert set(rows.columns[(stored != rows).any()]) == {"a", "b"}
    assert list(select_unseen(rows, stored.iloc[20:]).index) == [*range(20)]
    assert len(select_unseen(rows, stored.assign(c=stored["c"] - 1))) == 100


def test_rows_of_another_kind_cannot_be_told_from_one_another() -> None:
    rows = draw_rows(100, seed=3)
    with pytest.raises(UnknownOutcomeError, match="other columns, or other kinds of them: b"):
        select_unseen(rows, rows.astype({"b": "float32"}))
    with pytest.raises(UnknownOutcomeError, match="other kinds of them: c"):
        select_unseen(rows, rows.assign(c=0.0))
    with pytest.raises(UnknownOutcomeError, match="groups cannot be told apart"):
        select_unseen(rows.assign(**{GROUP: 0}), rows)

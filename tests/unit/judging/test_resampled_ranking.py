"""Ranking without sorting again: what scikit-learn gives for each replicate, or close to it."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng
from pandas.testing import assert_frame_equal
from sklearn import metrics as sk

from equipoise.judging import bootstrap
from equipoise.judging.bootstrap import (
    BOOTSTRAP,
    OBSERVED,
    Counts,
    make_strata,
    replicate,
)
from equipoise.judging.resampled_ranking import STEPS, Ranking
from equipoise.metrics.names import Floats, Labels
from equipoise.metrics.ranking import rank_scores

# scikit-learn ranks each of them.
FEW = 25
NAMES = ["average_precision", "roc_auc"]


@pytest.fixture
def blocks_from_500(monkeypatch: pytest.MonkeyPatch) -> None:
    """Classes of more than 500 rows are drawn in blocks, and a long curve is thinned."""
    monkeypatch.setattr(bootstrap, "LARGEST_CLASS", 500)


def labels(*rows_by_class: int) -> Labels:
    return default_rng(5).permutation(np.repeat(np.arange(len(rows_by_class)), rows_by_class))


def some_skill(y_true: Labels) -> Floats:
    return default_rng(7).beta(1 + y_true, 4)


def ties(y_true: Labels) -> Floats:
    return some_skill(y_true).round(1)


def all_tied(y_true: Labels) -> Floats:
    return np.full(len(y_true), 0.25)


def hard(y_true: Labels) -> Floats:
    return (some_skill(y_true) > 0.3).astype(np.float64)


def backwards(y_true: Labels) -> Floats:
    return 1 - some_skill(y_true)


SCORES = [some_skill, ties, all_tied, hard, backwards]


def ranked(
    y_true: Labels, score: Floats, positive: int = 1, resamples: int = FEW, seed: int = 3
) -> pd.DataFrame:
    strata = make_strata(y_true, seed)
    return replicate(strata, Ranking.of(strata, positive, score).measure_ranking, resamples, seed)


def by_scikit_learn(y_true: Labels, score: Floats, positive: int = 1, seed: int = 3) -> Floats:
    """Average precision and ROC-AUC of every replicate, one call each."""
    strata = make_strata(y_true, seed)

    def loop(counts: Counts) -> dict[str, Floats]:
        weights = np.empty((len(counts[0]), len(y_true)))
        for stratum, own in zip(strata, counts, strict=True):
            weights[:, stratum.rows] = own
        scores = (sk.average_precision_score, sk.roc_auc_score)
        return {
            name: np.array([oracle(y_true == positive, score, sample_weight=w) for w in weights])
            for name, oracle in zip(NAMES, scores, strict=True)
        }

    return replicate(strata, loop, FEW, seed).to_numpy()


@pytest.mark.parametrize("scores", SCORES)
@pytest.mark.parametrize("rows_by_class", [(40, 8), (6, 3), (1, 1), (3, 20)])
def test_every_replicate_is_ranked_as_scikit_learn_ranks_it(
    scores: Callable[[Labels], Floats], rows_by_class: tuple[int, int]
) -> None:
    """The fast engine takes no short cut: observed and resampled, whatever the ties."""
    y_true = labels(*rows_by_class)
    score = scores(y_true)
    actual = ranked(y_true, score)[NAMES].to_numpy()
    assert np.abs(actual - by_scikit_learn(y_true, score)).max() < 1e-12


@pytest.mark.parametrize("scores", [some_skill, ties])
@pytest.mark.parametrize("positive", [0, 1, 2])
def test_any_class_of_several_is_ranked_against_the_rest(
    positive: int, scores: Callable[[Labels], Floats]
) -> None:
    """One class is the positives, wherever it stands; all others are the negatives."""
    y_true = labels(20, 4, 9)
    score = scores((y_true == positive).astype(np.int64))
    expected = by_scikit_learn(y_true, score, positive)
    actual = ranked(y_true, score, positive)[NAMES].to_numpy()
    assert np.abs(actual - expected).max() < 1e-12


def test_rankings_depend_on_the_order_of_scores_only() -> None:
    """A remedy that stretches scores without reordering rows gains no average precision."""
    y_true = labels(90, 10)
    plain, stretched = (ranked(y_true, score) for score in (some_skill(y_true), ties(y_true) + 1))
    assert not np.allclose(plain, stretched)
    stretched = ranked(y_true, 5 * some_skill(y_true) ** 3)
    assert_frame_equal(plain, stretched, check_exact=True)


def test_a_perfect_ranking_is_perfect_in_every_replicate() -> None:
    """No draw of rows makes a model without a mistake look worse."""
    y_true = labels(90, 10)
    assert (ranked(y_true, np.where(y_true == 1, 0.9, 0.1)).loc[[BOOTSTRAP]] == 1).all(axis=None)


LARGE = {"both classes": (6000, 3000), "negatives": (6000, 300)}


@pytest.mark.parametrize("scores", [some_skill, ties])
@pytest.mark.parametrize("rows_by_class", LARGE.values(), ids=LARGE)
@pytest.mark.usefixtures("blocks_from_500")
def test_the_observed_ranking_of_a_large_table_is_exact(
    rows_by_class: tuple[int, int], scores: Callable[[Labels], Floats]
) -> None:
    """Blocks and thinned steps change nothing of the number that an interval stands around."""
    y_true = labels(*rows_by_class)
    score = scores(y_true)
    observed = ranked(y_true, score).loc[OBSERVED]
    assert observed["average_precision"] == pytest.approx(
        sk.average_precision_score(y_true, score), abs=1e-12
    )
    assert observed["roc_auc"] == pytest.approx(sk.roc_auc_score(y_true, score), abs=1e-12)


@pytest.mark.usefixtures("blocks_from_500")
def test_thinned_steps_would_be_off_if_they_were_not_put_right() -> None:
    """What is put right is little, and not nothing; few or tied scores need none of it."""
    y_true = labels(6000, 3000)
    strata = make_strata(y_true, 3)
    thinned = Ranking.of(strata, 1, some_skill(y_true)).put_right
    assert set(thinned) == set(NAMES)
    assert 0 < max(map(abs, thinned.values())) < 1 / STEPS
    assert Ranking.of(strata, 1, ties(y_true)).put_right == {}
    few = labels(6000, 300)
    assert Ranking.of(make_strata(few, 3), 1, some_skill(few)).put_right == {}


@pytest.mark.parametrize("rows_by_class", LARGE.values(), ids=LARGE)
def test_intervals_by_blocks_are_those_by_rows(
    rows_by_class: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ends within 8 % of the width, spread within 8 %: of that, half is the noise of resampling."""
    y_true = labels(*rows_by_class)
    by_row = ranked(y_true, some_skill(y_true), resamples=2000).loc[[BOOTSTRAP]]
    monkeypatch.setattr(bootstrap, "LARGEST_CLASS", 500)
    by_block = ranked(y_true, some_skill(y_true), resamples=2000).loc[[BOOTSTRAP]]
    assert not by_row.equals(by_block)
    for name in NAMES:
        ends = [frame[name].quantile([0.025, 0.975]).to_numpy() for frame in (by_row, by_block)]
        assert np.abs(ends[0] - ends[1]).max() < 0.08 * np.ptp(ends[0])
        assert by_block[name].std() / by_row[name].std() == pytest.approx(1, abs=0.08)


scored_rows = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 20).map(lambda score: score / 20)),
    min_size=1,
    max_size=60,
)


@given(rows=scored_rows, seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_a_few_rows_are_ranked_as_scikit_learn_ranks_them(
    rows: list[tuple[int, float]], seed: int
) -> None:
    """Ties or none, in any order of rows."""
    y_true, y_score = (np.array(part) for part in zip(*rows, (0, 0.4), (1, 0.6), strict=True))
    order = default_rng(seed).permutation(len(y_true))
    actual = rank_scores(y_true[order], y_score[order])
    assert actual["average_precision"] == pytest.approx(sk.average_precision_score(y_true, y_score))
    assert actual["roc_auc"] == pytest.approx(sk.roc_auc_score(y_true, y_score))
    assert actual == rank_scores(y_true, y_score)

"""Probabilities of several classes: priors undone, recalibrated out of fold, and judged."""

from typing import Self

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike
from sklearn import metrics as sk
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator

from equipoise.assessment import calibration
from equipoise.assessment.calibration import FEWEST_FOR_ISOTONIC, correct_prior
from equipoise.assessment.metrics import Floats, Labels
from equipoise.assessment.several.probabilities import (
    brier_losses,
    classwise_calibration_errors,
    correct_priors,
    log_losses,
    recalibrate,
)

K = 3
LEARNED = ("isotonic", "sigmoid", "auto")
SHARES = np.array([0.6, 0.3, 0.1])
# Enough rows for isotonic steps in every class, and too few in the rarest.
MANY, FEW = 20 * FEWEST_FOR_ISOTONIC, 5 * FEWEST_FOR_ISOTONIC

weights = st.tuples(*[st.integers(1, 100)] * K)
score_rows = st.lists(weights, min_size=1, max_size=20).map(
    lambda rows: np.array(rows) / np.sum(rows, axis=1, keepdims=True)
)
ratios = st.tuples(*[st.floats(0.01, 100)] * K).map(np.array)
thirds = st.tuples(st.integers(0, K - 1), st.integers(0, 10), st.integers(0, 10))


def tenths(rows: list[tuple[int, int, int]]) -> tuple[Labels, Floats]:
    """Codes, and ten tenths parted in two places: certain scores are among them."""
    cuts = np.sort([row[1:] for row in rows], axis=1)
    return np.array([row[0] for row in rows]), np.diff(cuts, axis=1, prepend=0, append=10) / 10


labelled = st.lists(thirds, min_size=1, max_size=40).map(tenths)


def honest(rows: int, seed: int = 0) -> tuple[Labels, Floats]:
    """Probabilities that mean what they say, and codes drawn by them."""
    generator = np.random.default_rng(seed)
    odds = SHARES * np.exp(generator.normal(size=(rows, K)) * 1.5)
    scores = odds / odds.sum(axis=1, keepdims=True)
    drawn = (scores.cumsum(axis=1) < generator.uniform(size=(rows, 1))).sum(axis=1)
    return np.asarray(drawn), scores


def distorted(scores: Floats) -> Floats:
    """Overconfident scores, tilted towards the last class."""
    odds = scores**2 * [1, 2, 8]
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def learned(y_true: ArrayLike, scores: ArrayLike, new: ArrayLike, method: str = "auto") -> Floats:
    """New scores, recalibrated by what those of labelled rows turned out to mean."""
    return recalibrate(method, (y_true, scores), new, ratios=None)


class Recorded(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A classifier whose rows are the probabilities that it gives for them."""

    def fit(self, X: Floats, y: Labels) -> Self:
        self.classes_, self.n_features_in_ = np.unique(y), X.shape[1]
        return self

    def predict_proba(self, X: Floats) -> Floats:
        return X

    def predict(self, X: Floats) -> Labels:
        return np.asarray(self.classes_[X.argmax(axis=1)])


@given(scores=score_rows, factor=st.floats(0.01, 100))
@settings(max_examples=25, deadline=None)
def test_one_ratio_for_all_classes_changes_nothing(scores: Floats, factor: float) -> None:
    """What multiplies every class alike is no shift of priors."""
    assert correct_priors(scores, [factor] * K) == pytest.approx(scores)


@given(likelihoods=score_rows, priors=weights, learned_from=weights)
@settings(max_examples=25, deadline=None)
def test_the_correction_is_bayes_rule(
    likelihoods: Floats, priors: tuple[int, ...], learned_from: tuple[int, ...]
) -> None:
    """Posteriors under the priors learned from become those under the true ones."""
    true, other = (np.array(part) / np.sum(part) for part in (priors, learned_from))
    expected, scores = (
        joint / joint.sum(axis=1, keepdims=True)
        for joint in (likelihoods * true, likelihoods * other)
    )
    assert correct_priors(scores, other / true) == pytest.approx(expected)


@given(score=st.lists(st.floats(0, 1), min_size=1, max_size=20), raised=st.floats(0.01, 100))
@settings(max_examples=25, deadline=None)
def test_two_classes_have_their_odds_divided(score: list[float], raised: float) -> None:
    """The ratio of the two ratios is the odds ratio of the two-class correction."""
    one = np.array(score)
    corrected = correct_priors(np.column_stack([1 - one, one]), [2, 2 * raised])
    assert corrected[:, 1] == pytest.approx(correct_prior(one, raised))


@given(scores=score_rows, ratio=ratios)
@settings(max_examples=25, deadline=None)
def test_a_correction_sums_to_one_and_can_be_undone(scores: Floats, ratio: Floats) -> None:
    """The inverse ratios bring the scores back."""
    corrected = correct_priors(scores, ratio)
    assert corrected.sum(axis=1) == pytest.approx(np.ones(len(scores)))
    assert correct_priors(corrected, 1 / ratio) == pytest.approx(scores)


def test_a_row_without_any_score_is_corrected_to_equal_ones() -> None:
    """Nothing is known of it, and its neighbour is corrected as ever."""
    corrected = correct_priors([[0.0, 0.0, 0.0], [0.5, 0.5, 0.0]], [1, 4, 1])
    assert corrected.tolist() == [pytest.approx([1 / 3] * 3), pytest.approx([0.8, 0.2, 0])]


def test_prior_is_the_correction_and_asks_no_labels() -> None:
    """Out-of-fold rows settle nothing: what the strategy did is known."""
    new = honest(50)[1]
    one, other = (recalibrate("prior", honest(FEW, seed), new, [1, 4, 9]) for seed in (1, 2))
    assert one.tolist() == other.tolist() == correct_priors(new, [1, 4, 9]).tolist()


def test_priors_that_nobody_knows_cannot_be_corrected() -> None:
    """A caller that has no ratios must not ask for it: scores are never passed on as they are."""
    with pytest.raises(ValueError, match="ratios: None"):
        recalibrate("prior", honest(FEW), honest(5)[1], ratios=None)


@pytest.mark.parametrize("ratio", [None, [1, 4, 9]])
def test_none_leaves_scores_as_they_are(ratio: list[float] | None) -> None:
    """Without calibration a score is what the model said, whatever its sum."""
    new = honest(50)[1] * 0.9
    assert recalibrate("none", honest(FEW), new, ratio).tolist() == new.tolist()


@pytest.mark.parametrize("method", LEARNED)
@pytest.mark.parametrize("rows", [FEW, MANY])
@given(seed=st.integers(0, 1000))
@settings(max_examples=5, deadline=None)
def test_recalibrated_rows_sum_to_one_and_exclude_nothing(
    method: str, rows: int, seed: int
) -> None:
    """They are probabilities, none of them 0, so that log-loss stays finite."""
    y_true, scores = honest(rows, seed)
    new = np.concatenate([distorted(honest(100, seed + 1)[1]), np.eye(K)])
    probabilities = learned(y_true, distorted(scores), new, method)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(len(new)))
    assert probabilities.min() > 0


@pytest.mark.parametrize("method", LEARNED)
def test_each_class_is_calibrated_against_the_rest(method: str) -> None:
    """Odds between two classes are those of what was said of either by itself."""
    y_true, scores = honest(MANY)
    known, new = distorted(scores), distorted(honest(50, seed=1)[1])
    probabilities = learned(y_true, known, new, method)
    alone = [
        calibration.recalibrate(method, (y_true == k, known[:, k]), new[:, k], None)
        for k in range(K)
    ]
    for k in range(1, K):
        expected = alone[k] / alone[0]
        assert probabilities[:, k] / probabilities[:, 0] == pytest.approx(expected)


@pytest.mark.parametrize("method", LEARNED)
def test_a_higher_score_of_a_class_never_becomes_a_lower_share_beside_the_same_others(
    method: str,
) -> None:
    """The odds against a class whose score stays do not fall as the other's rises."""
    y_true, scores = honest(MANY)
    rising = np.linspace(0, 1, 101)
    new = np.column_stack([rising, np.full(101, 0.2), np.full(101, 0.1)])
    probabilities = learned(y_true, distorted(scores), new, method)
    assert (np.diff(probabilities[:, 0] / probabilities[:, 1]) >= -1e-12).all()


def test_isotonic_is_scikit_learns() -> None:
    """Calibrated one class against the rest, then made to sum to 1, but never to certainty."""
    y_true, scores = honest(MANY)
    known, new = distorted(scores), distorted(honest(500, seed=1)[1])
    frozen = FrozenEstimator(Recorded().fit(known, y_true))
    oracle = CalibratedClassifierCV(frozen, method="isotonic").fit(known, y_true)
    bound = (K + 1) / (MANY + 2)
    assert np.abs(oracle.predict_proba(new) - learned(y_true, known, new, "isotonic")).max() < bound


@pytest.mark.parametrize("method", LEARNED)
def test_two_classes_are_recalibrated_as_one_probability(method: str) -> None:
    """The second class is the rest of the first, so that nothing is left to make sum to 1."""
    y_true, scores = honest(MANY)
    true, score = (y_true > 0).astype(np.int64), distorted(scores)[:, 1:].sum(axis=1)
    new = np.linspace(0.01, 0.99, 99)
    expected = calibration.recalibrate(method, (true, score), new, None)
    known, grid = (np.column_stack([1 - part, part]) for part in (score, new))
    assert learned(true, known, grid, method)[:, 1] == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize("method", LEARNED)
def test_distorted_probabilities_come_back_to_what_they_mean(method: str) -> None:
    """Overconfident, tilted scores lose less after recalibration, nearly as little as honest ones.

    Class shares come back as well, which the tilt had multiplied by eight for the rarest.
    """
    y_true, scores = honest(MANY)
    true, meant = honest(4000, seed=1)
    probabilities = learned(y_true, distorted(scores), distorted(meant), method)
    losses = [brier_losses(true, part).mean() for part in (meant, probabilities, distorted(meant))]
    assert losses == sorted(losses)
    assert losses[1] - losses[0] < 0.3 * (losses[2] - losses[0])
    seen = np.bincount(true) / len(true)
    assert probabilities.mean(axis=0) == pytest.approx(seen, abs=0.03)


@pytest.mark.parametrize("method", LEARNED)
def test_constant_scores_become_the_shares_of_the_classes(method: str) -> None:
    """A model that has learned nothing says how frequent classes are."""
    y_true, _ = honest(MANY)
    constant = np.full((MANY, K), 1 / K)
    expected = np.bincount(y_true) / MANY
    assert learned(y_true, constant, constant[:1], method) == pytest.approx(
        expected[np.newaxis], abs=1e-3
    )


def test_a_row_that_no_class_claims_becomes_the_constant_guess() -> None:
    """Where every class was never seen with so low a score, the shares are all that is known."""
    y_true, _ = honest(MANY)
    scores = 0.1 + 0.7 * np.eye(K)[y_true]
    probabilities = learned(y_true, scores, [[0.1, 0.1, 0.1], [0.1, 0.8, 0.1]], "isotonic")
    assert probabilities[0] == pytest.approx(np.bincount(y_true) / MANY)
    assert probabilities[1, 1] > 1 - 3 / MANY


@pytest.mark.parametrize("method", ["auto", *LEARNED])
def test_a_row_that_is_there_four_times_is_one_row(method: str) -> None:
    """Its class is not less rare, and no claim about it surer."""
    y_true, scores = honest(FEW)
    assert np.bincount(y_true)[2] < FEWEST_FOR_ISOTONIC < 4 * np.bincount(y_true)[2]
    new = honest(50, seed=1)[1]
    four_times = np.tile(y_true, 4), np.tile(scores, (4, 1))
    repeated = recalibrate(method, four_times, new, None, repeats=4)
    assert repeated == pytest.approx(learned(y_true, scores, new, method), abs=1e-5)


def test_auto_is_isotonic_for_classes_with_rows_and_sigmoid_for_rarer_ones() -> None:
    """Each class against the rest has the method that its own rows can bear."""
    y_true, scores = honest(FEW)
    assert np.bincount(y_true)[2] < FEWEST_FOR_ISOTONIC <= np.bincount(y_true)[1]
    new = honest(50, seed=1)[1]
    auto, isotonic, sigmoid = (
        learned(y_true, scores, new, method) for method in ("auto", "isotonic", "sigmoid")
    )
    assert auto[:, 0] / auto[:, 1] == pytest.approx(isotonic[:, 0] / isotonic[:, 1])
    mixed = calibration.recalibrate("sigmoid", (y_true == 2, scores[:, 2]), new[:, 2], None)
    first = calibration.recalibrate("isotonic", (y_true == 0, scores[:, 0]), new[:, 0], None)
    assert auto[:, 2] / auto[:, 0] == pytest.approx(mixed / first)
    assert auto[:, 0] / auto[:, 1] != pytest.approx(sigmoid[:, 0] / sigmoid[:, 1])


@pytest.mark.parametrize("method", LEARNED)
def test_recalibration_does_not_depend_on_row_order(method: str) -> None:
    """Shuffled out-of-fold rows give the same probabilities."""
    y_true, scores = honest(MANY)
    order = np.random.default_rng(1).permutation(MANY)
    new = honest(50, seed=1)[1]
    expected = learned(y_true, scores, new, method)
    assert learned(y_true[order], scores[order], new, method) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("method", LEARNED)
def test_recalibration_does_not_depend_on_the_order_of_the_classes(method: str) -> None:
    """Other codes for the same classes move columns, nothing else."""
    y_true, scores = honest(MANY)
    new, order = honest(50, seed=1)[1], np.array([2, 0, 1])
    expected = learned(y_true, scores, new, method)[:, order]
    renamed = learned(np.argsort(order)[y_true], scores[:, order], new[:, order], method)
    assert renamed == pytest.approx(expected)


@given(labelled)
@settings(max_examples=25, deadline=None)
def test_the_mean_brier_loss_is_scikit_learns(parts: tuple[Labels, Floats]) -> None:
    """Squared errors are summed over the classes, from 0 to 2."""
    expected = sk.brier_score_loss(*parts, labels=range(K))
    assert expected == pytest.approx(float(brier_losses(*parts).mean()))


@given(labelled)
@settings(max_examples=25, deadline=None)
def test_the_mean_log_loss_is_scikit_learns(parts: tuple[Labels, Floats]) -> None:
    """Rows' log-losses average to the log-loss, scores of exactly 0 and 1 included."""
    expected = sk.log_loss(*parts, labels=range(K))
    assert expected == pytest.approx(float(log_losses(*parts).mean()), abs=1e-12)


def test_losses_are_of_each_row() -> None:
    """A row that is certain and right loses nothing, one that is certain and wrong the most."""
    scores = np.eye(K)[[0, 1, 1]]
    assert brier_losses([0, 1, 2], scores).tolist() == [0, 0, 2]
    losses = log_losses([0, 1, 2], scores)
    assert losses == pytest.approx([0, 0, -np.log(np.finfo(np.float64).eps)], abs=1e-12)


def test_calibration_errors_are_those_of_bins_of_equal_count() -> None:
    """By brute force: a tenth of the rows in each bin, in the order of the class's scores."""
    y_true, scores = honest(1000)
    said = distorted(scores)
    expected = []
    for k in range(K):
        bins = np.array_split(np.argsort(said[:, k]), 10)
        gaps = [abs(said[rows, k].mean() - (y_true[rows] == k).mean()) for rows in bins]
        expected.append(np.mean(gaps))
    assert classwise_calibration_errors(y_true, said) == pytest.approx(expected)


def test_the_constant_shares_are_calibrated_in_every_class() -> None:
    """Guessing the shares for every row claims nothing false."""
    y_true = np.array([0, 0, 1, 0, 2, 1])
    guess = np.tile(np.bincount(y_true) / len(y_true), (len(y_true), 1))
    assert classwise_calibration_errors(y_true, guess) == pytest.approx(np.zeros(K))


def test_recalibration_lowers_the_error_of_every_class() -> None:
    """What it is for."""
    y_true, scores = honest(MANY)
    true, meant = honest(4000, seed=1)
    before = classwise_calibration_errors(true, distorted(meant))
    probabilities = learned(y_true, distorted(scores), distorted(meant))
    assert (classwise_calibration_errors(true, probabilities) < before / 2).all()

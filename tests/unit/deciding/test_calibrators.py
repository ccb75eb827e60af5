"""What is learned out of fold and applied later is what the methods' own libraries give."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss
from sklearn.naive_bayes import GaussianNB

from equipoise.deciding import learning
from equipoise.deciding.calibrators import (
    ClassCurves,
    Isotonic,
    PositiveCurve,
    PriorShift,
    Sigmoid,
    Uncalibrated,
    log_odds,
)
from equipoise.deciding.learning import (
    FEWEST_FOR_ISOTONIC,
    FINEST_LOG_ODDS,
    find_least_claim,
    learn_calibrator,
    learn_curve,
)
from equipoise.deciding.settling import learn_restated_calibrator
from equipoise.deciding.venn_abers import fit_venn_abers
from equipoise.metrics.classes import NAMES_OF_TWO, Classes
from equipoise.metrics.names import PLAIN
from equipoise.metrics.scores import Scores

Floats = NDArray[np.float64]
Sample = tuple[NDArray[np.int64], Floats]


def sample(rows: int, shares: tuple[float, ...], seed: int = 0) -> Sample:
    """Codes of so many classes, and scores that lean towards them and are not calibrated."""
    rng = np.random.default_rng(seed)
    codes = rng.choice(len(shares), rows, p=shares)
    raw = np.exp(rng.normal(size=(rows, len(shares))) + 1.5 * np.eye(len(shares))[codes])
    return codes, raw / raw.sum(axis=1, keepdims=True)


TWO = sample(2000, (0.8, 0.2))
THREE = sample(3000, (0.6, 0.3, 0.1))
NEW = {2: sample(500, (0.8, 0.2), seed=1)[1], 3: sample(500, (0.6, 0.3, 0.1), seed=1)[1]}


def by_isotonic(is_class: Floats, score: Floats, new: Floats) -> Floats:
    found: Floats = IsotonicRegression(out_of_bounds="clip").fit(score, is_class).predict(new)
    return found


def by_sigmoid(is_class: Floats, score: Floats, new: Floats) -> Floats:
    odds = [np.log(part / (1 - part)).reshape(-1, 1) for part in (score, new)]
    line = LogisticRegression(C=np.inf).fit(odds[0], is_class)
    found: Floats = line.predict_proba(odds[1])[:, 1]
    return found


ORACLES: dict[str, Callable[[Floats, Floats, Floats], Floats]] = {
    "isotonic": by_isotonic,
    "sigmoid": by_sigmoid,
}


@pytest.mark.parametrize("method", ORACLES)
def test_two_classes_are_calibrated_by_the_positive_one(method: str) -> None:
    """As scikit-learn's own regression predicts, within what so many rows can claim."""
    codes, scores = TWO
    least = find_least_claim(len(codes))
    expected = np.clip(
        ORACLES[method]((codes == 1).astype(float), scores[:, 1], NEW[2][:, 1]), least, 1 - least
    )
    actual = learn_calibrator(method, codes, scores).apply(NEW[2])
    np.testing.assert_allclose(actual[:, 1], expected, rtol=1e-12)
    np.testing.assert_allclose(actual.sum(axis=1), 1)


@pytest.mark.parametrize("method", ORACLES)
def test_several_classes_are_calibrated_each_against_the_rest(method: str) -> None:
    """And made to sum to 1 (Zadrozny and Elkan, 2002)."""
    codes, scores = THREE
    each = np.column_stack(
        [ORACLES[method]((codes == k).astype(float), scores[:, k], NEW[3][:, k]) for k in range(3)]
    )
    least = find_least_claim(len(codes))
    expected = np.clip(each, least, 1 - least)
    actual = learn_calibrator(method, codes, scores).apply(NEW[3])
    np.testing.assert_allclose(actual, expected / expected.sum(axis=1, keepdims=True), rtol=1e-12)


def test_isotonic_steps_are_those_of_scikit_learns_calibrated_classifier() -> None:
    """Fitted on the same scores by code that we did not write."""
    codes, scores = TWO
    model = GaussianNB().fit(scores[:, [1]], codes)
    oracle = CalibratedClassifierCV(FrozenEstimator(model), method="isotonic").fit(
        scores[:, [1]], codes
    )
    raw = model.predict_proba(scores[:, [1]])
    new = model.predict_proba(NEW[2][:, [1]])
    least = find_least_claim(len(codes))
    expected = oracle.predict_proba(NEW[2][:, [1]])[:, 1].clip(least, 1 - least)
    np.testing.assert_allclose(
        learn_calibrator("isotonic", codes, raw).apply(new)[:, 1], expected, rtol=1e-9
    )


def by_venn_abers(codes: NDArray[np.int64], known: Floats) -> Floats:
    """What the package of one of the method's authors gives at the known scores."""
    two = np.column_stack([1 - known, known])
    with np.errstate(divide="ignore", invalid="ignore"):  # which it sets for good when imported
        from venn_abers.venn_abers import calc_p0p1, calc_probs  # noqa: PLC0415

        found: Floats = calc_probs(*calc_p0p1(two, codes), two)[0][:, 1]
    return found


@pytest.mark.filterwarnings("ignore:All-NaN slice:RuntimeWarning")  # of the package
@pytest.mark.parametrize("decimals", [1, 2, 6])
def test_venn_abers_probabilities_are_those_of_its_authors_package(decimals: int) -> None:
    """Few rows or many of one score; and the curve is within a hundredth of them."""
    codes, scores = TWO
    known = scores[:, 1].round(decimals)
    places, place, rows = np.unique(known, return_inverse=True, return_counts=True)
    exact = fit_venn_abers(rows, np.bincount(place, codes), 1)
    np.testing.assert_allclose(exact[place], by_venn_abers(codes, known), rtol=1e-12)
    curve = learn_curve("venn_abers", codes == 1, known)
    np.testing.assert_allclose(curve.apply(places), exact, rtol=FINEST_LOG_ODDS)


def test_venn_abers_puts_a_new_row_among_the_known_ones_by_isotonic_regression() -> None:
    """Fitted once for each label of each row; a row that is there three times is one row."""
    codes, score = TWO[0][:60], TWO[1][:60, 1]

    def fit_among(new: float, label: int) -> float:
        joined = np.append(score, new), np.append(codes, label)
        return float(IsotonicRegression().fit(*joined).predict([new])[0])

    known = np.sort(score)
    as_negative, as_positive = (
        np.array([fit_among(new, label) for new in known]) for label in (0, 1)
    )
    expected = as_positive / (1 - as_negative + as_positive)
    positives = codes[np.argsort(score)]
    for repeats in (1, 3):
        counts = np.full(60, repeats)
        found = fit_venn_abers(counts, positives * repeats, repeats)
        np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("data", [TWO, THREE])
def test_a_prior_shift_undoes_what_weights_do_to_exact_posteriors(data: Sample) -> None:
    """Odds multiplied by ratios and divided by them again are as they were."""
    _, posterior = data
    ratios = np.arange(1, posterior.shape[1] + 1, dtype=np.float64)
    shifted = posterior * ratios / (posterior * ratios).sum(axis=1, keepdims=True)
    undone = learn_calibrator("prior", [], shifted, ratios).apply(shifted)
    np.testing.assert_allclose(undone, posterior, rtol=1e-12)


def test_a_steep_sigmoid_stays_within_its_bounds() -> None:
    """Certain scores of a model that tells nearly all rows apart, without an overflow."""
    steep = Sigmoid(slope=100.0, intercept=0.0, least=0.01)
    assert steep.apply([0.0, 0.5, 1.0]).tolist() == pytest.approx([0.01, 0.5, 0.99])


def test_a_row_without_any_claim_gets_the_shares_of_the_classes() -> None:
    """Curves that say nothing of a row leave what is known of all rows."""
    curve = Isotonic((0.0, 0.5), (0.0, 0.9), least=0.01)
    calibrator = ClassCurves((curve,) * 3, (0.5, 0.3, 0.2), nothing=0.01)
    claimed, unclaimed = calibrator.apply(np.array([[0.5, 0.0, 0.0], [0.0, 0.0, 0.0]]))
    assert claimed.argmax() == 0
    np.testing.assert_allclose(unclaimed, [0.5, 0.3, 0.2])


@pytest.mark.parametrize(
    ("positives", "repeats", "curve"),
    [
        (FEWEST_FOR_ISOTONIC, 1, Isotonic),
        (FEWEST_FOR_ISOTONIC - 1, 1, Sigmoid),
        (FEWEST_FOR_ISOTONIC - 1, 4, Sigmoid),
        (FEWEST_FOR_ISOTONIC, 4, Isotonic),
    ],
)
def test_auto_takes_steps_where_rows_not_repeats_are_enough(
    positives: int, repeats: int, curve: type
) -> None:
    """A row that is scored four times is one row."""
    codes = np.repeat([0, 1], [500, positives])
    positive = np.random.default_rng(2).uniform(0.01, 0.99, len(codes))
    scores = np.column_stack([1 - positive, positive])
    learned = learn_calibrator(
        "auto", np.tile(codes, repeats), np.tile(scores, (repeats, 1)), None, repeats
    )
    assert isinstance(learned, PositiveCurve)
    assert isinstance(learned.curve, curve)
    assert learned.curve.least == pytest.approx(1 / (len(codes) + 2))


def test_auto_stays_better_than_a_constant_guess_where_odds_are_multiplied() -> None:
    """Five negatives for each positive are kept of a table of which 0.4 % are positive."""
    losses = []
    for seed in range(10):
        y_true, scores = draw_overlapping(60_000, seed)
        rng = np.random.default_rng(seed)
        positives, others = np.flatnonzero(y_true == 1), np.flatnonzero(y_true == 0)
        kept = [*positives, *rng.choice(others, 5 * len(positives), replace=False)]
        rows = Scores(
            Classes.of(NAMES_OF_TWO), y_true[kept], {PLAIN: scores[kept]}, {}, prevalence=0.004
        )
        y_new, new = draw_overlapping(200_000, 100 + seed)
        found = [
            learn_restated_calibrator(rows, None, method).apply(new)[:, 1]
            for method in ("auto", "isotonic")
        ]
        losses.append([brier_score_loss(y_new, each) / y_new.var() for each in found])
    auto, isotonic = np.transpose(losses)
    assert auto.max() < 1 < isotonic.max()
    assert auto.mean() < isotonic.mean()


def draw_overlapping(rows: int, seed: int) -> tuple[NDArray[np.int64], Floats]:
    """Labels and n x 2 probabilities of some 0.4 % of positives, not restated for a sample."""
    rng = np.random.default_rng(seed)
    log_odds = rng.normal(-7, 1.8, rows)
    positive = expit(log_odds)
    return rng.binomial(1, positive), np.column_stack([1 - positive, positive])


def test_many_scores_are_joined_and_change_hardly_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    y_true, scores = draw_overlapping(200_000, 1)
    whole = learn_curve("venn_abers", y_true == 1, scores[:, 1])
    monkeypatch.setattr(learning, "MOST_POINTS", 20_000)
    joined = learn_curve("venn_abers", y_true == 1, scores[:, 1])
    new = np.quantile(scores[:, 1], [0.5, 0.9, 0.99, 0.999])
    assert log_odds(joined.apply(new)) == pytest.approx(log_odds(whole.apply(new)), abs=0.05)


def test_nothing_learned_leaves_scores_as_they_are() -> None:
    """And a prior that nobody knows is refused rather than taken for none."""
    codes, scores = TWO
    assert learn_calibrator("none", codes, scores) == Uncalibrated()
    np.testing.assert_array_equal(Uncalibrated().apply(scores), scores)
    with pytest.raises(ValueError, match="ratios: None"):
        learn_calibrator("prior", codes, scores)
    assert learn_calibrator("prior", codes, scores, [1.0, 4.0]) == PriorShift((1.0, 4.0))

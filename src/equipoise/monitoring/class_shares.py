"""The share of each class among rows without labels, from their calibrated probabilities.

Saerens, Latinne and Decaestecker (2002) find it by EM. It is right if only the shares have
changed (label shift): rows of a class look as they did, and probabilities are calibrated. So these
are first corrected on the labelled test part, by a temperature and a bias for each class
(Alexandari, Kundaje and Shrikumar, 2020); there, EM then finds the shares of the labels.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from scipy.special import softmax

from equipoise.core.tables import TWO_CLASSES
from equipoise.judging.bootstrap import BOOTSTRAP, DRAW, OBSERVED
from equipoise.judging.intervals import estimate_interval, estimate_paired_difference
from equipoise.metrics.names import Floats, Labels

RESAMPLES = 200
# Replicates draw from this many rows at most, and of the batch from fewer where the correction
# varies; what they vary by is scaled (m out of n: Bickel, Goetze and van Zwet, 1997).
MOST_ROWS, MOST_CORRECTED = 20_000, 2_000
# No probability is nearer to 0, so that it has a logarithm.
LEAST = 1e-12
TOLERANCE, MOST_STEPS = 1e-8, 500
# A replicate is two steps away (Schucany and Wang, 1991, take one).
NEWTON_TOLERANCE, NEWTON_STEPS, STEPS_AGAIN = 1e-9, 50, 2
# Probabilities that differ by less tell rows apart by rounding only.
TELLING = 1e-6
# Other changes of a share do not matter, however sure they are; as in the checks of the split.
FACTOR = 1.25


@dataclass(frozen=True)
class ClassShare:
    """The estimated share of a class, its interval, its share of the test part, and p for both."""

    label: str
    share: float
    interval: tuple[float, float]
    on_test: float
    p: float

    def is_alarm(self, level: float) -> bool:
        """Whether the share has changed, credibly and by a factor that matters."""
        high, low = max(self.share, self.on_test), min(self.share, self.on_test)
        return self.p < level and high >= FACTOR * low


@dataclass(frozen=True)
class LabelledRows:
    """Probabilities of labelled rows, n x K, and the code of each label; every class is there.

    `expected` are the shares of classes that new rows should have; None for those of the labels.
    """

    probabilities: Floats
    y_true: Labels
    expected: Floats | None = None

    @property
    def shares(self) -> Floats:
        """The share of each class."""
        return np.asarray(self.indicators.mean(axis=0))

    @property
    def indicators(self) -> Floats:
        """Whether each row is of each class, as 0 or 1: n x K."""
        return np.asarray(np.eye(self.probabilities.shape[1])[self.y_true])

    def weight_rows(self, shares: Floats) -> Floats:
        """Return how much each row counts, so that classes have these shares; 1 together."""
        return np.asarray((shares / np.bincount(self.y_true))[self.y_true])

    def select(self, rows: Labels) -> Self:
        """Return some of the rows."""
        return type(self)(self.probabilities[rows], self.y_true[rows])


@dataclass(frozen=True)
class Correction:
    """A temperature, and a bias for each class, that logarithms of probabilities are put right by.

    The first class has none.
    """

    temperature: float
    biases: Floats

    def apply(self, probabilities: Floats) -> Floats:
        """Return corrected probabilities: n x K."""
        return np.asarray(softmax(self._shift(probabilities), axis=1))

    def _shift(self, probabilities: Floats) -> Floats:
        return self.temperature * np.log(np.maximum(probabilities, LEAST)) + self.biases

    @classmethod
    def fit(cls, rows: LabelledRows) -> Self:
        """Return the most likely correction, by Newton's method.

        The temperature has a normal prior around 1, so that it exists where classes are separated.
        """
        start = cls(1.0, np.zeros(rows.probabilities.shape[1]))
        return start.fit_again(rows, np.ones(len(rows.y_true)), NEWTON_STEPS)

    def fit_again(self, rows: LabelledRows, counts: Floats, steps: int = STEPS_AGAIN) -> Self:
        """Return the correction after some more steps, with rows that count so often."""
        n, classes = rows.probabilities.shape
        logs, actual = np.log(np.maximum(rows.probabilities, LEAST)), rows.indicators
        at = np.array([self.temperature, *self.biases[1:]])
        # How each class's log-odds move with each parameter: n x K x parameters.
        moves = np.zeros((n, classes, classes))
        moves[:, :, 0] = logs
        moves[:, 1:, 1:] = np.eye(classes - 1)
        flat = moves.reshape(-1, classes)
        prior = np.diag([1.0, *np.zeros(classes - 1)])
        for _ in range(steps):
            expected = softmax((flat @ at).reshape(n, classes), axis=1)
            gradient = (counts[:, None] * (actual - expected)).ravel() @ flat - prior @ (at - 1)
            means = (expected[:, None] @ moves)[:, 0]
            by_row = (counts[:, None] * expected).reshape(-1, 1)
            hessian = (by_row * flat).T @ flat - (counts[:, None] * means).T @ means + prior
            step = np.linalg.solve(hessian, gradient)
            at = at + step / max(1.0, float(np.abs(step).max()))
            if np.abs(step).max() < NEWTON_TOLERANCE:
                break
        return type(self)(float(at[0]), np.array([0.0, *at[1:]]))


def estimate_shares(probabilities: Floats, prior: Floats) -> Floats:
    """Return the share of each class, by EM (Saerens, Latinne and Decaestecker, 2002).

    `probabilities` are n x K, and rest on shares of classes that are called the `prior`.
    """
    once = np.ones((1, len(probabilities)))
    return np.asarray(_estimate(probabilities, once, prior[None])[0])


def measure_shares(
    test: LabelledRows, probabilities: Floats, labels: tuple[str, ...], level: float, seed: int
) -> list[ClassShare]:
    """Return the share of each class with its interval, of this level for all of them together.

    Of two classes the second is measured alone. Both the batch and the test part are drawn again.
    An interval holds the share of the test part, or what is expected, if that may be true.
    """
    correction, on_test, rows = Correction.fit(test), test.shares, len(probabilities)
    found = estimate_shares(correction.apply(probabilities), on_test)
    before = on_test if test.expected is None else test.expected
    rng = np.random.default_rng([seed, rows])
    again = Redrawn.of(test, rng)
    batch = Drawn(probabilities, np.full(rows, 1 / rows), rows)
    moved = _replicate(batch, again, rng)
    # A share near 0 hardly varies, whatever the true one is: so how much the estimate would vary
    # if nothing had changed is asked of rows of the test part.
    unchanged = Drawn(test.probabilities, test.weight_rows(before), rows)
    moved_before = _replicate(unchanged, again, rng)
    if test.expected is None:
        moved_before -= again.moved
    told = range(len(labels)) if len(labels) > TWO_CLASSES else (1,)  # one of two says all
    nothing_told = bool((np.ptp(probabilities, axis=0) < TELLING).all())
    # What the correction rests on: with few labelled rows of a class, how it varies is not sure.
    n_rare = min(rows, int(np.bincount(test.y_true).min()))
    level = level / len(told)
    measured = []
    for code in told:
        share, was = float(found[code]), float(before[code])
        low, high, p = 0.0, 1.0, 1.0
        if not nothing_told:
            by = _widen(moved[:, code], share, rows)
            low, high = _find_interval(share, by, n_rare, 1 - level)
            p = _test_change(share - was, _widen(moved_before[:, code], was, rows), n_rare)
            if p >= level:
                low, high = min(low, was), max(high, was)
        measured.append(ClassShare(labels[code], share, (low, high), was, min(1.0, p * len(told))))
    return measured


@dataclass(frozen=True)
class Drawn:
    """Probabilities of rows, n x K, and how often each is drawn of so many draws: shares, n."""

    probabilities: Floats
    weights: Floats
    draws: int

    def choose(self, most: int, rng: np.random.Generator) -> tuple[Self, float]:
        """Return some of the rows, and fewer draws, and by what to scale what they vary by."""
        rows, _ = _choose_rows(len(self.weights), most, rng)
        weights = self.weights[rows] / self.weights[rows].sum()
        draws = min(self.draws, most)
        scale = float(np.sqrt(draws / self.draws))
        return type(self)(self.probabilities[rows], weights, draws), scale


@dataclass(frozen=True)
class Redrawn:
    """The test part drawn again: the correction of each replicate, and its shares, B x K.

    `fitted` and `shares` are those of the rows that are drawn from; what varies is to be scaled.
    """

    fitted: Correction
    shares: Floats
    corrections: Sequence[Correction]
    drawn: Floats
    scale: float

    @classmethod
    def of(cls, test: LabelledRows, rng: np.random.Generator) -> Self:
        """Draw the rows of the test part, or some of them, and fit each replicate's correction."""
        chosen, scale = _choose_rows(len(test.y_true), MOST_ROWS, rng)
        rows = test.select(chosen)
        fitted = Correction.fit(rows)
        counts = _draw(np.full(len(chosen), 1 / len(chosen)), len(chosen), rng)
        # A class keeps a row, if a replicate has none of it.
        drawn = np.maximum(counts @ rows.indicators, 1)
        drawn /= drawn.sum(axis=1, keepdims=True)
        corrections = [fitted.fit_again(rows, each) for each in counts]
        return cls(fitted, rows.shares, corrections, drawn, scale)

    @property
    def moved(self) -> Floats:
        """By how much the shares of the test part move: B x K."""
        return self.scale * (self.drawn - self.shares)


def _replicate(batch: Drawn, test: Redrawn, rng: np.random.Generator) -> Floats:
    """Return by how much replicates move the estimate: B x K.

    The rows of the batch and those of the test part are drawn independently, so what each does
    to the estimate is added.
    """
    rows, scale = batch.choose(MOST_ROWS, rng)
    corrected, prior = test.fitted.apply(rows.probabilities), test.shares[None]
    by_batch = _estimate(corrected, _draw(rows.weights, rows.draws, rng), prior)
    by_batch -= _estimate(corrected, rows.weights[None], prior)
    few, _ = rows.choose(MOST_CORRECTED, rng)
    once = few.weights[None]
    again = np.stack([each.apply(few.probabilities) for each in test.corrections])
    by_test = _estimate(again, once, test.drawn)
    by_test -= _estimate(test.fitted.apply(few.probabilities), once, prior)
    return np.asarray(scale * by_batch + test.scale * by_test)


def _widen(moved: Floats, share: float, rows: int) -> Floats:
    """Return moves that vary at least as labels would: rows without them tell no more."""
    least = np.sqrt(share * (1 - share) / rows)
    return np.asarray(moved * max(1.0, least / max(float(moved.std()), LEAST)))


def _find_interval(
    share: float, moved: Floats, n_rare: int, confidence: float
) -> tuple[float, float]:
    """Return the interval of a share, from its replicates: that of Wilson and Student's together.

    Wilson's has a variance that vanishes towards 0, as counts of labels have it. What comes of
    classes that look alike does not vanish there, and Student's interval goes as far down as up.
    The middle of Wilson's is the mean of replicates: at 0 itself, nothing would seem to vary.
    """
    drawn = np.clip(share + moved, 0, 1)
    by_count = _make_series(float(drawn.mean()), drawn)
    alike = _make_series(share, share + moved)
    ends = [
        *estimate_interval(by_count, (0.0, 1.0), n_rare, confidence),
        *estimate_interval(alike, None, n_rare, confidence),
    ]
    return max(0.0, min(ends)), min(1.0, max(ends))


def _test_change(change: float, moved: Floats, n_rare: int) -> float:
    """Return p of a change, from how replicates would move it if there were none."""
    return estimate_paired_difference(_make_series(change, change + moved), n_rare).p


def _choose_rows(rows: int, most: int, rng: np.random.Generator) -> tuple[Labels, float]:
    """Return rows to draw from, and by what to scale what they vary by."""
    if rows <= most:
        return np.arange(rows), 1.0
    return rng.choice(rows, most, replace=False), float(np.sqrt(most / rows))


def _draw(weights: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """Return how often each replicate draws each row: B x n."""
    rows = len(weights)
    drawn = [rng.choice(rows, draws, p=weights) for _ in range(RESAMPLES)]
    return np.asarray([np.bincount(each, minlength=rows) for each in drawn], dtype=np.float64)


def _estimate(rows: Floats, counts: Floats, prior: Floats) -> Floats:
    """Return the shares that EM ends at, B x K, for counts of rows (B x n) or priors (B x K).

    Rows are n x K, or differ between replicates: B x n x K.
    """

    def step(shares: Floats) -> Floats:
        ratios = (shares / prior)[:, None]
        seen = ratios @ np.swapaxes(rows, -1, -2)
        sums = (ratios * ((counts[:, None] / np.maximum(seen, LEAST)) @ rows))[:, 0]
        return np.asarray(sums / sums.sum(axis=1, keepdims=True))

    replicates = max(len(counts), len(prior))
    return _find_fixed_point(step, np.broadcast_to(prior, (replicates, rows.shape[-1])))


def _find_fixed_point(step: Callable[[Floats], Floats], start: Floats) -> Floats:
    """Return where steps lead, sped up by extrapolation (SQUAREM: Varadhan and Roland, 2008)."""
    here = start
    for _ in range(MOST_STEPS):
        once = step(here)
        twice = step(once)
        if np.abs(twice - once).max() < TOLERANCE:
            return twice
        by, bend = once - here, twice - 2 * once + here
        size = np.linalg.norm(bend, axis=1, keepdims=True)
        far = np.maximum(1, np.linalg.norm(by, axis=1, keepdims=True) / np.maximum(size, LEAST))
        # No step leads to a corner, where EM would stay.
        ahead = np.maximum(here + 2 * far * by + far**2 * bend, twice / 10)
        here = step(ahead / ahead.sum(axis=1, keepdims=True))
    return here


def _make_series(observed: float, drawn: Floats) -> pd.Series:
    index = pd.Index([OBSERVED, *[BOOTSTRAP] * len(drawn)], name=DRAW)
    return pd.Series([observed, *drawn], index=index)

"""The share of each class among rows without labels, from their calibrated probabilities.

Saerens, Latinne and Decaestecker (2002) find it by EM. It is right if only the shares have
changed (label shift): rows of a class look as they did. The prior that probabilities rest on is
fitted on labelled rows, so that EM finds the shares of their labels there (after Alexandari,
Kundaje and Shrikumar, 2020): a calibration that is off on the whole shifts no share.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from equipoise.judging.bootstrap import BOOTSTRAP, DRAW, OBSERVED
from equipoise.judging.intervals import estimate_interval, estimate_paired_difference
from equipoise.metrics.names import Floats, Labels

RESAMPLES = 200
# Replicates draw this many rows at most; what they vary by is scaled (Bickel and others, 1997).
MOST_ROWS = 20_000
# No probability or share is nearer to 0, so that nothing is divided by it.
LEAST = 1e-12
TOLERANCE, MOST_STEPS = 1e-8, 500
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
    """Probabilities of labelled rows, n x K, and the code of each label; every class is there."""

    probabilities: Floats
    y_true: Labels


def estimate_shares(probabilities: Floats, prior: Floats) -> Floats:
    """Return the share of each class, by EM (Saerens, Latinne and Decaestecker, 2002).

    `probabilities` are n x K, and rest on shares of classes that are called the `prior`.
    """
    once = np.ones((1, len(probabilities)))
    return np.asarray(_estimate(_bound(probabilities), once, prior[None])[0])


def find_prior(rows: LabelledRows) -> Floats:
    """Return the prior by which EM finds the shares that the labels have."""
    once = np.ones((1, len(rows.y_true)))
    shares = np.bincount(rows.y_true, minlength=rows.probabilities.shape[1]) / len(rows.y_true)
    return np.asarray(_find_priors(_bound(rows.probabilities), once, shares[None])[0])


def measure_shares(
    test: LabelledRows, probabilities: Floats, labels: tuple[str, ...], level: float, seed: int
) -> list[ClassShare]:
    """Return the share of each class with its interval, of this level for all of them together.

    Of two classes the second is measured alone. Both the batch and the test part are drawn again.
    """
    prior, own = find_prior(test), _bound(probabilities)
    found = estimate_shares(own, prior)
    moved, of_test = _replicate(test, own, prior, np.random.default_rng([seed, len(own)]))
    on_test = np.bincount(test.y_true, minlength=len(labels)) / len(test.y_true)
    told = range(len(labels)) if len(labels) > 2 else (1,)  # noqa: PLR2004 - one of two says all
    nothing_told = bool((np.ptp(own, axis=0) < TELLING).all())
    # What the prior rests on: with few labelled rows of a class, how much it varies is not sure.
    n_rare = min(len(own), int(np.bincount(test.y_true).min()))
    measured = []
    for code in told:
        share, part = float(found[code]), level / len(told)
        by = _widen(moved[:, code], share, len(own))
        drawn = _make_series(share, share + by)
        interval = (0.0, 1.0)
        p = 1.0
        if not nothing_told:
            interval = estimate_interval(drawn, (0.0, 1.0), n_rare, 1 - part)
            apart = by - of_test[:, code]
            change = _make_series(share - on_test[code], share - on_test[code] + apart)
            p = min(1.0, estimate_paired_difference(change, n_rare).p * len(told))
        measured.append(ClassShare(labels[code], share, interval, float(on_test[code]), p))
    return measured


def _replicate(
    test: LabelledRows, own: Floats, prior: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return by how much replicates move the estimate and the shares of the test part: B x K.

    The rows of the batch and those of the test part are drawn independently, so what each does
    to the estimate is added.
    """
    rows, scale = _choose_rows(len(own), rng)
    of_test, scale_of_test = _choose_rows(len(test.y_true), rng)
    some, labelled = own[rows], _bound(test.probabilities[of_test])
    once = np.ones((1, len(rows)))
    start = _estimate(some, once, prior[None])
    by_batch = _estimate(some, _draw(len(rows), rng), prior[None]) - start
    classes = np.eye(own.shape[1])[test.y_true[of_test]]
    counts = _draw(len(of_test), rng)
    # A class keeps a share, if a replicate has none of its rows.
    drawn = np.maximum(counts @ classes, 1)
    shares = drawn / drawn.sum(axis=1, keepdims=True)
    moved_shares = scale_of_test * (shares - classes.mean(axis=0))
    ratios = _find_priors(labelled, counts, shares) / find_prior(
        LabelledRows(labelled, test.y_true[of_test])
    )
    priors = prior * ratios**scale_of_test
    by_test = _estimate(some, once, priors / priors.sum(axis=1, keepdims=True)) - start
    return scale * by_batch + by_test, moved_shares


def _widen(moved: Floats, share: float, rows: int) -> Floats:
    """Return moves that vary at least as labels would: rows without them tell no more."""
    least = np.sqrt(share * (1 - share) / rows)
    return np.asarray(moved * max(1.0, least / max(float(moved.std()), LEAST)))


def _choose_rows(rows: int, rng: np.random.Generator) -> tuple[Labels, float]:
    """Return rows to draw from, and by what to scale what they vary by."""
    if rows <= MOST_ROWS:
        return np.arange(rows), 1.0
    return rng.choice(rows, MOST_ROWS, replace=False), float(np.sqrt(MOST_ROWS / rows))


def _draw(rows: int, rng: np.random.Generator) -> Floats:
    """Return how often each replicate draws each row."""
    drawn = [np.bincount(rng.integers(0, rows, rows), minlength=rows) for _ in range(RESAMPLES)]
    return np.asarray(drawn, dtype=np.float64)


def _estimate(rows: Floats, counts: Floats, prior: Floats) -> Floats:
    """Return the shares that EM ends at, for counts of rows (B x n) or priors (B x K)."""

    def step(shares: Floats) -> Floats:
        return _average(rows, counts, shares / prior)

    replicates = max(len(counts), len(prior))
    return _find_fixed_point(step, np.broadcast_to(prior, (replicates, rows.shape[1])))


def _find_priors(rows: Floats, counts: Floats, shares: Floats) -> Floats:
    """Return the priors by which EM stays at these shares: B x K."""

    def step(prior: Floats) -> Floats:
        moved = prior * _average(rows, counts, shares / prior) / shares
        return np.asarray(moved / moved.sum(axis=1, keepdims=True))

    return _find_fixed_point(step, shares)


def _average(rows: Floats, counts: Floats, ratios: Floats) -> Floats:
    """Return the mean probability of each class, once shares have changed by these ratios."""
    sums = ratios * ((counts / (ratios @ rows.T)) @ rows)
    return np.asarray(sums / sums.sum(axis=1, keepdims=True))


def _find_fixed_point(step: Callable[[Floats], Floats], start: Floats) -> Floats:
    """Return where steps lead, sped up by extrapolation (SQUAREM: Varadhan and Roland, 2008)."""
    here = start
    for _ in range(MOST_STEPS):
        once = step(here)
        twice = step(once)
        by, bend = once - here, twice - 2 * once + here
        if np.abs(twice - once).max() < TOLERANCE:
            return twice
        size = np.linalg.norm(bend, axis=1, keepdims=True)
        far = np.maximum(1, np.linalg.norm(by, axis=1, keepdims=True) / np.maximum(size, LEAST))
        # No step leads to a corner, where EM would stay.
        ahead = np.maximum(here + 2 * far * by + far**2 * bend, twice / 10)
        here = step(ahead / ahead.sum(axis=1, keepdims=True))
    return here


def _bound(probabilities: Floats) -> Floats:
    return np.maximum(probabilities, LEAST)


def _make_series(observed: float, drawn: Floats) -> pd.Series:
    index = pd.Index([OBSERVED, *[BOOTSTRAP] * len(drawn)], name=DRAW)
    return pd.Series([observed, *drawn], index=index)

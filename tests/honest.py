"""Rows of three classes with probabilities that mean what they say, and some that do not."""

from collections.abc import Sequence

import numpy as np

from equipoise.metrics.names import Floats, Labels

SHARES = (0.6, 0.3, 0.1)


def honest(rows: int, seed: int = 0, shares: Sequence[float] = SHARES) -> tuple[Labels, Floats]:
    """Probabilities that mean what they say, and codes drawn by them."""
    generator = np.random.default_rng(seed)
    odds = np.array(shares) * np.exp(generator.normal(size=(rows, len(shares))) * 1.5)
    scores = odds / odds.sum(axis=1, keepdims=True)
    drawn = (scores.cumsum(axis=1) < generator.uniform(size=(rows, 1))).sum(axis=1)
    return np.asarray(drawn), scores


def distorted(scores: Floats) -> Floats:
    """Overconfident scores, tilted towards the last class."""
    odds = scores**2 * [1, 2, 8]
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))

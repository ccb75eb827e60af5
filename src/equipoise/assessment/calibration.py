"""Probabilities that mean what they say: prior correction, and recalibration out of fold."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from equipoise.assessment.metrics import Floats

# Isotonic steps need rows to rest on; with fewer of the rarer class they follow noise
# (Niculescu-Mizil and Caruana, 2005, find sigmoid better on small calibration sets).
FEWEST_FOR_ISOTONIC = 100


def correct_prior(y_score: ArrayLike, ratio: float) -> Floats:
    """Return scores with their odds divided by `ratio` (Elkan, 2001; Dal Pozzolo et al., 2015).

    Exact where the model is; approximate for synthetic rows, which are not drawn from a class.
    """
    score = np.asarray(y_score, dtype=np.float64)
    return score / (score + ratio * (1 - score))


def recalibrate(
    method: str,
    out_of_fold: tuple[ArrayLike, ArrayLike],
    y_score: ArrayLike,
    ratio: float | None,
    repeats: int = 1,
) -> Floats:
    """Return `y_score` as probabilities, by the param `calibration`.

    `out_of_fold` has labels and scores of train rows, each row `repeats` times, and says what
    scores turned out to mean. `auto` is isotonic where both classes have rows enough, else
    sigmoid. Neither claims more certainty than the rule of succession allows of so many rows,
    so that log-loss stays finite.
    """
    if method == "none":
        return np.asarray(y_score, dtype=np.float64)
    if method == "prior":
        if ratio is None:
            raise ValueError("ratio: None, and 'prior' needs what the arm made of the odds")
        return correct_prior(y_score, ratio)
    true, score = np.asarray(out_of_fold[0]), np.asarray(out_of_fold[1], dtype=np.float64)
    rarer = min(true.sum(), len(true) - true.sum()) / repeats
    auto = "isotonic" if rarer >= FEWEST_FOR_ISOTONIC else "sigmoid"
    least = 1 / (len(true) / repeats + 2)
    calibrated = RECALIBRATIONS[auto if method == "auto" else method](true, score, y_score)
    return np.clip(calibrated, least, 1 - least)


def _isotonic(true: Floats, score: Floats, new_score: ArrayLike) -> Floats:
    """Pool adjacent violators (Zadrozny and Elkan, 2002)."""
    probabilities: Floats = (
        IsotonicRegression(out_of_bounds="clip").fit(score, true).predict(new_score)
    )
    return probabilities


def _sigmoid(true: Floats, score: Floats, new_score: ArrayLike) -> Floats:
    """Fit a line to the log-odds (Platt, 1999)."""
    model = LogisticRegression(C=np.inf).fit(_log_odds(score), true)
    probabilities: Floats = model.predict_proba(_log_odds(new_score))[:, 1]
    return probabilities


RECALIBRATIONS: dict[str, Callable[[Floats, Floats, ArrayLike], Floats]] = {
    "isotonic": _isotonic,
    "sigmoid": _sigmoid,
}


def _log_odds(score: ArrayLike) -> Floats:
    bounded = np.clip(np.asarray(score, dtype=np.float64), 1e-12, 1 - 1e-12)
    return np.log(bounded / (1 - bounded)).reshape(-1, 1)

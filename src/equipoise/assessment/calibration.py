"""Probabilities that mean what they say, learned from out-of-fold scores."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

# Isotonic steps need rows to rest on; with fewer of the rarer class they follow noise
# (Niculescu-Mizil and Caruana, 2005, find sigmoid better on small calibration sets).
FEWEST_FOR_ISOTONIC = 100


def recalibrate(y_true: ArrayLike, y_score: ArrayLike, new_score: ArrayLike) -> NDArray[np.float64]:
    """Return `new_score` as probabilities, by what `y_score` turned out to mean.

    Isotonic (Zadrozny and Elkan, 2002) where both classes have rows enough, else sigmoid on
    the log-odds (Platt, 1999). Neither claims more certainty than the rule of succession
    allows for the number of rows, so that log-loss stays finite.
    """
    true = np.asarray(y_true)
    if min(true.sum(), len(true) - true.sum()) >= FEWEST_FOR_ISOTONIC:
        isotonic = IsotonicRegression(out_of_bounds="clip").fit(y_score, true)
        probabilities: NDArray[np.float64] = isotonic.predict(new_score)
    else:
        sigmoid = LogisticRegression(C=np.inf).fit(_log_odds(y_score), true)
        probabilities = sigmoid.predict_proba(_log_odds(new_score))[:, 1]
    least = 1 / (len(true) + 2)
    return np.clip(probabilities, least, 1 - least)


def _log_odds(score: ArrayLike) -> NDArray[np.float64]:
    bounded = np.clip(np.asarray(score, dtype=np.float64), 1e-12, 1 - 1e-12)
    return np.log(bounded / (1 - bounded)).reshape(-1, 1)

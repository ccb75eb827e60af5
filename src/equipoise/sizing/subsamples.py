"""Folds that are fitted on fewer rows: nested samples of each class, held-out rows as they are."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from equipoise.fitting.fold_rows import Positions, Sides


def thin_folds(folds: Sequence[Sides], target: pd.Series, share: float, seed: int) -> list[Sides]:
    """Return the folds with this share of the rows of each class to fit on, at least one of each.

    The order in which rows are drawn depends on the seed and the fold alone, so a smaller sample
    lies in every larger one.
    """
    codes = pd.factorize(target)[0]
    return [
        (_draw_share(fitted, codes, share, np.random.default_rng([seed, number])), held_out)
        for number, (fitted, held_out) in enumerate(folds)
    ]


def _draw_share(
    fitted: Positions, codes: Positions, share: float, rng: np.random.Generator
) -> Positions:
    drawn = rng.permutation(fitted)
    classes = pd.Series(codes[drawn])
    place, size = classes.groupby(classes).cumcount(), classes.map(classes.value_counts())
    return np.sort(drawn[(place < np.ceil(size * share)).to_numpy()])

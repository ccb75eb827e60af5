"""Cleaned rows as models learn from them: scaled and encoded, whatever a sampler makes of them.

Nothing here depends on a model, and but for `apply` nothing on a strategy: arms can share it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from equipoise.core.difference import Difference, apply_difference, find_source_positions
from equipoise.core.tables import split_off_target
from equipoise.fitting.preprocessing import build_encoder, fit_scaler
from equipoise.params.trial_params import Preprocess


@dataclass(frozen=True)
class Prepared:
    """Cleaned rows, and what scales and encodes features, fitted on them.

    `seen` has their features as a model learns from them that is given no other rows.
    """

    cleaned: pd.DataFrame
    scaler: Any | None
    encoder: Any | None
    seen: Any

    @classmethod
    def of(cls, cleaned: pd.DataFrame, preprocess: Preprocess, seed: int) -> Self:
        """Fit what scales and what encodes; each is None where it has nothing to do."""
        X, y = split_off_target(cleaned)
        scaler, X = fit_scaler(preprocess, X, y, seed)
        encoder = build_encoder(preprocess, X, seed)
        return cls(cleaned, scaler, encoder, X if encoder is None else encoder.fit_transform(X, y))

    @property
    def steps(self) -> Sequence[tuple[str, Any]]:
        """The steps of a pipeline between cleaner and model."""
        both = ("scale", self.scaler), ("encode", self.encoder)
        return [(name, step) for name, step in both if step is not None]

    def transform(self, X: Any) -> Any:
        """Return cleaned features of any rows as a model sees them."""
        for _, step in self.steps:
            X = step.transform(X)
        return X

    def apply(self, difference: Difference) -> tuple[Any, pd.Series]:
        """Return features and labels of the resampled rows, as a model learns from them.

        Rows of train carry what `fit_transform` gives them, where what goes by labels is
        cross-fitted: by `transform` the model would see in them the labels that it is to find.
        Synthetic rows, whose labels are in no share, are encoded as any new row is.
        """
        if difference.kept is None and difference.synthetic is None:
            return self.seen, split_off_target(self.cleaned)[1]
        X, y = split_off_target(apply_difference(self.cleaned, difference))
        if not self.steps:
            return X, y
        source = find_source_positions(self.cleaned.index, difference)
        kept = source >= 0
        if self.encoder is None:
            return self._scale_new(X, source, kept), y
        encoded = self.transform(X)
        encoded[kept] = self.seen[source[kept]]
        return encoded, y

    def _scale_new(
        self, X: pd.DataFrame, source: NDArray[np.int64], kept: NDArray[np.bool_]
    ) -> pd.DataFrame:
        """Return rows as they were seen where they are kept, the others scaled as new ones."""
        rows: pd.DataFrame = self.seen.take(source[kept])
        if not kept.all():
            rows = pd.concat([rows, self.transform(X[~kept])])
            if not kept[: kept.sum()].all():  # samplers mostly give new rows last
                rows = rows.take(np.argsort(np.argsort(~kept, kind="stable")))
        return rows.set_axis(X.index)

"""What is done to features before a sampler or a model sees them."""

from typing import Any

from equipoise.contract.params import Preprocess


def build_preprocessor(preprocess: Preprocess) -> Any:
    """Return an unfitted transformer, frame in and frame out, that can be inverted."""
    from sklearn.preprocessing import (  # noqa: PLC0415 - 1.3 s that an arm without a sampler saves
        FunctionTransformer,
        StandardScaler,
    )

    if preprocess.numeric == "standardize":
        return StandardScaler().set_output(transform="pandas")
    return FunctionTransformer()

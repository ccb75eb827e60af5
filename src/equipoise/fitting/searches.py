"""Samplers of imbalanced-learn, with our search for neighbours in place of scikit-learn's."""

from collections.abc import Callable, Mapping
from copy import copy
from typing import Any, cast

import numpy as np
from imblearn.over_sampling import SMOTE
from imblearn.under_sampling import EditedNearestNeighbours, TomekLinks
from numpy.typing import NDArray

from equipoise.fitting.components import Sampler
from equipoise.fitting.neighbours import ExactNeighbours

# Arguments that say how many neighbours are searched for, and how many more a sampler asks for:
# a row that is searched for among others is its own nearest neighbour.
NUMBERS: Mapping[str, Mapping[str, int]] = {
    "SMOTE": {"k_neighbors": 1},
    "BorderlineSMOTE": {"k_neighbors": 1, "m_neighbors": 1},
    "SVMSMOTE": {"k_neighbors": 1, "m_neighbors": 1},
    "KMeansSMOTE": {"k_neighbors": 1},
    "ADASYN": {"n_neighbors": 1},
    "EditedNearestNeighbours": {"n_neighbors": 1},
    "RepeatedEditedNearestNeighbours": {"n_neighbors": 1},
    "NearMiss": {"n_neighbors": 0, "n_neighbors_ver3": 0},
}


class ExactTomekLinks(TomekLinks):  # type: ignore[misc]  # it has no types
    """Imbalanced-learn's Tomek links, which take no search of ours as an argument."""

    def _fit_resample(self, X: Any, y: NDArray[Any]) -> tuple[Any, NDArray[Any]]:
        search = ExactNeighbours(n_neighbors=2, n_jobs=self.n_jobs).fit(X)
        nearest = search.kneighbors(X, return_distance=False)[:, 1]  # the first is the row itself
        links = self.is_tomek(y, nearest, self.sampling_strategy_)
        self.sample_indices_ = np.flatnonzero(~links)
        return X[self.sample_indices_], y[self.sample_indices_]


def _make_smote(whole: Any) -> Any:
    return SMOTE(sampling_strategy=whole.sampling_strategy, random_state=whole.random_state)


def _make_cleaner(whole: Any) -> Any:
    return EditedNearestNeighbours(sampling_strategy="all", n_jobs=whole.n_jobs)


def _make_links(whole: Any) -> Any:
    return TomekLinks(sampling_strategy="all", n_jobs=whole.n_jobs)


def _make_majority_cleaner(whole: Any) -> Any:
    return EditedNearestNeighbours(
        sampling_strategy=whole.sampling_strategy,
        n_neighbors=whole.n_neighbors,
        kind_sel="mode",
        n_jobs=whole.n_jobs,
    )


# Samplers inside samplers, and how imbalanced-learn makes those that it is not given.
PARTS: Mapping[str, Mapping[str, Callable[[Any], Any]]] = {
    "SMOTEENN": {"smote": _make_smote, "enn": _make_cleaner},
    "SMOTETomek": {"smote": _make_smote, "tomek": _make_links},
    "NeighbourhoodCleaningRule": {"edited_nearest_neighbours": _make_majority_cleaner},
}


def use_exact_neighbours(sampler: Sampler) -> Sampler:
    """Return the sampler with our search wherever it has a number of neighbours, or itself.

    Samplers whose search cannot be replaced, and those of other packages, are as they were.
    """
    kind = type(sampler)
    if kind.__module__.partition(".")[0] != "imblearn":
        return sampler
    given = sampler.get_params()
    if kind is TomekLinks:
        return cast("Sampler", ExactTomekLinks(**given))
    arguments: dict[str, Any] = {
        name: ExactNeighbours(n_neighbors=given[name] + more)
        for name, more in NUMBERS.get(kind.__name__, {}).items()
        if isinstance(given[name], int) and given[name] > 0
    }
    for name, make in PARTS.get(kind.__name__, {}).items():
        part = make(sampler) if given[name] is None else given[name]
        arguments[name] = use_exact_neighbours(part)
    return copy(sampler).set_params(**arguments)

"""Samplers with our search for neighbours: the rows that imbalanced-learn gives, and its errors."""

from typing import Any

import numpy as np
import pytest
from imblearn.combine import SMOTEENN, SMOTETomek
from imblearn.over_sampling import ADASYN, SMOTE, SVMSMOTE, BorderlineSMOTE, KMeansSMOTE
from imblearn.under_sampling import (
    EditedNearestNeighbours,
    NearMiss,
    NeighbourhoodCleaningRule,
    RandomUnderSampler,
    RepeatedEditedNearestNeighbours,
    TomekLinks,
)
from numpy.testing import assert_array_equal
from numpy.typing import NDArray
from sklearn.datasets import make_classification

from equipoise.fitting import neighbours
from equipoise.fitting.neighbours import ExactNeighbours
from equipoise.fitting.searches import use_exact_neighbours

SAMPLERS = [
    SMOTE(random_state=0, k_neighbors=3),
    BorderlineSMOTE(random_state=0, m_neighbors=8),
    SVMSMOTE(random_state=0),
    KMeansSMOTE(random_state=0, cluster_balance_threshold=0.01),
    ADASYN(random_state=0),
    EditedNearestNeighbours(),
    RepeatedEditedNearestNeighbours(),
    TomekLinks(sampling_strategy="all"),
    NearMiss(version=1),
    NearMiss(version=3),
    NeighbourhoodCleaningRule(n_neighbors=4),
    SMOTEENN(random_state=0),
    SMOTEENN(smote=SMOTE(random_state=0, k_neighbors=2), enn=EditedNearestNeighbours()),
    SMOTETomek(random_state=0, sampling_strategy=0.8),
]


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The neighbours of each search of ours, which small tables are not too small for."""
    monkeypatch.setattr(neighbours, "FEWEST_ROWS", 1)
    monkeypatch.setattr(neighbours, "FEWEST_QUERIES", 1)
    made: list[int] = []
    search = neighbours.find_nearest

    def counting(rows: Any, queries: Any, k: int) -> Any:
        made.append(k)
        return search(rows, queries, k)

    monkeypatch.setattr(neighbours, "find_nearest", counting)
    return made


@pytest.fixture(scope="module")
def table() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    X, y = make_classification(900, 18, n_informative=6, weights=[0.8], random_state=0)
    return X, y


@pytest.mark.parametrize("sampler", SAMPLERS, ids=repr)
def test_a_sampler_gives_the_rows_of_imbalanced_learn(
    sampler: Any, table: Any, searches: list[int]
) -> None:
    """Every number of every row, and our search found the neighbours."""
    X_expected, y_expected = sampler.fit_resample(*table)
    X_resampled, y_resampled = use_exact_neighbours(sampler).fit_resample(*table)
    assert_array_equal(X_expected, X_resampled)
    assert_array_equal(y_expected, y_resampled)
    assert searches


def test_the_sampler_that_was_given_keeps_its_numbers() -> None:
    """What is shown and recorded are the numbers of params, also of a sampler's parts."""
    whole = SMOTEENN(smote=SMOTE(k_neighbors=2), enn=EditedNearestNeighbours(n_neighbors=4))
    before = whole.get_params(deep=True)
    used = use_exact_neighbours(whole)
    assert before == whole.get_params(deep=True)
    numbers = [used.get_params()[f"{name}__n_neighbors"] for name in ("smote__k_neighbors", "enn")]
    assert numbers[0] == 3
    assert isinstance(numbers[1], ExactNeighbours)


def test_a_number_that_imbalanced_learn_refuses_is_still_refused(table: Any) -> None:
    with pytest.raises(ValueError, match="'k_neighbors' parameter of SMOTE must be"):
        use_exact_neighbours(SMOTE(k_neighbors=0)).fit_resample(*table)


class OfAnotherPackage(RandomUnderSampler):  # type: ignore[misc]  # it has no types
    """A sampler that another package derives from one of imbalanced-learn."""


def test_a_sampler_of_another_package_is_left_as_it_is() -> None:
    sampler = OfAnotherPackage()
    assert use_exact_neighbours(sampler) is sampler

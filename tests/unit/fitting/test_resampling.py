"""A sampler applied to the train part: the same rows as the sampler's own, in their order."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from threadpoolctl import threadpool_limits

from equipoise.contract.difference import Difference, apply_difference, summarise
from equipoise.contract.errors import UserError
from equipoise.contract.params import Preprocess, Strategy
from equipoise.contract.tables import features_and_target
from equipoise.fitting.components import build_sampler
from equipoise.fitting.preprocessing import build_preprocessor
from equipoise.fitting.resampling import resample

PASSTHROUGH, STANDARDIZE = Preprocess(numeric="passthrough"), Preprocess(numeric="standardize")
KEY = "strategies.remedy"

# A seed is no simpler for being smaller, so failures are reported as they are found.
FEW = settings(max_examples=4, deadline=None, phases=(Phase.explicit, Phase.generate))

Spec = dict[str, Any]

OVER: list[Spec] = [
    {"class": "SMOTE"},
    {"class": "ADASYN"},
    {"class": "BorderlineSMOTE"},
    {"class": "SVMSMOTE"},
    {"class": "RandomOverSampler"},
    {"class": "RandomOverSampler", "shrinkage": 0.5},
]
UNDER: list[Spec] = [
    {"class": "RandomUnderSampler"},
    {"class": "RandomUnderSampler", "replacement": True},
    {"class": "TomekLinks"},
    {"class": "EditedNearestNeighbours"},
    {"class": "RepeatedEditedNearestNeighbours"},
    {"class": "AllKNN"},
    {"class": "NearMiss"},
    {"class": "OneSidedSelection"},
    {"class": "NeighbourhoodCleaningRule"},
    {"class": "InstanceHardnessThreshold", "estimator": {"class": "GaussianNB"}},
]
OTHER: list[Spec] = [
    {"class": "ClusterCentroids"},
    {"class": "ClusterCentroids", "voting": "hard"},
    {"class": "SMOTEENN"},
    {"class": "SMOTETomek"},
]
EVERY = [*OVER, *UNDER, *OTHER]


def name_of(spec: Spec) -> str:
    """Return a test's name for a sampler."""
    return "-".join(str(value) for value in spec.values() if not isinstance(value, dict))


def train_part(seed: int = 0, rows: int = 80, levels: int | None = None) -> pd.DataFrame:
    """Return overlapping classes, one row in five positive, under mixed source row numbers.

    With `levels`, features take only so many values, and rows of both classes coincide.
    """
    rng = np.random.default_rng(seed)
    target = rng.permutation(np.arange(rows) % 5 == 0).astype("int64")
    values = rng.normal(size=(rows, 3)) + target[:, None]
    if levels is not None:
        values = rng.integers(0, levels, size=(rows, 3)).astype("float64")
    frame = pd.DataFrame(values, columns=["age", "visits", "weight"]).assign(target=target)
    return frame.set_index(pd.Index(rng.permutation(2 * rows)[:rows], name="row"))


def difference_by(
    spec: Spec, train: pd.DataFrame, preprocess: Preprocess = PASSTHROUGH, seed: int = 7
) -> Difference:
    """Return what a sampler does to train."""
    strategy = Strategy.model_validate({"sampler": spec})
    return resample(train, strategy, preprocess, seed, KEY)


def rows_by(
    spec: Spec, train: pd.DataFrame, preprocess: Preprocess = PASSTHROUGH, seed: int = 7
) -> pd.DataFrame:
    """Return the sampler's own rows, as it gives them when asked directly, in the user's units."""
    sampler = Strategy.model_validate({"sampler": spec}).sampler
    assert sampler is not None
    X, y = features_and_target(train)
    preprocessor = build_preprocessor(preprocess).fit(X)
    X_resampled, y_resampled = build_sampler(sampler, KEY, seed).fit_resample(
        preprocessor.transform(X), y
    )
    values = np.asarray(preprocessor.inverse_transform(X_resampled))
    return pd.DataFrame(values, columns=X.columns).assign(target=y_resampled.to_numpy())


def refuse(spec: Spec, train: pd.DataFrame) -> str:
    """Return what is said of a sampler that cannot take train."""
    with pytest.raises(UserError) as refused:
        difference_by(spec, train)
    return str(refused.value)


@pytest.mark.parametrize("spec", EVERY, ids=name_of)
@FEW
@given(seed=st.integers(0, 1000))
def test_the_stored_rows_are_the_samplers_own_in_their_order(spec: Spec, seed: int) -> None:
    """Nothing is lost or moved between the sampler and the model, to the last bit."""
    train = train_part(seed)
    stored = apply_difference(train, difference_by(spec, train, seed=seed))
    assert np.array_equal(rows_by(spec, train, seed=seed).to_numpy(), stored.to_numpy())


@pytest.mark.filterwarnings("ignore:Number of distinct clusters")  # as the data are made
@pytest.mark.parametrize("spec", EVERY, ids=name_of)
@pytest.mark.parametrize("levels", [2, 3])
def test_rows_that_coincide_keep_the_label_that_the_sampler_gave(spec: Spec, levels: int) -> None:
    """Equal features in both classes, as counts and flags have them, mix up no label."""
    for seed in range(3):
        train = train_part(seed, levels=levels)
        stored = apply_difference(train, difference_by(spec, train))
        assert np.array_equal(rows_by(spec, train).to_numpy(), stored.to_numpy())


@pytest.mark.parametrize("spec", EVERY, ids=name_of)
def test_samplers_work_on_standardized_features_and_rows_come_back_in_the_users_units(
    spec: Spec,
) -> None:
    """Neighbours are found on the scale that the model sees, also where units differ."""
    train = train_part().assign(weight=lambda frame: 1e4 * frame["weight"] + 5e4)
    stored = apply_difference(train, difference_by(spec, train, STANDARDIZE))
    expected = rows_by(spec, train, STANDARDIZE)
    assert np.allclose(expected.to_numpy(), stored.to_numpy(), rtol=1e-9)


def test_a_scale_changes_what_smote_makes() -> None:
    """A feature in large units does not drown the others once features are standardized."""
    train = train_part().assign(weight=lambda frame: 1e4 * frame["weight"])
    raw, scaled = (difference_by({"class": "SMOTE"}, train, p) for p in (PASSTHROUGH, STANDARDIZE))
    assert raw.synthetic is not None
    assert scaled.synthetic is not None
    assert not np.allclose(raw.synthetic.to_numpy(), scaled.synthetic.to_numpy())


@pytest.mark.parametrize("spec", OVER, ids=name_of)
@FEW
@given(seed=st.integers(0, 1000))
def test_over_sampling_keeps_every_original_first(spec: Spec, seed: int) -> None:
    """Over-sampling adds rows of the rarer class, and changes none that was there."""
    train = train_part(seed)
    resampled = apply_difference(train, difference_by(spec, train, seed=seed))
    assert np.array_equal(train.to_numpy(), resampled.to_numpy()[: len(train)])
    assert set(resampled["target"].iloc[len(train) :]) == {1}


@pytest.mark.parametrize("spec", UNDER, ids=name_of)
@FEW
@given(seed=st.integers(0, 1000))
def test_under_sampling_keeps_a_subset(spec: Spec, seed: int) -> None:
    """Under-sampling makes no row, so only source row numbers are stored."""
    train = train_part(seed)
    difference = difference_by(spec, train, seed=seed)
    assert difference.synthetic is None
    kept = train.index.to_series() if difference.kept is None else difference.kept["row"]
    assert set(kept) <= set(train.index)
    assert spec.get("replacement") or kept.is_unique


@pytest.mark.parametrize("spec", UNDER, ids=name_of)
def test_the_summary_of_under_sampling_counts_no_synthetic_row(spec: Spec) -> None:
    """What the user reads of the arm is what it did."""
    train = train_part()
    difference = difference_by(spec, train)
    summary = summarise(train, difference)
    assert (summary["synthetic"], summary["kept"]) == (0, sum(summary["after"].values()))


@pytest.mark.parametrize("spec", [{"class": "SMOTE"}, {"class": "ADASYN"}], ids=name_of)
def test_smote_stores_only_what_it_made(spec: Spec) -> None:
    """A synthetic over-sampler costs no copy of train."""
    difference = difference_by(spec, train_part())
    assert difference.kept is None
    assert difference.synthetic is not None
    assert difference.synthetic.index.min() == len(train_part())


def test_repeated_rows_are_stored_as_numbers() -> None:
    """Random over-sampling makes no row, only repeats."""
    difference = difference_by({"class": "RandomOverSampler"}, train_part())
    assert difference.synthetic is None
    assert difference.kept is not None
    assert difference.kept["row"].duplicated().sum() == len(difference.kept) - len(train_part())


@pytest.mark.parametrize(
    "strategy",
    [{}, {"class_weight": "balanced"}, {"ensemble": {"class": "EasyEnsembleClassifier"}}],
    ids=str,
)
def test_a_strategy_without_a_sampler_changes_no_row(strategy: Spec) -> None:
    """The baseline is fitted on train as it is."""
    chosen = Strategy.model_validate(strategy)
    assert resample(train_part(), chosen, PASSTHROUGH, 7, KEY) == Difference()


@pytest.mark.parametrize("spec", EVERY, ids=name_of)
def test_the_same_seed_gives_the_same_bytes(spec: Spec) -> None:
    """A stage that runs again writes what it wrote."""
    train = train_part()
    first, second = (apply_difference(train, difference_by(spec, train)) for _ in range(2))
    assert first.to_numpy().tobytes() == second.to_numpy().tobytes()


@pytest.mark.parametrize("spec", [OVER[0], OVER[1], OVER[4], UNDER[0]], ids=name_of)
def test_another_seed_gives_other_rows(spec: Spec) -> None:
    """The seed of the params reaches the sampler."""
    train = train_part()
    first, second = (
        apply_difference(train, difference_by(spec, train, seed=seed)) for seed in (1, 2)
    )
    assert not np.array_equal(first.to_numpy(), second.to_numpy())


def test_the_number_of_threads_changes_no_row() -> None:
    """A machine with more processors writes the same bytes."""
    train = train_part(rows=3000)
    written = []
    for threads in (1, 2):
        with threadpool_limits(limits=threads):
            rows = apply_difference(train, difference_by({"class": "ClusterCentroids"}, train))
        written.append(rows.to_numpy().tobytes())
    assert written[0] == written[1]


def test_train_is_left_as_it_was() -> None:
    """Resampling changes nothing in what it is given."""
    train = train_part()
    difference_by({"class": "SMOTEENN"}, train, STANDARDIZE)
    assert_frame_equal(train_part(), train)


def with_positives(count: int) -> pd.DataFrame:
    """Return train with only so many rows of its positive class."""
    train = train_part()
    return pd.concat([train[train["target"] == 0], train[train["target"] == 1].head(count)])


@pytest.mark.parametrize("positives", [2, 3, 5])
@pytest.mark.parametrize("name", ["SMOTE", "BorderlineSMOTE"])
def test_too_many_neighbours_are_answered_with_the_most_that_work(
    name: str, positives: int
) -> None:
    """The message has the class, its rows, and the largest `k_neighbors` for them."""
    expected = (
        f"{KEY}.sampler.k_neighbors: 5 is too many: class 1 has {positives} rows to learn from;"
        f" lower it to at most {positives - 1}"
    )
    assert refuse({"class": name, "k_neighbors": 5}, with_positives(positives)) == expected


@pytest.mark.parametrize("positives", [2, 3, 5])
def test_the_most_neighbours_that_are_proposed_do_work(positives: int) -> None:
    """Following the message mends the mistake."""
    spec = {"class": "SMOTE", "k_neighbors": positives - 1}
    difference = difference_by(spec, with_positives(positives))
    assert difference.synthetic is not None
    assert len(difference.synthetic) == 64 - positives


def test_a_single_positive_row_has_no_neighbours() -> None:
    """No number of neighbours is proposed where there is none."""
    message = refuse({"class": "SMOTE", "k_neighbors": 5}, with_positives(1))
    assert "class 1 has 1 rows" in message
    assert "lower" not in message


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"class": "SMOTE", "k_neighbors": 0}, "Got 0 instead"),
        ({"class": "SMOTE", "k_neighbors": "a"}, "Got 'a' instead"),
        ({"class": "SMOTE", "sampling_strategy": "minoriti"}, "'minority'"),
        ({"class": "SMOTE", "sampling_strategy": 0.01}, "increase the ratio"),
        ({"class": "SMOTE", "sampling_strategy": {5: 50}}, "{5}"),
        ({"class": "ADASYN", "n_neighbors": 500}, "16"),
        ({"class": "KMeansSMOTE", "cluster_balance_threshold": 0.95}, "cluster_balance_threshold"),
    ],
)
def test_what_a_sampler_refuses_is_passed_on_with_its_key(spec: Spec, said: str) -> None:
    """A value that the sampler cannot take is the user's to mend, on one line."""
    message = refuse(spec, train_part())
    assert message.startswith(f"{KEY}.sampler: {spec['class']} failed: ")
    assert said in message
    assert len(message.splitlines()) == 1

"""A sampler applied to the train part: the same rows as the sampler's own, in their order."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from imblearn.over_sampling import SMOTEN, SMOTENC, RandomOverSampler
from imblearn.under_sampling import RandomUnderSampler
from pandas.testing import assert_frame_equal
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from equipoise.core.difference import Difference, ResamplingSummary, apply_difference
from equipoise.core.tables import GROUP, TIME, format_label, split_off_target
from equipoise.fitting.categories import RARE
from equipoise.fitting.class_ratios import summarise_resampling
from equipoise.fitting.components import build_sampler
from equipoise.fitting.preprocessing import clean
from equipoise.fitting.resampling import check_counts, resample
from equipoise.params.trial_params import Preprocess, Strategy
from equipoise.storage.files.formats import read_difference, write_difference
from equipoise.terminal.errors import UserError

from .conftest import mixed_table

PASSTHROUGH, STANDARDIZE = Preprocess(numeric="passthrough"), Preprocess(numeric="standardize")
KEY = "strategies.remedy"

# A seed is no simpler for being smaller, so failures are reported as they are found.
FEW = settings(max_examples=2, deadline=None, phases=(Phase.explicit, Phase.generate))

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
    return resample(train, strategy.at(KEY), preprocess, seed)


def rows_by(
    spec: Spec, train: pd.DataFrame, preprocess: Preprocess = PASSTHROUGH, seed: int = 7
) -> pd.DataFrame:
    """Return the sampler's own rows, as it gives them when asked directly, in the user's units."""
    sampler = Strategy.model_validate({"sampler": spec}).sampler
    assert sampler is not None
    X, y = split_off_target(train)
    scaler = StandardScaler(with_mean=preprocess == STANDARDIZE, with_std=preprocess == STANDARDIZE)
    scaler.set_output(transform="pandas").fit(X)
    X_resampled, y_resampled = build_sampler(sampler, seed).fit_resample(scaler.transform(X), y)
    values = np.asarray(scaler.inverse_transform(X_resampled))
    return pd.DataFrame(values, columns=X.columns).assign(target=y_resampled.to_numpy())


def summary_by(spec: Spec, train: pd.DataFrame) -> ResamplingSummary:
    """Return the summary of what a sampler does to train."""
    strategy = Strategy.model_validate({"sampler": spec})
    return summarise_resampling(train, difference_by(spec, train), strategy)


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
def test_rows_that_coincide_keep_the_label_that_the_sampler_gave(spec: Spec) -> None:
    """Equal features in both classes, as counts and flags have them, mix up no label."""
    for seed, levels in ((0, 2), (1, 2), (2, 3)):
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
    summary = summary_by(spec, train_part())
    assert (summary.synthetic, summary.kept) == (0, sum(summary.after.values()))


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
    assert resample(train_part(), chosen, PASSTHROUGH, 7) == Difference()


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
        f"{KEY}.sampler.k_neighbors: 5 is too many: the positive class has {positives} rows to"
        " learn from;"
        f" lower it to at most {positives - 1}"
    )
    assert refuse({"class": name, "k_neighbors": 5}, with_positives(positives)) == expected


def test_a_lone_row_is_answered_with_a_sampler_that_needs_no_neighbour() -> None:
    """No smaller `k_neighbors` would do; what the message proposes does work."""
    lone = with_positives(1)
    assert refuse({"class": "SMOTE"}, lone).endswith(
        "the positive class has 1 rows to learn from; use RandomOverSampler, or add more rows"
    )
    assert difference_by({"class": "RandomOverSampler"}, lone).kept is not None


def smote_in(name: str, argument: str, k: int) -> Spec:
    """Return a sampler that looks for `k` neighbours to make rows from."""
    if "." in argument:
        return {"class": name, "smote": {"class": "SMOTE", "k_neighbors": k}}
    return {"class": name, argument: k}


BY_NEIGHBOURS = [
    ("SMOTE", "k_neighbors"),
    ("ADASYN", "n_neighbors"),
    ("SMOTEENN", "smote.k_neighbors"),
    ("SMOTETomek", "smote.k_neighbors"),
]


@pytest.mark.parametrize("positives", [4, 5])
@pytest.mark.parametrize(("name", "argument"), BY_NEIGHBOURS)
def test_the_most_neighbours_that_are_proposed_do_work(
    name: str, argument: str, positives: int
) -> None:
    """Following the message fixes the mistake, whatever the sampler calls its neighbours."""
    train = with_positives(positives)
    message = refuse(smote_in(name, argument, 500), train)
    assert message.startswith(f"{KEY}.sampler.{argument}: 500 is too many")
    assert message.endswith(f"lower it to at most {positives - 1}")
    difference = difference_by(smote_in(name, argument, positives - 1), train)
    assert difference.synthetic is not None


@pytest.mark.parametrize("name", ["SMOTEENN", "SMOTETomek"])
def test_a_smote_that_is_not_written_out_has_its_own_default(name: str) -> None:
    """Five neighbours are looked for: five rows are too few, six enough."""
    assert "smote.k_neighbors: 5 is too many" in refuse({"class": name}, with_positives(5))
    assert difference_by({"class": name}, with_positives(6)).synthetic is not None


def test_a_single_positive_row_has_no_neighbours() -> None:
    """No number of neighbours is proposed where there is none."""
    message = refuse({"class": "SMOTE", "k_neighbors": 5}, with_positives(1))
    assert "the positive class has 1 rows" in message
    assert "lower" not in message


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"class": "SMOTE", "k_neighbors": 0}, "Got 0 instead"),
        ({"class": "SMOTE", "k_neighbors": "a"}, "Got 'a' instead"),
        ({"class": "SMOTE", "sampling_strategy": "minoriti"}, "'minority'"),
        ({"class": "SMOTE", "sampling_strategy": 0.01}, "increase the ratio"),
        ({"class": "ADASYN", "n_neighbors": 0}, "Got 0 instead"),
        ({"class": "KMeansSMOTE", "cluster_balance_threshold": 0.95}, "cluster_balance_threshold"),
    ],
)
def test_what_a_sampler_refuses_is_passed_on_with_its_key(spec: Spec, said: str) -> None:
    """A value that the sampler cannot take is the user's to fix, on one line."""
    message = refuse(spec, train_part())
    asked = spec.get("sampling_strategy")
    where = "" if asked is None else f".sampling_strategy: {asked!r}"
    assert message.startswith(f"{KEY}.sampler{where}: {spec['class']} failed: ")
    assert said in message
    assert len(message.splitlines()) == 1


LABELS: list[list[Any]] = [[1, 2, 5], ["common", "rare", "very rare"]]


def several(labels: list[Any], sizes: tuple[int, ...] = (100, 40, 20)) -> pd.DataFrame:
    """Return three overlapping classes, skewed, under mixed source row numbers."""
    rng = np.random.default_rng(1)
    rows = sum(sizes)
    number = rng.permutation(np.repeat([0, 1, 2], sizes))
    values = rng.normal(size=(rows, 3)) + 1.5 * np.eye(3)[number]
    target = pd.Series([labels[n] for n in number])
    frame = pd.DataFrame(values, columns=["age", "visits", "weight"]).assign(target=target)
    return frame.set_index(pd.Index(rng.permutation(2 * rows)[:rows], name="row"))


@pytest.mark.parametrize(
    ("labels", "preprocess"), [(LABELS[0], PASSTHROUGH), (LABELS[1], STANDARDIZE)]
)
@pytest.mark.parametrize("spec", EVERY, ids=name_of)
def test_rows_of_several_classes_are_the_samplers_own(
    spec: Spec, labels: list[Any], preprocess: Preprocess, tmp_path: Path
) -> None:
    """Also where the sampler takes no such labels: what it does to numbers is done to them."""
    train = several(labels)
    write_difference(difference_by(spec, train, preprocess), tmp_path)
    stored = apply_difference(train, read_difference(tmp_path))
    expected = rows_by(spec, several([0, 1, 2]), preprocess)
    assert np.allclose(
        expected.drop(columns="target"), stored.drop(columns="target"), rtol=1e-9, atol=1e-12
    )
    assert stored["target"].tolist() == [labels[number] for number in expected["target"]]
    assert stored.dtypes.tolist() == train.dtypes.tolist()


@pytest.mark.parametrize("labels", LABELS, ids=str)
@pytest.mark.parametrize("spec", [{"class": "SMOTE"}, {"class": "SMOTEENN"}], ids=name_of)
def test_made_rows_have_labels_of_the_targets_type(spec: Spec, labels: list[Any]) -> None:
    """A word stays a word and a whole number a whole number, before any file is written."""
    made = difference_by(spec, several(labels)).synthetic
    assert made is not None
    assert made["target"].dtype == several(labels)["target"].dtype
    assert set(labels[1:]) <= set(made["target"])


@pytest.mark.parametrize("labels", LABELS, ids=str)
def test_the_summary_counts_each_class_by_its_label(labels: list[Any]) -> None:
    """The record of a sampler is in the user's own words."""
    common, rare, rarest = map(str, labels)
    assert summary_by({"class": "SMOTE"}, several(labels)) == ResamplingSummary(
        before={common: 100, rare: 40, rarest: 20},
        after={common: 100, rare: 100, rarest: 100},
        ratios={common: 1.0, rare: 2.5, rarest: 5.0},
        treatment="sampler",
        kept=160,
        synthetic=140,
    )


@pytest.mark.parametrize("labels", LABELS, ids=str)
def test_a_mapping_asks_for_rows_by_label(labels: list[Any]) -> None:
    """Classes that are named get so many rows, the others stay as they are."""
    spec = {"class": "SMOTE", "sampling_strategy": {labels[2]: 70}}
    after = summary_by(spec, several(labels)).after
    assert after == dict(zip(map(str, labels), (100, 40, 70), strict=True))


@pytest.mark.parametrize(
    ("labels", "asked", "found", "known"),
    [
        ([0, 1, 2], {5: 50}, "5", "0, 1, 2"),
        (LABELS[0], {"5": 50}, "'5'", "1, 2, 5"),
        (LABELS[1], {"rarer": 50}, "'rarer'", "'common', 'rare', 'very rare'"),
        (LABELS[1], ["rare", 1], "1", "'common', 'rare', 'very rare'"),
        (LABELS[0], [[1]], "[1]", "1, 2, 5"),
    ],
)
def test_a_label_that_is_no_class_is_answered_with_those_there_are(
    labels: list[Any], asked: object, found: str, known: str
) -> None:
    """The message has the key, the label, and the labels as YAML would have them."""
    message = refuse({"class": "SMOTE", "sampling_strategy": asked}, several(labels))
    key = f"{KEY}.sampler.sampling_strategy"
    assert message == f"{key}: {found} is not a class of train; choose from: {known}"


def test_a_label_that_is_no_class_of_two_is_refused() -> None:
    """With two classes the labels are 0 and 1."""
    message = refuse({"class": "SMOTE", "sampling_strategy": {5: 50}}, train_part())
    key = f"{KEY}.sampler.sampling_strategy"
    assert message == f"{key}: 5 is not a class of train; choose from: 0, 1"


@pytest.mark.parametrize("ratio", [0.5, 1.0, 1])
@pytest.mark.parametrize("name", ["SMOTE", "RandomUnderSampler", "SMOTEENN"])
def test_a_ratio_is_refused_with_several_classes(name: str, ratio: float) -> None:
    """The message has the key, the value, and what to set instead."""
    message = refuse({"class": name, "sampling_strategy": ratio}, several(LABELS[0]))
    assert message == (
        f"{KEY}.sampler.sampling_strategy: {ratio} is a ratio of two classes, and train has 3;"
        " set 'auto', 'not majority' or a mapping {label: rows}"
    )


@pytest.mark.parametrize("asked", ["auto", "not majority", "all", "minority"])
def test_words_say_what_to_do_with_several_classes(asked: str) -> None:
    """What the message proposes does work."""
    spec = {"class": "SMOTE", "sampling_strategy": asked}
    after = summary_by(spec, several(LABELS[1])).after
    assert after["very rare"] == 100


@pytest.mark.parametrize(("labels", "named"), [(LABELS[0], "5"), (LABELS[1], "'very rare'")])
def test_the_rarest_of_several_classes_decides_how_many_neighbours_there_are(
    labels: list[Any], named: str
) -> None:
    """It is named by its label."""
    message = refuse({"class": "SMOTE"}, several(labels, (60, 20, 4)))
    expected = f"class {named} has 4 rows to learn from; lower it to at most 3"
    assert message == f"{KEY}.sampler.k_neighbors: 5 is too many: {expected}"


@pytest.mark.parametrize("asked", [{"rare": 60}, {"rare": 60, "very rare": 4}, "not minority"])
@pytest.mark.parametrize("name", ["SMOTE", "SMOTETomek"])
def test_a_class_that_is_left_alone_needs_no_neighbours(name: str, asked: Any) -> None:
    """Only classes that get more rows are interpolated, by a SMOTE inside another sampler too."""
    smote = {"class": "SMOTE", "sampling_strategy": asked}
    spec = smote if name == "SMOTE" else {"class": name, "smote": smote}
    after = summary_by(spec, several(LABELS[1], (60, 20, 4))).after
    assert after["rare"] > 20
    assert after["very rare"] <= 4


@pytest.mark.parametrize(
    ("labels", "named"),
    [(LABELS[0], "2"), (LABELS[1], "'rare'"), ([0, 1, 2], "1")],
)
def test_a_sampler_that_leaves_no_row_of_a_class_is_refused(labels: list[Any], named: str) -> None:
    """A model that never saw a class could not tell it: cleaning may go too far."""
    train = several(labels)
    rare = train["target"] == labels[1]
    train.loc[rare, ["age", "visits", "weight"]] = train.loc[
        train["target"] == labels[0], ["age", "visits", "weight"]
    ].to_numpy()[: rare.sum()]
    message = refuse({"class": "RepeatedEditedNearestNeighbours", "n_neighbors": 9}, train)
    assert message == (
        f"{KEY}.sampler: RepeatedEditedNearestNeighbours leaves no row of class {named} to learn"
        " from; choose another sampler, or its sampling_strategy so that it leaves this class alone"
    )


@pytest.mark.parametrize("labels", LABELS, ids=str)
def test_what_a_sampler_says_of_a_class_can_be_understood(labels: list[Any]) -> None:
    """A sampler that numbers classes speaks of numbers: the message says which is which."""
    spec = {"class": "KMeansSMOTE", "cluster_balance_threshold": 0.95}
    message = refuse(spec, several(labels))
    assert "class 1" in message
    assert message.endswith(f"(classes by number: {', '.join(map(format_label, labels))})")


def test_what_a_sampler_says_of_classes_called_by_their_numbers_needs_no_key() -> None:
    """Where labels are 0, 1, 2 there is nothing to explain."""
    spec = {"class": "KMeansSMOTE", "cluster_balance_threshold": 0.95}
    assert "classes by number" not in refuse(spec, several([0, 1, 2]))


def test_resampling_several_classes_leaves_train_as_it_was() -> None:
    """Labels are numbered in a copy."""
    train = several(LABELS[1])
    difference_by({"class": "SMOTEENN"}, train)
    assert_frame_equal(several(LABELS[1]), train)


def made_by(spec: Spec, train: pd.DataFrame, preprocess: Preprocess = STANDARDIZE) -> pd.DataFrame:
    """Return the new rows that a sampler makes of a mixed table."""
    made = difference_by(spec, clean(train, 7)[1], preprocess).synthetic
    assert made is not None
    return made


CATEGORIES = ["job", "member"]
MIXED: dict[str, tuple[Spec, Any]] = {
    "SMOTE": (
        {"class": "SMOTE", "k_neighbors": 3},
        SMOTENC(CATEGORIES, k_neighbors=3, random_state=7),
    ),
    "SMOTENC": ({"class": "SMOTENC"}, SMOTENC(CATEGORIES, random_state=7)),
    "RandomOverSampler": ({"class": "RandomOverSampler"}, RandomOverSampler(random_state=7)),
    "RandomUnderSampler": (
        {"class": "RandomUnderSampler", "replacement": True},
        RandomUnderSampler(random_state=7, replacement=True),
    ),
}


@pytest.mark.parametrize("preprocess", [PASSTHROUGH, STANDARDIZE], ids=["passed", "scaled"])
@pytest.mark.parametrize("name", MIXED)
def test_rows_of_a_mixed_table_are_the_samplers_own(
    name: str, preprocess: Preprocess, tmp_path: Path
) -> None:
    """SMOTE is SMOTENC there; numbers are scaled for it, and stored in the user's units."""
    spec, sampler = MIXED[name]
    _, cleaned = clean(mixed_table(), 7)
    write_difference(difference_by(spec, cleaned, preprocess), tmp_path)
    stored = apply_difference(cleaned, read_difference(tmp_path))
    X, y = split_off_target(cleaned.astype({"visits": "float64"}))
    numbers = [name for name in map(str, X) if name not in CATEGORIES]
    scaler = StandardScaler().fit(X[numbers])
    if preprocess == STANDARDIZE:
        X[numbers] = scaler.transform(X[numbers])
    X_expected, y_expected = sampler.fit_resample(X, y)
    if preprocess == STANDARDIZE:
        X_expected[numbers] = scaler.inverse_transform(X_expected[numbers])
    X_expected["visits"] = X_expected["visits"].round()
    assert stored["visits"].dtype == np.int64
    assert stored["target"].tolist() == y_expected.tolist()
    assert stored[CATEGORIES].to_numpy().tolist() == X_expected[CATEGORIES].to_numpy().tolist()
    assert np.allclose(stored[numbers], X_expected[numbers], rtol=1e-9, atol=1e-9)


def test_a_table_of_categories_is_resampled_as_such() -> None:
    """SMOTE is SMOTEN there: each new row has labels of train."""
    _, cleaned = clean(mixed_table()[[*CATEGORIES, "target"]], 7)
    X, y = split_off_target(cleaned)
    expected, _ = SMOTEN(k_neighbors=3, random_state=7).fit_resample(X, y)
    stored = apply_difference(cleaned, difference_by({"class": "SMOTE", "k_neighbors": 3}, cleaned))
    assert stored[CATEGORIES].to_numpy().tolist() == expected.to_numpy().tolist()


@pytest.mark.parametrize("labels", [[0, 1], LABELS[1]], ids=str)
def test_a_new_row_of_a_mixed_table_can_be_read(labels: list[Any]) -> None:
    """Units and labels are the user's, whole numbers whole, and within what the class has."""
    train = mixed_table(labels)
    _, cleaned = clean(train, 7)
    made = made_by({"class": "SMOTE"}, train)
    assert (list(made), made.index.name) == (list(cleaned), "position")
    assert made["visits"].dtype == np.int64
    for label, rows in made.groupby("target"):
        own = cleaned[cleaned["target"] == label]
        for name in CATEGORIES:
            assert set(rows[name]) <= set(own[name])
        for name in ("age", "income", "visits", "since_year"):
            assert rows[name].between(own[name].min() - 1e-9, own[name].max() + 1e-9).all()


def many_values(values: int, rows: int = 400) -> pd.DataFrame:
    """Return a number, and a category of so many values, one class in five rows rare."""
    rng = np.random.default_rng(0)
    words = pd.Categorical([f"w{n}" for n in rng.zipf(1.5, rows) % values])
    columns = {"age": rng.normal(size=rows), "word": words, "target": np.arange(rows) % 5 // 4}
    return pd.DataFrame(columns).rename_axis("row")


def test_rare_values_are_one_to_smotenc_as_they_are_to_the_encoder() -> None:
    """New rows have common values or stand for rare ones; rows that were there keep their own."""
    train, few = many_values(150), Preprocess(most_categories=10)
    made = made_by({"class": "SMOTE"}, train, few)
    common = train["word"].value_counts().index[:9]
    assert RARE in set(made["word"]) <= {*common, RARE}
    difference = difference_by({"class": "SMOTE"}, clean(train, 7)[1], few)
    assert difference.kept is None
    resampled = apply_difference(clean(train, 7)[1], difference)
    assert resampled["word"].head(len(train)).tolist() == train["word"].tolist()


@pytest.mark.parametrize(
    "preprocess", [Preprocess(), Preprocess(categories="target", most_categories=10)], ids=str
)
def test_values_that_are_encoded_apart_are_told_apart_by_smotenc(preprocess: Preprocess) -> None:
    """Few values, and those that stand for a share of their own: as the sampler gives them."""
    train = many_values(40)
    X, y = split_off_target(clean(train, 7)[1])
    expected, _ = SMOTENC(["word"], random_state=7).fit_resample(X, y)
    made = made_by({"class": "SMOTE"}, train, preprocess)
    assert made["word"].tolist() == expected["word"].tolist()[len(train) :]


@pytest.mark.parametrize("declared", [False, True])
def test_only_numbers_that_are_declared_whole_come_out_whole(*, declared: bool) -> None:
    """The nearest, and not always the one below: no count drifts down."""
    train = mixed_table()[["age", "visits", "target"]]
    if not declared:
        train = train.astype({"visits": "float64"})
    made = made_by({"class": "SMOTE"}, train)
    assert (made["visits"] == made["visits"].round()).all() == declared
    exact = made_by({"class": "SMOTE"}, train.astype({"visits": "float64"}))
    assert (made["visits"] - exact["visits"]).abs().max() <= 0.5


def test_rows_that_were_there_keep_their_whole_numbers() -> None:
    """Scaled and unscaled, no number of the user's has moved."""
    _, cleaned = clean(mixed_table(), 7)
    resampled = apply_difference(cleaned, difference_by({"class": "SMOTE"}, cleaned, STANDARDIZE))
    there = resampled.head(len(cleaned)).astype(cleaned.dtypes)
    assert resampled["visits"].dtype == np.int64
    assert_frame_equal(there, cleaned.reset_index(drop=True), check_exact=True)


def test_what_a_split_goes_by_is_nothing_to_a_sampler() -> None:
    """Group and time are no features, and a new row has none."""
    train = mixed_table().assign(**{GROUP: "a"}, **{TIME: pd.Timestamp("2020-01-01")})
    assert_frame_equal(
        made_by({"class": "SMOTE"}, train), made_by({"class": "SMOTE"}, mixed_table())
    )


@pytest.mark.parametrize("sampler", ["SMOTE", "ADASYN"])
def test_a_feature_of_any_kind_may_be_called_self(sampler: str) -> None:
    """What is made is the same, under that name."""
    expected = made_by({"class": sampler}, mixed_table())
    for name in expected.columns.intersection(mixed_table().columns.drop("target")):
        made = made_by({"class": sampler}, mixed_table().rename(columns={name: "self"}))
        assert made["self"].tolist() == expected[name].tolist()


@pytest.mark.parametrize("name", ["ADASYN", "BorderlineSMOTE", "ClusterCentroids"])
def test_what_a_sampler_of_numbers_makes_has_values_of_the_table(name: str) -> None:
    """Between two rows, a category is that of the nearer one."""
    cleaned = clean(mixed_table(), 7)[1]
    made = made_by({"class": name}, mixed_table())
    assert [*made] == [*cleaned]
    for column in CATEGORIES:
        assert {*made[column]} <= {*cleaned[column]}


def test_a_cleaner_of_numbers_drops_rows_of_a_mixed_table() -> None:
    """The rest stays as it was: nothing is new."""
    difference = difference_by({"class": "EditedNearestNeighbours"}, clean(mixed_table(), 7)[1])
    assert difference.synthetic is None
    assert difference.kept is not None
    assert 0 < len(difference.kept) < len(mixed_table())


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(["RandomUnderSampler", "RandomOverSampler"]),
    asked=st.floats(0.05, 1) | st.dictionaries(st.sampled_from(["no", "yes"]), st.integers(1, 60)),
    rare=st.integers(3, 30),
)
def test_counts_are_forbidden_just_when_the_sampler_refuses_them(
    name: str, asked: Any, rare: int
) -> None:
    """By the labels alone, in the words that the sampler's refusal of the rows would have."""
    strategy = Strategy.model_validate({"sampler": {"class": name, "sampling_strategy": asked}}).at(
        "strategies.remedy"
    )
    train = pd.DataFrame({"age": np.arange(30.0 + rare), "target": ["no"] * 30 + ["yes"] * rare})
    said = []
    for attempt in (
        lambda: resample(train, strategy, Preprocess(), 0),
        lambda: check_counts(strategy, train["target"], train[["age"]], 0),
    ):
        try:
            attempt()
        except UserError as refused:
            said.append(str(refused))
    assert len(said) != 1
    assert said[1:] == said[:1]

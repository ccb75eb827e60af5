"""Out-of-fold scores: every train row scored by models that never saw it."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.combine import SMOTEENN
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import make_pipeline
from imblearn.under_sampling import RandomUnderSampler
from joblib import parallel_config
from joblib.parallel import LokyBackend, ThreadingBackend
from pandas.testing import assert_frame_equal
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RepeatedStratifiedKFold
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from equipoise.core.tables import GROUP, TIME, split_off_target
from equipoise.fitting import running
from equipoise.fitting.crossfit import cross_fit
from equipoise.fitting.fold_counts import Shares, scale_counts
from equipoise.fitting.fold_rows import make_folds
from equipoise.params.trial_params import Arm, Component, CrossValidation, Preprocess, Strategy
from equipoise.terminal.errors import UserError

from .conftest import mixed_table

SEED = 7
ROOT = Path(__file__).parents[3]
LOGISTIC = {"class": "LogisticRegression", "max_iter": 5000}
FOLDS = CrossValidation(folds=4, repeats=2)


def arm(sampler: dict[str, Any] | None = None, model: dict[str, Any] | None = None) -> Arm:
    """Return an arm on standardized features."""
    return Arm(
        strategy=Strategy.model_validate({} if sampler is None else {"sampler": sampler}).at(
            "strategies.remedy"
        ),
        model=Component.model_validate(model or LOGISTIC).at("models.learner"),
        preprocess=Preprocess(numeric="standardize"),
        seed=SEED,
    )


def train_part(rows: int = 120, positives: int = 24, features: int = 3) -> pd.DataFrame:
    """Return overlapping classes under mixed source row numbers."""
    rng = np.random.default_rng(0)
    target = rng.permutation(np.arange(rows) < positives).astype("int64")
    values = rng.normal(size=(rows, features)) + target[:, None] / 2
    frame = pd.DataFrame(values, columns=[f"f{position}" for position in range(features)])
    numbers = pd.Index(rng.permutation(2 * rows)[:rows], name="row")
    return frame.assign(target=target).set_index(numbers)


def scores(chosen: Arm, n_jobs: int = 1) -> bytes:
    """Return the exact out-of-fold scores of an arm."""
    return cross_fit(chosen, train_part(), FOLDS, n_jobs).scores["y_score"].to_numpy().tobytes()


@settings(max_examples=3, deadline=None)
@given(folds=st.integers(2, 6), repeats=st.integers(1, 2))
def test_every_row_is_scored_once_in_each_repeat(folds: int, repeats: int) -> None:
    """Each repeat scores all of train, in folds of equal size."""
    train = train_part()
    oof = cross_fit(arm(), train, CrossValidation(folds=folds, repeats=repeats), n_jobs=1).scores
    for repeat in range(repeats):
        part = oof[oof["repeat"] == repeat]
        assert part["row"].tolist() == sorted(train.index)
        assert part["y_true"].tolist() == train["target"].sort_index().tolist()
    sizes = oof.groupby(["repeat", "fold"]).size()
    assert len(sizes) == folds * repeats
    assert sizes.max() - sizes.min() <= 1


def test_the_columns_are_those_that_later_stages_read() -> None:
    """The file's columns, in order, and the range of a probability."""
    oof = cross_fit(arm(), train_part(), FOLDS, n_jobs=1).scores
    assert oof.columns.tolist() == ["row", "repeat", "fold", "y_true", "y_score", "y_pred"]
    assert oof["y_score"].between(0, 1).all()
    assert set(oof["y_pred"]) <= {0, 1}


def test_every_fold_keeps_the_share_of_positives() -> None:
    """Folds are stratified, so each has positives to be judged by."""
    oof = cross_fit(arm(), train_part(), FOLDS, n_jobs=1).scores
    positives = oof.groupby(["repeat", "fold"])["y_true"].sum()
    assert set(positives) == {24 // FOLDS.folds}


def test_every_arm_is_judged_on_the_same_folds() -> None:
    """Arms are compared pair by pair, row by row."""
    keys = ["row", "repeat", "fold", "y_true"]
    baseline, other = (
        cross_fit(chosen, train_part(), FOLDS, n_jobs=1).scores[keys]
        for chosen in (arm(), arm({"class": "SMOTE"}, {"class": "GaussianNB"}))
    )
    assert_frame_equal(baseline, other)


def test_repeats_split_differently() -> None:
    """A second repeat is another draw, not the first one copied."""
    oof = cross_fit(arm(), train_part(), FOLDS, n_jobs=1).scores
    first, second = (oof.loc[oof["repeat"] == repeat, "fold"].tolist() for repeat in (0, 1))
    assert first != second


@pytest.mark.parametrize(
    ("name", "sampler"),
    [
        ("SMOTE", SMOTE(random_state=SEED)),
        ("RandomUnderSampler", RandomUnderSampler(random_state=SEED)),
        ("SMOTEENN", SMOTEENN(random_state=SEED)),
    ],
)
def test_scores_are_those_of_a_loop_written_by_hand(name: str, sampler: Any) -> None:
    """Scaler, sampler and model are fitted on a fold's other rows alone, as by hand."""
    train = train_part()
    X, y = split_off_target(train)
    splitter = RepeatedStratifiedKFold(n_splits=4, n_repeats=2, random_state=SEED)
    expected = np.full((2, len(train)), np.nan)
    with threadpool_limits(limits=1):
        for position, (fitted, held_out) in enumerate(splitter.split(X, y)):
            pipeline = make_pipeline(
                StandardScaler().set_output(transform="pandas"),
                sampler,
                LogisticRegression(max_iter=5000, random_state=SEED),
            ).fit(X.iloc[fitted], y.iloc[fitted])
            expected[position // 4, held_out] = pipeline.predict_proba(X.iloc[held_out])[:, 1]
    oof = cross_fit(arm({"class": name}), train, FOLDS, n_jobs=1).scores
    for repeat, by_hand in enumerate(expected):
        actual = oof[oof["repeat"] == repeat].set_index("row")["y_score"].loc[train.index]
        assert np.allclose(by_hand, actual, rtol=1e-9)


@pytest.mark.parametrize(
    ("name", "counts"),
    [("RandomOverSampler", {1: 48}), ("RandomUnderSampler", {0: 48}), ("SMOTETomek", {1: 48})],
)
def test_rows_that_are_asked_for_shrink_with_the_fold(name: str, counts: dict[int, int]) -> None:
    """Of 96 and 24 rows they are one to two: each fold has to be learned from these odds too."""

    def sample(asked: Any) -> bytes:
        own: dict[str, Any] = {"sampling_strategy": asked}
        inside = {"smote": {"class": "SMOTE", **own}}
        return scores(arm({"class": name, **(inside if name == "SMOTETomek" else own)}))

    assert sample(0.5) == sample(counts)


def test_rows_that_an_ensemble_or_a_model_asks_for_shrink_too() -> None:
    """Each class by its own share; what is no number of rows stays."""
    forest = {"class": "BalancedRandomForestClassifier", "sampling_strategy": {0: 49, 1: 12}}
    given = arm(model=forest)
    bagging = {"class": "BalancedBaggingClassifier", "sampling_strategy": {0: 2, 1: 0.5}}
    strategy = Strategy.model_validate({"ensemble": bagging}).at("strategies.remedy")
    scaled = scale_counts(replace(given, strategy=strategy), Shares(0.35, {0: 0.25, 1: 0.75}))
    assert scaled.model.arguments["sampling_strategy"] == {0: 12, 1: 9}
    assert scaled.strategy.ensemble is not None
    assert scaled.strategy.ensemble.arguments["sampling_strategy"] == {0: 1, 1: 0.5}


def test_rows_that_each_model_of_an_ensemble_is_given_shrink_with_those_it_takes_of_them() -> None:
    """80 of 120 rows, of which 12 are negative, are as many in a fold as two thirds of its rows."""

    def sample(rows: float) -> bytes:
        bagging = {"class": "BalancedBaggingClassifier", "sampling_strategy": {0: 12}}
        strategy = Strategy.model_validate({"ensemble": bagging | {"max_samples": rows}})
        return scores(replace(arm(), strategy=strategy.at("strategies.remedy")))

    assert sample(80) == sample(80 / 120)


def test_no_copy_of_a_held_out_row_is_learned_from() -> None:
    """On noise, a nearest neighbour that had seen copies of held-out rows would know them all."""
    rng = np.random.default_rng(1)
    noise = train_part(rows=200, positives=40)
    noise = noise.assign(**{name: rng.normal(size=200) for name in noise.columns[:-1]})
    chosen = arm(
        {"class": "RandomOverSampler"}, {"class": "KNeighborsClassifier", "n_neighbors": 1}
    )
    oof = cross_fit(chosen, noise, FOLDS, n_jobs=1).scores
    assert oof.loc[oof["y_true"] == 1, "y_pred"].mean() < 0.5


def test_the_number_of_jobs_changes_no_byte() -> None:
    """More processors give the same scores sooner."""
    sampler = {"class": "ClusterCentroids"}
    assert scores(arm(sampler), n_jobs=1) == scores(arm(sampler), n_jobs=2)


@pytest.mark.slow
def test_threads_and_processes_change_no_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    """Folds go to either by how slow fits are; types and labels come back as they were sent."""
    train, folds = mixed_table(LABELS[1]), CrossValidation(folds=2, repeats=2)
    here = cross_fit(arm({"class": "SMOTE"}), train, folds, n_jobs=2).scores
    for name in ("THREADS", "PROCESSES"):
        monkeypatch.setattr(running, f"SECONDS_WORTH_{name}", 0)
        elsewhere = cross_fit(arm({"class": "SMOTE"}), train, folds, n_jobs=2).scores
        assert_frame_equal(here, elsewhere, check_exact=True)


class Elsewhere(ThreadingBackend):  # type: ignore[misc]  # joblib has no types
    """Other machines, as a backend of joblib has them: counts what it is sent."""

    sent = 0

    def submit(self, func: Callable[[], Any], callback: Any = None) -> Any:
        Elsewhere.sent += 1
        return super().submit(func, callback)


@pytest.mark.parametrize(("worth", "sent"), [(0, 7), (1e9, 0)], ids=["slow", "quick"])
def test_folds_go_to_the_backend_that_was_chosen_but_where_fits_are_quick(
    monkeypatch: pytest.MonkeyPatch, worth: float, sent: int
) -> None:
    """Dask, say: all folds but the first, which tells how long one takes."""
    monkeypatch.setattr(running, "SECONDS_WORTH_THREADS", worth)
    Elsewhere.sent = 0
    with parallel_config(backend=Elsewhere()):
        scores = cross_fit(arm(), train_part(), FOLDS, n_jobs=2).scores
    assert sent == Elsewhere.sent
    assert_frame_equal(cross_fit(arm(), train_part(), FOLDS, n_jobs=1).scores, scores)


def test_a_large_table_that_is_quick_to_fit_starts_no_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What counts is how long a fit takes, not how large the table is."""

    def refuse(*_: object) -> None:
        raise AssertionError("a process is asked to work")

    monkeypatch.setattr(LokyBackend, "submit", refuse)
    monkeypatch.setattr(running, "SECONDS_WORTH_THREADS", 0)
    train = train_part(30_000, 3_000, features=40)
    oof = cross_fit(arm(), train, CrossValidation(folds=3, repeats=1), n_jobs=2)
    assert len(oof.scores) == len(train)


PRINT_DIGEST = "from unit.fitting.test_crossfit import digest; print(digest())"


def digest() -> str:
    """Return what scores come to that are added up from many rows by matrix products."""
    sampler = {"class": "ClusterCentroids"}
    train = train_part(1500, 300, features=30)
    oof = cross_fit(arm(sampler), train, CrossValidation(folds=2, repeats=1), n_jobs=1).scores
    return sha256(oof["y_score"].to_numpy().tobytes()).hexdigest()


@pytest.mark.slow
def test_the_number_of_threads_of_the_machine_changes_no_byte() -> None:
    """The environment's OpenMP and BLAS threads leave the scores as they are."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PRINT_DIGEST],
        cwd=ROOT / "tests",
        env=os.environ
        | {"PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == digest()


def test_train_is_left_as_it_was() -> None:
    """Scoring changes nothing in what it is given."""
    train = train_part()
    cross_fit(arm({"class": "SMOTE"}), train, FOLDS, n_jobs=1)
    assert_frame_equal(train_part(), train)


def refuse(chosen: Arm, train: pd.DataFrame) -> str:
    """Return what is said of an arm that some fold cannot fit."""
    with pytest.raises(UserError) as refused:
        cross_fit(chosen, train, FOLDS, n_jobs=1)
    return str(refused.value)


def test_more_folds_than_rows_of_a_class_are_refused() -> None:
    """The message has the class, its rows and the most folds that work."""
    expected = (
        "cross_validation.folds: 4 is too many: the positive class has 3 rows in train;"
        " lower it to at most 3"
    )
    assert refuse(arm(), train_part(positives=3)) == expected


def test_neighbours_that_a_fold_lacks_are_refused_before_any_fit() -> None:
    """Enough neighbours in train may be too few in a fold: the count is that of the fold."""
    message = refuse(arm({"class": "SMOTE", "k_neighbors": 5}), train_part(positives=6))
    assert (
        "strategies.remedy.sampler.k_neighbors: 5 is too many: the positive class has 4 rows"
        in message
    )
    assert "lower it to at most 3" in message


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize(
    ("sampler", "model", "keys"),
    [
        ({"class": "ADASYN", "n_neighbors": 500}, LOGISTIC, ["strategies.remedy"]),
        (
            {"class": "KMeansSMOTE", "cluster_balance_threshold": 0.95},
            LOGISTIC,
            ["strategies.remedy"],
        ),
        (None, LOGISTIC | {"solver": "lbfgss"}, ["models.learner", "lbfgss"]),
        (None, {"class": "KNeighborsClassifier", "n_neighbors": 500}, ["models.learner", "500"]),
    ],
    ids=["sampler-value", "sampler-runtime", "model-fit", "model-predict"],
)
def test_what_fails_in_a_fold_is_said_by_its_key(
    sampler: dict[str, Any] | None, model: dict[str, Any], keys: list[str], n_jobs: int
) -> None:
    """A sampler or model that cannot take a fold ends in one message, from any worker."""
    with pytest.raises(UserError) as refused:
        cross_fit(arm(sampler, model), train_part(), FOLDS, n_jobs)
    assert [key for key in keys if key not in str(refused.value)] == []
    assert len(str(refused.value).splitlines()) == 1


LABELS: list[list[Any]] = [[1, 2, 5], ["common", "rare", "very rare"]]


def several(labels: list[Any], sizes: tuple[int, ...] = (80, 28, 12)) -> pd.DataFrame:
    """Return three overlapping classes, skewed, under mixed source row numbers."""
    rng = np.random.default_rng(2)
    rows = sum(sizes)
    number = rng.permutation(np.repeat([0, 1, 2], sizes))
    values = rng.normal(size=(rows, 3)) + np.eye(3)[number]
    target = pd.Series([labels[n] for n in number])
    frame = pd.DataFrame(values, columns=["f0", "f1", "f2"]).assign(target=target)
    return frame.set_index(pd.Index(rng.permutation(2 * rows)[:rows], name="row"))


@pytest.mark.parametrize("labels", LABELS, ids=str)
def test_several_classes_have_a_score_each(labels: list[Any]) -> None:
    """Every row is scored once a repeat for every class, its label that of the target."""
    train = several(labels)
    oof = cross_fit(arm({"class": "SMOTE"}), train, FOLDS, n_jobs=1).scores
    columns = [f"y_score_{label}" for label in labels]
    assert list(oof) == ["row", "repeat", "fold", "y_true", *columns, "y_pred"]
    assert np.allclose(oof[columns].sum(axis=1), 1)
    for _, repeat in oof.groupby("repeat"):
        scored = repeat.set_index("row")["y_true"]
        assert scored.index.tolist() == sorted(train.index)
        assert scored.tolist() == train["target"].sort_index().tolist()
    assert oof["y_true"].dtype == oof["y_pred"].dtype == train["target"].dtype


def test_every_fold_keeps_the_share_of_each_class() -> None:
    """Folds are stratified, so that no model misses a class that it is to tell."""
    oof = cross_fit(arm(), several(LABELS[1]), FOLDS, n_jobs=1).scores
    counts = pd.crosstab([oof["repeat"], oof["fold"]], oof["y_true"])
    assert counts.to_numpy().tolist() == [[20, 7, 3]] * 8


@pytest.mark.parametrize(
    ("name", "sampler"),
    [
        ("RandomUnderSampler", RandomUnderSampler(random_state=SEED)),
        ("SMOTEENN", SMOTEENN(random_state=SEED)),
    ],
)
def test_scores_of_several_classes_are_those_of_a_loop_written_by_hand(
    name: str, sampler: Any
) -> None:
    """As with two classes: each column is the probability of its class, fold by fold."""
    train = several(LABELS[1])
    X, y = split_off_target(train)
    splitter = RepeatedStratifiedKFold(n_splits=4, n_repeats=2, random_state=SEED)
    expected = np.full((2, len(train), 3), np.nan)
    with threadpool_limits(limits=1):
        for position, (fitted, held_out) in enumerate(splitter.split(X, y)):
            pipeline = make_pipeline(
                StandardScaler().set_output(transform="pandas"),
                sampler,
                LogisticRegression(max_iter=5000, random_state=SEED),
            ).fit(X.iloc[fitted], y.iloc[fitted])
            expected[position // 4, held_out] = pipeline.predict_proba(X.iloc[held_out])
    oof = cross_fit(arm({"class": name}), train, FOLDS, n_jobs=1).scores
    for repeat, by_hand in enumerate(expected):
        scored = oof[oof["repeat"] == repeat].set_index("row").loc[train.index]
        assert np.allclose(by_hand, scored.filter(like="y_score_"), rtol=1e-9)


@pytest.mark.parametrize(("labels", "named"), [(LABELS[0], "5"), (LABELS[1], "'very rare'")])
def test_more_folds_than_rows_of_one_of_several_classes_are_refused(
    labels: list[Any], named: str
) -> None:
    """A fold without a class could not be fitted, so no fold ever is without one."""
    expected = (
        f"cross_validation.folds: 4 is too many: class {named} has 3 rows in train;"
        " lower it to at most 3"
    )
    assert refuse(arm(), several(labels, (60, 20, 3))) == expected


@pytest.mark.parametrize("rarest", [4, 7])
def test_the_fewest_rows_that_are_taken_leave_each_class_to_every_fold(rarest: int) -> None:
    """As many rows as folds are enough: three scores for each row, none missing."""
    oof = cross_fit(arm(), several(LABELS[1], (60, 20, rarest)), FOLDS, n_jobs=1).scores
    assert oof.notna().all(axis=None)
    assert oof.filter(like="y_score_").shape[1] == 3


def test_neighbours_that_a_fold_lacks_are_refused_by_the_label() -> None:
    """The count is that of the smallest fold, also with several classes."""
    message = refuse(arm({"class": "SMOTE"}), several(LABELS[1], (60, 20, 6)))
    assert "k_neighbors: 5 is too many: class 'very rare' has 4 rows" in message


def test_a_class_that_a_sampler_loses_in_a_fold_is_refused() -> None:
    """What is left in all of train may be lost in a fold, whatever the model makes of it."""
    train = several(LABELS[1], (200, 28, 12))
    rare = train["target"] == "rare"
    common = train.loc[train["target"] == "common", ["f0", "f1", "f2"]].to_numpy()
    train.loc[rare, ["f0", "f1", "f2"]] = common[: rare.sum()]
    sampler = {"class": "RepeatedEditedNearestNeighbours", "n_neighbors": 5}
    message = refuse(arm(sampler, {"class": "GaussianNB"}), train)
    assert message.startswith(
        "strategies.remedy.sampler: RepeatedEditedNearestNeighbours leaves no row of class 'rare'"
    )


@pytest.mark.parametrize(
    ("model", "key"),
    [
        (LOGISTIC | {"class_weight": {3: 2, 1: 1}}, "models.learner.class_weight: 3"),
        (LOGISTIC | {"class_weight": {"5": 2}}, "models.learner.class_weight: '5'"),
    ],
)
def test_a_weight_of_no_class_is_refused_from_any_fold(model: dict[str, Any], key: str) -> None:
    """The message is the same as for all of train."""
    expected = f"{key} is not a class of train; choose from: 1, 2, 5"
    assert refuse(arm(model=model), several(LABELS[0])) == expected


@pytest.mark.parametrize(
    ("repeats", "by"),
    [
        (2, {GROUP: (np.arange(160) // 4).astype(str)}),
        (1, {TIME: pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(160) // 2, unit="h")}),
    ],
    ids=["group", "time"],
)
def test_a_mixed_table_is_scored_by_what_its_split_goes_by(
    repeats: int, by: dict[str, Any]
) -> None:
    """Each row in the fold that holds it out; where folds follow time, not the earliest."""
    train, folds = mixed_table(), CrossValidation(folds=3, repeats=repeats)
    oof = cross_fit(arm({"class": "SMOTENC"}), train.assign(**by), folds, n_jobs=1).scores
    splits = make_folds(train.assign(**by), folds, SEED)
    expected = {
        (row, number // 3, number % 3)
        for number, (_, held_out) in enumerate(splits)
        for row in train.index[held_out]
    }
    found = oof[["row", "repeat", "fold"]].itertuples(index=False, name=None)
    assert sorted(found) == sorted(expected)
    assert len(oof) == (2 * 160 if GROUP in by else 120)
    assert oof["y_true"].tolist() == train["target"].loc[oof["row"]].tolist()


def test_a_sampler_that_a_mixed_table_has_no_use_for_is_refused_before_any_fit() -> None:
    """By its key, and not by a model's."""
    with pytest.raises(UserError, match=r"^strategies\.remedy\.sampler\.class: SMOTEN does not"):
        cross_fit(arm({"class": "SMOTEN"}, {"class": "Misspelt"}), mixed_table(), FOLDS, n_jobs=1)

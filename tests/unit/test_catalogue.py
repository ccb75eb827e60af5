"""Every strategy and model of params.yaml, on three small tables: it works, or says why not."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from imblearn.base import BaseSampler
from imblearn.over_sampling.base import BaseOverSampler
from imblearn.under_sampling.base import BaseCleaningSampler, BaseUnderSampler
from imblearn.utils.testing import all_estimators
from pandas.testing import assert_frame_equal
from sklearn.datasets import make_classification
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from equipoise.core.difference import apply_difference
from equipoise.core.tables import ROW, TARGET, count_classes, split_off_target
from equipoise.data.column_kinds import convert_columns
from equipoise.fitting.categories import choose_sampler
from equipoise.fitting.components import build_sampler
from equipoise.fitting.models import build_model, fit, fitting, score
from equipoise.fitting.preprocessing import clean
from equipoise.fitting.resampling import resample
from equipoise.params.trial_params import Arm, Component, Preprocess, Strategy
from equipoise.storage.model_files import read_model, write_model
from equipoise.terminal.errors import UserError
from equipoise.terminal.params_file import load_params

Case = tuple[str, str, str]  # a strategy, a model and a table, by name

SEED = 7
# Models that repeat themselves 100 times, and what says how often: 5 tell as much here.
ROUNDS = {
    **dict.fromkeys(("random_forest", "extra_trees", "balanced_forest"), "n_estimators"),
    **dict.fromkeys(("lightgbm", "xgboost"), "n_estimators"),
    "catboost": "iterations",
    "boosting": "max_iter",
}
PARAMS = load_params(Path(__file__).parents[2] / "params.yaml")
STRATEGIES, MODELS = PARAMS.strategies, PARAMS.models


def numeric_table() -> pd.DataFrame:
    """Return numbers without gaps, one row in five positive, the classes overlapping."""
    X, y = make_classification(
        400, 5, n_informative=4, n_redundant=1, weights=[0.8], flip_y=0.05, random_state=SEED
    )
    return pd.DataFrame(X, columns=list("abcde")).assign(target=y.astype("int64"))


def mixed_table() -> pd.DataFrame:
    """Return columns of every kind a user's file has, in their own units, some with gaps."""
    rng = np.random.default_rng(SEED)
    y = rng.permutation(np.arange(400) % 5 == 0).astype("int64")
    raw = pd.DataFrame(
        {
            "age": np.where(rng.random(400) < 0.1, np.nan, rng.normal(45 + 10 * y, 12)),
            "income": rng.lognormal(10 - 0.5 * y, 0.6),
            "visits": rng.poisson(3 + 2 * y),
            "colour": pd.Series(rng.choice(["red", "blue"], 400)).mask(rng.random(400) < 0.1),
            "smoker": rng.random(400) < 0.3 + 0.3 * y,
        }
    )
    features, kinds = convert_columns(raw, {"visits": "integer"})
    assert list(kinds.values()) == ["numeric", "numeric", "integer", "category", "boolean"]
    return features.assign(target=y)


def three_table() -> pd.DataFrame:
    """Return numbers, and three classes called by words, the rarest a tenth of the rows."""
    X, y = make_classification(
        450,
        5,
        n_informative=4,
        n_redundant=0,
        n_classes=3,
        n_clusters_per_class=1,
        weights=[0.7, 0.2],
        flip_y=0.05,
        random_state=SEED,
    )
    words = pd.Series(np.array(["healthy", "mild", "severe"])[y], dtype="str")
    return pd.DataFrame(X, columns=list("abcde")).assign(target=words)


TABLES = {
    name: table.rename_axis(ROW)
    for name, table in (
        ("numeric", numeric_table()),
        ("mixed", mixed_table()),
        ("three", three_table()),
    )
}
CASES: list[Case] = [
    (strategy, model, table)
    for strategy in STRATEGIES
    for model in MODELS
    for table in TABLES
    if model == "logistic" or strategy in {"baseline", "class_weight", "smote"}
]

# What the methods do not take, and what is said of it: a reason, then a remedy.
BY_DISTANCE = (
    *("borderline_smote", "svm_smote", "kmeans_smote", "adasyn"),
    *("near_miss", "cluster_centroids", "instance_hardness", "tomek_links", "edited_neighbours"),
    *("repeated_edited_neighbours", "all_knn", "condensed_neighbours", "one_sided_selection"),
    *("neighbourhood_cleaning", "smote_enn", "smote_tomek"),
)
RATIO = (
    "0.5 is a ratio of two classes, and train has 3;"
    " set 'auto', 'not majority' or a mapping {label: rows}"
)
NO_WEIGHTS = (
    "KNeighborsClassifier (models.knn) takes no class_weight and no sample_weight;"
    " choose another model or strategy"
)
REFUSED: dict[Case, str] = {
    ("smote_half", "logistic", "three"): RATIO,
    ("random_under_half", "logistic", "three"): RATIO,
    **{("class_weight", "knn", table): NO_WEIGHTS for table in TABLES},
}
WORKING = [case for case in CASES if case not in REFUSED]
SAMPLED = [(s, t) for s, m, t in WORKING if m == "logistic" and STRATEGIES[s].sampler]
# What imbalanced-learn has and the catalogue does not, beside what is no strategy at all.
LEFT_OUT = {
    "SMOTENC": "what SMOTE becomes where some columns are categories",
    "SMOTEN": "what SMOTE becomes where all columns are categories",
    "FunctionSampler": "takes a function, which params.yaml cannot hold",
}


def entry(name: str) -> Component:
    """Return a model of the catalogue, with fewer rounds where it has many."""
    return changed(MODELS[name], **({ROUNDS[name]: 5} if name in ROUNDS else {}))


def changed(spec: Component, **arguments: object) -> Component:
    """Return a component with some arguments replaced."""
    return Component.model_validate({**spec.model_dump(by_alias=True), **arguments})


def arm(strategy: str, model: str, table: str) -> Arm:
    """Return an arm of the catalogue; columns in units of their own are brought to one scale."""
    return Arm(
        strategy=STRATEGIES[strategy].at(f"strategies.{strategy}"),
        model=entry(model).at(f"models.{model}"),
        preprocess=Preprocess(numeric="standardize" if table == "mixed" else "passthrough"),
        seed=SEED,
    )


def scored(chosen: Arm, model: Any, table: pd.DataFrame) -> pd.DataFrame:
    """Return the scores of a table as cross-validation takes them."""
    with fitting(chosen):
        return score(model, table)


def file_of(chosen: Arm, table: pd.DataFrame, path: Path) -> bytes:
    """Return the model file of an arm, fitted again."""
    write_model(fit(chosen, table), path)
    return path.read_bytes()


def share_of_others(work: Callable[[], object]) -> float:
    """Return the time that processors spent for other threads, in units of this one's."""
    all_threads, this_one = time.process_time(), time.thread_time()
    work()
    this_one = time.thread_time() - this_one
    return (time.process_time() - all_threads) / this_one - 1


def counts(chosen: Arm, table: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return the rows of each class before and after the arm's sampler."""
    _, cleaned = clean(table, SEED)
    difference = resample(cleaned, chosen.strategy, chosen.preprocess, SEED)
    resampled = apply_difference(cleaned, difference)
    return pd.Series(count_classes(table[TARGET])), pd.Series(count_classes(resampled[TARGET]))


@pytest.mark.parametrize(("strategy", "model", "table"), WORKING)
def test_an_arm_learns_and_its_file_scores_alike_again_and_again(
    strategy: str, model: str, table: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Probabilities are whole, better than chance, kept by the file; nothing is said aside."""
    chosen, train = arm(strategy, model, table), TABLES[table]
    X, y = split_off_target(train)
    fitted = fit(chosen, train)
    write_model(fitted, tmp_path / "model.skops")
    scores = scored(chosen, fitted, train)
    probabilities = fitted.predict_proba(X)
    assert np.isfinite(probabilities).all()
    assert probabilities.min() >= 0
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    per_class = scores.filter(like="y_score").to_numpy().squeeze()
    assert roc_auc_score(y, per_class, multi_class="ovr") > 0.7
    assert set(scores["y_pred"]) <= set(y)
    assert_frame_equal(scored(chosen, read_model(tmp_path / "model.skops"), train), scores)
    again = file_of(chosen, train, tmp_path / "again.skops")
    assert again == (tmp_path / "model.skops").read_bytes()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("strategy", "model", "table"), REFUSED)
def test_an_arm_that_cannot_work_is_refused_with_reason_and_remedy(
    strategy: str, model: str, table: str
) -> None:
    """One line, led by the key in params.yaml, for each arm that is known not to work."""
    with pytest.raises(UserError) as refused:
        fit(arm(strategy, model, table), TABLES[table])
    message = str(refused.value)
    assert message.startswith((f"strategies.{strategy}.", f"models.{model}."))
    assert message.endswith(REFUSED[strategy, model, table])
    assert "\n" not in message


@pytest.mark.parametrize(("strategy", "table"), SAMPLED)
def test_a_sampler_adds_or_drops_rows_as_its_kind_does(strategy: str, table: str) -> None:
    """None leaves these tables as they are: classes come closer in number, or are cleaned."""
    before, after = counts(arm(strategy, "logistic", table), TABLES[table])
    spec = STRATEGIES[strategy].sampler
    assert spec is not None
    sampler: Any = build_sampler(spec, SEED)
    assert (after != before).any()
    if isinstance(sampler, BaseOverSampler):
        assert (after >= before).all()
    if isinstance(sampler, BaseUnderSampler | BaseCleaningSampler):
        assert (after <= before).all()
    if not isinstance(sampler, BaseCleaningSampler):
        assert after.max() / after.min() < before.max() / before.min()


def test_the_catalogue_has_every_remedy_of_imbalanced_learn() -> None:
    """What a new release brings has to be listed, or left out for a reason."""
    parts = [p for s in STRATEGIES.values() for p in (s.sampler, s.ensemble) if p is not None]
    listed = {part.class_name for part in (*parts, *MODELS.values())}
    there = {
        name
        for name, cls in all_estimators()
        if issubclass(cls, BaseSampler) or cls.__module__.startswith("imblearn.ensemble.")
    }
    assert there - listed == set(LEFT_OUT)


def test_what_smote_becomes_is_chosen_for_the_table() -> None:
    """The two samplers that the catalogue leaves out for SMOTE's sake are reached through it."""
    spec = STRATEGIES["smote"].sampler
    assert spec is not None
    _, cleaned = clean(TABLES["mixed"], SEED)
    X, _ = split_off_target(cleaned)
    assert choose_sampler(spec, X).class_name == "SMOTENC"
    assert choose_sampler(spec, X[["colour", "smoker"]]).class_name == "SMOTEN"


@pytest.mark.parametrize("model", MODELS)
def test_no_other_thread_works_and_none_changes_the_file(model: str, tmp_path: Path) -> None:
    """Allowed one thread or three, the model is fitted by this one, to the same bytes."""
    chosen, train = arm("baseline", model, "numeric"), TABLES["numeric"]
    with threadpool_limits(1):
        alone = file_of(chosen, train, tmp_path / "alone.skops")
    with threadpool_limits(3):
        together = file_of(chosen, train, tmp_path / "together.skops")
        shares = [share_of_others(lambda: fit(chosen, train)) for _ in range(5)]
    assert min(shares) < 0.3
    assert together == alone


@pytest.mark.parametrize(("strategy", "model", "table"), [c for c in WORKING if "numeric" in c])
def test_whatever_draws_at_random_gets_the_seed(strategy: str, model: str, table: str) -> None:
    """Models, ensembles and samplers, with what is nested in them."""
    chosen = arm(strategy, model, table)
    parts: list[Any] = [build_model(chosen, TABLES[table][TARGET])]
    if chosen.strategy.sampler is not None:
        parts.append(build_sampler(chosen.strategy.sampler, SEED))
    drawn = [
        value
        for part in parts
        for name, value in part.get_params().items()
        if name.rpartition("__")[2] == "random_state"
    ]
    assert set(drawn) <= {SEED}


@pytest.mark.parametrize("name", [n for n, s in STRATEGIES.items() if s.sampler or s.ensemble])
def test_a_ratio_of_two_classes_is_refused_where_there_are_three(name: str) -> None:
    """Whichever sampler or ensemble it is given to, before anything is fitted."""
    of_catalogue = arm(name, "logistic", "three")
    parts = {
        part: changed(spec, sampling_strategy=0.5)
        for part in ("sampler", "ensemble")
        if (spec := getattr(of_catalogue.strategy, part)) is not None
    }
    strategy = Strategy.model_validate(parts).at(f"strategies.{name}")
    chosen = replace(of_catalogue, strategy=strategy)
    with pytest.raises(UserError) as refused:
        fit(chosen, TABLES["three"])
    assert str(refused.value) == f"strategies.{name}.{next(iter(parts))}.sampling_strategy: {RATIO}"


@pytest.mark.parametrize("strategy", ["baseline", "class_weight", "smote"])
def test_classes_in_words_are_to_xgboost_what_numbers_are(strategy: str) -> None:
    """It takes no other labels; the user's come out again, with the same scores."""
    table = TABLES["three"]
    numbers = {"healthy": 0, "mild": 1, "severe": 2}
    numbered = table.assign(target=table[TARGET].map(numbers))
    chosen = arm(strategy, "xgboost", "three")
    in_words, by_number = (scored(chosen, fit(chosen, t), t) for t in (table, numbered))
    assert in_words["y_pred"].map(numbers).tolist() == by_number["y_pred"].tolist()
    for label, number in numbers.items():
        np.testing.assert_array_equal(in_words[f"y_score_{label}"], by_number[f"y_score_{number}"])

"""Classes named in params.yaml: what is built, and what is refused."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from imblearn.utils.testing import all_estimators

from equipoise.fitting.components import (
    build_classifier,
    build_ensemble,
    build_sampler,
    build_transformer,
    gives_probabilities,
)
from equipoise.params.trial_params import Component
from equipoise.terminal.errors import UserError

SEED = 7
SAMPLER_KEY = "strategies.remedy.sampler"
MODEL_KEY = "models.learner"
# FunctionSampler takes a function, which params.yaml cannot hold.
SAMPLERS = [n for n, _ in all_estimators(type_filter="sampler") if n != "FunctionSampler"]
REQUIRED_ARGUMENTS: dict[str, dict[str, object]] = {"SMOTENC": {"categorical_features": [0]}}


def component(class_name: str, **arguments: object) -> Component:
    """Return the entry of params.yaml with this class and arguments."""
    return Component.model_validate({"class": class_name} | arguments)


def sampler(class_name: str, **arguments: object) -> Any:
    return build_sampler(component(class_name, **arguments).at(SAMPLER_KEY), SEED)


def classifier(class_name: str, **arguments: object) -> Any:
    return build_classifier(component(class_name, **arguments).at(MODEL_KEY), SEED)


def refuse(build: Callable[..., Any], class_name: str, **arguments: object) -> str:
    """Return what is said of a component that must be refused."""
    with pytest.raises(UserError) as refused:
        build(class_name, **arguments)
    return str(refused.value)


@pytest.mark.parametrize("name", SAMPLERS)
def test_every_sampler_of_imbalanced_learn_is_found_by_its_short_name(name: str) -> None:
    """A new strategy is one entry in params.yaml."""
    built = sampler(name, **REQUIRED_ARGUMENTS.get(name, {}))
    assert type(built).__name__ == name


@pytest.mark.parametrize("name", SAMPLERS)
def test_every_sampler_that_draws_numbers_gets_the_seed(name: str) -> None:
    """No sampler draws differently on the second run."""
    built = sampler(name, **REQUIRED_ARGUMENTS.get(name, {}))
    assert built.get_params().get("random_state", SEED) == SEED


@pytest.mark.parametrize(
    "name",
    [
        "LogisticRegression",
        "RandomForestClassifier",
        "HistGradientBoostingClassifier",
        "DecisionTreeClassifier",
        "KNeighborsClassifier",
        "GaussianNB",
        "MLPClassifier",
        "DummyClassifier",
        "QuadraticDiscriminantAnalysis",
        "BalancedRandomForestClassifier",
        "LGBMClassifier",
        "XGBClassifier",
        "CatBoostClassifier",
    ],
)
def test_a_classifier_is_found_by_its_short_name_and_gets_the_seed(name: str) -> None:
    """Learners that come with us need no import path, nor a seed."""
    built = classifier(name)
    assert type(built).__name__ == name
    assert built.get_params().get("random_state", SEED) == SEED


def test_a_full_import_path_finds_the_same_class() -> None:
    """A class that no short name reaches is reached by its path."""
    expected = type(sampler("SMOTE"))
    assert type(sampler("imblearn.over_sampling.SMOTE")) is expected


def test_arguments_reach_the_constructor() -> None:
    """The keys beside `class` are what the user set."""
    assert sampler("SMOTE", k_neighbors=3).k_neighbors == 3


def test_a_seed_that_the_user_gave_is_kept() -> None:
    """The global seed fills in only where none was given."""
    assert sampler("SMOTE", random_state=3).random_state == 3


def test_nested_components_are_built_and_get_the_seed() -> None:
    """Classes inside arguments are built, each with the seed unless it has its own."""
    built = sampler(
        "SMOTETomek", smote={"class": "SMOTE", "k_neighbors": 3}, tomek={"class": "TomekLinks"}
    )
    assert built.smote.get_params() == sampler("SMOTE", k_neighbors=3).get_params()
    assert type(built.tomek).__name__ == "TomekLinks"


def test_a_component_two_levels_down_gets_the_seed() -> None:
    """However deep an object sits, it repeats itself."""
    built = classifier(
        "CalibratedClassifierCV",
        estimator={"class": "BaggingClassifier", "estimator": {"class": "DecisionTreeClassifier"}},
    )
    inner = built.estimator
    assert (inner.random_state, inner.estimator.random_state) == (SEED, SEED)


def test_building_leaves_the_params_as_they_were() -> None:
    """The same entry can be built again for the next fold."""
    spec = component("SMOTETomek", smote={"class": "SMOTE"})
    build_sampler(spec, SEED)
    assert spec == component("SMOTETomek", smote={"class": "SMOTE"})


@pytest.mark.parametrize(
    "path",
    [
        "sklearn.base.clone",
        "sklearn.svm.SVCC",
        "sklearn.svmm.SVC",
        "sklearn..svm.SVC",
        "sklearn.",
        "sklearn.os.system",
    ],
)
def test_a_path_that_leads_to_no_class_is_refused(path: str) -> None:
    """A function, a typo and a malformed path are named as what they are not."""
    assert f"{MODEL_KEY}.class: '{path}'" in refuse(classifier, path)


@pytest.mark.parametrize(
    ("build", "typo", "meant"),
    [
        (sampler, "SMOT", "SMOTE"),
        (sampler, "RandomUndersampler", "RandomUnderSampler"),
        (classifier, "LogisticRegresion", "LogisticRegression"),
        (classifier, "logisticregression", "LogisticRegression"),
    ],
)
def test_a_misspelt_class_is_answered_with_the_nearest(
    build: Callable[..., Any], typo: str, meant: str
) -> None:
    """A typo in a class name costs one message."""
    message = refuse(build, typo)
    assert f"'{typo}' is not a known class; did you mean '{meant}'?" in message


def test_a_class_like_no_other_is_answered_with_those_that_exist() -> None:
    """Where no sampler is near, all are listed."""
    message = refuse(sampler, "Zzz")
    assert [name for name in SAMPLERS if name not in message] == []


def test_a_misspelt_nested_class_is_named_by_its_key() -> None:
    """The message leads to the line of the nested class."""
    message = refuse(sampler, "SMOTEENN", smote={"class": "SMOT"})
    assert f"{SAMPLER_KEY}.smote.class: 'SMOT' is not a known class" in message


@pytest.mark.parametrize(
    ("build", "class_name", "argument", "known"),
    [
        (sampler, "SMOTE", "k", ["k_neighbors", "sampling_strategy"]),
        (classifier, "LogisticRegression", "max_itr", ["C", "max_iter", "solver"]),
    ],
)
def test_an_argument_that_the_class_lacks_is_answered_with_those_it_has(
    build: Callable[..., Any], class_name: str, argument: str, known: list[str]
) -> None:
    """The constructor's own arguments are listed."""
    head, _, listed = refuse(build, class_name, **{argument: 1}).partition("it has: ")
    assert f".{argument}: {class_name} has no argument '{argument}'" in head
    assert [name for name in known if name not in listed.split(", ")] == []


@pytest.mark.parametrize("path", ["sklearn.tree._tree.Tree", "equipoise.terminal.errors.UserError"])
def test_a_class_that_shows_no_signature_is_refused(path: str) -> None:
    """A class whose arguments cannot be known is no model."""
    assert MODEL_KEY in refuse(classifier, path)


def test_a_constructor_that_needs_more_is_named() -> None:
    """What the class itself refuses is passed on with the key."""
    message = refuse(classifier, "VotingClassifier")
    assert message.startswith(f"{MODEL_KEY}: VotingClassifier refuses its arguments")
    assert "estimators" in message


@pytest.mark.parametrize("path", ["sklearn.svm.SVC", "sklearn.preprocessing.StandardScaler"])
def test_what_does_not_resample_is_no_sampler(path: str) -> None:
    """A model in the place of a sampler is told from one."""
    expected = f"{SAMPLER_KEY}.class: {path} is not a sampler (no fit_resample)"
    assert refuse(sampler, path) == expected


def test_a_model_without_scores_is_refused() -> None:
    """What only predicts can neither rank nor be tuned; one that scores can."""
    expected = f"{MODEL_KEY}.class: LinearRegression gives neither probabilities nor scores"
    assert expected in refuse(classifier, "LinearRegression")
    assert not gives_probabilities(classifier("LinearSVC"))


def test_a_stack_needs_its_last_model_to_be_known_before_it_is_fitted() -> None:
    """Else it would be said to give no probabilities, which scikit-learn's own choice does."""
    said = refuse(classifier, "StackingClassifier", estimators=[])
    assert said == (
        f"{MODEL_KEY}.final_estimator: StackingClassifier tells what it gives only by it; set it,"
        " as in {class: LogisticRegression}"
    )


def test_a_vote_of_labels_is_asked_for_probabilities() -> None:
    """As scikit-learn's own default is the other one."""
    said = refuse(classifier, "VotingClassifier", estimators=[])
    assert said == f"{MODEL_KEY}.voting: 'hard' gives no probabilities; set it to 'soft'"


def test_a_list_is_a_tuple_where_scikit_learn_asks_for_one() -> None:
    """YAML has none."""
    spec = component("RobustScaler", quantile_range=[10, 90]).at("preprocess.numeric")
    assert build_transformer(spec, SEED).quantile_range == (10, 90)
    assert classifier("MLPClassifier", hidden_layer_sizes=[5, 2]).hidden_layer_sizes == [5, 2]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("LogisticRegression", "LogisticRegression is a model; use it under `models`"),
        ("sklearn.svm.SVC", "sklearn.svm.SVC is not a transformer (no transform)"),
        ("PowerTransfomer", "'PowerTransfomer' is not a known class; did you mean 'PowerTransform"),
    ],
)
def test_what_does_not_transform_is_no_transformer(name: str, said: str) -> None:
    """It is told from a model, and a misspelt one is found."""
    spec = component(name).at("preprocess.numeric")
    with pytest.raises(UserError, match=re.escape(f"preprocess.numeric.class: {said}")):
        build_transformer(spec, SEED)


def test_an_ensemble_is_looked_for_among_ensembles() -> None:
    """A learner that wraps nothing is not proposed as an ensemble."""
    base = classifier("LogisticRegression")
    spec = component("BalancedBaggingClassifier", n_estimators=3)
    built: Any = build_ensemble(spec, SEED, base)
    assert (built.estimator, built.n_estimators, built.random_state) == (base, 3, SEED)


def test_an_ensemble_that_wraps_no_model_is_refused() -> None:
    """A balanced forest brings its own trees: it is a model, not a remedy for another one."""
    with pytest.raises(UserError, match=r"bagged\.ensemble.*BalancedRandomForestClassifier"):
        build_ensemble(
            component("BalancedRandomForestClassifier").at("strategies.bagged.ensemble"),
            SEED,
            classifier("LogisticRegression"),
        )


def test_a_model_of_the_users_inside_an_ensemble_is_not_replaced_silently() -> None:
    """An `estimator` in the entry contradicts the model of the arm, and is refused."""
    with pytest.raises(UserError, match=r"bagged\.ensemble\.estimator"):
        build_ensemble(
            component("BalancedBaggingClassifier", estimator={"class": "GaussianNB"}).at(
                "strategies.bagged.ensemble"
            ),
            SEED,
            classifier("LogisticRegression"),
        )


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("LGBMClassifier", {"n_estimators": 3, "verbose": -1, "min_data_in_leaf": 5}),
        ("XGBClassifier", {"n_estimators": 3, "max_depth": 2, "nthread": 1}),
    ],
)
def test_a_booster_takes_arguments_that_its_constructor_hands_on(
    name: str, arguments: dict[str, object]
) -> None:
    """Those of the class that it is made from, and names of its own besides."""
    assert classifier(name, **arguments).get_params().items() >= arguments.items()


@pytest.mark.parametrize("name", ["LGBMClassifier", "XGBClassifier"])
def test_a_booster_takes_one_processor_unless_it_is_told_otherwise(name: str) -> None:
    """Left alone it takes all, writes their number down, and adds up in another order."""
    assert classifier(name).n_jobs == 1
    assert classifier(name, n_jobs=2).n_jobs == 2
    assert classifier("RandomForestClassifier").n_jobs is None


def test_catboost_takes_one_processor_and_writes_nothing_unless_it_is_told_otherwise() -> None:
    """Left alone it takes all processors, and leaves a folder `catboost_info` in the project."""
    given = {"thread_count": 1, "allow_writing_files": False}
    assert classifier("CatBoostClassifier").get_params().items() >= given.items()
    assert classifier("CatBoostClassifier", thread_count=2).get_params()["thread_count"] == 2


@pytest.mark.parametrize("name", ["LGBMClassifier", "SMOTE"])
def test_an_extra_that_is_not_installed_is_no_class(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Boosters are an extra: all else is found without them."""
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    if name == "SMOTE":
        assert type(sampler(name)).__name__ == name
    else:
        assert f"'{name}' is not a known class" in refuse(classifier, name)


PLUG_IN = """
from os import system
from scipy.stats import rv_continuous
from sklearn.linear_model import LogisticRegression

class Learner(LogisticRegression):
    def __init__(self, *, strength=1.0, **others):
        super().__init__(**others)
        self.strength = strength

class Sampler:
    def __init__(self, ratio=0.5):
        self.ratio = ratio

    def get_params(self, deep=True):
        return {"ratio": self.ratio}

    def fit_resample(self, X, y):
        return X, y

class Nothing:
    pass
"""


@pytest.fixture
def plug_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module of a package that params.yaml allows, where Python finds it."""
    (tmp_path / "small_plug_in").mkdir()
    (tmp_path / "small_plug_in/__init__.py").write_text("")
    (tmp_path / "small_plug_in/parts.py").write_text(PLUG_IN)
    monkeypatch.syspath_prepend(tmp_path)
    for module in ("small_plug_in", "small_plug_in.parts"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    return "small_plug_in.parts"


def test_a_plug_in_is_built_by_its_path(plug_in: str) -> None:
    """With its arguments; a seed goes to who takes one, by way of a base class too."""
    assert sampler(f"{plug_in}.Sampler", ratio=0.2).ratio == 0.2
    learner = classifier(f"{plug_in}.Learner", strength=3.0, C=0.5)
    assert (learner.strength, learner.C, learner.random_state) == (3.0, 0.5, SEED)


def test_a_plug_in_is_built_inside_another_class(plug_in: str) -> None:
    """And a class of ours inside a plug-in's argument."""
    nested = {"class": f"{plug_in}.Sampler", "ratio": 0.1}
    assert sampler("SMOTEENN", smote=nested).smote.ratio == 0.1
    assert type(sampler(f"{plug_in}.Sampler", ratio={"class": "SMOTE"}).ratio).__name__ == "SMOTE"


@pytest.mark.parametrize("name", ["Nothing", "system", "rv_continuous", "Sampla"])
def test_what_is_no_sampler_or_model_of_a_plug_in_is_refused(plug_in: str, name: str) -> None:
    """What a package has imported from elsewhere is not its own."""
    message = refuse(sampler, f"{plug_in}.{name}")
    assert message.startswith(f"{SAMPLER_KEY}.class: '{plug_in}.{name}' is not a sampler or model;")


def test_an_argument_that_no_constructor_of_a_plug_in_has_is_refused(plug_in: str) -> None:
    """Also those of a base class that it hands others on to are listed."""
    message = refuse(classifier, f"{plug_in}.Learner", strenght=3.0)
    assert "has no argument 'strenght'; it has: strength, penalty, C, " in message


def test_a_plug_in_that_is_not_installed_is_named() -> None:
    """In one line."""
    message = refuse(sampler, "no_such_package.parts.Sampler")
    path = "'no_such_package.parts.Sampler'"
    assert message == (
        f"{SAMPLER_KEY}.class: {path}: No module named 'no_such_package'; install its package"
        " and what that needs, or fix the path"
    )


@pytest.mark.parametrize(
    "line", ["from numpy import no_such_name", "import numpy; numpy.no_such_name"]
)
def test_a_plug_in_made_for_other_versions_is_refused(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It cannot be imported, and the message says why."""
    (tmp_path / "made_for_others.py").write_text(line)
    monkeypatch.syspath_prepend(tmp_path)
    message = refuse(sampler, "made_for_others.Sampler")
    assert message.startswith(f"{SAMPLER_KEY}.class: 'made_for_others.Sampler': ")
    assert "no_such_name" in message

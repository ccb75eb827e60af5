"""params.yaml: what is accepted and refused; `tests/malformed` has more mistakes, word for word."""

import copy
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from sklearn.datasets import make_classification

from equipoise.core.arms import ArmName
from equipoise.params.data_params import SyntheticData
from equipoise.params.decision_params import Decision
from equipoise.params.trial_params import Params, walk_components
from equipoise.terminal.errors import UserError
from equipoise.terminal.params_file import load_params

SYNTHETIC: dict[str, Any] = {
    "source": "synthetic",
    "n_samples": 500,
    "n_features": 10,
    "n_informative": 6,
    "n_redundant": 2,
    "weights": [0.9, 0.1],
}
FILE: dict[str, Any] = {"source": "file", "path": "data/raw/table.csv", "target": "outcome"}
VALID: dict[str, Any] = {
    "seed": 42,
    "data": SYNTHETIC,
    "split": {"test_size": 0.3},
    "preprocess": {"numeric": "passthrough"},
    "run": {"strategies": ["baseline", "smote"], "models": ["logistic"]},
    "strategies": {
        "baseline": {},
        "smote": {"sampler": {"class": "SMOTE", "k_neighbors": 5}},
        "weighted": {"class_weight": "balanced"},
        "bagged": {"ensemble": {"class": "BalancedBaggingClassifier"}},
    },
    "models": {
        "logistic": {"class": "LogisticRegression", "max_iter": 5000},
        "forest": {"class": "RandomForestClassifier"},
    },
    "cross_validation": {"folds": 5, "repeats": 2},
    "decision": {"objective": "f1"},
    "uncertainty": {"confidence": 0.95, "resamples": 2000},
    "plugins": [],
    "allow": [],
    "n_jobs": -1,
}
REMOVED = object()

# Words of a validation library or of Python that say nothing to who writes YAML.
JARGON = ("instance of", "after validation", "tuple", "should be string")


def changed(key: str, value: object, base: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return valid params with one dotted key set, added or `REMOVED`."""
    values = copy.deepcopy(base or VALID)
    *parents, last = key.split(".")
    node = values
    for parent in parents:
        node = node[parent]
    if value is REMOVED:
        del node[last]
    else:
        node[last] = value
    return values


def load(text: str | bytes) -> Params:
    """Return what is read from a params.yaml with this text."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "params.yaml")
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_params(path)


def accept(values: dict[str, Any]) -> Params:
    """Return the params that these values are read as."""
    return load(yaml.safe_dump(values))


def refuse(values: dict[str, Any]) -> str:
    """Return what is said of values that must be refused."""
    with pytest.raises(UserError) as refused:
        accept(values)
    return str(refused.value)


def dotted_keys(values: dict[str, Any], prefix: str = "") -> list[str]:
    """Return every key of nested params."""
    return [
        name
        for key, value in values.items()
        for name in (
            f"{prefix}{key}",
            *(dotted_keys(value, f"{prefix}{key}.") if isinstance(value, dict) else ()),
        )
    ]


def test_values_are_read_as_written() -> None:
    """What the user writes is what the stages get."""
    params = accept(VALID)
    assert (
        params.seed,
        params.split.test_size,
        params.cross_validation.folds,
        params.uncertainty.confidence,
        params.n_jobs,
    ) == (42, 0.3, 5, 0.95, -1)


def test_a_component_is_a_class_and_the_keys_beside_it() -> None:
    """The keys beside `class` are the constructor's arguments."""
    sampler = accept(VALID).strategies["smote"].sampler
    assert sampler is not None
    assert (sampler.class_name, sampler.arguments) == ("SMOTE", {"k_neighbors": 5})


DEEP = {
    "class": "VotingClassifier",
    "estimators": [["one", {"class": "BaggingClassifier", "estimator": {"class": "GaussianNB"}}]],
    "weights": [1],
    "class_name": "GaussianNB",
}


def test_components_inside_a_component_know_their_keys_and_are_recorded_as_written() -> None:
    """At any depth and in lists, whatever else an argument is called."""
    params = accept(changed("models.logistic", DEEP))
    outer, bagging, bayes = walk_components(params.models["logistic"])
    assert (outer.key, outer.class_name) == ("models.logistic", "VotingClassifier")
    assert (bagging.key, bayes.key, bayes.class_name) == (
        "models.logistic.estimators.0.1",
        "models.logistic.estimators.0.1.estimator",
        "GaussianNB",
    )
    used: Any = params.dump_used()
    assert used["models"]["logistic"] == DEEP


@pytest.mark.parametrize(
    "nested", [{"class": 5}, {"class": None}, {"class": "SMOTE", 5: 1}], ids=str
)
@pytest.mark.parametrize("place", ["smote", "parts.0.1"])
def test_a_malformed_component_inside_another_is_named_by_its_key(
    nested: dict[object, object], place: str
) -> None:
    """A class is a name, and so are its arguments."""
    value = nested if place == "smote" else [["one", nested]]
    sampler = {"class": "SMOTEENN", place.partition(".")[0]: value}
    message = refuse(changed("strategies.smote.sampler", sampler))
    assert message.endswith(
        f"params.yaml: strategies.smote.sampler.{place}: {nested!r} should be {{class: Name,"
        " argument: value}"
    )


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        (
            "preprocess",
            {
                "numeric": "passthrough",
                "categories": "one_hot",
                "most_categories": 100,
                "dates": "parts",
            },
        ),
        ("cross_validation", {"folds": 5, "repeats": 2, "shuffle": True, "seed": None}),
        ("decision", {"objective": "f1"}),
        ("uncertainty", {"confidence": 0.95, "resamples": 2000}),
        ("plugins", ()),
        ("allow", ()),
        ("n_jobs", -1),
    ],
)
def test_a_section_left_out_has_its_defaults(section: str, expected: object) -> None:
    """Sections that have defaults may be left out."""
    params = accept(changed(section, REMOVED))
    assert params.model_dump()[section] == expected


def test_params_cannot_be_changed_after_they_are_read() -> None:
    """No stage can run with other params than the file's."""
    params = accept(VALID)
    with pytest.raises(ValidationError):
        params.split.test_size = 0.5  # type: ignore[misc]


def test_an_arm_is_named_after_its_strategy_and_model() -> None:
    """The name is that of the files in dvc.yaml."""
    assert str(ArmName("smote", "logistic")) == "smote-logistic"


@pytest.mark.parametrize(
    ("data", "written", "numeric"),
    [
        (FILE, REMOVED, "standardize"),
        (FILE, {"numeric": "auto"}, "standardize"),
        (FILE, {"numeric": "passthrough"}, "passthrough"),
        (VALID["data"], {"numeric": "auto"}, "passthrough"),
        (VALID["data"], {"numeric": "standardize"}, "standardize"),
    ],
)
def test_numbers_of_a_file_are_standardized_unless_params_say_otherwise(
    data: dict[str, Any], written: Any, numeric: str
) -> None:
    """A made table keeps its scales, and what is written stands; the record has what was done."""
    raw = changed("preprocess", written) | {"data": data}
    params = accept(raw)
    assert params.preprocess.numeric == Params(**raw).preprocess.numeric == numeric
    recorded: Any = params.dump_used()
    assert recorded["preprocess"]["numeric"] == numeric


def test_what_shapes_results_leaves_out_unused_entries_and_n_jobs() -> None:
    """The record of a run does not change with an entry that it did not use."""
    used: Any = accept(VALID).dump_used()
    assert (
        list(used["strategies"]),
        list(used["models"]),
        "n_jobs" in used,
    ) == (["baseline", "smote"], ["logistic"], False)
    assert used["strategies"]["smote"]["sampler"] == {"class": "SMOTE", "k_neighbors": 5}


def test_an_encoding_that_nobody_knows_is_refused() -> None:
    """Before any file is opened."""
    message = refuse(changed("data", FILE | {"read": {"encoding": "utf-9"}}))
    assert "data.read.encoding: 'utf-9' is not an encoding that Python knows" in message


WRONG_VALUES: list[tuple[str, object, str]] = [
    ("data.n_samples", 5000.0, "integer"),
    ("data.n_redundant", -1, "0"),
    ("data.n_clusters_per_class", 0, "1"),
    ("data.flip_y", 2, "1"),
    ("data.class_sep", 0, "greater than 0"),
    ("data.class_sep", 1e308, "1000000"),  # what is made of it would be infinite
    ("data.class_sep", float("inf"), "finite"),
    ("data.weights", [], "at least 2"),
    ("split.test_size", None, "number"),
    ("preprocess.categories", "onehot", "'one_hot' or 'target'"),
    ("preprocess.most_categories", 1, "2"),
    ("strategies.weighted.class_weight", 5, "'balanced'"),
    ("cross_validation.folds", "5", "integer"),
    ("decision.false_positive", "ten", "number"),
    ("decision.amount", 5, "text in quotes"),
    ("decision.costs", [], "square"),
    ("decision.costs", [[0.0, 1.0, 2.0], [1.0, 0.0, 2.0]], "square"),
    ("decision.floor", 0, "greater than 0"),
    ("decision.per_thousand", 0, "greater than 0"),
    ("uncertainty.resamples", 99, "100"),
    ("n_jobs", "all", "integer"),
]
WRONG_SHAPES: list[tuple[str, object]] = [
    ("data.weights", 0.9),
    ("decision.costs", 5),
    ("split", None),
    ("split", [0.3]),
    ("run.strategies", "baseline"),
    ("run.models", None),
    ("strategies", []),
    ("strategies.smote", None),
    ("strategies.smote.sampler", "SMOTE"),
    ("strategies.bagged.ensemble", 3),
    ("models.logistic", "LogisticRegression"),
    ("models.logistic", []),
]


@pytest.mark.parametrize(("key", "value", "allowed"), WRONG_VALUES)
def test_a_wrong_value_is_named_with_its_key(key: str, value: object, allowed: str) -> None:
    """The message has the key, the value found, and what is allowed."""
    message = refuse(changed(key, value))
    _, found, rest = message.partition(f"{key}: {value!r}")
    assert found
    assert allowed in rest


@pytest.mark.parametrize(("key", "value"), WRONG_SHAPES)
def test_a_value_in_the_place_of_keys_or_a_list_is_named(key: str, value: object) -> None:
    """The message has the key and the value found where something else belongs."""
    assert f"{key}: {value!r}" in refuse(changed(key, value))


@pytest.mark.parametrize(
    ("key", "value"), [(key, value) for key, value, _ in WRONG_VALUES] + WRONG_SHAPES
)
def test_a_message_speaks_the_language_of_yaml(key: str, value: object) -> None:
    """No user has to know how the params are validated."""
    message = refuse(changed(key, value)).lower()
    assert not [word for word in JARGON if word in message]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("data.path", 5),
        ("data.target", None),
        ("data.drop", "id"),
        ("data.positive", []),
        ("data.distinct_labels", "a"),
        ("data.columns", ["age"]),
        ("data.group", 5),
        ("data.time", ["when"]),
    ],
)
def test_a_wrong_value_of_file_data_is_named_with_its_key(key: str, value: object) -> None:
    """The user's own table is described as carefully as the synthetic one."""
    assert f"{key}: {value!r}" in refuse(changed(key, value, changed("data", FILE)))


@pytest.mark.parametrize(
    ("key", "items", "position"),
    [
        ("plugins", ["smote_variants", "my-models"], 1),
        ("data.weights", [0, 0.1], 0),
        ("data.weights", [0.5, 0.3, 2], 2),
        ("decision.costs", [[0, 1], 5], 1),
        ("data.weights", [0.9, "a tenth"], 1),
        ("run.models", ["logistic", 3], 1),
        ("run.strategies", ["base-line"], 0),
    ],
)
def test_a_wrong_item_of_a_list_is_named_by_its_position(
    key: str, items: list[object], position: int
) -> None:
    """In a list, the item that is wrong is told from the others."""
    assert f"{key}.{position}: {items[position]!r}" in refuse(changed(key, items))


@pytest.mark.parametrize("items", [["base-line"], [3]])
def test_a_list_with_a_wrong_item_is_not_called_empty(items: list[object]) -> None:
    """One mistake gets one line."""
    assert len(refuse(changed("run.models", items)).splitlines()) == 1


@pytest.mark.parametrize(
    "key",
    [
        "seed",
        "data",
        "data.n_samples",
        "data.weights",
        "split",
        "split.test_size",
        "run",
        "run.strategies",
        "run.models",
        "strategies",
        "models",
        "models.logistic.class",
        "strategies.smote.sampler.class",
    ],
)
def test_a_missing_key_is_named(key: str) -> None:
    """A key without a default is asked for by its full name."""
    assert f"{key} is required and missing" in refuse(changed(key, REMOVED))


def test_every_missing_key_of_file_data_is_named() -> None:
    """A user's own table needs a path and a target."""
    message = refuse(changed("data", {"source": "file"}))
    assert "data.path is required and missing" in message
    assert "data.target is required and missing" in message


DECISIONS: list[dict[str, Any]] = [
    {"objective": "f1"},
    {"objective": "fbeta", "beta": 2},
    {"objective": "balanced_accuracy"},
    {"objective": "mcc"},
    {"objective": "g_mean"},
    {"objective": "cost", "false_negative": 50, "false_positive": 1},
    {"objective": "cost", "false_negative": 1, "false_positive": 0, "amount": "price"},
    {"objective": "cost", "costs": [[0, 1, 2], [1, 0, 2], [30, 10, 0]]},
    {"objective": "cost", "costs": [[0, 1], [0.5, 0]]},
    {"objective": "recall_at_precision", "floor": 0.9},
    {"objective": "precision_at_recall", "floor": 1},
    {"objective": "alerts", "per_thousand": 0.5},
    {"objective": "weighted_f1"},
]
DECISION_KEYS: dict[str, object] = {
    "beta": 2,
    "false_negative": 1,
    "amount": "price",
    "costs": [[0, 1], [1, 0]],
    "floor": 1,
    "per_thousand": 5,
}
COST_KEYS = ("false_negative", "false_positive", "amount", "costs")


@pytest.mark.parametrize("decision", DECISIONS)
def test_an_objective_is_recorded_with_the_keys_it_goes_by(decision: dict[str, Any]) -> None:
    """Every objective is accepted with its keys, and no key of another gets into the record."""
    assert accept(changed("decision", decision)).dump_used()["decision"] == decision


@pytest.mark.parametrize("decision", DECISIONS)
def test_the_numbers_an_objective_needs_are_its_arguments(decision: dict[str, Any]) -> None:
    """What an objective is made from is what the user wrote, less names."""
    numbers = {k: v for k, v in decision.items() if k not in {"objective", "amount"}}
    if "costs" in numbers:
        numbers["costs"] = tuple(map(tuple, numbers["costs"]))
    assert Decision(**decision).arguments == numbers


@pytest.mark.parametrize(
    ("decision", "key"),
    [
        (decision, key)
        for decision in DECISIONS
        for key in Decision(**decision).arguments
        if key != "costs"
    ],
)
def test_a_key_that_an_objective_needs_is_asked_for(decision: dict[str, Any], key: str) -> None:
    """The message has the key, the objective, and what to do."""
    message = refuse(changed(f"decision.{key}", REMOVED, changed("decision", decision)))
    name = decision["objective"]
    assert f"decision: {key} is required by objective '{name}' and missing; set it" in message


@pytest.mark.parametrize(
    ("decision", "key"),
    [
        (decision, key)
        for decision in DECISIONS
        for key in DECISION_KEYS
        if key not in decision and not (decision["objective"] == "cost" and key in COST_KEYS)
    ],
)
def test_a_key_that_an_objective_does_not_use_is_refused(
    decision: dict[str, Any], key: str
) -> None:
    """A key without effect would be taken for one with effect."""
    message = refuse(changed("decision", decision | {key: DECISION_KEYS[key]}))
    assert f"decision: {key} is not used by objective '{decision['objective']}'" in message
    assert "remove it, or choose objective '" in message


def test_a_key_that_is_not_used_is_answered_with_the_objectives_that_use_it() -> None:
    """The user learns which objective the key was meant for."""
    message = refuse(changed("decision.floor", 0.5))
    assert "choose objective 'recall_at_precision' or 'precision_at_recall'" in message


@pytest.mark.parametrize("others", [{"amount": "price"}, {"false_negative": 5}])
def test_costs_of_two_kinds_are_refused(others: dict[str, Any]) -> None:
    """A matrix says what every mistake costs, so that two numbers would contradict it."""
    decision = {"objective": "cost", "costs": [[0, 1], [5, 0]]} | others
    message = refuse(changed("decision", decision))
    assert f"costs cannot go with {next(iter(others))}; remove one or the other" in message
    assert len(message.splitlines()) == 1


def test_both_ways_to_give_costs_are_told_apart_in_one_line() -> None:
    """All keys that do not go together are named at once."""
    costs = {"costs": [[0, 1], [5, 0]], "false_negative": 5, "false_positive": 1}
    message = refuse(changed("decision", {"objective": "cost"} | costs))
    expected = "costs cannot go with false_negative and false_positive; remove one or the other"
    assert message.endswith(f"params.yaml: decision: {expected}")


@pytest.mark.parametrize("cell", [-1, "ten", None, float("inf")])
def test_a_wrong_cost_is_named_by_its_row_and_column(cell: object) -> None:
    """In a matrix, the cell that is wrong is told from the others."""
    decision = {"objective": "cost", "costs": [[0, 1], [cell, 0]]}
    assert f"decision.costs.1.0: {cell!r} should be" in refuse(changed("decision", decision))


def test_weights_may_name_classes_by_number_or_by_word() -> None:
    """Labels of the user's target are whole numbers, words, or true and false."""
    weights = {3: 2, "rare": 5, "3": 1, True: 4}
    strategies = accept(changed("strategies.weighted.class_weight", weights)).strategies
    assert strategies["weighted"].class_weight == weights


@pytest.mark.parametrize("label", [1.5, None])
def test_weights_of_what_is_no_label_are_refused(label: object) -> None:
    """A key that YAML reads as something else is named, so that the user puts it in quotes."""
    message = refuse(changed("strategies.weighted.class_weight", {label: 2}))
    assert "strategies.weighted.class_weight" in message
    assert f"{label!r} should be a valid boolean or a valid integer or text in quotes" in message


def test_a_made_problem_may_have_more_classes_than_two() -> None:
    """There are as many classes as shares."""
    data = accept(changed("data.weights", [0.7, 0.2, 0.1])).data
    assert isinstance(data, SyntheticData)
    assert data.weights == (0.7, 0.2, 0.1)


@settings(max_examples=25, deadline=None)
@given(classes=st.integers(2, 9), clusters=st.integers(1, 4), informative=st.integers(1, 6))
def test_more_classes_need_more_informative_features(
    classes: int, clusters: int, informative: int
) -> None:
    """What scikit-learn would refuse is refused before, and nothing else."""
    keys = {"n_informative": informative, "n_clusters_per_class": clusters}
    data = SYNTHETIC | keys | {"weights": [1 / classes] * classes}
    try:
        make_classification(n_features=10, n_classes=classes, **keys)
        assert accept(changed("data", data))
    except ValueError:
        assert f"= {clusters} and {classes} classes" in refuse(changed("data", data))


def test_every_mistake_is_told_at_once() -> None:
    """Two mistakes do not take two runs to find."""
    message = refuse(changed("n_jobs", "x", changed("seed", "a")))
    assert "seed: 'a'" in message
    assert "n_jobs: 'x'" in message


def test_a_file_that_is_not_in_utf_8_is_refused() -> None:
    """As what is no YAML otherwise: in one message with its name."""
    with pytest.raises(UserError, match=r"params\.yaml.* is not valid YAML"):
        load(b"seed: \xe9\xff")


def test_a_missing_file_is_named_with_where_to_run_from(tmp_path: Path) -> None:
    """Running from another folder is the usual cause."""
    path = tmp_path / "params.yaml"
    with pytest.raises(UserError) as refused:
        load_params(path)
    assert str(refused.value) == f"{path} is missing; run from the repository's root"


def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    """What cannot be read is named, without a traceback."""
    with pytest.raises(UserError, match=tmp_path.name):
        load_params(tmp_path)


def test_a_message_names_the_file() -> None:
    """Each line says which file is to be fixed."""
    assert "params.yaml: seed: 'a'" in refuse(changed("seed", "a"))


YAML_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=3)
    ),
    max_leaves=4,
)


EVERY_KEY_OF_FILE = FILE | {
    "positive": 1,
    "drop": ["id"],
    "columns": {"age": "integer"},
    "group": None,
    "time": None,
}


@settings(max_examples=25, deadline=None)
@given(
    base=st.sampled_from([VALID, VALID | {"data": EVERY_KEY_OF_FILE, "plugins": ["mine"]}]),
    value=YAML_VALUES,
    draw=st.data(),
)
def test_any_value_anywhere_is_accepted_or_refused_in_words(
    base: dict[str, Any], value: object, draw: st.DataObject
) -> None:
    """No content of params.yaml ends in a traceback."""
    key = draw.draw(st.sampled_from(dotted_keys(base)))
    with suppress(UserError):
        assert isinstance(accept(changed(key, value, base)), Params)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(min_value=0, max_value=2**32 - 1))
def test_every_seed_that_numpy_takes_is_accepted(seed: int) -> None:
    """Seeds are not restricted further than where they end up."""
    assert accept(changed("seed", seed)).seed == seed


def split_by(method: str, by: dict[str, str], repeats: int = 1) -> dict[str, Any]:
    """Return params of a user's table, split by a method."""
    values = changed("data", FILE | by)
    values["split"] = {"test_size": 0.3, "method": method}
    return changed("cross_validation.repeats", repeats, values)


@pytest.mark.parametrize(
    ("method", "repeats", "by"),
    [
        ("stratified", 2, {}),
        ("group", 2, {"group": "customer"}),
        ("time", 1, {"time": "day"}),
    ],
)
def test_a_split_may_go_by_the_column_that_it_needs(
    method: str, repeats: int, by: dict[str, str]
) -> None:
    """Groups can be dealt out again, time goes one way."""
    assert accept(split_by(method, by, repeats)).split.method == method


@pytest.mark.parametrize("method", ["group", "time"])
def test_a_split_without_its_column_is_refused(method: str) -> None:
    """Also where the table is a made one, which has no such column."""
    expected = (
        f"split.method: '{method}' needs data.{method}, the name of the column to split by; set it"
    )
    assert refuse(split_by(method, {})).endswith(f"params.yaml: {expected}")
    assert refuse(changed("split.method", method)).endswith(f"params.yaml: {expected}")


@pytest.mark.parametrize(
    ("method", "by"),
    [
        ("stratified", {"group": "customer"}),
        ("stratified", {"time": "day"}),
        ("group", {"group": "customer", "time": "day"}),
        ("time", {"group": "customer", "time": "day"}),
    ],
)
def test_a_column_that_the_split_does_not_go_by_is_refused(method: str, by: dict[str, str]) -> None:
    """It would no longer be a feature, to no end."""
    (key,) = by.keys() - {method}
    expected = (
        f"data.{key}: '{by[key]}' is not used by split.method '{method}'; remove it, or set"
        f" split.method to '{key}'"
    )
    assert refuse(split_by(method, by)).endswith(f"params.yaml: {expected}")


FOREIGN = ["os.system", "builtins.eval", "pickle.Unpickler", ".SMOTE", "sklearnx.svm.SVC"]
PLACES: dict[str, tuple[str, Any]] = {
    "strategies.smote.sampler.class": ("strategies.smote.sampler.class", "{}"),
    "strategies.smote.sampler.smote.class": (
        "strategies.smote.sampler",
        {"class": "SMOTEENN", "smote": {"class": "{}"}},
    ),
    "strategies.bagged.ensemble.class": ("strategies.bagged.ensemble.class", "{}"),
    "models.logistic.estimators.0.1.class": (
        "models.logistic",
        {"class": "VotingClassifier", "estimators": [["one", {"class": "{}"}]]},
    ),
    "models.forest.estimator.base.class": (
        "models.forest.estimator",
        {"class": "BaggingClassifier", "base": {"class": "{}"}},
    ),
}


def naming(path: str, place: str) -> dict[str, Any]:
    """Return params that name a class at a place, deeper inside or not."""
    key, value = PLACES[place]
    text = yaml.safe_dump(changed(key, value)).replace("'{}'", f"'{path}'")
    values: dict[str, Any] = yaml.safe_load(text)
    return values


@pytest.mark.parametrize("path", FOREIGN)
@pytest.mark.parametrize("place", PLACES)
def test_a_class_of_a_package_that_nobody_allowed_is_refused(path: str, place: str) -> None:
    """At any depth, also in what does not run, and before anything is imported."""
    expected = (
        f"{place}: '{path}' is not from an allowed package (sklearn, imblearn, lightgbm, xgboost,"
        " catboost, equipoise); add its package to `plugins` if you trust it"
    )
    assert refuse(naming(path, place)).endswith(f"params.yaml: {expected}")


@pytest.mark.parametrize("place", PLACES)
def test_a_plug_in_is_allowed_by_its_package(place: str) -> None:
    """The name is that of the package, not the beginning of one."""
    values = naming("my_models.deep.Model", place)
    assert accept(values | {"plugins": ["my_models"]}).plugins == ("my_models",)
    message = refuse(values | {"plugins": ["my_model"]})
    assert "xgboost, catboost, equipoise, my_model); add its package" in message


@pytest.mark.parametrize("path", ["SMOTE", "imblearn.over_sampling.SMOTE", "xgboost.XGBClassifier"])
def test_what_comes_with_us_needs_no_plug_in(path: str) -> None:
    """Short names are looked for among these packages only."""
    assert accept(naming(path, "strategies.smote.sampler.class")).plugins == ()


WRITING = {"memory": "cache"}
BY_CHANCE = {"random_state": None}


@pytest.mark.parametrize("argument", [WRITING, BY_CHANCE])
@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("strategies.smote.sampler", "strategies.smote.sampler"),
        ("strategies.bagged.ensemble", "strategies.bagged.ensemble"),
        ("models.forest", "models.forest"),
        ("models.forest.estimator", "models.forest.estimator"),
        ("models.forest.steps", "models.forest.steps.0.1"),
    ],
)
def test_a_component_that_writes_or_goes_by_chance_has_to_be_allowed(
    key: str, place: str, argument: dict[str, Any]
) -> None:
    """At any depth, also in what does not run, and each by its own name."""
    component = {"class": "LogisticRegression"} | argument
    values = changed(key, [["step", component]] if key.endswith("steps") else component)
    (name,) = argument
    message = refuse(values | {"allow": [n for n in ("memory", "random_state") if n != name]})
    assert f"params.yaml: {place}.{name}: " in message
    assert message.endswith(f"or add {name} to `allow`")
    assert accept(values | {"allow": [name]}).allow == (name,)


def test_no_cache_and_a_fixed_seed_need_not_be_allowed() -> None:
    """Nor does a strategy or model that happens to have such a name."""
    values = changed("models.memory", {"class": "PCA", "memory": None, "random_state": 0})
    values["strategies"]["random_state"] = {}
    assert accept(values).allow == ()


@pytest.mark.parametrize(
    ("strategy", "treatment"),
    [
        ({}, "nothing"),
        ({"class_weight": {1: 2}}, "weights"),
        ({"sampler": {"class": "SMOTE"}}, "sampler"),
        ({"sampler": {"class": "SMOTE"}, "class_weight": "balanced"}, "sampler"),
        ({"ensemble": {"class": "EasyEnsembleClassifier"}, "class_weight": "balanced"}, "ensemble"),
    ],
)
def test_a_strategy_is_as_simple_as_the_least_simple_part_of_it(
    strategy: dict[str, Any], treatment: str
) -> None:
    """What is recommended is the simplest arm that is as good as the best."""
    found = accept(changed("strategies.weighted", strategy)).strategies["weighted"]
    assert found.treatment == treatment


@pytest.mark.parametrize("value", ["!!set {a, b}", "!!omap [a: 1]", "!!binary aGk="])
def test_a_kind_of_yaml_that_dvc_cannot_keep_is_named(tmp_path: Path, value: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(f"seed: 42\nstrategies: {value}\n")
    tag = value.partition(" ")[0]
    with pytest.raises(UserError, match=rf"found {tag}, where a list .* \(line 2\); fix it there"):
        load_params(path)

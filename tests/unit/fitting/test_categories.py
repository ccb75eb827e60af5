"""The sampler that is meant on a table with categories, or why it cannot be had."""

from typing import Any

import pandas as pd
import pytest

from equipoise.core.tables import GROUP, TIME
from equipoise.fitting.categories import (
    RARE,
    SamplerUsed,
    choose_sampler,
    describe_sampler,
    encode_for_sampler,
    make_rowless_frame,
    wants_numbers,
)
from equipoise.params.trial_params import Component, Preprocess, Strategy
from equipoise.terminal.errors import UserError

from .conftest import mixed_table

KEY = "strategies.remedy.sampler"
NUMBERS = pd.DataFrame({"age": [0.5], "visits": [3]})
WORDS = pd.DataFrame({"job": ["clerk"], "member": ["True"]})
BOTH = NUMBERS.join(WORDS)
ONLY_NUMBERS = ["ADASYN", "SMOTEENN", "SMOTETomek", "TomekLinks", "NearMiss", "ClusterCentroids"]


def spec(name: str, **arguments: Any) -> Component:
    """Return a sampler as params.yaml describes it."""
    return Component.model_validate({"class": name, **arguments}).at(KEY)


def refuse(name: str, X: pd.DataFrame, **arguments: Any) -> str:
    """Return what is said of a sampler that cannot take a table."""
    with pytest.raises(UserError) as refused:
        choose_sampler(spec(name, **arguments), X)
    assert len(str(refused.value).splitlines()) == 1
    return str(refused.value)


@pytest.mark.parametrize("name", ["SMOTE", "imblearn.over_sampling.SMOTE"])
@pytest.mark.parametrize(
    ("X", "meant", "more"),
    [
        (BOTH, "SMOTENC", {"categorical_features": ["job", "member"]}),
        (WORDS, "SMOTEN", {}),
    ],
)
def test_smote_is_the_one_of_its_family_that_suits(
    name: str, X: pd.DataFrame, meant: str, more: dict[str, Any]
) -> None:
    """With the arguments that the user gave it."""
    found = choose_sampler(spec(name, k_neighbors=3), X)
    assert (found.class_name, found.arguments) == (meant, {"k_neighbors": 3, **more})


@pytest.mark.parametrize(
    ("X", "used", "how_many"), [(BOTH, "SMOTENC", "some"), (WORDS, "SMOTEN", "all")]
)
def test_what_takes_the_place_of_smote_is_said(X: pd.DataFrame, used: str, how_many: str) -> None:
    """With the key in params.yaml, and why."""
    smote = Strategy(sampler=spec("imblearn.over_sampling.SMOTE"))
    note = (
        f"strategies.remedy.sampler.class: {used} is used instead of SMOTE, because {how_many}"
        " columns are categories, such as 'job'"
    )
    assert describe_sampler(smote.at("strategies.remedy"), X) == SamplerUsed(used, (note,))


@pytest.mark.parametrize(
    ("strategy", "X", "used"),
    [
        (Strategy(), BOTH, None),
        (Strategy(sampler=spec("SMOTE")), NUMBERS, "SMOTE"),
        (Strategy(sampler=spec("SMOTENC")), BOTH, "SMOTENC"),
        (Strategy(sampler=spec("own.Sampler")), BOTH, "Sampler"),
    ],
)
def test_nothing_is_said_where_nothing_is_replaced(
    strategy: Strategy, X: pd.DataFrame, used: str | None
) -> None:
    """What params name is what samples, if anything does."""
    assert describe_sampler(strategy.at("strategies.remedy"), X) == SamplerUsed(used, ())


def test_one_that_is_named_and_suits_is_told_its_columns() -> None:
    """SMOTENC needs to know what the table says."""
    assert choose_sampler(spec("SMOTENC"), BOTH).arguments == {
        "categorical_features": ["job", "member"]
    }
    assert choose_sampler(spec("SMOTEN"), WORDS) == spec("SMOTEN")


@pytest.mark.parametrize("name", ["SMOTE", "RandomOverSampler", *ONLY_NUMBERS])
def test_a_table_of_numbers_leaves_a_sampler_as_it_is(name: str) -> None:
    """Nothing is to be decided."""
    assert choose_sampler(spec(name), NUMBERS) == spec(name)


@pytest.mark.parametrize("name", ["RandomOverSampler", "RandomUnderSampler"])
@pytest.mark.parametrize("X", [BOTH, WORDS])
def test_what_copies_or_drops_rows_takes_any(name: str, X: pd.DataFrame) -> None:
    """Whatever stands in them."""
    assert choose_sampler(spec(name), X) == spec(name)


@pytest.mark.parametrize("name", ONLY_NUMBERS)
def test_a_sampler_that_wants_numbers_gets_them_and_the_summary_says_so(name: str) -> None:
    """Not where there are numbers only."""
    assert wants_numbers(spec(name), BOTH)
    assert wants_numbers(spec(name), WORDS)
    assert not wants_numbers(spec(name), NUMBERS)
    used = describe_sampler(Strategy.model_validate({"sampler": {"class": name}}).at("s"), BOTH)
    assert used.sampler == name
    assert "categories such as 'job' become columns of 0 and 1" in used.notes[0]


def test_shrinkage_adds_noise_to_numbers() -> None:
    """So categories have to be such; without it they stay what they are."""
    assert wants_numbers(spec("RandomOverSampler", shrinkage=0.5), BOTH)
    assert not wants_numbers(spec("RandomOverSampler", shrinkage=None), BOTH)


def test_encoded_categories_come_back() -> None:
    """Of a row between two, the nearer value; rare values are one column, and one value."""
    X = pd.DataFrame({"x": [1.0, 2.0, 3.0], "job": ["a", "b", "c"]})
    encoded = encode_for_sampler(X, Preprocess())
    pd.testing.assert_frame_equal(encoded.decode(encoded.rows), X, check_dtype=False)
    between = encoded.rows.iloc[[0]] * 0.4 + encoded.rows.iloc[[1]].to_numpy() * 0.6
    assert encoded.decode(between).to_dict("records") == [{"x": pytest.approx(1.6), "job": "b"}]
    few = encode_for_sampler(X.iloc[[0, 0, 1, 2]], Preprocess(most_categories=2))
    assert few.decode(few.rows)["job"].tolist() == ["a", "a", RARE, RARE]


@pytest.mark.parametrize(
    ("name", "X", "said"),
    [
        ("SMOTENC", NUMBERS, "SMOTENC is for categories, and there are none; use SMOTE"),
        ("SMOTEN", NUMBERS, "SMOTEN is for categories, and there are none; use SMOTE"),
        ("SMOTENC", WORDS, "SMOTENC does not suit 2 columns of categories and 0 of numbers; write"),
        ("SMOTEN", BOTH, "SMOTEN does not suit 2 columns of categories and 2 of numbers; write"),
    ],
)
def test_one_of_the_family_that_does_not_suit_is_refused(
    name: str, X: pd.DataFrame, said: str
) -> None:
    """The user learns that SMOTE would have been enough."""
    assert refuse(name, X).startswith(f"{KEY}.class: {said}")


@pytest.mark.parametrize("X", [NUMBERS, BOTH])
def test_categories_are_not_for_params_to_say(X: pd.DataFrame) -> None:
    """The table says it; a part of them would end in a message about floats."""
    message = refuse("SMOTENC", X, categorical_features=["job"])
    assert message == f"{KEY}.categorical_features: it is set from the table; remove it"


@pytest.mark.parametrize("name", ["mine.SMOTE", "mine.SMOTENC", "mine.ADASYN"])
@pytest.mark.parametrize("X", [NUMBERS, BOTH, WORDS])
def test_a_sampler_from_elsewhere_may_try(name: str, X: pd.DataFrame) -> None:
    """Whatever it is called: it is not replaced by one of imbalanced-learn's."""
    assert choose_sampler(spec(name), X) == spec(name)


def test_kinds_are_known_before_anything_is_cleaned() -> None:
    """Dates and text become numbers; target, group and time are no features."""
    train = mixed_table().assign(
        **{GROUP: "a"}, **{TIME: 1.0}, note=pd.array(["a b"] * 160, dtype="str")
    )
    kinds = make_rowless_frame(train)
    assert len(kinds) == 0
    assert choose_sampler(spec("SMOTE"), kinds).arguments == {
        "categorical_features": ["job", "member"]
    }
    assert list(kinds) == ["age", "income", "visits", "job", "member", "since", "note"]

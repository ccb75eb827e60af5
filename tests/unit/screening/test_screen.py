"""A whole screening: its numbers, its folds, and that it goes on where it was stopped."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import make_pipeline
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
from sklearn.preprocessing import StandardScaler

from equipoise.core.arms import ArmName
from equipoise.core.json_values import Json, JsonObject
from equipoise.core.tables import split_off_target
from equipoise.data.datasets import make_dataset
from equipoise.fitting.cluster import describe_environment, list_versions
from equipoise.params.trial_params import Params
from equipoise.screening.runners import make_race
from equipoise.screening.screen import screen
from equipoise.screening.shared_folds import FitInFold
from equipoise.storage.screening_files import FitFiles
from equipoise.terminal.errors import UserError
from equipoise.terminal.params_file import parse_params
from equipoise.using.screen_catalogue import list_inputs

PARAMS: JsonObject = {
    "seed": 7,
    "data": {
        "source": "synthetic",
        "n_samples": 600,
        "n_features": 6,
        "n_informative": 4,
        "weights": [0.8, 0.2],
    },
    "split": {"test_size": 0.3},
    "preprocess": {"numeric": "standardize"},
    "run": {"strategies": ["baseline"], "models": ["logistic"]},
    "strategies": {
        "baseline": {},
        "smote": {"sampler": {"class": "SMOTE", "k_neighbors": 3}},
        "too_many": {"sampler": {"class": "SMOTE", "k_neighbors": 500}},
    },
    "models": {"logistic": {"class": "LogisticRegression"}, "noise": {"class": "DummyClassifier"}},
    "cross_validation": {"folds": 4, "repeats": 1},
    "screen": {"metric": "average_precision"},
    "n_jobs": 1,
}


def params_with(**keys: Json) -> Params:
    """The params of these tests, with other sections."""
    return parse_params({**PARAMS, **keys}, "params")


@pytest.fixture(scope="module")
def train() -> pd.DataFrame:
    """Two classes of numbers."""
    params = params_with()
    return make_dataset(params.data, params.seed).table


def test_the_ranking_has_the_numbers_of_cross_val_score(train: pd.DataFrame) -> None:
    params = params_with()
    found = screen(train, params).found
    by_name = {arm.arm: arm for arm in found.arms}
    X, y = split_off_target(train)
    folds = RepeatedStratifiedKFold(n_splits=4, n_repeats=1, random_state=7)
    for arm, samplers in {
        "baseline-logistic": [],
        "smote-logistic": [SMOTE(k_neighbors=3, random_state=7)],
    }.items():
        pipeline = make_pipeline(StandardScaler(), *samplers, LogisticRegression(random_state=7))
        expected = cross_val_score(pipeline, X, y, cv=folds, scoring="average_precision")
        assert np.isclose(by_name[arm].value, expected.mean(), rtol=1e-9)


def test_arms_without_a_chance_are_dropped_and_those_that_cannot_be_fitted_left_out(
    train: pd.DataFrame,
) -> None:
    found = screen(train, params_with()).found
    assert {arm.arm for arm in found.arms[:2]} == {"baseline-logistic", "smote-logistic"}
    dropped = {arm.arm: arm for arm in found.arms if arm.is_dropped}
    assert set(dropped) == {"baseline-noise", "smote-noise"}
    assert all(arm.folds < found.folds for arm in dropped.values())
    assert set(found.left_out) == {"too_many-logistic", "too_many-noise"}
    missed = sum(found.folds - arm.folds for arm in dropped.values())
    assert found.saved == pytest.approx(missed / (len(found.arms) * found.folds))
    assert (found.run.strategies[0], found.run.models[0]) == ("baseline", "logistic")


def test_at_level_0_every_arm_is_in_every_fold(train: pd.DataFrame) -> None:
    found = screen(train, params_with(screen={"metric": "average_precision", "level": 0})).found
    assert {arm.folds for arm in found.arms} == {found.folds}
    assert "baseline-noise" in {arm.arm for arm in found.arms}


def test_an_interrupted_screening_goes_on_and_ends_as_any_other(
    train: pd.DataFrame, tmp_path: Path
) -> None:
    """No fit that was kept is done again."""
    params = params_with()
    whole = screen(train, params).found
    kept = FitFiles(tmp_path, list_inputs(params, make_race(train, params), "hash of train"))

    def stop_at_the_second(title: str, fits: Iterable[FitInFold], _: int) -> Iterable[FitInFold]:
        for done, fit in enumerate(fits):
            if title.startswith("fold 2") and done == 2:
                raise KeyboardInterrupt
            yield fit

    with pytest.raises(KeyboardInterrupt):
        screen(train, params, kept, stop_at_the_second)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")}
    assert screen(train, params, kept).found == whole
    assert len(before) > 4  # of the first fold, and some of the second
    assert all(path.stat().st_mtime_ns == time for path, time in before.items())
    assert len([*tmp_path.rglob("*.json")]) == whole.fits - len(whole.left_out)


def test_fits_are_of_the_versions_of_all_packages_that_compute(train: pd.DataFrame) -> None:
    """The same that workers of a cluster must have."""
    params = params_with()
    inputs = list_inputs(params, make_race(train, params), "hash of train")
    for own in inputs.values():
        assert own["packages"] == list_versions()
        assert {"pandas", "scipy", "scikit-learn"} <= {*own["packages"]}
        assert describe_environment().items() >= own["packages"].items()


@pytest.mark.parametrize("edited", ["amount", "plug-in"])
def test_fits_are_done_again_for_another_amount_or_an_edited_plug_in(
    edited: str, train: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kept scores have the amounts of their rows beside them."""
    monkeypatch.syspath_prepend(str(tmp_path / "plugins"))
    module = tmp_path / "plugins/fits_of_a_user/__init__.py"
    module.parent.mkdir(parents=True)
    module.write_text("TURNED = False\n")

    def list_now(amount: str) -> Mapping[ArmName, JsonObject]:
        costs: JsonObject = {"objective": "cost", "false_negative": 5.0, "false_positive": 1.0}
        own = params_with(decision={**costs, "amount": amount}, plugins=["fits_of_a_user"])
        return list_inputs(own, make_race(train, own), "hash of train")

    before, same = list_now("feature_1"), list_now("feature_1")
    assert before == same
    if edited == "plug-in":
        module.write_text("TURNED = True\n")
    after = list_now("feature_2" if edited == "amount" else "feature_1")
    assert all(before[name] != own for name, own in after.items())


@pytest.mark.parametrize(("form", "spoilt"), [("json", b"{}"), ("json", b""), ("parquet", b"PAR1")])
def test_a_kept_fit_that_is_spoilt_is_done_again(
    form: str, spoilt: bytes, train: pd.DataFrame, tmp_path: Path
) -> None:
    params = params_with()
    kept = FitFiles(tmp_path, list_inputs(params, make_race(train, params), "hash of train"))
    whole = screen(train, params, kept).found
    first, *_ = sorted(tmp_path.rglob(f"*.{form}"))
    before = first.read_bytes()
    first.write_bytes(spoilt)
    assert screen(train, params, kept).found == whole
    assert (first.read_bytes() == before) == (form == "parquet")  # seconds differ


@pytest.mark.slow
def test_the_result_is_the_same_with_any_number_of_jobs(train: pd.DataFrame) -> None:
    assert screen(train, params_with(n_jobs=2)).found == screen(train, params_with()).found


def test_tuned_arms_show_their_configurations_and_what_they_were_without(
    train: pd.DataFrame,
) -> None:
    space: Json = {"logistic": {"C": {"low": 1e-4, "high": 10.0, "log": True}}}
    own: Json = {"metric": "average_precision", "budget": 3, "space": space, "models": ["logistic"]}
    tuned = screen(train, params_with(screen=own)).found
    plain = {arm.arm: arm.value for arm in screen(train, params_with()).found.arms}
    for arm in tuned.arms:
        assert len(arm.chosen) == arm.folds == tuned.folds
        assert arm.untuned == plain[arm.arm]


def test_a_tuned_arm_is_not_punished_for_scores_on_another_scale() -> None:
    """C is so small in some folds that thresholds of the others decide nothing there."""
    data: Json = {
        "source": "synthetic",
        "n_samples": 2100,
        "n_features": 10,
        "n_informative": 6,
        "weights": [0.9, 0.1],
    }
    own: Json = {
        "budget": 12,
        "level": 0,
        "folds": 5,
        "models": ["logistic"],
        "space": {"logistic": {"C": {"low": 0.0005, "high": 100.0, "log": True}}},
    }
    under: Json = {"baseline": {}, "under": {"sampler": {"class": "RandomUnderSampler"}}}
    gained = []
    for seed in range(1, 5):
        params = params_with(seed=seed, data=data, strategies=under, screen=own)
        arms = screen(make_dataset(params.data, seed).table, params).found.arms
        gained += [arm.value - arm.untuned for arm in arms if arm.untuned is not None]
    assert len(gained) == 8
    assert np.mean(gained) > -0.02


def test_objectives_with_a_limit_are_screened_by_average_precision(train: pd.DataFrame) -> None:
    limited: Json = {"objective": "alerts", "per_thousand": 50.0}
    race = make_race(train, params_with(decision=limited, screen={}))
    assert race.yardstick.name == "average_precision"


def test_a_cost_is_ranked_with_the_lowest_first(train: pd.DataFrame) -> None:
    cost: Json = {"objective": "cost", "false_negative": 10.0, "false_positive": 1.0}
    found = screen(train, params_with(decision=cost, screen={})).found
    assert found.metric == "cost"
    best = [arm.value for arm in found.arms if not arm.is_dropped]
    assert best == sorted(best)
    assert all(arm.behind is None or arm.behind >= 0 for arm in found.arms)


def test_where_no_arm_can_be_fitted_the_reason_is_said(train: pd.DataFrame) -> None:
    with pytest.raises(UserError, match="no arm can be fitted; the first, too_many-logistic: str"):
        screen(train, params_with(screen={"strategies": ["too_many"]}))


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"folds": 500}, r"^screen\.folds: 500 is too many"),
        (
            {"budget": 2, "space": {"logistic": {"Cx": [1]}}, "strategies": ["baseline"]},
            r"^screen\.space\.logistic\.Cx: LogisticRegression has no argument 'Cx'",
        ),
        (
            {"budget": 2, "space": {"logistic": {"C": [-1]}}, "models": ["logistic"]},
            r"^screen\.space\.logistic with strategies\.baseline: The 'C' parameter",
        ),
    ],
)
def test_what_is_wrong_in_its_section_is_said_of_that(
    own: JsonObject, said: str, train: pd.DataFrame
) -> None:
    """And not of cross_validation or models, which have the same keys."""
    with pytest.raises(UserError, match=said):
        screen(train, params_with(screen=own))

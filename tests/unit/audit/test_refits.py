"""Text is decomposed in single precision: machines differ in the last digits, a leak in more."""

import os
import pickle
import platform
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.decided import DECIDING, NO_DECISION
from threadpoolctl import threadpool_limits

from equipoise.audit.audit_results import AuditResult
from equipoise.audit.learned import Compared, check_preprocessing
from equipoise.audit.made import ArmMade, Made
from equipoise.fitting.models import fit
from equipoise.fitting.preprocessing import build_cleaner
from equipoise.params.trial_params import Arm, Component, Preprocess, Strategy

SOURCE = Path(__file__).parents[3] / "src"
N, N_TRAIN, FEW = 300, 210, 3
LETTERS = "abcdefghijklmnopqrstuvwxyz"
ARM = Arm(
    Strategy().at("strategies.baseline"),
    Component.model_validate({"class": "LogisticRegression"}).at("models.logistic"),
    Preprocess(numeric="standardize"),
    seed=N,
)
LAST_DIGITS = "as in a fit on train, except for the last digits"
AUDIT = """
import pickle, sys
from equipoise.audit.learned import Compared, check_preprocessing
from equipoise.audit.made import Made
made = Made(*pickle.load(sys.stdin.buffer), objective=None, calibration="none")
pickle.dump(check_preprocessing(made), sys.stdout.buffer)
"""
THREADS = {"OPENBLAS_NUM_THREADS": "2"}
# Kernels that every 64-bit processor of that kind can run.
KERNELS = [{"OPENBLAS_CORETYPE": name} for name in ("Prescott", "Nehalem")]
ON_X86 = platform.machine() in {"x86_64", "AMD64"}


def table() -> pd.DataFrame:
    """A number, ids that all differ, words that are all as frequent and as far apart, sentences."""
    random = np.random.default_rng(N)
    number = random.normal(size=N)
    words = random.choice(["late", "paid", "call", "twice", "refund", "card"], (N, 6))
    columns = {
        "id": [f"{code:016x}" for code in random.integers(0, 2**62, N)],
        "letter": [LETTERS[row % len(LETTERS)] * 6 for row in range(N)],
        "remark": [" ".join(six) for six in words],
    }
    rows = pd.DataFrame({name: pd.array(texts, "str") for name, texts in columns.items()})
    target = (number + random.normal(size=N) > 1).astype(int)
    return rows.assign(number=number, target=target).rename_axis("row")


DATASET = table()
TRAIN, TEST = DATASET.iloc[:N_TRAIN], DATASET.iloc[N_TRAIN:]
FEATURES = DATASET.columns.drop("target")


@cache
def fitted() -> Any:
    return fit(ARM, TRAIN)


def honest() -> Any:
    """A model that training has made, to be changed at will."""
    return deepcopy(fitted())


def encoder_of(model: Any) -> Any:
    return model["clean"].named_transformers_["text id"]


def scaled_again(model: Any) -> Any:
    """The model with a scaler that learned, of train, what the cleaner gives it now."""
    model["scale"].fit(model["clean"].transform(TRAIN[FEATURES]))
    return model


def cleaned_by(rows: pd.DataFrame) -> Any:
    model = honest()
    model.steps[0] = ("clean", build_cleaner(rows[FEATURES], ARM.seed).fit(rows[FEATURES]))
    return scaled_again(model)


def axes_of_all_rows() -> Any:
    """Sequences of letters as train has them, and the axes of all rows' sequences."""
    model = honest()
    encoder = encoder_of(model)
    encoder.tsvd_.fit(encoder.vectorizer_.transform(DATASET["id"]).astype("float32"))
    return scaled_again(model)


def factor_of_all_rows() -> Any:
    model = honest()
    encoder = encoder_of(model)
    made = encoder.transform(DATASET["id"]) * encoder.scaling_factor_
    encoder.scaling_factor_ = np.float32(np.sqrt(made.to_numpy().var(axis=0).sum()))
    return scaled_again(model)


def scaler_of_all_rows() -> Any:
    model = honest()
    model["scale"].fit(model["clean"].transform(DATASET[FEATURES]))
    return model


def cleaner_of_all_rows() -> Any:
    return cleaned_by(DATASET)


def cleaner_of_a_few_test_rows_too() -> Any:
    return cleaned_by(DATASET.iloc[: N_TRAIN + FEW])


LEAKS: dict[Callable[[], Any], str] = {
    cleaner_of_all_rows: "TfidfTransformer.idf_",
    cleaner_of_a_few_test_rows_too: "TfidfTransformer.idf_",
    axes_of_all_rows: "TruncatedSVD.components_",
    factor_of_all_rows: "StringEncoder.scaling_factor_",
    scaler_of_all_rows: "StandardScaler.mean_",
}


def made_of(**models: Any) -> Made:
    nothing = pd.DataFrame()
    arms = {
        name: ArmMade("baseline", model, nothing, nothing, NO_DECISION)
        for name, model in models.items()
    }
    return Made(DATASET, TRAIN, TEST, {}, arms, *DECIDING)


@pytest.mark.parametrize("elsewhere", [THREADS, *(KERNELS if ON_X86 else [])], ids=str)
def test_another_machine_accuses_nobody_falsely_and_finds_every_leak(
    elsewhere: dict[str, str],
) -> None:
    """Fitted here on one thread, audited with other threads, or kernels of other processors."""
    made = made_of(honest=honest(), **{leak.__name__: leak() for leak in LEAKS})
    own = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
    done = subprocess.run(
        [sys.executable, "-c", AUDIT],
        input=pickle.dumps((DATASET, TRAIN, TEST, {}, made.arms)),
        env=own | elsewhere | {"PYTHONPATH": str(SOURCE)},
        stdout=subprocess.PIPE,
        check=True,
    )
    results: list[AuditResult] = pickle.loads(done.stdout)  # noqa: S301 - of our own process
    found = {result.name.removesuffix(".preprocessing"): result for result in results}
    assert {"honest"} == {name for name, result in found.items() if result.passed}
    assert "TruncatedSVD.singular_values_" in found["honest"].detail
    for leak, statistic in LEAKS.items():
        assert statistic in found[leak.__name__].detail


def test_the_machine_that_fitted_finds_the_same_digits_with_any_threads() -> None:
    """The audit fits on one thread as training does, whatever it is run with."""
    with threadpool_limits(2):
        (result,) = check_preprocessing(made_of(honest=honest()))
    assert result.passed
    assert LAST_DIGITS not in result.detail


def test_other_last_digits_are_said_and_pass() -> None:
    """As another processor leaves them: of the decomposition, and of the scaler behind it."""
    model = honest()
    encoder_of(model).tsvd_.singular_values_ *= np.float32(1 + 2e-6)
    given = model["clean"].transform(TRAIN[FEATURES])
    single = given.select_dtypes("float32")
    model["scale"].fit(given.assign(**np.nextafter(single, np.float32(9)).to_dict("series")))
    (result,) = check_preprocessing(made_of(elsewhere=model))
    assert result.passed
    _, _, digits = result.detail.partition("; ")
    assert digits.endswith(LAST_DIGITS)
    assert "StandardScaler.mean_" in digits
    assert "TruncatedSVD.singular_values_" in digits


def test_nearer_to_all_rows_than_to_train_is_a_leak_however_near_to_train() -> None:
    """Chance may bring a value that far from train's, but not to where all rows have it."""
    by_chance = Compared("n", from_train=0.4, from_all=1.3, train_from_all=1.5, rounded=True)
    nearer = replace(by_chance, from_train=0.9, from_all=0.6)
    assert (by_chance.strange, nearer.strange) == (False, True)

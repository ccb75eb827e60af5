"""Fits that did not converge are counted, here and in processes, and said in one line."""

import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import ConvergenceWarning

from equipoise.core.fit_report import FitCount
from equipoise.fitting import running
from equipoise.fitting.convergence import summarise_fits
from equipoise.fitting.crossfit import cross_fit
from equipoise.fitting.fit_warnings import Warned, print_other_warnings, recording_warnings, say
from equipoise.params.trial_params import Arm, Component, CrossValidation, Preprocess, Strategy

SHORT = {"class": "LogisticRegression", "max_iter": 2}
ONE = Warned(ConvergenceWarning, "lbfgs failed to converge after 2 iteration(s)", "solver.py", 1)
OTHER = Warned(UserWarning, "Variables are collinear", "solver.py", 2)
LIMIT = "models.learner.max_iter"
STANDARDIZE = "set preprocess.numeric: standardize"


def arm(model: dict[str, Any], numeric: Any = "passthrough") -> Arm:
    return Arm(
        Strategy().at("strategies.baseline"),
        Component.model_validate(model).at("models.learner"),
        Preprocess(numeric=numeric),
        seed=7,
    )


def train_part() -> pd.DataFrame:
    """Every other repeat of a column is easy to fit, and the rest is on scales of its own."""
    random = np.random.default_rng(1)
    target = (np.arange(120) % 4 == 0).astype("int64")
    values = random.normal(size=(120, 3)) * [1, 30, 900] + target[:, None]
    frame = pd.DataFrame(values, columns=["a", "b", "c"]).assign(target=target)
    return frame.rename_axis("row")


ONE_BY_ONE, IN_THREADS, IN_PROCESSES = (1e9, 1e9), (0, 1e9), (0, 0)


def counted(worth: tuple[float, float], monkeypatch: pytest.MonkeyPatch, limit: int) -> list[bool]:
    for name, seconds in zip(("THREADS", "PROCESSES"), worth, strict=True):
        monkeypatch.setattr(running, f"SECONDS_WORTH_{name}", seconds)
    model = SHORT | {"max_iter": limit}
    folds = cross_fit(arm(model), train_part(), CrossValidation(folds=4, repeats=2), n_jobs=2)
    return [any(warning.of_convergence for warning in warned) for warned in folds.warned]


@pytest.mark.slow
def test_every_fold_fit_is_counted_wherever_it_runs(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The same folds, and not a word on the terminal."""
    limit = next(n for n in range(5, 200) if 0 < sum(counted(ONE_BY_ONE, monkeypatch, n)) < 8)
    alone = counted(ONE_BY_ONE, monkeypatch, limit)
    assert alone == counted(IN_THREADS, monkeypatch, limit)
    assert alone == counted(IN_PROCESSES, monkeypatch, limit)
    assert capfd.readouterr() == ("", "")


def test_threads_record_their_own_warnings_and_no_others() -> None:
    """Also where libraries change filters for a moment in each, and put back what they found."""

    def work(own: int) -> list[str]:
        with recording_warnings() as warned:
            for n in range(100):
                with warnings.catch_warnings():
                    warnings.simplefilter("error", BytesWarning)
                    time.sleep(0)
                warnings.warn(f"{own} {n}", ConvergenceWarning, stacklevel=1)
        return [warning.text for warning in warned]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(work, range(8)))
    assert found == [[f"{own} {n}" for n in range(100)] for own in range(8)]


def test_what_was_said_before_a_record_is_said_after_it() -> None:
    with recording_warnings(), recording_warnings():
        warnings.warn("recorded", UserWarning, stacklevel=1)
    with pytest.warns(UserWarning, match="said"):
        warnings.warn("said", UserWarning, stacklevel=1)


@pytest.mark.parametrize(
    ("model", "numeric", "folds", "final", "said"),
    [
        (
            SHORT,
            "passthrough",
            3,
            1,
            (
                "3 of 10 fold fits did not converge, nor did the final fit"
                f" (LogisticRegression, max_iter 2): raise {LIMIT}, or {STANDARDIZE}"
            ),
        ),
        (
            SHORT,
            "standardize",
            1,
            0,
            "1 of 10 fold fits did not converge (LogisticRegression, max_iter 2): raise " + LIMIT,
        ),
        (
            {"class": "CalibratedClassifierCV", "estimator": {"class": "LinearSVC"}},
            "standardize",
            0,
            1,
            (
                "the final fit did not converge (LinearSVC, max_iter 1000): raise"
                " models.learner.estimator.max_iter"
            ),
        ),
        (
            {"class": "GaussianProcessClassifier"},
            "passthrough",
            10,
            0,
            (
                "10 of 10 fold fits did not converge (GaussianProcessClassifier): choose other"
                f" settings for models.learner, or {STANDARDIZE}"
            ),
        ),
    ],
    ids=["folds and final", "a fold", "final, of what is inside", "no limit"],
)
def test_the_line_has_how_many_and_what_to_do(
    model: dict[str, Any], numeric: str, folds: int, final: int, said: str
) -> None:
    warned = [[ONE, ONE, OTHER]] * folds + [[OTHER]] * (10 - folds)
    summary = summarise_fits(arm(model, numeric), warned, [ONE] * final)
    assert (summary.folds, summary.final) == (FitCount(10, folds), FitCount(1, final))
    assert summary.notes == (said,)


def test_nothing_is_said_of_fits_that_converged() -> None:
    assert summarise_fits(arm(SHORT), [[], [OTHER]], []).notes == ()


@pytest.mark.parametrize(
    ("category", "text"),
    [
        (ConvergenceWarning, "Solver terminated early (max_iter=5).  Consider pre-processing"),
        (RuntimeWarning, "Newton solver did not converge after 9 iterations"),
    ],
)
def test_solvers_of_any_package_say_it_in_about_these_words(
    category: type[Warning], text: str
) -> None:
    assert Warned(category, text, "solver.py", 1).of_convergence


@pytest.mark.parametrize(
    ("category", "text"),
    [
        (ConvergenceWarning, "Number of distinct clusters (2) found smaller than n_clusters"),
        (FutureWarning, "The default value of max_iter will change"),
        (UserWarning, "Variables are collinear"),
    ],
)
def test_other_warnings_are_not_taken_for_it(category: type[Warning], text: str) -> None:
    assert not Warned(category, text, "solver.py", 1).of_convergence


def test_other_warnings_are_said_once_and_not_once_a_fold() -> None:
    """Though each fold has other numbers in it."""
    with pytest.warns(UserWarning, match=OTHER.text) as said:
        print_other_warnings(
            [[OTHER, ONE], [OTHER._replace(text="Variables 1 and 2 are collinear")], [ONE]]
        )
    assert [str(warning.message) for warning in said] == [OTHER.text]


def test_what_is_recorded_can_be_said_as_it_was() -> None:
    """From a worker, say: category, text and place are those of the warning itself."""
    with recording_warnings() as first:
        warnings.warn("max_iter reached", ConvergenceWarning, stacklevel=1)
    with recording_warnings() as again:
        say(first)
    assert first == again
    assert first[0].filename == __file__

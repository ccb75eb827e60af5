"""Evaluation: the test part, scored once, with what train settled."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, confusion_matrix, f1_score
from statsmodels.stats.proportion import proportion_confint
from tests.decided import decide

from equipoise.fitting.fold_rows import make_folds
from equipoise.metrics.net_benefit import list_odds, name_odds
from equipoise.metrics.tallies import BY_CLASS, OVERALL
from equipoise.storage.files.formats import read_frame, read_json, write_frame
from equipoise.terminal.errors import UserError
from equipoise.terminal.params_file import load_params

Stage = Callable[..., None]

ARM = "smote-logistic"
TREATMENT = {
    "baseline": "nothing",
    "smote": "sampler",
    "class_weight": "weights",
    "under": "sampler",
    "cleaned": "sampler",
}
STRATEGIES = tuple(TREATMENT)
SPEND = "decision: {objective: cost, false_negative: 1, false_positive: 5, amount: spend}"
PROBABILITY = {"brier_score", "log_loss", "calibration_error"}
DECISION_METRICS = {*BY_CLASS, *OVERALL}
DECISION = {"threshold", "tn", "fp", "fn", "tp", *DECISION_METRICS}
KEYS = {
    "test": {"n", "prevalence", "average_precision", "roc_auc"} | PROBABILITY,
    "default": DECISION,
    "tuned": DECISION,
    "calibrated": PROBABILITY,
    "constant_guess": PROBABILITY | {"average_precision", "roc_auc", "f1"},
    "instability": {
        "probability_moved",
        *(f"{view}_{name}" for view in ("default", "tuned") for name in ("flipped", "alerts_lost")),
    },
    "out_of_fold": {
        *("average_precision", "roc_auc", *PROBABILITY),
        *(f"calibrated_{name}" for name in PROBABILITY),
        *(f"{view}_{name}" for view in ("default", "tuned") for name in DECISION_METRICS),
    },
}
INTERVALS = {"average_precision", "roc_auc", *PROBABILITY} | {
    f"{view}_{name}" for view in ("default", "tuned") for name in DECISION_METRICS
}


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_predictions_are_of_the_test_rows(finished: Path, strategy: str) -> None:
    """Every row kept aside is scored once, known by its number in the user's table."""
    test = read_frame(finished / "data/split/test.parquet")
    predicted = read_frame(finished / f"predictions/{strategy}-logistic/test.parquet")
    decided = ["y_probability", "y_decided"]
    assert list(predicted) == ["row", "y_true", "y_score", "y_pred", *decided]
    assert test.index.tolist() == predicted["row"].tolist()
    assert test["target"].tolist() == predicted["y_true"].tolist()


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_metrics_file_has_every_key(finished: Path, strategy: str) -> None:
    """Tools that read metrics find each section, and whose it is."""
    metrics = read_json(finished / f"reports/metrics/{strategy}-logistic.json")
    names = [metrics.pop(key) for key in ("arm", "strategy", "model", "treatment")]
    assert names == [f"{strategy}-logistic", strategy, "logistic", TREATMENT[strategy]]
    corrected = {} if strategy == "baseline" else {"prior_corrected": PROBABILITY}
    metrics.pop("note", None)
    found = {name: set(section) for name, section in metrics.items()}
    intervals, benefits = found.pop("interval"), found.pop("net_benefit")
    assert found == KEYS | corrected
    losses = {f"{name}_{loss}" for name in ("calibrated", *corrected) for loss in PROBABILITY}
    share = read_frame(finished / "data/split/train.parquet")["target"].mean()
    assert benefits == {name_odds(odds) for odds in list_odds(share)}
    of_train = {f"instability_{name}" for name in KEYS["instability"]}
    of_odds = {f"net_benefit_{odds}" for odds in benefits}
    assert intervals == INTERVALS | losses | of_odds | of_train


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_threshold_that_is_stored_is_the_one_that_was_tuned(
    finished: Path, strategy: str
) -> None:
    """Whoever decides by the stored threshold gets the stored numbers, on train and on test."""
    stored = read_json(finished / f"reports/metrics/{strategy}-logistic.json")
    threshold, folder = stored["tuned"]["threshold"], finished / f"predictions/{strategy}-logistic"
    test, oof = (read_frame(folder / f"{part}.parquet") for part in ("test", "oof"))
    for view, decided in {
        "default": test["y_pred"],
        "tuned": decide(test["y_score"], threshold),
    }.items():
        counts = confusion_matrix(test["y_true"], decided).ravel()
        assert counts.tolist() == [stored[view][name] for name in ("tn", "fp", "fn", "tp")]
    best = max(f1_score(oof["y_true"], oof["y_score"] >= score) for score in oof["y_score"][::9])
    assert f1_score(oof["y_true"], decide(oof["y_score"], threshold)) >= best


def test_curves_say_whose_they_are(finished: Path) -> None:
    """Curves of all arms can be put under one another and told apart."""
    curves = pd.read_csv(finished / f"reports/curves/{ARM}.csv")
    assert list(curves) == ["curve", "x", "y", "arm", "strategy", "model"]
    names = curves[["arm", "strategy", "model"]].drop_duplicates().to_numpy().tolist()
    assert names == [[ARM, "smote", "logistic"]]
    lines = {"precision_recall", "roc", "reliability", "threshold"}
    lines |= {"reliability_calibrated", "reliability_prior_corrected"}
    lines |= {"scores_positive", "scores_negative"}
    lines |= {"net_benefit", "net_benefit_low", "net_benefit_high", "net_benefit_all"}
    assert set(curves["curve"]) == lines | {"chosen"}


def test_replicates_are_those_behind_the_intervals(finished: Path) -> None:
    """The stored replicates give the stored intervals, at the user's level."""
    replicates = read_frame(finished / f"reports/replicates/{ARM}.parquet")
    stored = read_json(finished / f"reports/metrics/{ARM}.json")["interval"]
    resampled, observed = replicates.loc[["bootstrap"]], replicates.loc["observed"]
    of_train = {f"instability_{name}" for name in KEYS["instability"]}
    assert (100, set(stored) - of_train) == (len(resampled), {*replicates} - {"prevalence"})
    positives = int(read_frame(finished / "data/split/test.parquet")["target"].sum())
    alpha = 2 * stats.norm.sf(stats.t.isf(0.05, positives - 1))
    for name in ("average_precision", "roc_auc", "default_f1", "tuned_recall", "brier_score"):
        share, variance = observed[name], resampled[name].var() * positives / (positives - 1)
        rows = share * (1 - share) / variance
        expected = proportion_confint(share * rows, rows, alpha=alpha, method="wilson")
        assert stored[name] == pytest.approx(expected, rel=1e-4)


def test_the_level_changes_intervals_only(job: Path, stage: Stage) -> None:
    """Asking for more confidence moves no point estimate and widens no interval inwards."""
    path = job / f"reports/metrics/{ARM}.json"
    before, params = read_json(path), job / "params.yaml"
    params.write_text(params.read_text().replace("confidence: 0.9", "confidence: 0.91"))
    stage("decide", "--strategy", "smote", "--model", "logistic")
    stage("evaluate", "--strategy", "smote", "--model", "logistic")
    after = read_json(path)
    narrow, wide = before.pop("interval"), after.pop("interval")
    assert before == after
    for name, (low, high) in narrow.items():
        assert wide[name][0] <= low <= high <= wide[name][1]


def test_arms_are_scored_on_identical_folds(finished: Path) -> None:
    """Fold by fold the same rows, so that arms can be compared in pairs."""
    places = ["repeat", "fold", "n_train", "n_test"]
    baseline, *others = (
        read_frame(finished / f"reports/folds/{strategy}-logistic.parquet")[places]
        for strategy in STRATEGIES
    )
    expected = [(repeat, fold) for repeat in (0, 1) for fold in (0, 1, 2)]
    assert list(baseline[["repeat", "fold"]].itertuples(index=False, name=None)) == expected
    assert (baseline["n_train"] + baseline["n_test"] == 280).all()
    assert all(baseline.equals(other) for other in others)


@pytest.mark.parametrize("job_name", ["finished", "mixed", "by_time"])
def test_a_fold_has_as_many_rows_to_train_on_as_its_model_was_fitted_on(
    job_name: str, request: pytest.FixtureRequest
) -> None:
    """Where folds follow time that includes the earliest rows, which no fold scores."""
    folder: Path = request.getfixturevalue(job_name)
    params = load_params(folder / "params.yaml")
    train = read_frame(folder / "data/split/train.parquet")
    real = make_folds(train, params.cross_validation, params.seed)
    expected = [len(fitted) for fitted, _ in real][1 if job_name == "by_time" else 0 :]
    folds = read_frame(folder / "reports/folds/baseline-logistic.parquet")
    assert folds["n_train"].tolist() == expected


@pytest.mark.parametrize(("strategy", "ratio"), [("class_weight", 4.0), ("under", 4.0)])
def test_the_prior_is_corrected_by_what_the_strategy_did(
    finished: Path, strategy: str, ratio: float
) -> None:
    """With a fifth of positives, weights and sampling to balance raise the odds about fourfold."""
    before = read_json(finished / f"data/resampled/{strategy}/summary.json")["before"]
    assert before["0"] / before["1"] == pytest.approx(ratio, rel=0.05)
    predicted = read_frame(finished / f"predictions/{strategy}-logistic/test.parquet")
    score = predicted["y_score"]
    corrected = score / (score + before["0"] / before["1"] * (1 - score))
    stored = read_json(finished / f"reports/metrics/{strategy}-logistic.json")["prior_corrected"]
    assert stored["brier_score"] == pytest.approx(
        brier_score_loss(predicted["y_true"], corrected), rel=1e-5
    )


def test_rows_that_folds_repeat_are_counted_once(finished: Path) -> None:
    """57 positives in 2 repeats are too few for isotonic steps: `auto` takes a sigmoid."""
    folder = finished / f"predictions/{ARM}"
    oof, test = (read_frame(folder / f"{part}.parquet") for part in ("oof", "test"))
    assert (oof["y_true"].sum(), oof["repeat"].nunique()) == (114, 2)
    line = LogisticRegression(C=np.inf).fit(log_odds(oof["y_score"]), oof["y_true"])
    expected = line.predict_proba(log_odds(test["y_score"]))[:, 1]
    stored = read_json(finished / f"reports/metrics/{ARM}.json")["calibrated"]
    assert stored["brier_score"] == pytest.approx(
        brier_score_loss(test["y_true"], expected), rel=1e-5
    )


def log_odds(score: pd.Series) -> Any:
    return np.log(np.asarray(score / (1 - score))).reshape(-1, 1)


def edit(job: Path, old: str, new: str) -> None:
    params = job / "params.yaml"
    assert old in params.read_text()
    params.write_text(params.read_text().replace(old, new))


def test_the_calibration_is_the_users(job: Path, stage: Stage) -> None:
    """`prior` gives the numbers of the section that foretold them, and moves no decision."""
    before = read_json(job / f"reports/metrics/{ARM}.json")
    edit(job, "decision: {objective: f1}", "decision: {objective: f1}\ncalibration: prior")
    stage("decide", "--strategy", "smote", "--model", "logistic")
    stage("evaluate", "--strategy", "smote", "--model", "logistic")
    after = read_json(job / f"reports/metrics/{ARM}.json")
    assert after["calibrated"] == before["prior_corrected"] != before["calibrated"]
    assert [after[view] for view in ("test", "default", "tuned")] == [
        before[view] for view in ("test", "default", "tuned")
    ]


def test_the_prior_of_an_ensemble_is_not_corrected_by_guess(job: Path, stage: Stage) -> None:
    """Chosen as calibration it is refused; else the ensemble is evaluated without it."""
    ensemble = "{ensemble: {class: BalancedBaggingClassifier, n_estimators: 2}}"
    edit(job, "  baseline: {}", f"  baseline: {{}}\n  bagged: {ensemble}")
    arm = ("--strategy", "bagged", "--model", "logistic")
    stage("resample", *arm[:2])
    stage("train", *arm)
    stage("decide", *arm)
    stage("evaluate", *arm)
    metrics = read_json(job / "reports/metrics/bagged-logistic.json")
    assert metrics["treatment"] == "ensemble"
    assert "prior_corrected" not in metrics
    edit(job, "decision: {objective: f1}", "decision: {objective: f1}\ncalibration: prior")
    with pytest.raises(
        UserError, match=r"'prior' cannot correct strategies\.bagged\.ensemble, which"
    ):
        stage("decide", *arm)


@pytest.mark.parametrize(
    ("model", "treatment", "does"),
    [
        ("{class: BalancedRandomForestClassifier, n_estimators: 5}", "ensemble", "samples"),
        ("{class: LogisticRegression, class_weight: balanced}", "weights", "weights classes"),
    ],
)
def test_what_a_model_does_inside_itself_is_the_arms_treatment(
    job: Path, stage: Stage, model: str, treatment: str, does: str
) -> None:
    """It moves the odds nobody knows how much, and under the baseline too it is not nothing."""
    edit(job, "  bayes:", f"  own: {model}\n  bayes:")
    edit(job, "[baseline, smote, class_weight, under, cleaned]", "[baseline]")
    edit(job, "models: [logistic]", "models: [own]")
    arm = ("--strategy", "baseline", "--model", "own")
    stage("train", *arm)
    stage("decide", *arm)
    stage("evaluate", *arm)
    metrics = read_json(job / "reports/metrics/baseline-own.json")
    assert metrics["treatment"] == treatment
    assert "prior_corrected" not in metrics
    stage("compare")
    why = read_json(job / "reports/comparison.json")["recommended"]["why"]
    assert "nothing is simpler" not in why
    edit(job, "decision: {objective: f1}", "decision: {objective: f1}\ncalibration: prior")
    for name, options in (("decide", arm), ("doctor", ())):
        with pytest.raises(UserError) as refused:
            stage(name, *options)
        assert str(refused.value) == (
            f"calibration: 'prior' cannot correct models.own, which {does} inside itself; choose"
            " isotonic or sigmoid"
        )


@pytest.fixture
def spending(job: Path) -> Path:
    """The job with a column `spend` in its parts, and costs that go by it; no stage has run."""
    for name in ("train", "test"):
        path = job / f"data/split/{name}.parquet"
        part = read_frame(path)
        write_frame(part.assign(spend=part["feature_0"].abs() * 10), path)
    edit(job, "decision: {objective: f1}", SPEND)
    return job


def cost_of(rows: pd.DataFrame, y_pred: Any, amount: pd.Series) -> float:
    """A missed positive costs what was at stake, a false alert 5; per row."""
    missed = (rows["y_true"] == 1) & (y_pred == 0)
    false_alert = (rows["y_true"] == 0) & (y_pred == 1)
    return float((missed * amount.loc[rows["row"]].to_numpy() + 5 * false_alert).mean())


@pytest.mark.parametrize("strategy", ["baseline", "smote"])
def test_costs_with_amounts_go_through_every_stage(
    spending: Path, stage: Stage, strategy: str
) -> None:
    """The column is a feature and a stake: costs, threshold and folds are in its unit."""
    arm = ("--strategy", strategy, "--model", "logistic")
    stage("resample", *arm[:2])
    stage("train", *arm)
    stage("decide", *arm)
    stage("evaluate", *arm)
    metrics = read_json(spending / f"reports/metrics/{strategy}-logistic.json")
    folder = spending / f"predictions/{strategy}-logistic"
    test, oof = (read_frame(folder / f"{part}.parquet") for part in ("test", "oof"))
    assert list(test) == ["row", "y_true", "y_score", "y_pred", "y_probability", "y_decided"]
    stake = {
        name: read_frame(spending / f"data/split/{name}.parquet")["spend"]
        for name in ("train", "test")
    }
    tuned = decide(test["y_score"], metrics["tuned"]["threshold"])
    for rows, y_pred, amount, stored in [
        (test, tuned, stake["test"], metrics["tuned"]["cost"]),
        (test, test["y_pred"], stake["test"], metrics["default"]["cost"]),
    ]:
        assert stored == pytest.approx(cost_of(rows, y_pred, amount), rel=1e-5)
    by_fold = [cost_of(f, f["y_pred"], stake["train"]) for _, f in oof.groupby(["repeat", "fold"])]
    promised = metrics["out_of_fold"]["default_cost"]
    assert promised == pytest.approx(sum(by_fold) / len(by_fold), rel=1e-5)
    assert metrics["elkan"]["cost"] >= 0
    folds = read_frame(spending / f"reports/folds/{strategy}-logistic.parquet")
    held_out = oof[(oof["repeat"] == 0) & (oof["fold"] == 0)]
    expected = cost_of(held_out, held_out["y_pred"], stake["train"])
    assert folds["default_cost"][0] == pytest.approx(expected)


def test_a_column_of_amounts_that_is_not_there_is_named(job: Path, stage: Stage) -> None:
    """A mistyped column ends in a message with the key."""
    edit(job, "decision: {objective: f1}", SPEND)
    with pytest.raises(UserError, match=r"decision\.amount: no column 'spend'"):
        stage("decide", "--strategy", "smote", "--model", "logistic")


def test_an_arm_that_was_not_trained_is_named(job: Path, stage: Stage) -> None:
    """Run by hand before its model is there, the stage says which file is missing."""
    assert job.exists()
    with pytest.raises(UserError, match="smote-bayes"):
        stage("decide", "--strategy", "smote", "--model", "bayes")


@pytest.mark.parametrize("strategy", ["baseline", "smote"])
@pytest.mark.parametrize("job_name", ["mixed", "by_time"])
def test_a_mixed_table_is_evaluated_whatever_it_is_split_by(
    job_name: str, strategy: str, request: pytest.FixtureRequest
) -> None:
    """Each test row once, folds as they were scored; the first in time has none to tune by."""
    folder = request.getfixturevalue(job_name)
    test = read_frame(folder / "data/split/test.parquet")
    predicted = read_frame(folder / f"predictions/{strategy}-logistic/test.parquet")
    assert predicted["row"].tolist() == test.index.tolist()
    metrics = read_json(folder / f"reports/metrics/{strategy}-logistic.json")
    assert metrics["test"]["roc_auc"] > 0.6
    assert metrics["test"]["n"] == len(test)
    folds = read_frame(folder / f"reports/folds/{strategy}-logistic.parquet")
    oof = read_frame(folder / f"predictions/{strategy}-logistic/oof.parquet")
    sizes = oof.groupby(["repeat", "fold"]).size()
    first = 1 if job_name == "by_time" else 0
    assert folds["n_test"].tolist() == sizes.tolist()[first:]

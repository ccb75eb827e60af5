"""The audit passes what the stages make, and finds each planted leak, and only it."""

import json
import re
import shutil
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from math import inf, nextafter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from tests.decided import objective_of

from equipoise.audit.audit_results import AuditResult, stop_on_failures
from equipoise.audit.leakage import audit
from equipoise.audit.made import Made
from equipoise.core.difference import Difference
from equipoise.core.tables import GROUP, TIME
from equipoise.deciding.decision import Settled
from equipoise.deciding.rules import Threshold
from equipoise.deciding.settling import settle_rows
from equipoise.fitting.preprocessing import undo_scaling
from equipoise.metrics.scores import Scores
from equipoise.params.decision_params import Decision
from equipoise.storage.decision_files import read_decision, write_decision
from equipoise.storage.files.formats import read_frame, read_json, write_frame, write_json
from equipoise.storage.model_files import read_model, write_model
from equipoise.terminal.errors import UserError
from equipoise.terminal.params_file import load_params

Stage = Callable[..., None]
Load = Callable[[], Made]

TRAIN, TEST = Path("data/split/train.parquet"), Path("data/split/test.parquet")
KEPT, SYNTHETIC = (
    Path("data/resampled", name) for name in ("under/kept.parquet", "smote/synthetic.parquet")
)
SUMMARY = Path("data/resampled/smote/summary.json")
OOF, SCORED = (Path("predictions/smote-logistic", f"{name}.parquet") for name in ("oof", "test"))
DECISION = Path("decisions/smote-logistic.json")
SMOTE = ("--strategy", "smote", "--model", "logistic")


def failures(made: Made) -> set[str]:
    return {result.name for result in audit(made) if not result.passed}


def result_of(made: Made, name: str) -> AuditResult:
    (found,) = (result for result in audit(made) if result.name == name)
    return found


def parts() -> tuple[pd.DataFrame, pd.DataFrame]:
    return read_frame(TRAIN), read_frame(TEST)


def alike(train: pd.DataFrame, test: pd.DataFrame, label: int) -> tuple[int, int]:
    """A train row and a test row of one class."""
    return tuple(part.index[part["target"] == label][0] for part in (train, test))


def one_flipped(labels: pd.Series) -> NDArray[np.int64]:
    """Labels of two classes, the first of them wrong."""
    return np.append(1 - labels.iloc[:1], labels.iloc[1:])


# What leaks before the strategies are run: everything after it is made of it.


def copy_a_test_row_into_train() -> None:
    train, test = parts()
    write_frame(pd.concat([train, test.head(1)]), TRAIN)


def give_a_train_row_the_values_of_a_test_row() -> None:
    train, test = parts()
    row, other = alike(train, test, 1)
    train.loc[row] = test.loc[other]
    write_frame(train, TRAIN)


def change_a_label() -> None:
    train, _ = parts()
    write_frame(train.assign(target=one_flipped(train["target"])), TRAIN)


def lose_a_test_row() -> None:
    write_frame(parts()[1].iloc[1:], TEST)


def invent_a_row() -> None:
    train, _ = parts()
    write_frame(pd.concat([train, train.tail(1).set_axis([10**6]).rename_axis("row")]), TRAIN)


@pytest.mark.usefixtures("job")
@pytest.mark.parametrize(
    ("plant", "found", "said"),
    [
        (copy_a_test_row_into_train, "split.disjoint", "1 row in both parts"),
        (give_a_train_row_the_values_of_a_test_row, "split.unchanged", "1 row of train not"),
        (change_a_label, "split.unchanged", "1 row of train not"),
        (lose_a_test_row, "split.complete", "1 row of the dataset in neither"),
        (invent_a_row, "split.complete", r"does not have \(1000000\)"),
    ],
)
def test_a_leak_of_the_split_is_found_and_only_it(
    rerun: Stage, load: Load, plant: Callable[[], None], found: str, said: str
) -> None:
    """Whatever the rest of the pipeline makes of such parts, the split alone is named."""
    plant()
    rerun()
    made = load()
    assert failures(made) == {found}
    assert re.search(said, result_of(made, found).detail)


# What leaks in one file of a finished job.


def keep_a_test_row() -> None:
    train, test = parts()
    row, other = alike(train, test, 1)
    kept = read_frame(KEPT)
    assert row in set(kept["row"])  # every row of the rare class is kept
    write_frame(kept.replace({"row": {row: other}}), KEPT)


def make_synthetic_rows_of_test_rows() -> None:
    """As a sampler that saw them would: in the space that the model sees, and back."""
    _, test = parts()
    seen = test[test["target"] == 1].drop(columns="target")
    scaler = read_model(Path("models/smote-logistic.skops"))["scale"]
    back = pd.DataFrame(scaler.inverse_transform(scaler.transform(seen)), columns=list(seen))
    assert not (back.to_numpy() == seen.to_numpy()).all()
    synthetic = read_frame(SYNTHETIC)
    synthetic.iloc[: len(back), : back.shape[1]] = back.to_numpy()
    write_frame(synthetic, SYNTHETIC)


def lose_a_synthetic_row() -> None:
    write_frame(read_frame(SYNTHETIC).iloc[1:], SYNTHETIC)


def make_synthetic_rows_of_the_other_class() -> None:
    write_frame(read_frame(SYNTHETIC).assign(target=0), SYNTHETIC)


def summarise_all_rows() -> None:
    summary = read_json(SUMMARY)
    counts = read_frame(Path("data/dataset.parquet"))["target"].value_counts()
    summary["before"] = {str(label): int(count) for label, count in counts.items()}
    write_json(summary, SUMMARY)


def learn_from_all_rows(arm: str) -> None:
    model = read_model(Path("models", f"{arm}.skops"))
    everything = pd.concat(parts())
    X, y = everything.drop(columns="target"), everything["target"]
    model[-1].fit(model[:-1].transform(X), y)
    write_model(model, Path("models", f"{arm}.skops"))


def scale_by_all_rows() -> None:
    path = Path("models/smote-logistic.skops")
    model = read_model(path)
    model["scale"].fit(pd.concat(parts()).drop(columns="target"))
    write_model(model, path)


def scale_by_resampled_rows() -> None:
    path = Path("models/smote-logistic.skops")
    model = read_model(path)
    rows = pd.concat([parts()[0], read_frame(SYNTHETIC)])
    model["scale"].fit(rows.drop(columns="target"))
    write_model(model, path)


def decide_by_test() -> None:
    write_decision(replace(read_decision(DECISION), rule=learn_from_test().rule), DECISION)


def calibrate_by_test() -> None:
    learned = learn_from_test().calibrator
    write_decision(replace(read_decision(DECISION), calibrator=learned), DECISION)


def learn_from_test() -> Settled:
    known = Scores.of(read_frame(SCORED))
    return settle_rows(known, None, objective_of(Decision(), known.classes), "auto")


def decide_test_otherwise() -> None:
    scored = read_frame(SCORED)
    write_frame(scored.assign(y_decided=one_flipped(scored["y_decided"])), SCORED)


def calibrate_test_otherwise() -> None:
    scored = read_frame(SCORED)
    write_frame(scored.assign(y_probability=scored["y_probability"] / 2), SCORED)


@pytest.mark.usefixtures("job")
@pytest.mark.parametrize(
    ("plant", "found", "said"),
    [
        (keep_a_test_row, {"under.kept"}, "1 row of test"),
        (make_synthetic_rows_of_test_rows, {"smote.synthetic"}, "rows of test among the synth"),
        (lose_a_synthetic_row, {"smote.summary"}, "'synthetic' should be"),
        (make_synthetic_rows_of_the_other_class, {"smote.summary"}, "'after' should be"),
        (summarise_all_rows, {"smote.summary"}, "'before' should be"),
        (scale_by_all_rows, {"smote-logistic.preprocessing"}, r"\.mean_.*but what all rows give"),
        (scale_by_resampled_rows, {"smote-logistic.preprocessing"}, "nor what all rows give"),
        (
            decide_by_test,
            {"smote-logistic.rule"},
            "decisions/.* a different decision",
        ),
        (calibrate_by_test, {"smote-logistic.calibration"}, "decisions/.* a different probability"),
        (
            decide_test_otherwise,
            {"smote-logistic.rule"},
            "predictions/.* for 1 of 120 test rows",
        ),
        (
            calibrate_test_otherwise,
            {"smote-logistic.calibration"},
            "predictions/.* a different probability",
        ),
    ],
)
def test_a_leak_in_a_file_is_found_and_only_it(
    load: Load, plant: Callable[[], None], found: set[str], said: str
) -> None:
    """Each file that a stage wrote is held against the parts, and named."""
    plant()
    made = load()
    assert failures(made) == found
    assert all(re.search(said, result_of(made, name).detail) for name in found)


@pytest.mark.usefixtures("job")
@pytest.mark.parametrize("model", ["bayes", "tree", "neighbours"])
def test_a_model_that_learned_from_test_rows_is_found_where_it_counts(
    load: Load, model: str
) -> None:
    """Preprocessing may be of train alone, and the model behind it of all rows."""
    learn_from_all_rows(f"under-{model}")
    assert failures(load()) == {f"under-{model}.rows_seen"}


# What leaks in cross-validation: the decisions that follow are made of it.


def score_a_test_row() -> None:
    oof, scored = read_frame(OOF), read_frame(SCORED)
    foreign = scored.head(1).assign(repeat=1, fold=0)[list(oof)]
    write_frame(pd.concat([oof, foreign], ignore_index=True), OOF)


def score_a_row_of_no_part() -> None:
    oof = read_frame(OOF)
    write_frame(pd.concat([oof, oof.head(1).assign(row=10**6)], ignore_index=True), OOF)


def score_a_row_twice() -> None:
    oof = read_frame(OOF)
    write_frame(pd.concat([oof, oof.head(1)], ignore_index=True), OOF)


def score_a_row_in_two_folds() -> None:
    oof = read_frame(OOF)
    again = oof.head(1).assign(fold=(oof["fold"] + 1) % 3)
    write_frame(pd.concat([oof, again], ignore_index=True), OOF)


def leave_a_row_out() -> None:
    write_frame(read_frame(OOF).iloc[1:], OOF)


def mislabel_a_row() -> None:
    oof = read_frame(OOF)
    write_frame(oof.assign(y_true=one_flipped(oof["y_true"])), OOF)


@pytest.mark.usefixtures("job")
@pytest.mark.parametrize(
    ("plant", "check", "said"),
    [
        (score_a_test_row, "rows", r"^1 row of test \("),
        (score_a_row_of_no_part, "rows", r"^1 row of no part \(1000000\)"),
        (score_a_row_twice, "once", "^1 row scored twice"),
        (score_a_row_in_two_folds, "once", "^1 row scored twice"),
        (leave_a_row_out, "once", "^1 row of train not scored"),
        (mislabel_a_row, "labels", "^1 row with a label that does not match"),
    ],
)
def test_a_leak_in_cross_validation_is_found_and_only_it(
    stage: Stage, load: Load, plant: Callable[[], None], check: str, said: str
) -> None:
    """Thresholds and calibration may follow from the scores: the scores are of wrong rows."""
    plant()
    stage("decide", *SMOTE)
    stage("evaluate", *SMOTE)
    made, name = load(), f"smote-logistic.out_of_fold_{check}"
    assert failures(made) == {name}
    assert re.search(said, result_of(made, name).detail)


@pytest.mark.usefixtures("job")
def test_scores_of_test_in_place_of_out_of_fold_scores_are_found(stage: Stage, load: Load) -> None:
    """Decisions learned from the test part itself do not follow from what is on file."""
    saved = read_frame(OOF)
    write_frame(read_frame(SCORED).assign(repeat=0, fold=lambda rows: rows["row"] % 2), OOF)
    stage("decide", *SMOTE)
    stage("evaluate", *SMOTE)
    write_frame(saved, OOF)
    assert failures(load()) == {"smote-logistic.rule", "smote-logistic.calibration"}


# What is scored as the test part, and is not quite it.


def flip_a_label(part: pd.DataFrame) -> pd.DataFrame:
    return part.assign(target=one_flipped(part["target"]))


def drop_a_row(part: pd.DataFrame) -> pd.DataFrame:
    return part.iloc[1:]


def add_a_train_row(part: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([part, read_frame(TRAIN).head(1)])


def repeat_a_row(part: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([part, part.head(1)])


@pytest.mark.usefixtures("job")
@pytest.mark.parametrize(
    ("change", "check", "said"),
    [
        (flip_a_label, "labels", "^1 row with a label that does not match"),
        (drop_a_row, "rows", "^1 row of test not scored"),
        (add_a_train_row, "rows", "^1 row that the test part does not have"),
        (repeat_a_row, "rows", "^1 row scored twice"),
    ],
)
def test_scoring_another_test_part_is_found_and_only_it(
    stage: Stage,
    load: Load,
    change: Callable[[pd.DataFrame], pd.DataFrame],
    check: str,
    said: str,
) -> None:
    """Rows left out of the score, or added to it, are told by the part on file."""
    part = read_frame(TEST)
    write_frame(change(part), TEST)
    stage("decide", *SMOTE)
    stage("evaluate", *SMOTE)
    write_frame(part, TEST)
    made, name = load(), f"smote-logistic.test_{check}"
    assert failures(made) == {name}
    assert re.search(said, result_of(made, name).detail)


# Splits by group and by time, on columns of every kind.


def regrouped(made: Made, column: str, values: pd.Series) -> Made:
    """The job with another group, or time, in the dataset and its parts."""
    dataset = made.dataset.assign(**{column: values})
    train, test = (rows.assign(**{column: values[rows.index]}) for rows in (made.train, made.test))
    return replace(made, dataset=dataset, train=train, test=test)


@pytest.fixture
def by_group(finished_by_group: Path, monkeypatch: pytest.MonkeyPatch, load: Load) -> Made:
    monkeypatch.chdir(finished_by_group)
    return load()


@pytest.fixture
def by_time(finished_by_time: Path, monkeypatch: pytest.MonkeyPatch, load: Load) -> Made:
    monkeypatch.chdir(finished_by_time)
    return load()


def test_splits_by_group_and_by_time_pass(by_group: Made, by_time: Made) -> None:
    """Gaps, whole numbers, categories, dates, text: all of them are looked at, and are fine."""
    assert failures(by_group) == failures(by_time) == set()
    for made in (by_group, by_time):
        learned = result_of(made, "smote-logistic.preprocessing").detail
        assert "SimpleImputer.statistics_" in learned
    assert "TfidfTransformer.idf_" in result_of(by_group, "smote-logistic.preprocessing").detail
    oof = by_time.arms["smote-logistic"].oof
    assert 0 < len(oof) < len(by_time.train)  # the earliest rows are never scored


def test_a_group_on_both_sides_is_found_and_only_it(by_group: Made) -> None:
    """Rows that belong together are together, or the test part is no news."""
    groups = by_group.dataset[GROUP].copy()
    groups[by_group.test.index[0]] = by_group.train[GROUP].iloc[0]
    torn = regrouped(by_group, GROUP, groups)
    assert failures(torn) == {"split.groups"}
    assert "1 group of 'data.group' in both parts" in result_of(torn, "split.groups").detail


def test_a_group_in_two_folds_is_found_and_only_it(by_group: Made) -> None:
    """Two groups of train that are one in truth: found for every arm, all have these folds."""
    scored = by_group.arms["smote-logistic"].oof.query("repeat == 0")
    one, other = (by_group.train[GROUP][row] for row in scored.groupby("fold")["row"].first()[:2])
    merged = regrouped(by_group, GROUP, by_group.dataset[GROUP].replace(one, other))
    assert failures(merged) == {f"{arm}.out_of_fold_groups" for arm in by_group.arms}
    detail = result_of(merged, "smote-logistic.out_of_fold_groups").detail
    assert f"1 group of 'data.group' in two folds of a repeat ({other})" in detail


def test_a_test_row_before_the_last_train_row_is_found_and_only_it(by_time: Made) -> None:
    """A model that is tested on the past has seen the future."""
    times = by_time.dataset[TIME].copy()
    times[by_time.test.index[0]] = by_time.train[TIME].max() - 1
    late = regrouped(by_time, TIME, times)
    assert failures(late) == {"split.time"}
    assert "1 row of test with 'data.time' before" in result_of(late, "split.time").detail


def test_a_test_row_at_the_time_of_the_last_train_row_is_in_order(by_time: Made) -> None:
    """Of rows with the same time none is the earlier."""
    times = by_time.dataset[TIME].copy()
    times[by_time.test.index[0]] = by_time.train[TIME].max()
    assert failures(regrouped(by_time, TIME, times)) == set()


@pytest.mark.parametrize("later", [0, 1])
def test_a_fold_that_does_not_follow_time_is_found_and_only_it(by_time: Made, later: int) -> None:
    """A row of a later fold whose time is before what the models of that fold learned from."""
    times, oof = by_time.dataset[TIME].copy(), by_time.arms["smote-logistic"].oof
    row = oof.loc[oof["fold"] == later, "row"].iloc[0]
    times[row] = by_time.train[TIME].min()
    early = regrouped(by_time, TIME, times)
    assert failures(early) == {f"{arm}.out_of_fold_time" for arm in by_time.arms}
    assert f"({later})" in result_of(early, "smote-logistic.out_of_fold_time").detail


def test_a_fold_of_time_that_scores_a_row_twice_is_found(by_time: Made) -> None:
    """Rows may be scored never, but not twice."""
    arms = dict(by_time.arms)
    oof = arms["smote-logistic"].oof
    twice = pd.concat([oof, oof.head(1)])
    arms["smote-logistic"] = replace(arms["smote-logistic"], oof=twice)
    assert "smote-logistic.out_of_fold_once" in failures(replace(by_time, arms=arms))


def test_test_rows_among_synthetic_ones_are_found_in_any_table(by_group: Made) -> None:
    """Samplers are given rows with gaps filled and dates in parts: so are test rows, to compare."""
    smote = by_group.resampled["smote"]
    synthetic = smote.difference.synthetic
    assert synthetic is not None
    model = by_group.arms["smote-logistic"].model
    seen = model[:2].transform(by_group.test[list(model.feature_names_in_)]).head(len(synthetic))
    copies = undo_scaling(model["scale"], seen).assign(target=1)[list(synthetic.columns)]
    copies = copies.round({"visits": 0}).astype(synthetic.dtypes)
    rows = pd.concat([copies, synthetic.iloc[len(copies) :]], ignore_index=True)
    planted_smote = replace(smote, difference=Difference(None, rows))
    planted = replace(by_group, resampled={**by_group.resampled, "smote": planted_smote})
    assert failures(planted) == {"smote.synthetic"}
    found = result_of(planted, "smote.synthetic")
    assert found.detail.startswith(f"{len(copies)} rows of test among the synthetic rows")


def test_a_cleaner_that_learned_from_all_rows_is_found(by_group: Made) -> None:
    """Gaps filled, and text read, by what test rows hold as well."""
    arms = dict(by_group.arms)
    model = deepcopy(arms["smote-logistic"].model)
    model[0].fit(by_group.dataset[list(model.feature_names_in_)])
    arms["smote-logistic"] = replace(arms["smote-logistic"], model=model)
    leaking = replace(by_group, arms=arms)
    assert failures(leaking) == {"smote-logistic.preprocessing"}
    detail = result_of(leaking, "smote-logistic.preprocessing").detail
    assert "SimpleImputer.statistics_" in detail
    assert "StandardScaler" not in detail


# What is no leak.


def test_what_the_stages_make_passes(
    finished: Path, monkeypatch: pytest.MonkeyPatch, load: Load
) -> None:
    """Nothing done, SMOTE, random under-sampling, weights: each check of each arm passes.

    Naive Bayes counts rows by their weights, so with weights it does not say how many they were.
    """
    monkeypatch.chdir(finished)
    made = load()
    assert {"baseline", "smote", "under", "weighted", "costly"} == set(made.resampled)
    assert failures(made) == set()
    stop_on_failures(audit(made))
    scaler = result_of(made, "baseline-logistic.preprocessing").detail
    assert re.search(r"StandardScaler\.mean_.*scale_.*as in a fit on train, not", scaler)
    trained = read_json(Path("data/resampled/under/summary.json"))["kept"]
    for model in ("bayes", "tree", "neighbours"):
        assert f"{trained} rows" in result_of(made, f"under-{model}.rows_seen").detail
    for strategy in ("weighted", "costly"):
        said = result_of(made, f"{strategy}-bayes.rows_seen").detail
        assert said.startswith("the model does not store how many rows")


def test_several_classes_pass(
    finished_several: Path, monkeypatch: pytest.MonkeyPatch, load: Load
) -> None:
    """With three classes the rule is a weight for each, and looked at as a threshold is."""
    monkeypatch.chdir(finished_several)
    made = load()
    names = {result.name for result in audit(made)}
    assert {"smote.synthetic", "smote-logistic.rule", "smote-logistic.calibration"} <= names
    assert failures(made) == set()


@pytest.mark.parametrize("method", ["none", "prior", "sigmoid", "isotonic", "venn_abers"])
def test_every_way_to_calibrate_passes(job: Path, stage: Stage, load: Load, method: str) -> None:
    """What a method learns from scores is followed; what learns nothing cannot leak."""
    params = job / "params.yaml"
    params.write_text(params.read_text().replace("calibration: auto", f"calibration: {method}"))
    stage("decide", *SMOTE)
    stage("evaluate", *SMOTE)
    made = load()
    smote = {"smote-logistic": made.arms["smote-logistic"]}
    assert failures(replace(made, arms=smote, calibration=method)) == set()


def test_no_alert_at_all_is_a_threshold_of_out_of_fold_scores(
    job: Path, stage: Stage, load: Load
) -> None:
    """Where alerts cost more than they save, the threshold is just above every score."""
    params = job / "params.yaml"
    cost = "decision: {objective: cost, false_negative: 1, false_positive: 1000000}"
    params.write_text(params.read_text().replace("decision: {objective: f1}", cost))
    stage("decide", "--strategy", "under", "--model", "tree")
    stage("evaluate", "--strategy", "under", "--model", "tree")
    made = load()
    oof = made.arms["under-tree"].oof["y_score"]
    assert made.arms["under-tree"].decision.rule == Threshold(nextafter(oof.max(), inf))
    made = replace(made, objective=objective_of(load_params(params).decision))
    assert {name for name in failures(made) if name.startswith("under-tree")} == set()


@pytest.mark.usefixtures("job")
def test_rows_with_the_same_features_are_a_warning(stage: Stage, load: Load) -> None:
    """A table may hold a row twice, and two people may be alike: it is said, and no failure."""
    write_frame(
        pd.concat([table := read_frame(Path("data/dataset.parquet")), table], ignore_index=True),
        Path("data/dataset.parquet"),
    )
    for made_of_it in ("data/resampled", "models"):
        shutil.rmtree(made_of_it)
    stage("split")
    stage("resample", "--strategy", "baseline")
    stage("train", "--strategy", "baseline", "--model", "logistic")
    stage("decide", "--strategy", "baseline", "--model", "logistic")
    stage("evaluate", "--strategy", "baseline", "--model", "logistic")
    made = load()
    train, test = (part.drop(columns="target") for part in (made.train, made.test))
    count = len(test.reset_index().merge(train.drop_duplicates(), on=list(test)))
    assert count > 0
    assert failures(made) == set()
    warned = result_of(made, "split.identical_rows")
    assert warned.detail.startswith(f"warning: {count} rows of test with the features of a train")
    groups = {GROUP: made.dataset.index.astype(str)}
    by_group = replace(made, dataset=made.dataset.assign(**groups))
    by_group = regrouped(by_group, GROUP, by_group.dataset[GROUP])
    assert result_of(by_group, "split.identical_rows").passed


@pytest.mark.usefixtures("job")
def test_all_that_is_wrong_is_said_at_once(load: Load) -> None:
    """Several leaks: one message, a line for each, with the remedy."""
    keep_a_test_row()
    scale_by_all_rows()
    with pytest.raises(UserError) as stopped:
        stop_on_failures(audit(load()))
    lines = str(stopped.value).splitlines()
    assert [line.split(": ")[1] for line in lines] == ["under.kept", "smote-logistic.preprocessing"]
    assert all(line.startswith("audit: ") and "dvc repro" in line for line in lines)


def test_the_same_files_give_the_same_audit(
    finished: Path, monkeypatch: pytest.MonkeyPatch, load: Load
) -> None:
    """What is written of an audit depends on nothing but the files."""
    monkeypatch.chdir(finished)
    one, other = (json.dumps([vars(result) for result in audit(load())]) for _ in range(2))
    assert one == other

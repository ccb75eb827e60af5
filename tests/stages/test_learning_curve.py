"""The learning curve of a finished job: scikit-learn's scores on the same samples."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

from equipoise.core.tables import TARGET
from equipoise.fitting.fold_rows import make_folds
from equipoise.sizing.subsamples import thin_folds
from equipoise.storage.files.formats import hash_file, read_frame, read_json
from equipoise.storage.layout import Layout
from equipoise.terminal.errors import UserError
from equipoise.terminal.params_file import load_params
from equipoise.using.draw_curve import draw_curve

from .conftest import PARAMS_BY_TIME, finished_job, work_in_copy, write_visits


@pytest.fixture(scope="module")
def curve(reference: Path) -> Iterator[tuple[Path, list[dict[str, Any]]]]:
    """The job, and the points of its curve."""
    before = {path for path in reference.rglob("*") if path.is_file()}
    (reference / "dvc.lock").write_text("of this trial")
    (reference / "reports/learning_curve_tuned_recall.svg").write_text("of another objective")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(reference)
        draw_curve(Layout(), "class_weight-logistic")
    made = {path for path in reference.rglob("*") if path.is_file()} - before
    assert {path.parent.name for path in made} == {"reports", reference.name}
    yield reference, read_json(reference / "reports/learning_curve.json")["points"]
    for path in made:
        path.unlink()


def test_each_point_is_what_scikit_learn_scores_on_the_same_samples(
    curve: tuple[Path, list[dict[str, Any]]],
) -> None:
    """Average precision of the baseline and of class weights, at each share of train."""
    folder, points = curve
    train, params = (
        read_frame(folder / "data/split/train.parquet"),
        load_params(folder / "params.yaml"),
    )
    X, y = train.drop(columns=TARGET), train[TARGET]
    folds = make_folds(train, params.cross_validation, params.seed)
    for arm, weight in (("baseline-logistic", None), ("class_weight-logistic", "balanced")):
        model = LogisticRegression(max_iter=5000, class_weight=weight)
        found = [
            p["value"] for p in points if (p["arm"], p["metric"]) == (arm, "average_precision")
        ]
        expected = [
            cross_val_score(
                model,
                X,
                y,
                cv=thin_folds(folds, y, share, params.seed),
                scoring="average_precision",
            ).mean()
            for share in (0.125, 0.25, 0.5, 1.0)
        ]
        assert found == pytest.approx(expected, abs=1e-5)


def test_changes_are_differences_of_points_within_their_intervals(
    curve: tuple[Path, list[dict[str, Any]]],
) -> None:
    """From the point before, and from the baseline with as many rows."""
    values = {(p["metric"], p["arm"], p["positives"]): p["value"] for p in curve[1]}
    before: dict[str, Any] = {}
    for point in curve[1]:
        place = (point["metric"], "baseline-logistic", point["positives"])
        others = {"change": before.get("value"), "difference": values[place]}
        for change, other in others.items():
            if (found := point[change]) is not None:
                low, high = found["interval"]
                assert low < found["value"] < high
                assert found["value"] == pytest.approx(point["value"] - other, abs=1e-5)
        before = point
    assert [p["change"] is None for p in curve[1]] == [True, False, False, False] * 4


def test_the_page_names_its_trial_and_has_a_picture_of_each_number(
    curve: tuple[Path, list[dict[str, Any]]],
) -> None:
    """They stand beside it, without any of another objective."""
    page = (curve[0] / "reports/learning_curve.html").read_text()
    assert hash_file(curve[0] / "dvc.lock") in page
    pictures = {path.name: path for path in (curve[0] / "reports").glob("learning_curve_*.svg")}
    assert [*sorted(pictures)] == [
        f"learning_curve_{n}.svg" for n in ("average_precision", "tuned_f1")
    ]
    for name, path in pictures.items():
        assert f'src="{name}"' in page
        assert path.read_text().startswith("<svg")


def test_a_train_part_too_small_for_a_curve_is_refused(
    finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the number of rows, and nothing written."""
    monkeypatch.chdir(finished)
    with pytest.raises(UserError, match=r"train has 5. rows of the .* with 60 there can be one"):
        draw_curve(Layout(), None)
    assert not (finished / "reports/learning_curve.json").exists()


@pytest.mark.parametrize(
    "edit", [("repeats: 2", "repeats: 3"), ("objective: f1", "objective: balanced_accuracy")]
)
def test_params_that_have_changed_since_the_trial_are_noticed_before_any_fit(
    edit: tuple[str, str], reference: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folds fitted on all rows would be others than those of the trial."""
    job = work_in_copy(reference, tmp_path / "job", monkeypatch)
    params = (job / "params.yaml").read_text()
    assert edit[0] in params
    (job / "params.yaml").write_text(params.replace(*edit))
    with pytest.raises(UserError, match="has changed since the trial; run `dvc repro`"):
        draw_curve(Layout(), None)


def test_folds_by_time_have_a_curve_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the folds that are decided by earlier ones."""
    write_visits(tmp_path, rows=800)
    job = finished_job(tmp_path, PARAMS_BY_TIME, ("baseline", "smote"))
    monkeypatch.chdir(job)
    draw_curve(Layout(), "smote-logistic")
    points = read_json(job / "reports/learning_curve.json")["points"]
    folds = read_frame(job / "reports/folds/smote-logistic.parquet")
    last = [p for p in points if (p["arm"], p["metric"]) == ("smote-logistic", "average_precision")]
    assert last[-1]["value"] == pytest.approx(folds["average_precision"].mean(), abs=1e-5)

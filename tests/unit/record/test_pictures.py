"""The pictures: real files, of every arm, with the right numbers in them."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
import vl_convert
from tests.answers import answer, comparison, result_of

from equipoise.charts.shown import make_charts
from equipoise.charts.style import Spec
from equipoise.judging.arm_result import ArmResult
from equipoise.params.trial_params import Run
from equipoise.record.pictures import Pictures, make_arm_charts, make_trial_charts

COUNTS = {"tn": 880, "fp": 20, "fn": 40, "tp": 60, "recall": 0.6, "precision": 0.75}
CURVES = ("precision_recall", "roc", "reliability", "threshold")
CONFUSIONS = {"confusion_matrix_default", "confusion_matrix_tuned"}
ODD = ["50%+", "$a_b$", "</b>\u00fc" * 40]


def metrics(arm: str) -> dict[str, Any]:
    """Return what the pictures need of an arm's metrics file."""
    decided = COUNTS | {"threshold": 0.5, "f1": 0.67}
    return {
        "arm": f"{arm}-logistic",
        "strategy": arm,
        "model": "logistic",
        "test": {"n": 1000, "average_precision": 0.5, "roc_auc": 0.8, "brier_score": 0.1},
        "out_of_fold": {"tuned_f1": 0.6},
        "default": decided,
        "tuned": decided,
    }


def curves(arm: str) -> pd.DataFrame:
    """Return curves of two points, and the choice of a threshold."""
    frames = [pd.DataFrame({"curve": name, "x": [0.1, 0.9], "y": [0.2, 0.7]}) for name in CURVES]
    chosen = pd.DataFrame({"curve": ["chosen"], "x": [0.4], "y": [0.6]})
    names = {"arm": f"{arm}-logistic", "strategy": arm, "model": "logistic"}
    return pd.concat([*frames, chosen]).assign(**names)


def several() -> tuple[ArmResult, pd.DataFrame]:
    """Return metrics and curves of an arm on three classes."""
    matrix = np.diag([10, 20, 30]).tolist()
    own = metrics("smote") | {"classes": ODD, "confusion": {"default": matrix, "tuned": matrix}}
    lines = curves("smote")
    lines = lines[lines["curve"].isin(CURVES[:3])]
    return result_of(own), pd.concat([lines.assign(**{"class": label}) for label in ODD])


def svg(chart: Spec) -> str:
    """Return a chart as text."""
    return str(vl_convert.vegalite_to_svg({**chart}))


def test_an_arm_has_its_curves_and_its_confusion_matrices() -> None:
    """Whoever compares runs finds the same pictures in each, each with its title."""
    charts = make_arm_charts(result_of(metrics("smote")), curves("smote"))
    assert set(charts) == {*CURVES, *CONFUSIONS}
    assert all("smote-logistic" in svg(charts[name]) for name in CURVES)


def test_a_confusion_matrix_has_rows_in_a_thousand() -> None:
    """Of 1,000 test rows, each count is its own number per thousand."""
    drawn = svg(
        make_arm_charts(result_of(metrics("smote")), curves("smote"))["confusion_matrix_default"]
    )
    for count in ("880.0", "20.0", "40.0", "60.0"):
        assert f">{count}</text>" in drawn


def test_of_several_classes_each_has_its_own_line() -> None:
    """Lines are told apart by class; there is no curve by threshold."""
    charts: dict[str, Any] = {**make_arm_charts(*several())}
    assert set(charts) == {*CURVES[:3], *CONFUSIONS}
    lines = charts["roc"]["layer"][-1]["data"]["values"]
    assert [line["strategy"] for line in lines] == ODD
    assert "50%+" in svg(charts["roc"])


@pytest.mark.parametrize("made", ["two classes", "odd labels"])
def test_every_chart_becomes_a_picture(made: str, tmp_path: Path) -> None:
    """The files are SVGs that can be read at a glance: on white, each with its title."""
    charts = make_arm_charts(
        *(several() if made == "odd labels" else (result_of(metrics("a")), curves("a")))
    )
    Pictures({}, {}).write(make_charts(charts), tmp_path)
    assert {path.stem for path in tmp_path.glob("*.svg")} == set(charts)
    for name in charts:
        picture = ET.parse(tmp_path / f"{name}.svg").getroot()  # noqa: S314 - drawn here
        assert min(float(picture.attrib[side]) for side in ("width", "height")) > 150
        assert picture.find("./{*}rect[@fill='white']") is not None
        assert str(charts[name]["title"]) in "".join(picture.itertext())


def test_the_trial_has_all_arms_beside_one_another() -> None:
    """A forest plot for each question, and every curve with every arm; one is recommended."""
    arms = [result_of(metrics(name)) for name in ("baseline", "smote")]
    found = comparison(answer())
    lines = pd.concat([curves("baseline"), curves("smote")])
    run = Run(strategies=("baseline", "smote"), models=("logistic",))
    charts: dict[str, Any] = {**make_trial_charts(arms, lines, found, run)}
    assert {"name": "recommended", "value": found.recommended.arm} in charts["roc"]["params"]
    assert set(charts) == {"forest-ranking-average_precision", *CURVES}
    assert ">logistic</t" in svg(charts["forest-ranking-average_precision"])
    drawn = [svg(charts[name]) for name in CURVES]
    assert all(">baseline</text>" in text and ">smote</text>" in text for text in drawn)

"""The atlas: a run over tables that goes on after a stop, and the comparison over tables."""

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from atlas import RAW, judge_sources
from atlas_page import write_page
from atlas_ranks import find_critical_difference, rank_over_tables
from atlas_results import JudgedTable, read_judged, write_judged
from atlas_tables import Source, cut_rows, list_sources
from fetching import Table
from scipy import stats
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from equipoise.core.json_values import JsonObject
from equipoise.core.tables import TARGET, split_off_target

MODELS = ("logistic", "boosting", "forest")
# That of the atlas, with fewer remedies, and a fast model under each name.
PROTOCOL: JsonObject = {
    "seed": 3,
    "split": {"test_size": 0.0},
    "run": {"strategies": ["baseline", "class_weight", "smote"], "models": [*MODELS]},
    "strategies": {
        "baseline": {},
        "class_weight": {"class_weight": "balanced"},
        "smote": {"sampler": {"class": "SMOTE"}},
    },
    "models": {name: {"class": "LogisticRegression"} for name in MODELS},
    "cross_validation": {"folds": 4, "repeats": 1},
    "screen": {"level": 0, "metric": "average_precision"},
    "n_jobs": 1,
}


def publish_made(folder: Path, classes: int) -> Source:
    """Return a small made table, which lies where a run looks before it fetches anything."""
    weights = [0.7, 0.15][: classes - 1]
    X, y = make_classification(
        400, 5, n_informative=4, n_classes=classes, weights=weights, random_state=1, n_redundant=0
    )
    content = pd.DataFrame(X).add_prefix("x").assign(y=y).to_csv(index=False).encode()
    table = Table("none==0", "none", f"made{classes}.csv", hashlib.sha256(content).hexdigest())
    (folder / RAW).mkdir(parents=True, exist_ok=True)
    (folder / RAW / table.name).write_bytes(content)
    return Source.of(table, target="y", **({"positive": 1} if classes == 2 else {}))


def run(folder: Path) -> tuple[list[JudgedTable], list[Source]]:
    sources = [publish_made(folder, classes) for classes in (2, 3)]
    return judge_sources(sources, PROTOCOL, folder), sources


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[JudgedTable], Path]:
    folder = tmp_path_factory.mktemp("atlas")
    return run(folder)[0], folder


@pytest.mark.slow
def test_numbers_are_those_of_scikit_learn_and_claims_their_differences(
    finished: tuple[list[JudgedTable], Path],
) -> None:
    (judged, _), folder = finished
    baseline, smote = (
        next(arm for arm in judged.arms if (arm.strategy, arm.model) == (name, "logistic"))
        for name in ("baseline", "smote")
    )
    X, y = split_off_target(publish_made(folder, 2).read(folder / RAW))
    expected = cross_val_score(
        make_pipeline(StandardScaler(), LogisticRegression(random_state=3)),
        *(X, y),
        cv=StratifiedKFold(4, shuffle=True, random_state=3),
        scoring="average_precision",
    )
    assert baseline.numbers["average_precision"] == pytest.approx(expected.mean(), rel=1e-9)
    for question, difference in smote.differences.items():
        effect = smote.numbers[question] - baseline.numbers[question]
        assert difference.effect == pytest.approx(effect, abs=1e-12)


@pytest.mark.slow
def test_a_run_that_was_stopped_goes_on_and_ends_as_any_other(
    finished: tuple[list[JudgedTable], Path], tmp_path: Path
) -> None:
    """Fits that are kept are not done again, and of the second table half of them are not there."""
    whole, folder = finished
    shutil.copytree(folder, tmp_path / "stopped")
    fits = sorted((tmp_path / "stopped/made3/fits").iterdir())
    for arm in fits[::2]:
        shutil.rmtree(arm)
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "stopped").rglob("fits/*/*.json")}
    again, _ = run(tmp_path / "stopped")
    assert [table.arms for table in again] == [table.arms for table in whole]
    assert len(fits) == 9
    assert all(path.stat().st_mtime_ns == time for path, time in kept.items())


@pytest.mark.slow
def test_the_page_is_made_of_what_was_kept(
    finished: tuple[list[JudgedTable], Path], tmp_path: Path
) -> None:
    """Its first cell is the median over the tables of what SMOTE changes."""
    judged, _ = finished
    write_judged(judged, tmp_path / "atlas.jsonl")
    write_page(read_judged(tmp_path / "atlas.jsonl"), tmp_path / "a.md", tmp_path / "a.png")
    own = [arm for table in judged for arm in table.arms if arm.strategy == "smote"]
    effects = [arm.differences["default_f1"].effect for arm in own if arm.model == "logistic"]
    page = (tmp_path / "a.md").read_text(encoding="utf-8")
    assert f"| F1 at the default threshold | {np.median(effects):+.3f} (" in page
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_critical_differences_are_the_published_ones() -> None:
    """Those of table 5b in Demsar (2006), for two to eight and for ten classifiers, at 5 %."""
    published = {2: 1.960, 3: 2.241, 4: 2.394, 5: 2.498, 6: 2.576, 7: 2.638, 8: 2.690, 10: 2.773}
    for k, quantile in published.items():
        error = np.sqrt(k * (k + 1) / (6 * 14))
        assert find_critical_difference(k, 14, 0.05) / error == pytest.approx(quantile, abs=6e-4)


def test_ranks_and_their_test_are_those_of_the_formula() -> None:
    """Friedman's statistic from mean ranks, as Demsar (2006) gives it."""
    values = np.random.default_rng(0).normal(size=(15, 5)) + np.arange(5) / 3
    ranks = rank_over_tables(pd.DataFrame(values), 0.05)
    means = (values[:, :, None] <= values[:, None, :]).sum(axis=2).mean(axis=0)
    statistic = 12 * 15 / 30 * ((means**2).sum() - 5 * 36 / 4)
    assert ranks.means.to_numpy() == pytest.approx(means)
    assert ranks.p == pytest.approx(stats.chi2.sf(statistic, 4))


def test_of_equal_remedies_one_is_called_different_in_at_most_one_of_twenty_atlases() -> None:
    rng, false = np.random.default_rng(1), 0
    for _ in range(200):
        ranks = rank_over_tables(pd.DataFrame(rng.normal(size=(20, 11))), 0.05)
        false += bool(((ranks.means - ranks.means[0]).abs() > ranks.critical).any())
    assert 0 < false <= 200 * 0.05 + 2 * np.sqrt(200 * 0.05 * 0.95)


@pytest.mark.parametrize(("one_in", "rows", "rare"), [(10, 5_000, 500), (600, 30_000, 50)])
def test_a_large_table_is_cut_and_keeps_its_rarity(one_in: int, rows: int, rare: int) -> None:
    """It keeps more rows where fewer would leave too few of the rare class."""
    table = pd.DataFrame({TARGET: (np.arange(60_000) % one_in == 0).astype(int)})
    cut = cut_rows(table, seed=1)
    assert (len(cut), cut[TARGET].sum()) == (rows, rare)


def test_every_table_is_pinned_and_has_a_name_of_its_own() -> None:
    sources = list_sources()
    assert len({source.name for source in sources}) == len(sources) >= 15
    for source in sources:
        assert "==" in source.table.package
        assert len(bytes.fromhex(source.table.sha256)) == hashlib.sha256().digest_size

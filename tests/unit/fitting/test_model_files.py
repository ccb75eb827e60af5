"""Model files: the same bytes for the same fit, and no code inside."""

import functools
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from importlib import import_module, invalidate_caches
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pandas as pd
import pytest
import skops.io
from catboost import CatBoostClassifier
from imblearn.ensemble import (
    BalancedBaggingClassifier,
    BalancedRandomForestClassifier,
    EasyEnsembleClassifier,
    RUSBoostClassifier,
)
from imblearn.pipeline import Pipeline as SamplingPipeline
from imblearn.under_sampling import RandomUnderSampler
from lightgbm import LGBMClassifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits
from xgboost import XGBClassifier

from equipoise.fitting.models import fit
from equipoise.params.trial_params import Arm, Component, Preprocess, Strategy
from equipoise.storage import model_files
from equipoise.storage.model_files import read_model, write_model
from equipoise.terminal.errors import UserError

from .conftest import mixed_table

ROOT = Path(__file__).parents[3]
FEW: dict[str, Any] = {"n_estimators": 3, "random_state": 0}

UNFITTED: dict[str, Callable[[], Any]] = {
    "logistic": lambda: LogisticRegression(random_state=0),
    "standardized": lambda: make_pipeline(
        StandardScaler().set_output(transform="pandas"), LogisticRegression()
    ),
    "decision_tree": lambda: DecisionTreeClassifier(max_depth=4, random_state=0),
    "random_forest": lambda: RandomForestClassifier(**FEW),
    "extra_trees": lambda: ExtraTreesClassifier(**FEW),
    "hist_gradient_boosting": lambda: HistGradientBoostingClassifier(max_iter=3, random_state=0),
    "gradient_boosting": lambda: GradientBoostingClassifier(**FEW),
    "ada_boost": lambda: AdaBoostClassifier(**FEW),
    "bagging": lambda: BaggingClassifier(LogisticRegression(), **FEW),
    "nearest_neighbours": KNeighborsClassifier,
    "calibrated": lambda: CalibratedClassifierCV(GaussianNB(), cv=2),
    "isotonic": lambda: CalibratedClassifierCV(GaussianNB(), cv=2, method="isotonic"),
    "naive_bayes": GaussianNB,
    "discriminant": LinearDiscriminantAnalysis,
    "support_vectors": lambda: CalibratedClassifierCV(SVC(random_state=0), cv=2),
    "neural_network": lambda: MLPClassifier((3,), tol=0.5, n_iter_no_change=1, random_state=0),
    "balanced_forest": lambda: BalancedRandomForestClassifier(**FEW),
    "balanced_bagging": lambda: BalancedBaggingClassifier(LogisticRegression(), **FEW),
    "easy_ensemble": lambda: EasyEnsembleClassifier(
        estimator=AdaBoostClassifier(n_estimators=2, random_state=0), **FEW
    ),
    "rus_boost": lambda: RUSBoostClassifier(**FEW),
    "sampled": lambda: SamplingPipeline(
        [("sampler", RandomUnderSampler(random_state=0)), ("model", LogisticRegression())]
    ),
    "lightgbm": lambda: LGBMClassifier(n_jobs=1, verbose=-1, **FEW),
    "xgboost": lambda: XGBClassifier(n_jobs=1, **FEW),
    "catboost": lambda: CatBoostClassifier(
        thread_count=1, verbose=False, allow_writing_files=False, **FEW
    ),
}
# Models of arms on a table with every kind of column.
MIXED: dict[str, dict[str, Any]] = {
    "mixed_logistic": {"class": "LogisticRegression"},
    "mixed_hist": {"class": "HistGradientBoostingClassifier", "max_iter": 3},
    "mixed_lightgbm": {"class": "LGBMClassifier", "n_estimators": 3, "verbose": -1},
    "mixed_xgboost": {"class": "XGBClassifier", "n_estimators": 3},
    "mixed_catboost": {"class": "CatBoostClassifier", "iterations": 3, "verbose": False},
    "mixed_target": {"class": "LogisticRegression"},
    "mixed_grouped": {"class": "LogisticRegression"},
    "mixed_cyclic": {"class": "LogisticRegression"},
}
ENCODED: dict[str, dict[str, Any]] = {
    "mixed_target": {"categories": "target"},
    "mixed_grouped": {"most_categories": 2},
    "mixed_cyclic": {"dates": "cyclic"},
}


def table() -> tuple[pd.DataFrame, pd.Series]:
    generator = np.random.default_rng(0)
    X = pd.DataFrame(generator.normal(size=(120, 3)), columns=["a", "b", "c"])
    return X, (X["a"] + generator.normal(size=120) > 0.8).astype("int64")


def features(name: str) -> pd.DataFrame:
    """Return the rows that a model is asked about."""
    return every_kind().drop(columns="target") if name in MIXED else table()[0]


def every_kind(labels: tuple[Any, ...] = (0, 1)) -> pd.DataFrame:
    """Return a table with numbers, categories, dates and text, and gaps in all of them."""
    mixed = mixed_table(labels)
    notes = [f"what {n * n} said to {n % 7}" if n % 9 else None for n in range(len(mixed))]
    return mixed.assign(note=pd.array(notes, dtype="str"))


# What the classes of a target may be called: two, or three in numbers, or in words.
LABELS: dict[str, list[Any]] = {
    "two": [0, 1],
    "numbers": [0, 1, 2],
    "words": ["common", "rare", "very rare"],
}
TOLD_BY_WORDS = (
    "logistic",
    "random_forest",
    "hist_gradient_boosting",
    "ada_boost",
    "bagging",
    "nearest_neighbours",
    "calibrated",
    "neural_network",
    "easy_ensemble",
    "rus_boost",
    "sampled",
    "lightgbm",
    "catboost",
    "mixed_logistic",
    "mixed_target",
)
CASES = [
    *((name, "two") for name in (*UNFITTED, *MIXED)),
    *((name, "words") for name in TOLD_BY_WORDS),
    ("xgboost", "numbers"),  # it takes no words
]
EVERY_CASE = pytest.mark.parametrize(("name", "called"), CASES)


def refitted(name: str, called: str = "two") -> Any:
    """Return a model of classes that are called so; the third is the far end of the second."""
    if name in MIXED:
        model = Component.model_validate(MIXED[name])
        preprocess = Preprocess(numeric="standardize", **ENCODED.get(name, {}))
        arm = Arm(Strategy(), model, preprocess, 7)
        return fit(arm, every_kind((*LABELS[called],)))
    X, y = table()
    number = y if called == "two" else y + (X["a"] > 1.2) * y
    return UNFITTED[name]().fit(X, number.map(dict(enumerate(LABELS[called]))))


fitted = cache(refitted)


def written(model: object, folder: Path, name: str = "model") -> Path:
    path = folder / f"{name}.skops"
    write_model(model, path)
    return path


@cache
def content(name: str, called: str) -> bytes:
    """Return the bytes of a model's file."""
    with TemporaryDirectory() as folder:
        return written(fitted(name, called), Path(folder)).read_bytes()


def print_digests() -> None:
    """Print the sha256 of a file of every model: run in a process of its own."""
    with threadpool_limits(limits=1):
        for name, called in CASES:
            sys.stdout.write(f"{name}-{called} {sha256(content(name, called)).hexdigest()}\n")


@pytest.fixture(scope="module")
def digests() -> dict[str, str]:
    """The digests of every model's file, as another process gives them that hashes otherwise."""
    code = "from unit.fitting.test_model_files import print_digests as run; run()"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT / "tests",
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(line.split() for line in done.stdout.splitlines())


@EVERY_CASE
def test_the_same_fit_gives_the_same_bytes_in_any_process(
    digests: dict[str, str], name: str, called: str
) -> None:
    """A model that is trained again as before is not a changed file to DVC.

    Neither the time nor where objects lie in memory gets into the file.
    """
    assert digests[f"{name}-{called}"] == sha256(content(name, called)).hexdigest()


@pytest.mark.parametrize("name", ["decision_tree", "random_forest", "balanced_forest"])
def test_bytes_that_no_field_of_a_tree_uses_do_not_count(name: str, tmp_path: Path) -> None:
    """Padding holds whatever was in memory before: two trees that differ in it are the same."""
    clean, littered = refitted(name), refitted(name)
    for model, litter in [(clean, 0), (littered, 255)]:
        for tree in [model] if name == "decision_tree" else model.estimators_:
            fill_padding(tree.tree_.__getstate__()["nodes"], litter)
    expected = written(clean, tmp_path, "clean").read_bytes()
    assert expected == written(littered, tmp_path, "littered").read_bytes()


def fill_padding(nodes: Any, value: int) -> None:
    """Set the bytes of a structured array that belong to no field, in place."""
    raw = nodes.view(np.uint8).reshape(len(nodes), nodes.dtype.itemsize)
    used = {
        position
        for kind, offset in nodes.dtype.fields.values()
        for position in range(offset, offset + kind.itemsize)
    }
    raw[:, sorted(set(range(nodes.dtype.itemsize)) - used)] = value


@EVERY_CASE
def test_a_model_that_is_read_predicts_what_was_written(
    name: str, called: str, tmp_path: Path
) -> None:
    """Every model that params.yaml can name can be evaluated, with the same predictions."""
    model, X = fitted(name, called), features(name)
    path = tmp_path / "model.skops"
    path.write_bytes(content(name, called))
    restored = read_model(path)
    assert type(model) is type(restored)
    assert restored.classes_.tolist() == LABELS[called]
    assert model.predict_proba(X).tolist() == restored.predict_proba(X).tolist()
    assert model.predict(X).tolist() == restored.predict(X).tolist()


@EVERY_CASE
def test_a_model_that_is_read_can_be_written_again(name: str, called: str, tmp_path: Path) -> None:
    """Reading and writing a file any number of times leaves its bytes as they were."""
    path = tmp_path / "model.skops"
    path.write_bytes(content(name, called))
    assert written(read_model(path), tmp_path, "second").read_bytes() == content(name, called)


def test_different_fits_give_different_bytes(tmp_path: Path) -> None:
    """A file tells one model from another."""
    X, y = table()
    one = written(LogisticRegression(C=1).fit(X, y), tmp_path, "one")
    other = written(LogisticRegression(C=2).fit(X, y), tmp_path, "other")
    assert one.read_bytes() != other.read_bytes()


def test_a_folder_is_made_and_a_file_is_replaced(tmp_path: Path) -> None:
    """A model is written into a fresh clone, and over the one that was there."""
    path = tmp_path / "models/a.skops"
    write_model(fitted("logistic"), path)
    write_model(fitted("naive_bayes"), path)
    assert type(read_model(path)) is GaussianNB


class Payload:
    """A class of the test's own, whose making leaves a trace."""

    made = 0

    def __init__(self) -> None:
        Payload.made += 1


def pack(schema: str) -> bytes:
    """Return an archive with nothing but this schema."""
    archive = io.BytesIO()
    with ZipFile(archive, "w", ZIP_DEFLATED) as file:
        file.writestr("schema.json", schema)
    return archive.getvalue()


def smuggled(cargo: object, path: Path) -> Path:
    """Write a file that holds `cargo` where a user would expect a model."""
    path.write_bytes(skops.io.dumps(FunctionTransformer(kw_args={"cargo": cargo})))
    return path


def test_a_file_that_would_run_a_command_is_refused(tmp_path: Path) -> None:
    """A partial of os.system is named, and never called."""
    trace = tmp_path / "trace"
    command = functools.partial(os.system, f"touch {trace}")
    path = smuggled(command, tmp_path / "model.skops")
    with pytest.raises(UserError, match=r"(posix|nt|os)\.system"):
        read_model(path)
    assert not trace.exists()


def test_a_function_to_be_called_on_features_is_refused(tmp_path: Path) -> None:
    """A transformer that would hand every feature to os.system is not built."""
    path = tmp_path / "model.skops"
    path.write_bytes(skops.io.dumps(make_pipeline(FunctionTransformer(os.system), GaussianNB())))
    with pytest.raises(UserError, match=r"(posix|nt|os)\.system"):
        read_model(path)


def test_a_class_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    """The type is named with the file, and no object of it is made."""
    path = smuggled(Payload(), tmp_path / "model.skops")
    before = Payload.made
    with pytest.raises(UserError, match=r"model\.skops holds types .*Payload"):
        read_model(path)
    assert before == Payload.made


def test_a_model_that_could_not_be_read_is_not_written(tmp_path: Path) -> None:
    """What evaluation would refuse is refused when it is trained, and named."""
    path = tmp_path / "model.skops"
    with pytest.raises(UserError, match="Payload"):
        write_model(FunctionTransformer(kw_args={"cargo": Payload()}), path)
    assert not path.exists()


@pytest.mark.parametrize("left", [slice(500), slice(10, None)], ids=["end", "beginning"])
def test_a_file_that_lacks_a_part_is_refused_as_such(left: slice, tmp_path: Path) -> None:
    """A download that broke off ends in a message that names the file."""
    path = written(fitted("logistic"), tmp_path)
    path.write_bytes(path.read_bytes()[left])
    with pytest.raises(UserError, match=r"model\.skops"):
        read_model(path)


def nest(levels: int) -> str:
    """Return the schema of a list in a list in a list."""
    node = '{"__class__": "list", "__module__": "builtins", "__loader__": "ListNode", "content": ['
    return node * levels + "]}" * levels


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (skops.io.dumps([1, 2]), "holds no model but a list"),
        (pack("[1, 2]"), "is not a model file"),
        (pack(nest(20_000)), "is not a model file"),
    ],
    ids=["a list", "a list for a schema", "nested without end"],
)
def test_a_file_of_something_else_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    """In one line that names it, whatever else it holds."""
    path = tmp_path / "model.skops"
    path.write_bytes(content)
    with pytest.raises(UserError, match=rf"model\.skops {message}.* makes it again$"):
        read_model(path)


def test_a_file_that_would_fill_memory_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it would take is read off its table of contents."""
    monkeypatch.setattr(model_files, "measure_available_memory", lambda: 100)
    path = written(fitted("logistic"), tmp_path)
    with pytest.raises(UserError, match=r"would take .* GB, and 0\.0 GB of memory are available"):
        read_model(path)


def test_a_model_of_a_package_that_is_gone_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plugin that was there when the model was trained, and is not when it is used."""
    plugin = tmp_path / "gone_plugin.py"
    plugin.write_text("from sklearn.naive_bayes import GaussianNB\nclass Own(GaussianNB): pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    path = tmp_path / "model.skops"
    write_model(import_module("gone_plugin").Own(), path, ["gone_plugin"])
    monkeypatch.delitem(sys.modules, "gone_plugin")
    plugin.unlink()
    shutil.rmtree(tmp_path / "__pycache__", ignore_errors=True)
    invalidate_caches()
    with pytest.raises(UserError, match=r"needs a package that is not here: .*gone_plugin"):
        read_model(path, ["gone_plugin"])


def test_a_file_says_neither_when_it_was_written_nor_where(tmp_path: Path) -> None:
    """Nothing in the archive tells one machine from another."""
    with ZipFile(io.BytesIO(written(fitted("logistic"), tmp_path).read_bytes())) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert sorted(archive.namelist()) == archive.namelist()
        assert str(tmp_path).encode() not in b"".join(map(archive.read, archive.namelist()))

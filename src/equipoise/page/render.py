"""The page as one file of HTML: nothing in it is fetched from elsewhere."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import pandas as pd
import vl_convert
import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined

from equipoise.contract.params import Params
from equipoise.page import figures, tables, words
from equipoise.page.style import Look

Json = Mapping[str, Any]
PACKAGES = (
    "scikit-learn",
    "imbalanced-learn",
    "numpy",
    "scipy",
    "pandas",
    "skrub",
    "skops",
    "dvc",
    "mlflow",
)
# The page's own script finds the charts' by this name.
GLOBAL = "window.vegaEmbed = vegaEmbed;"
PROBABILITIES = ("calibrated",)
DECISIONS = ("default", "tuned")


@dataclass(frozen=True)
class Findings:
    """All that the page tells of: the params, and what the stages made, by what it is."""

    params: Params
    schema: Json
    comparison: Json
    arms: Sequence[Json]
    curves: pd.DataFrame
    confusions: pd.DataFrame
    resampling: Mapping[str, Json]
    projections: Mapping[str, pd.DataFrame]
    checks: Sequence[Json]
    audit: Json
    hashes: Mapping[str, str]


def render(found: Findings) -> str:
    """Return the page. All that comes from a user's file is escaped."""
    environment = Environment(
        loader=PackageLoader("equipoise.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # A script ends at the first "</script", wherever it stands: the bundle has none.
    return environment.get_template("report.html").render(
        content(found), vega=vl_convert.javascript_bundle(GLOBAL)
    )


def content(found: Findings) -> dict[str, Any]:
    """Return what the template is filled with, by the names that it uses."""
    params, comparison, arms = found.params, found.comparison, found.arms
    rarest = _rarest(arms[0])
    look = Look(params.run.strategies, params.run.models, shown_class=rarest, legend=False)
    answers = comparison["comparisons"]
    objective = comparison["objective"]
    shown = {
        "ranking": [*figures.forest_figures(comparison, look, ("ranking",))],
        "deciding": [*figures.forest_figures(comparison, look, DECISIONS)],
        "probabilities": [*figures.forest_figures(comparison, look, PROBABILITIES)],
        "curves": [*figures.curve_figures(arms, found.curves, look, objective)],
        "scores": [*figures.score_figures(arms, found.curves, look)],
        "rows": [*figures.projection_figures(found.projections, found.resampling, look)],
    }
    return {
        "verdict": words.verdict(comparison),
        "conclusions": comparison["conclusions"],
        "notes": [f"{arm['cell']}: {arm['note']}" for arm in arms if "note" in arm],
        "colors": look.colors,
        "dashes": look.dashes,
        "arms": {arm["cell"]: [arm["strategy"], arm["model"]] for arm in arms},
        "classes": arms[0].get("classes", []),
        "rarest": rarest,
        "figures": shown,
        "charts": {figure.key: figure.spec for group in shown.values() for figure in group},
        "arms_table": tables.arms_table(arms, answers, objective),
        "differences_table": tables.differences_table([*answers, *comparison["models"]]),
        "matrices": {
            arm["cell"]: [*tables.confusion_matrices(found.confusions, arm["cell"])] for arm in arms
        },
        "resampling_table": tables.resampling_table(found.resampling),
        "checks": found.checks,
        "audit": found.audit,
        "failed": [
            (name, check["detail"])
            for name, check in found.audit["checks"].items()
            if not check["passed"]
        ],
        "method": [*words.method(params, found.schema, arms[0])],
        "versions": _versions(),
        "hashes": found.hashes,
        "params": yaml.safe_dump(params.used(), sort_keys=False, allow_unicode=True),
    }


def _rarest(arm: Json) -> str:
    """Return the class of several with the fewest test rows; of two there is none to choose."""
    rows = {label: arm[f"class_{label}"]["n"] for label in arm.get("classes", [])}
    return min(rows, key=lambda label: rows[label], default="")


def _versions() -> dict[str, str]:
    return {"Python": platform.python_version()} | {name: version(name) for name in PACKAGES}

"""The page as one file of HTML: nothing in it is fetched from elsewhere."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, TypeAlias

import pandas as pd
import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined

from equipoise.audit.audit_results import AuditResult
from equipoise.charts import figures
from equipoise.charts.curve_charts import SHAPE_OF_VIEW
from equipoise.charts.drawing import bundle_scripts
from equipoise.charts.style import VERDICT_COLORS, Look
from equipoise.checks.finding import Finding
from equipoise.comparing.advice import state_finding
from equipoise.comparing.conclusions import summarise_trial
from equipoise.comparing.results import Comparison
from equipoise.comparing.wording import describe_prevalence, list_left_out
from equipoise.core.difference import ResamplingSummary
from equipoise.core.table_schema import TableSchema
from equipoise.core.tables import format_count
from equipoise.core.writing_direction import isolate_text
from equipoise.judging.arm_result import ArmResult
from equipoise.page import headline, words
from equipoise.page import number_tables as tables
from equipoise.params.trial_params import Params

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
# More arms than this do not fit one chart.
MOST_AT_ONCE = 12
PROBABILITIES = ("calibrated",)
# What the template shows, of every kind: a name that is missing stops the rendering.
Shown: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class PageContent:
    """All that the page tells of: the params, and what the stages made, by what it is.

    `copies` says how many rows of each strategy are kept for a second time or more, `train_rare`
    how many rows of the rarest class remedies are judged by.
    """

    params: Params
    schema: TableSchema
    comparison: Comparison
    arms: Sequence[ArmResult]
    curves: pd.DataFrame
    resampling: Mapping[str, ResamplingSummary]
    copies: Mapping[str, int]
    train_rare: int
    projections: Mapping[str, pd.DataFrame]
    checks: Sequence[Finding]
    audit: Sequence[AuditResult]
    hashes: Mapping[str, str]


def render_page(found: PageContent) -> str:
    """Return the page. All that comes from a user's file is escaped."""
    environment = Environment(
        loader=PackageLoader("equipoise.page"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_isolate,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # A script ends at the first "</script", wherever it stands: the bundle has none.
    return environment.get_template("report.html").render(
        collect_content(found), vega=bundle_scripts(GLOBAL)
    )


def _isolate(shown: Any) -> Any:
    """Return what the template shows; text that is not HTML yet turns nothing beside it round."""
    return isolate_text(shown) if type(shown) is str else shown


def collect_content(found: PageContent) -> Shown:
    """Return what the template is filled with, by the names that it uses."""
    return {
        **_make_headline(found),
        **_describe_table(found),
        **_list_conclusions(found),
        **_show_arms(found),
        **_make_tables(found),
        **_describe_procedure(found),
    }


def _make_headline(found: PageContent) -> Shown:
    """Return what is found, in a sentence and in the numbers of the arms that may be used."""
    recommended = found.comparison.recommended
    best = recommended.select_from(found.arms)
    scored = found.params.split.scored
    finding, plainly = state_finding(found.comparison, found.arms, found.train_rare, scored)
    return {
        "finding": finding,
        "plainly": plainly,
        "used": {
            arm.arm: [*headline.list_numbers(arm, found.comparison.objective)]
            for arm in sorted(found.arms, key=lambda arm: arm.arm != recommended.arm)
            if arm.arm in headline.list_candidates(recommended)
        },
        "badges": headline.list_badges(
            best,
            found.comparison.objective,
            found.train_rare,
            scored=scored,
            checks=found.checks,
            audit=found.audit,
            left_out=list_left_out(found.comparison),
        ),
        "few": not recommended.can_tell,
        "tested": best.tested,
        "recommended": recommended.arm,
        "restated": describe_prevalence(best.test),
        "instability": words.describe_instability(best),
    }


def _describe_table(found: PageContent) -> Shown:
    return {
        "table_name": headline.name_table(found.params.data, found.schema),
        "schema": found.schema,
        "features": format_count(len(found.schema.columns), "feature"),
        "positive": words.describe_positive(found.schema),
        "classes": found.arms[0].classes,
        "rarest": found.arms[0].rarest_class,
    }


def _list_conclusions(found: PageContent) -> Shown:
    comparison = found.comparison
    return {
        "verdict": summarise_trial(comparison),
        "verdict_colors": VERDICT_COLORS,
        "conclusions": comparison.conclusions,
        "conclusions_on_test": comparison.conclusions_on_test,
        "net_benefit": comparison.net_benefit,
        "left_out": comparison.left_out or {},
        "notes": [f"{arm.arm}: {arm.note}" for arm in found.arms if arm.note],
    }


def _show_arms(found: PageContent) -> Shown:
    """Return the pictures, how arms look in them, and which arms the page opens with."""
    run, recommended = found.params.run, found.comparison.recommended.arm
    rarest = found.arms[0].rarest_class
    look = Look(
        run.strategies, run.models, shown_class=rarest, recommended=recommended, legend=False
    )
    arms = {arm.arm: [arm.strategy, arm.model] for arm in found.arms}
    drawn = _make_figures(found, look)
    return {
        "arms": arms,
        "shown_models": _choose_shown_models(arms, recommended),
        "colors": look.colors,
        "dashes": look.dashes,
        "figures": drawn,
        "charts": {figure.key: figure.spec for group in drawn.values() for figure in group},
    }


def _choose_shown_models(arms: Mapping[str, Sequence[str]], recommended: str) -> set[str]:
    """Return the models that the page opens with: of many arms, those of the recommended one."""
    _, model = arms[recommended]
    return {model} if len(arms) > MOST_AT_ONCE else {own for _, own in arms.values()}


def _make_figures(found: PageContent, look: Look) -> dict[str, list[figures.Figure]]:
    comparison, arms, curves = found.comparison, found.arms, found.curves
    return {
        "first": [*figures.make_first_figure(comparison, look)],
        "ranking": [*figures.make_forest_figures(comparison, look, ("ranking",))],
        "deciding": [*figures.make_forest_figures(comparison, look, [*SHAPE_OF_VIEW])],
        "probabilities": [*figures.make_forest_figures(comparison, look, PROBABILITIES)],
        "curves": [*figures.make_curve_figures(arms, curves, look, comparison.objective)],
        "scores": [*figures.make_score_figures(arms, curves, look)],
        "rows": [*figures.make_projection_figures(found.projections, found.resampling, look)],
    }


def _make_tables(found: PageContent) -> Shown:
    comparison, arms = found.comparison, found.arms
    answers = comparison.comparisons
    return {
        "arms_table": tables.make_arms_table(arms, answers, comparison.objective),
        "differences_table": tables.make_differences_table([*answers, *comparison.models]),
        "segments": comparison.segments,
        "segments_table": comparison.segments and tables.make_segments_table(comparison.segments),
        "instability_table": tables.make_instability_table(arms),
        "matrices": {arm.arm: [*tables.list_confusion_matrices(arm)] for arm in arms},
        "resampling_table": tables.make_resampling_table(found.resampling, found.copies),
        "sampler_notes": [n for summary in found.resampling.values() for n in summary.notes],
    }


def _describe_procedure(found: PageContent) -> Shown:
    """Return what was looked at for mistakes, and how all of it was done."""
    samplers = {name: summary.sampler for name, summary in found.resampling.items()}
    return {
        "checks": found.checks,
        "audited": found.audit,
        "failed": [result for result in found.audit if not result.passed],
        "method": [*words.write_method(found.params, found.schema, found.arms[0], samplers)],
        "versions": _list_versions(),
        "hashes": found.hashes,
        "params": yaml.safe_dump(found.params.dump_used(), sort_keys=False, allow_unicode=True),
    }


def _list_versions() -> dict[str, str]:
    return {"Python": platform.python_version()} | {name: version(name) for name in PACKAGES}

"""Fit the recommended arm and its baseline on fewer rows, and write what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean

import pandas as pd

from equipoise.charts.shown import Chart
from equipoise.core.arms import ArmName
from equipoise.core.difference import ResamplingSummary
from equipoise.core.fit_report import FitReport
from equipoise.core.table_schema import TableSchema
from equipoise.core.tables import TARGET
from equipoise.deciding.objectives import add_amounts, make_objective
from equipoise.deciding.settling import Treated
from equipoise.fitting.crossfit import cross_fit_folds
from equipoise.fitting.fold_rows import Sides, make_folds
from equipoise.judging.fold_scores import add_groups, judge_by_fold
from equipoise.judging.records import Judging
from equipoise.metrics.classes import Classes
from equipoise.params.trial_params import Params
from equipoise.saved_trial import load
from equipoise.sizing.curve_words import (
    describe_growth,
    make_growth_chart,
    name_number,
    write_curve,
)
from equipoise.sizing.learning_curve import (
    CurvePoint,
    SizedFolds,
    find_fewest_rows,
    list_shares,
    measure_curve,
)
from equipoise.sizing.subsamples import thin_folds
from equipoise.stages.decide import decide_arm
from equipoise.storage.evidence_files import read_evidence
from equipoise.storage.files.formats import hash_file, read_frame, replace_text, write_json
from equipoise.storage.files.record_files import read_record
from equipoise.storage.layout import Layout
from equipoise.terminal.errors import RefusalError, UserError, print_in_full, print_lines
from equipoise.terminal.progress import fit_bar
from equipoise.trial import Trial, TrialArm
from equipoise.using.card_files import make_page
from equipoise.using.chosen_arm import choose_arm

WIDTH, WHOLE = 440, 1.0
POINTS_OF_A_CURVE = 2
TITLE = "Learning curve"
EXPLAINED = (
    "Each arm was cross-validated again on nested samples of the train part, with the folds of the"
    " trial. What more rows than these would do is not known."
)

CHANGED = "cross_validation or decision has changed since the trial; run `dvc repro`"


def draw_curve(layout: Layout, arm: str | None) -> None:
    """Write the learning curve of an arm, the recommended one if None, and of its baseline.

    As JSON, as a page and as a picture for each metric. Folds fitted on all rows are those of the
    trial and are not fitted again. A `UserError` says that train is too small.
    """
    trial = load(layout.root)
    params, chosen, train = trial.params, choose_arm(trial, arm), read_frame(layout.train)
    rare, fitted = train[TARGET].value_counts().min(), _count_fitted(params, train)
    fewest = find_fewest_rows(fitted / rare)
    if rare < fewest:
        raise UserError(
            f"train has {rare} rows of the rarest class, too few for a curve; with {fewest} there"
            " can be one"
        )
    shares = list_shares(fitted)
    read = _hash_lock(layout)
    arms = _size_arms(layout, params, _find_arms(trial, chosen), train, shares)
    if _hash_lock(layout) != read:
        raise UserError(
            f"{layout.lock.name} changed while the curve was drawn, so it may be of two trials and"
            " is not written; draw it again"
        )
    found = _describe(arms, params, several=chosen.result.of_several)
    points = [asdict(point) for curve in found for point in curve.points]
    write_json({"points": points}, layout.learning_curve)
    replace_text(_make_page(layout, found), layout.learning_curve.with_suffix(".html"))
    shown = {_find_picture(layout, curve.metric) for curve in found}
    for former in {*layout.learning_curve.parent.glob(_find_picture(layout, "*").name)} - shown:
        former.unlink(missing_ok=True)  # of another objective
    print_lines(line for curve in found for line in curve.said)
    print_in_full(f"The page: {layout.learning_curve.with_suffix('.html')}")


@dataclass(frozen=True)
class _Curve:
    """The learning curve of a number: its name in words, its points, what they say."""

    metric: str
    name: str
    points: Sequence[CurvePoint]
    said: Sequence[str]


def _describe(
    arms: Mapping[str, Sequence[SizedFolds]], params: Params, *, several: bool
) -> list[_Curve]:
    confidence, curves = params.uncertainty.confidence, []
    for metric in ("average_precision", f"tuned_{params.decision.objective}"):
        name, points = name_number(metric, several=several), measure_curve(arms, metric, confidence)
        known = [*points]
        said = describe_growth(known, name, 1 - confidence)
        curves.append(_Curve(metric, name, known, said))
    return curves


def _make_page(layout: Layout, curves: Sequence[_Curve]) -> str:
    """Return the page, and write the pictures that it shows."""
    lines = [f"# {TITLE}", "", EXPLAINED]
    if known := _hash_lock(layout):
        lines += ["", f"`dvc.lock` of the trial has the SHA-256 `{known}`."]
    for curve in curves:
        picture = _find_picture(layout, curve.metric)
        chart = Chart(make_growth_chart(curve.points, curve.name, WIDTH))
        replace_text(chart.draw(), picture)
        lines += write_curve(curve.points, curve.name, curve.said, picture.name)
    return make_page("\n".join(lines), TITLE)


def _hash_lock(layout: Layout) -> str | None:
    """Return the hash of dvc.lock, which says of what data, params and code all results are."""
    return hash_file(layout.lock) if layout.lock.exists() else None


def _find_picture(layout: Layout, metric: str) -> Path:
    return layout.learning_curve.with_name(f"learning_curve_{metric}.svg")


def _find_arms(trial: Trial, chosen: TrialArm) -> list[ArmName]:
    """Return the baseline of the same model, and the arm; the first arm if that has none."""
    baseline = trial.params.run.find_baseline(chosen.name.model)
    first = trial.arms.get(str(baseline), next(iter(trial.arms.values())))
    return [*dict.fromkeys([first.name, chosen.name])]


def _count_fitted(params: Params, train: pd.DataFrame) -> float:
    """Return how many rows of the rarest class a fold of the trial is fitted on, in the mean."""
    rarest = (train[TARGET] == train[TARGET].value_counts().idxmin()).to_numpy()
    folds = make_folds(train, params.cross_validation, params.seed)
    return mean(int(rarest[rows].sum()) for rows, _ in folds[_judge_from(params) :])


def _judge_from(params: Params) -> int:
    """Return the first fold that is judged: by time the first of all is only learned from."""
    return int(params.split.is_forward)


def _size_arms(
    layout: Layout,
    params: Params,
    names: Sequence[ArmName],
    train: pd.DataFrame,
    shares: Sequence[float],
) -> dict[str, list[SizedFolds]]:
    """Return what the folds say of each arm for each share of train, the smallest first.

    A share with too few rows for one of the arms is left out, and so is every smaller one: it is
    said why. A `UserError` says so where no curve is left.
    """
    folds = make_folds(train, params.cross_validation, params.seed)
    judged = slice(_judge_from(params), None)
    sized: dict[str, list[SizedFolds]] = {str(name): [] for name in names}
    asked = f"tuned_{params.decision.objective}"
    known = {name: read_evidence(layout, name) for name in names}
    if any(len(k.folds) != len(folds[judged]) or asked not in k.folds for k in known.values()):
        raise UserError(CHANGED)
    for share in sorted(shares, reverse=True):
        sides = thin_folds(folds, train[TARGET], share, params.seed)
        fitted = [train[TARGET].iloc[rows] for rows, _ in sides[judged]]
        rare = round(mean(int(labels.value_counts().min()) for labels in fitted))
        found = {name: (own.folds, own.fold_replicates) for name, own in known.items()}
        if share < WHOLE:
            try:
                found = {n: _judge_sides(layout, params, n, train, sides) for n in names}
            except RefusalError as why:
                if all(len(own) < POINTS_OF_A_CURVE for own in sized.values()):
                    raise UserError(
                        f"no curve can be drawn: with {rare:,} rows of the rarest class, {why};"
                        " choose another arm with --arm"
                    ) from why
                print_lines([f"No point with {rare:,} rows of the rarest class: {why}"])
                break
        for name, of_folds in found.items():
            sized[str(name)].insert(0, SizedFolds(rare, *of_folds))
    return sized


def _judge_sides(
    layout: Layout, params: Params, name: ArmName, train: pd.DataFrame, sides: Sequence[Sides]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the scores of an arm by fold, fitted and settled as the trial does it."""
    schema = read_record(layout.schema, TableSchema)
    treated = Treated.of(
        read_record(layout.resampling_summary(name.strategy), ResamplingSummary),
        read_record(layout.fits(name), FitReport),
    )
    with fit_bar(str(name)) as counted:
        repeats = params.cross_validation.repeats
        arm = params.for_labels(schema.labels).select_arm(name)
        scores = cross_fit_folds(arm, train, sides, repeats, params.n_jobs, counted).scores
    decision = decide_arm(scores, train, treated, schema, params)
    objective = make_objective(params.decision, Classes.of(schema.labels), decision.prevalence)
    oof = add_groups(add_amounts(scores, train, objective.amount), train)
    judging = Judging(objective, params.uncertainty, params.seed, params.split.is_forward)
    return judge_by_fold(oof, decision.folds, judging)

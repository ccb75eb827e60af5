"""How often intervals on test hold the truth, and verdicts about fitted models are wrong.

Models stay as they are; test rows are drawn again, from a problem whose truth is known.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from simulation import Problem, draw, replicates, truth

from equipoise.comparing.verdict import Criteria, compare_arms
from equipoise.judging.arm_result import ArmResult, Decided
from equipoise.judging.bootstrap import OBSERVED
from equipoise.judging.evidence import Evidence
from equipoise.judging.intervals import (
    estimate_interval,
    estimate_metric_intervals,
    estimate_paired_difference,
)
from equipoise.metrics.names import PLAIN
from equipoise.metrics.probabilities import calibration_error
from equipoise.metrics.scores import Scores
from equipoise.params.trial_params import Run, Uncertainty, Verdict

PROBLEMS = [
    *(Problem(1500, 0.1, 1.5), Problem(5000, 0.02, 2.0), Problem(600, 0.3, 1.0)),
    *(Problem(400, 0.05, 1.5), Problem(1000, 0.02, 2.0), Problem(1000, 0.01, 2.0)),
]
# By how much more each arm separates the classes than the baseline does.
MARGINS = {"baseline": 0.0, "one": 0.0, "two": 0.0, "three": 0.0, "ahead": 0.3}
FAMILIES = {"equal": ("one", "two", "three"), "ahead": ("ahead", "one", "two")}
COLUMNS = [
    *("average_precision", "roc_auc", "default_f1", "tuned_f1"),
    "calibrated_brier_score",
]
QUESTIONS = ["average_precision", "roc_auc", "default_f1", "tuned_f1", "brier_score"]
READ = Uncertainty(confidence=0.95, resamples=1000)
ALPHA = 1 - READ.confidence
# Folds in which all arms are the same: no model is trained here.
GUESSED = [
    f"constant_guess_{name}" for name in ("average_precision", "roc_auc", "f1", "brier_score")
]
# Rows decided are asked of nothing here.
NOT_COUNTED = ((0, 0), (0, 0))
FOLDS = pd.DataFrame({"repeat": [0, 0], "n_rare": 100} | dict.fromkeys([*COLUMNS, *GUESSED], 0.0))
FOLD_REPLICATES = pd.DataFrame(dict.fromkeys([*COLUMNS, "drawn_0", "drawn_1"], [0.0] * 4))

Found = Mapping[str, pd.DataFrame]
Record = dict[str, Any]


def separations(problem: Problem) -> dict[str, float]:
    """Return how well each arm separates the classes."""
    return {arm: problem.separation + margin for arm, margin in MARGINS.items()}


def margins(problem: Problem) -> dict[str, float]:
    """Return by how much each metric of the arm ahead is truly above the baseline's."""
    own, ahead = (truth(problem, separations(problem)[arm]) for arm in ("baseline", "ahead"))
    return {metric: ahead.metrics[metric] - own.metrics[metric] for metric in QUESTIONS}


def intervals_hold(problem: Problem, arms: Mapping[str, Scores], found: Found) -> Iterator[Record]:
    """Give whether an interval holds the truth, and a p-value claims what is not so."""
    true, gained = truth(problem, problem.separation).metrics, margins(problem)
    rare = int(arms["baseline"].y_true.sum())
    for metric in QUESTIONS:
        own = found["baseline"][metric]
        ahead, equal = (
            estimate_paired_difference(found[arm][metric] - own, rare) for arm in ("ahead", "one")
        )
        ends = estimate_interval(own, (0, 1), rare, READ.confidence)
        happened = {
            "one arm": _holds(ends, true[metric]),
            "difference": _holds(ahead.find_interval(READ.confidence), gained[metric]),
            "p": equal.p < ALPHA,
        }
        yield from ({"question": metric, "what": w, "share": s} for w, s in happened.items())
    name, arm = "calibration_error", arms["baseline"]
    metrics = {PLAIN: {name: calibration_error(arm.y_true, arm.raw[:, 1])}}
    errors, counts = (
        found["baseline"][[name]],
        dict(zip("01", np.bincount(arm.y_true), strict=True)),
    )
    intervals = estimate_metric_intervals(errors, metrics, counts, READ.confidence)
    yield {"what": name, "share": _holds(intervals[name], true[name])}


def _holds(interval: tuple[float, float], value: float) -> bool:
    low, high = interval
    return low <= value <= high


def verdicts(problem: Problem, arms: Mapping[str, Scores], found: Found) -> Iterator[Record]:
    """Give what is said of each fitted model, in a family of three."""
    share = float(arms["baseline"].y_true.mean())
    evidence = {f"{arm}-m": _evidence(problem.rows, share, found[arm]) for arm in MARGINS}
    for family, remedies in FAMILIES.items():
        run = Run(strategies=("baseline", *remedies), models=("m",))
        rules = Criteria(run, "f1", READ, Verdict())
        answers = compare_arms(evidence, rules).comparisons
        for answer in (answer for answer in answers if answer.source == "test"):
            view = answer.view
            question = f"{view}_f1" if view in {"default", "tuned"} else answer.metric
            arm, true = answer.arm.removesuffix("-m"), margins(problem)[question]
            yield asdict(answer) | {
                "family": family,
                "arm": arm,
                "question": question,
                "margin": true,
            }


def _evidence(rows: int, share: float, found: pd.DataFrame) -> Evidence:
    numbers = found.loc[[OBSERVED]].to_numpy()[0].tolist()
    observed: dict[str, float] = dict(zip(map(str, found), numbers, strict=True))
    result = ArmResult(
        *("arm", "arm", "m", "nothing"),
        test={"n": rows, "prevalence": share} | observed,
        calibrated={"brier_score": observed["brier_score"]},
        constant_guess={
            "average_precision": share,
            "roc_auc": 0.5,
            "f1": 2 * share / (1 + share),
            "brier_score": share * (1 - share),
        },
        out_of_fold={},
        default=Decided({"f1": observed["default_f1"]}, NOT_COUNTED),
        tuned=Decided({"f1": observed["tuned_f1"]}, NOT_COUNTED),
    )
    named = found.rename(columns={"brier_score": "calibrated_brier_score"})
    return Evidence(result, FOLDS, FOLD_REPLICATES, named)


def simulate(draws: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a row for each share to be counted, and each verdict."""
    rng = np.random.default_rng(seed)
    shares, said = [], []
    for problem in PROBLEMS:
        for attempt in range(draws):
            arms = draw(rng, problem, separations(problem))
            found = replicates(arms, READ.resamples, attempt)
            place = {"where": _name(problem), "draw": attempt}
            shares += [place | record for record in intervals_hold(problem, arms, found)]
            said += [place | record for record in verdicts(problem, arms, found)]
    return pd.DataFrame(shares), pd.DataFrame(said)


def _name(problem: Problem) -> str:
    return f"{problem.rows} rows, {problem.positives} positives"


def tables(shares: pd.DataFrame, said: pd.DataFrame) -> Iterator[str]:
    """Yield the lines of the tables, in Markdown."""
    titles = {
        "one arm": "Intervals of one arm that hold the truth (95 % wanted)",
        "difference": "Intervals of a difference that hold the truth (95 % wanted)",
        "p": "Two equal arms with p < 0.05 (5 % wanted)",
    }
    for what, title in titles.items():
        rows = shares[shares["what"] == what]
        yield from make_table(title, _by_question(rows, "where"))
    errors = shares[shares["what"] == "calibration_error"].groupby("where", sort=False)["share"]
    yield from make_table("Intervals of a calibration error that hold 0", errors.mean().to_frame())
    yield from _verdict_tables(said)


def _verdict_tables(said: pd.DataFrame) -> Iterator[str]:
    claim, p = said["verdict"].isin(["better", "worse"]), said["p"] < ALPHA
    equal = said.assign(holm=claim, alone=p)[said["family"] == "equal"]
    for way, title in {"holm": "better or worse", "alone": "different without Holm"}.items():
        some = equal.groupby(["where", "draw", "question"], sort=False, as_index=False).agg(
            share=(way, "any")
        )
        table, asked = _by_question(some, "where"), some.groupby(["where", "draw"], as_index=False)
        table["any question"] = asked.agg(share=("share", "any")).groupby("where")["share"].mean()
        yield from make_table(f"Data sets with any of three equal arms called {title}", table)
    ahead = said[said["arm"] == "ahead"]
    for verdicts in (["better"], ["worse", "equivalent"]):
        rows = ahead.assign(share=ahead["verdict"].isin(verdicts))
        title = f"The arm ahead called {' or '.join(verdicts)}"
        yield from make_table(title, _by_question(rows, "where"))
    gained = _by_question(ahead.assign(share=ahead["margin"]), "where")
    yield from make_table(
        "How far it truly is ahead (folds: the mean of all draws)", gained, "{:+.3f}"
    )
    ends = pd.DataFrame(equal["interval"].tolist(), index=equal.index).abs().max(axis=1)
    for times in (1, 5):
        rows = equal.assign(share=ends <= times * equal["rope"])
        title = f"An equal arm called equivalent with rope {times * Verdict().rope:.2f}"
        yield from make_table(title, _by_question(rows, "where"))


def _by_question(rows: pd.DataFrame, *index: str) -> pd.DataFrame:
    means = rows.groupby([*index, "question"], sort=False, as_index=False)["share"].mean()
    table = means.pivot_table("share", list(index), "question", sort=False)
    return pd.DataFrame(table, columns=QUESTIONS)


def make_table(title: str, table: pd.DataFrame, form: str = "{:.1%}") -> Iterator[str]:
    """Give the lines of a table, in Markdown."""
    yield f"\n**{title}**\n"
    yield "| " + " | ".join(map(str, [*table.index.names, *table])) + " |"
    yield "|---" * (table.index.nlevels + table.shape[1]) + "|"
    for place, values in table.iterrows():
        names = place if isinstance(place, tuple) else (place,)
        cells = ["" if np.isnan(value) else form.format(value) for value in values]
        yield "| " + " | ".join([*map(str, names), *cells]) + " |"

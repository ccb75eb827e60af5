"""Trials of remedies on data that are drawn again: new rows, new folds and new fits each time.

What the folds say of two remedies is compared with the truth. That is 0 for remedies that are
equal: random under-sampling with two seeds, and one procedure on two equally noisy copies of the
features. For others it is the mean difference over all draws, which is what the interval claims to
hold.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTE
from scipy import stats
from sklearn.base import ClassifierMixin
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RepeatedStratifiedKFold, StratifiedGroupKFold, train_test_split
from sklearn.tree import DecisionTreeClassifier

from equipoise.comparing.recommendation import find_allowed_shortfall
from equipoise.comparing.regions import measure_region
from equipoise.comparing.verdict import compare_folds
from equipoise.core.tables import GROUP
from equipoise.deciding.folds import split_by_fold
from equipoise.deciding.objectives import make_objective
from equipoise.deciding.settling import settle_folds
from equipoise.judging.arm_result import CONSTANT, ArmResult, Decided
from equipoise.judging.evidence import Evidence
from equipoise.judging.fold_scores import judge_by_fold
from equipoise.judging.intervals import correct_by_holm
from equipoise.judging.records import Judging
from equipoise.metrics.classes import NAMES_OF_TWO, POSITIVE, Classes
from equipoise.metrics.names import Floats, Labels
from equipoise.params.decision_params import Decision
from equipoise.params.trial_params import Uncertainty, Verdict
from equipoise.sizing.subsamples import thin_folds

POPULATION, FOLDS, BAGS, ALPHA = 200_000, 5, 10, 0.05
# How far rows of a group are from one another, in standard deviations of a feature.
WITHIN_GROUP = 0.3
DEFAULT, TUNED = 0.5, "tuned_f1"
QUESTIONS = (
    *("average_precision", "roc_auc", "default_f1", TUNED),
    "calibrated_brier_score",
)
# Weights of the negatives that leave 1 in 10 and 1 in 50 positive: some labels are flipped.
WEIGHTS = {10: 0.9, 50: 0.985}
MODELS: Mapping[str, Callable[[str | None, int], ClassifierMixin]] = {
    "logistic": lambda weight, _: LogisticRegression(max_iter=1000, class_weight=weight),
    "tree": lambda weight, seed: DecisionTreeClassifier(
        max_depth=5, class_weight=weight, random_state=seed
    ),
    "boosting": lambda weight, seed: HistGradientBoostingClassifier(
        max_iter=50, early_stopping=False, class_weight=weight, random_state=seed
    ),
}
REMEDIES = ("class_weight", "smote", "bagging", "under_0")
OBJECTIVE = make_objective(Decision(), Classes(NAMES_OF_TWO, POSITIVE))
Score = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Scenario:
    """A model, the rows of a table, and of how many one is positive; 70 % of rows train.

    `equals` is how many remedies are equal to another one: under-sampling, and copies. Folds are
    made `repeats` times. Rows come in groups of `group_size`, alike and of one class, whole groups
    to a fold. `remedies` are tried beside these.
    """

    model: str
    rows: int
    one_in: int
    equals: Mapping[str, int]
    repeats: int = 2
    group_size: int = 1
    remedies: tuple[str, ...] = REMEDIES

    @property
    def name(self) -> str:
        """What it is called on the command line."""
        return f"{self.model}-{self.rows}-{self.one_in}"

    @property
    def arms(self) -> tuple[str, ...]:
        """All procedures that are tried, the equal ones last."""
        equal = [f"{kind}_{n}" for kind, most in self.equals.items() for n in range(most + 1)]
        return tuple(dict.fromkeys(["baseline", *self.remedies, *equal]))

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """What is compared with what."""
        remedies = [(remedy, "baseline") for remedy in REMEDIES]
        equal = [
            (f"{kind}_{n}", f"{kind}_0")
            for kind, most in self.equals.items()
            for n in range(1, most + 1)
        ]
        return (*remedies, ("bagging", "under_0"), *equal)


SCENARIOS = {
    scenario.name: scenario
    for model in MODELS
    for rows in (2_000, 5_000, 20_000)
    for one_in in WEIGHTS
    for scenario in [Scenario(model, rows, one_in, {"under": 10, "copy": 3})]
}


def make_population(one_in: int, seed: int) -> tuple[Floats, Labels]:
    """Return the rows that tables are drawn from: each seed has a problem of its own."""
    X, y = make_classification(
        *(POPULATION, 10),
        n_informative=6,
        n_redundant=2,
        weights=[WEIGHTS[one_in]],
        random_state=seed,
    )
    return X, y.astype(np.int64)


def fit(arm: str, model: str, X: Floats, y: Labels, rng: np.random.Generator) -> Score:
    """Return what scores rows: a procedure fitted on these ones."""
    make = MODELS[model]
    if arm == "bagging":
        bags = [fit("under", model, X, y, rng) for _ in range(BAGS)]
        return lambda rows: np.asarray(np.mean([bag(rows) for bag in bags], axis=0))
    seed = int(rng.integers(2**31))
    if arm.startswith("under"):
        positives, negatives = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
        chosen = np.union1d(positives, rng.choice(negatives, len(positives), replace=False))
        X, y = X[chosen], y[chosen]
    if arm == "smote":
        neighbours = min(5, int(y.sum()) - 1)
        X, y = SMOTE(k_neighbors=neighbours, random_state=seed).fit_resample(X, y)
    fitted = make("balanced" if arm == "class_weight" else None, seed).fit(X, y)
    return lambda rows: np.asarray(fitted.predict_proba(rows)[:, 1])


def make_folds(
    scenario: Scenario, y: Labels, group: Labels, seed: int
) -> Iterator[tuple[Labels, Labels]]:
    """Give the rows that are fitted on, and those held out: no group is on both sides."""
    rows = np.zeros(len(y))
    if scenario.group_size == 1:
        splitter = RepeatedStratifiedKFold(
            n_splits=FOLDS, n_repeats=scenario.repeats, random_state=seed
        )
        yield from splitter.split(rows, y)
        return
    for repeat in range(scenario.repeats):
        by_group = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=1000 * seed + repeat)
        yield from by_group.split(rows, y, group)


def judge_arms(  # noqa: PLR0913 - a table, and what is asked of it
    scenario: Scenario,
    X: Floats,
    y: Labels,
    seed: int,
    *,
    odds: tuple[float, ...] = (),
    arms: Sequence[str] = (),
) -> dict[str, Evidence]:
    """Return what the folds say of each procedure, or these, on one table's train part."""
    found = {}
    for place, arm in enumerate(arms or scenario.arms):
        oof = score_folds(scenario, arm, (X, y), seed, place)
        settled = settle_folds(split_by_fold(oof), None, OBJECTIVE, "auto")
        judging = Judging(OBJECTIVE, Uncertainty(), seed, odds=odds)
        scores, replicates = judge_by_fold(oof, settled, judging)
        found[arm] = Evidence(
            _make_empty_result(arm, scenario.model), scores, replicates, pd.DataFrame()
        )
    return found


def score_folds(  # noqa: PLR0913 - a table, and what is tried on it
    scenario: Scenario,
    arm: str,
    train: tuple[Floats, Labels],
    seed: int,
    place: int,
    *,
    share: float = 1.0,
) -> pd.DataFrame:
    """Return out-of-fold scores of a procedure, the `place`th of those that are tried.

    Folds are fitted on a share of the rows of each class.
    """
    (X, y), rng = train, np.random.default_rng([seed, place])
    group = np.arange(len(y)) // scenario.group_size
    own = X + rng.normal(size=X.shape) if arm.startswith("copy") else X
    parts = []
    folds = thin_folds([*make_folds(scenario, y, group, seed)], pd.Series(y), share, seed)
    for number, (fitted, held_out) in enumerate(folds):
        score = fit(arm, scenario.model, own[fitted], y[fitted], rng)(own[held_out])
        where = {"row": held_out, "repeat": number // FOLDS, "fold": number % FOLDS}
        seen = {
            "y_true": y[held_out],
            "y_score": score,
            "y_pred": (score > DEFAULT).astype(int),
        }
        grouped = {GROUP: group[held_out]} if scenario.group_size > 1 else {}
        parts.append(pd.DataFrame(where | seen | grouped))
    return pd.concat(parts, ignore_index=True)


def _make_empty_result(arm: str, model: str) -> ArmResult:
    """Return the result of an arm of which no test row is asked."""
    nothing = Decided({}, ())
    return ArmResult(
        *(arm, arm, model, "nothing"),
        test={},
        calibrated={},
        constant_guess={},
        out_of_fold={},
        default=nothing,
        tuned=nothing,
    )


@dataclass(frozen=True)
class TrainPart:
    """The train part of a table that was drawn, and what else of the draw is random."""

    X: Floats
    y: Labels
    rng: np.random.Generator
    seed: int


def draw_train_parts(scenario: Scenario, draws: Iterable[int], seed: int) -> Iterator[TrainPart]:
    """Give the train part of each of these draws of a table."""
    X, y = make_population(scenario.one_in, seed)
    for draw in draws:
        rng = np.random.default_rng([seed, draw])
        rows = rng.choice(POPULATION, scenario.rows // scenario.group_size, replace=False)
        train, _ = train_test_split(rows, test_size=0.3, stratify=y[rows], random_state=draw)
        train = np.repeat(train, scenario.group_size)
        near = X[train]
        if scenario.group_size > 1:
            near = near + rng.normal(0, WITHIN_GROUP, size=near.shape)
        yield TrainPart(near, y[train], rng, 1000 * seed + draw)


def draw_trials(
    scenario: Scenario, draws: Iterable[int], seed: int, odds: tuple[float, ...] = ()
) -> Iterator[dict[str, Evidence]]:
    """Give what the folds say of each procedure, in each of these draws of a table."""
    for train in draw_train_parts(scenario, draws, seed):
        yield judge_arms(scenario, train.X, train.y, train.seed, odds=odds)


def draw_differences(
    scenario: Scenario, draws: Iterable[int], seed: int
) -> Iterator[dict[str, Any]]:
    """Give every difference that is asked about, in each of these draws."""
    drawn = [*draws]
    for draw, arms in zip(drawn, draw_trials(scenario, drawn, seed), strict=True):
        for (arm, against), question in (
            (pair, question) for pair in scenario.pairs for question in QUESTIONS
        ):
            found = compare_folds(arms[arm], arms[against], question)
            low, high = found.find_interval(1 - ALPHA)
            yield {
                "draw": draw,
                "arm": arm,
                "against": against,
                "question": question,
                "effect": found.effect,
                "low": low,
                "high": high,
                "p": found.p,
                "error": found.standard_error,
                "region": _measure_region(arms[against]) if question == TUNED else np.nan,
                "corrected_p": compare_by_corrected_test(arms[arm], arms[against], question),
            }


def _measure_region(arm: Evidence) -> float:
    """Return how small a difference of tuned F1 is none, as a recommendation takes it."""
    value, constant = (float(arm.folds[name].mean()) for name in (TUNED, f"{CONSTANT}_f1"))
    return measure_region("f1", value, constant, Verdict().rope)


def compare_by_corrected_test(arm: Evidence, against: Evidence, question: str) -> float:
    """Return p of the corrected resampled t-test (Nadeau and Bengio, 2003), to compare with."""
    difference = (arm.folds[question] - against.folds[question]).to_numpy()
    share = arm.folds["n_test"].mean() / arm.folds["n_train"].mean()
    error = difference.std(ddof=1) * np.sqrt(1 / len(difference) + share)
    t = abs(difference.mean()) / error if error > 0 else 0.0
    return float(2 * stats.t.sf(t, len(difference) - 1))


def summarise(differences: pd.DataFrame) -> pd.DataFrame:
    """Return, by pair and question, the truth, and shares of draws in percent."""
    equal = differences["against"].isin(["under_0", "copy_0"]) & (differences["arm"] != "bagging")
    kind = differences["arm"].where(~equal, differences["arm"].str.split("_").str[0] + "_n")
    by = differences.assign(arm=kind, equal=equal)
    keys = ["arm", "against", "question"]
    true = by.groupby(keys)["effect"].transform("mean").where(~equal, 0.0)
    by = by.assign(
        difference=true,
        held=100.0 * ((by["low"] <= true) & (true <= by["high"])),
        claimed=100.0 * (by["p"] < ALPHA),
        claimed_by_corrected_test=100.0 * (by["corrected_p"] < ALPHA),
    )
    columns = ["difference", "held", "claimed", "claimed_by_corrected_test"]
    return by.groupby(keys, sort=False)[columns].mean()


def count_false_claims(
    scenario: Scenario, differences: pd.DataFrame, sizes: Sequence[int] = (1, 3, 10)
) -> pd.DataFrame:
    """Return in how many draws, in percent, any of so many equal remedies is called different.

    After Holm's correction, for each question.
    """
    rows = []
    for kind, most in scenario.equals.items():
        own = differences[
            (differences["against"] == f"{kind}_0") & differences["arm"].str.startswith(kind)
        ]
        for size in (size for size in sizes if size <= most):
            family = own[own["arm"].isin([f"{kind}_{n}" for n in range(1, size + 1)])]
            claimed = family.groupby(["question", "draw"])["p"].agg(
                lambda p: min(correct_by_holm(p.tolist())) < ALPHA
            )
            share = 100 * claimed.groupby("question").mean()
            rows.append({"equal": kind, "remedies": size, **share})
    return pd.DataFrame(rows).set_index(["equal", "remedies"])[list(QUESTIONS)]


def count_simplest_taken(
    scenario: Scenario, differences: pd.DataFrame, sizes: Sequence[int] = (1, 3, 10)
) -> pd.DataFrame:
    """Return in how many draws, in percent, the simplest of equal arms is the one recommended.

    That is where none of so many others is ahead in tuned F1 by more than it may fall short.
    """
    tuned, rows = differences[differences["question"] == TUNED], []
    for kind, most in scenario.equals.items():
        own = tuned[(tuned["against"] == f"{kind}_0") & tuned["arm"].str.startswith(kind)]
        for size in (size for size in sizes if size <= most):
            family = own[own["arm"].isin([f"{kind}_{n}" for n in range(1, size + 1)])]
            best = family.loc[family.groupby("draw")["effect"].idxmax()]
            allowed = [
                find_allowed_shortfall(*each)
                for each in zip(best["region"], best["error"], strict=True)
            ]
            taken = 100 * (best["effect"] <= allowed).mean()
            found = {"deviation": own.groupby("arm")["effect"].std().mean(), "simplest": taken}
            rows.append({"equal": kind, "remedies": size, **found})
    return pd.DataFrame(rows).set_index(["equal", "remedies"])


def measure_regret(differences: pd.DataFrame) -> pd.DataFrame:
    """Return what rules cost that choose between the baseline and one remedy, in tuned F1.

    For each pair, the mean regret of each rule in thousandths and, in percent, how often it takes
    the remedy. Taken is a remedy whose mean is ahead at all, by more than half the region of
    practical equivalence or all of it, by more than a recommendation allows the simpler arm to fall
    short, or one that is credibly better.
    """
    found = {}
    tuned = differences[differences["question"] == TUNED]
    equal = tuned["arm"].str.rstrip("0123456789") == tuned["against"].str.rstrip("0123456789")
    pairs = tuned["arm"].where(~equal, tuned["arm"].str.rstrip("_0123456789"))
    for pair, own in tuned.groupby([pairs, "against"], sort=False):
        deviation = own["effect"].std()
        true = 0.0 if pair[0] in {"under", "copy"} else own["effect"].mean()
        allowed = [
            find_allowed_shortfall(*each) for each in zip(own["region"], own["error"], strict=True)
        ]
        taken = {
            "ahead at all": own["effect"] > 0,
            "by half the region": own["effect"] > own["region"] / 2,
            "by the region": own["effect"] > own["region"],
            "recommended": own["effect"] > allowed,
            "credibly better": (own["p"] < ALPHA) & (own["effect"] > 0),
        }
        row: dict[str, float | str] = {
            "true difference": round(true, 4),
            "deviation": round(deviation, 4),
            "region": round(own["region"].mean(), 4),
        }
        for rule, takes in taken.items():
            regret = np.where(takes, max(0.0, -true), max(0.0, true)).mean()
            row[rule] = f"{1000 * regret:.1f} ({100 * takes.mean():.0f})"
        found[pair] = row
    return pd.DataFrame(found).T

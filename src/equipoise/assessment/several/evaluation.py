"""The numbers of one arm on several classes: on the test part, with intervals, and out of fold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from equipoise.assessment.curves import class_curves
from equipoise.assessment.folds import fold_scores
from equipoise.assessment.intervals import metric_intervals
from equipoise.assessment.judging import Evaluation, Judging
from equipoise.assessment.limitations import limitations
from equipoise.assessment.metrics import PLAIN, Floats, Labels
from equipoise.assessment.ranking import rank_quickly
from equipoise.assessment.several import tallies
from equipoise.assessment.several.class_weights import (
    TunedWeights,
    decide,
    expected_cost_decisions,
    tune,
)
from equipoise.assessment.several.probabilities import (
    brier_losses,
    classwise_calibration_errors,
    correct_priors,
    log_losses,
    recalibrate,
)
from equipoise.assessment.several.replicates import (
    BY_CLASS,
    RANKING,
    Scored,
    class_section,
    replicate_metrics,
)
from equipoise.assessment.several.tallies import Tally
from equipoise.contract.decision_params import Decision

SCORE = "y_score_"


@dataclass(frozen=True)
class Rows:
    """Scored rows: the classes in their order, codes of them, and n x K probabilities.

    Each row is there `repeats` times.
    """

    classes: Sequence[str]
    y_true: Labels
    y_score: Floats
    y_pred: Labels
    repeats: int

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Self:
        """Return rows with their labels as codes: positions among the columns of scores."""
        columns = [name for name in frame if str(name).startswith(SCORE)]
        classes = [str(name).removeprefix(SCORE) for name in columns]
        code = {label: position for position, label in enumerate(classes)}
        y_true, y_pred = (
            frame[name].astype(str).map(code).to_numpy().astype(np.int64)
            for name in ("y_true", "y_pred")
        )
        repeats = frame["repeat"].nunique() if "repeat" in frame else 1
        return cls(classes, y_true, frame[columns].to_numpy(np.float64), y_pred, repeats)


def evaluate(
    test: pd.DataFrame, oof: pd.DataFrame, ratios: Mapping[str, float] | None, judging: Judging
) -> Evaluation:
    """Return the evaluation of scored test rows; weights and calibration come from `oof`.

    Both frames have `y_true`, `y_pred` and `y_score_<class>`; `ratios` are as
    `evaluation.evaluate` has them.
    """
    decision, rows, train = judging.decision, Rows.of(test), Rows.of(oof)
    tuned = tune(train.y_true, train.y_score, decision)
    by_code = None if ratios is None else np.array([ratios[label] for label in rows.classes])
    scored = _scored(rows, train, by_code, tuned, judging)
    replicates = replicate_metrics(scored, decision, judging.uncertainty, judging.seed)
    metrics = (
        _ranking_and_probabilities(scored, train)
        | _decisions(scored, tuned, decision)
        | _by_class(scored)
        | {"out_of_fold": _out_of_fold(train, tuned, decision)}
    )
    metrics["interval"] = metric_intervals(replicates, metrics, judging.uncertainty)
    counts = dict(zip(rows.classes, np.bincount(rows.y_true).tolist(), strict=True))
    notes = [note for note in (tuned.note, *limitations(metrics, counts)) if note]
    if notes:
        metrics["note"] = "; ".join(notes)
    curves = class_curves(rows.classes, rows.y_true, scored.probabilities)
    return Evaluation(metrics, curves, _by_fold(oof, by_code, judging), replicates)


def _scored(
    rows: Rows, train: Rows, ratios: Floats | None, tuned: TunedWeights, judging: Judging
) -> Scored:
    """Return test rows with every view's probabilities and decisions."""
    out_of_fold = (train.y_true, train.y_score)
    calibrated = recalibrate(judging.calibration, out_of_fold, rows.y_score, ratios, train.repeats)
    probabilities = {PLAIN: rows.y_score, "calibrated": calibrated}
    if ratios is not None and not np.allclose(ratios, ratios[0]):
        probabilities["prior_corrected"] = correct_priors(rows.y_score, ratios)
    decisions = {"default": rows.y_pred, "tuned": decide(rows.y_score, tuned.weights)}
    costs = tallies.cost_matrix(judging.decision, len(rows.classes))
    if costs is not None:
        decisions["elkan"] = expected_cost_decisions(calibrated, costs)
    return Scored(rows.classes, rows.y_true, probabilities, decisions, costs)


def _ranking_and_probabilities(scored: Scored, train: Rows) -> dict[str, Any]:
    y_true, n_classes = scored.y_true, len(scored.classes)
    shares = np.bincount(train.y_true, minlength=n_classes) / len(train.y_true)
    constant = np.tile(shares, (len(y_true), 1))
    sections: dict[str, dict[str, Any]] = {
        section: _probability_metrics(y_true, score)
        for section, score in (*scored.probabilities.items(), ("constant_guess", constant))
    }
    counts = np.bincount(y_true, minlength=n_classes)
    return sections | {
        PLAIN: sections[PLAIN]
        | _ranking(y_true, scored.probabilities[PLAIN])
        | {"n": len(y_true), "prevalence": float(counts.min() / len(y_true))},
        "classes": list(scored.classes),
    }


def _ranking(y_true: Labels, y_score: Floats) -> dict[str, float]:
    """Return the means over classes, each against the rest."""
    by_class = [_against_rest(y_true, y_score, code) for code in range(y_score.shape[1])]
    return {name: float(np.mean([found[name] for found in by_class])) for name in RANKING}


def _against_rest(y_true: Labels, y_score: Floats, code: int) -> dict[str, float]:
    return rank_quickly((y_true == code).astype(np.int64), y_score[:, code])


def _probability_metrics(y_true: Labels, y_score: Floats) -> dict[str, float]:
    return {
        "brier_score": float(brier_losses(y_true, y_score).mean()),
        "log_loss": float(log_losses(y_true, y_score).mean()),
        "calibration_error": float(np.mean(classwise_calibration_errors(y_true, y_score))),
    }


def _decisions(scored: Scored, tuned: TunedWeights, decision: Decision) -> dict[str, Any]:
    sections: dict[str, Any] = {}
    confusions = {}
    for view, y_pred in scored.decisions.items():
        matrix = tallies.confusion_matrix(scored.y_true, y_pred, len(scored.classes))
        tally = Tally.of_confusions(matrix, scored.costs)
        numbers = tallies.decision_metrics(tally)
        numbers |= {decision.objective: tallies.objective(decision)(tally)}
        sections[view] = {name: float(value) for name, value in numbers.items()}
        confusions[view] = matrix.astype(int).tolist()
    sections["tuned"]["weights"] = dict(zip(scored.classes, tuned.weights, strict=True))
    return sections | {"confusion": confusions}


def _by_class(scored: Scored) -> dict[str, Any]:
    """Return a section for each class: the class against all the others."""
    y_true, y_score = scored.y_true, scored.probabilities[PLAIN]
    errors = classwise_calibration_errors(y_true, y_score)
    sections: dict[str, Any] = {}
    for code, label in enumerate(scored.classes):
        decided = {
            f"{view}_{name}": float(metric(Tally.of(y_true, y_pred, len(scored.classes)))[code])
            for view, y_pred in scored.decisions.items()
            for name, metric in BY_CLASS.items()
        }
        sections[class_section(label)] = (
            {"n": int((y_true == code).sum()), "calibration_error": float(errors[code])}
            | _against_rest(y_true, y_score, code)
            | decided
        )
    return sections


def _out_of_fold(train: Rows, tuned: TunedWeights, decision: Decision) -> dict[str, float]:
    """Return the evidence on train rows: what may be used to choose, as test may not be."""
    return _ranking(train.y_true, train.y_score) | {
        "brier_score": float(brier_losses(train.y_true, train.y_score).mean()),
        f"default_{decision.objective}": _worth(train, train.y_pred, decision),
        f"tuned_{decision.objective}": tuned.value,
    }


def _worth(rows: Rows, y_pred: Labels, decision: Decision) -> float:
    n_classes = len(rows.classes)
    costs = tallies.cost_matrix(decision, n_classes)
    return float(tallies.objective(decision)(Tally.of(rows.y_true, y_pred, n_classes, costs)))


def _by_fold(oof: pd.DataFrame, ratios: Floats | None, judging: Judging) -> pd.DataFrame:
    """Return a row for each fold: tuned and calibrated on the other folds of its repeat."""
    decision = judging.decision

    def judge(held_out: pd.DataFrame, others: pd.DataFrame) -> dict[str, float]:
        rows, rest = Rows.of(held_out), Rows.of(others)
        known = rest.y_true, rest.y_score
        weights = tune(*known, decision).weights
        calibrated = recalibrate(judging.calibration, known, rows.y_score, ratios)
        return _ranking(rows.y_true, rows.y_score) | {
            "brier_score": float(brier_losses(rows.y_true, rows.y_score).mean()),
            "calibrated_brier_score": float(brier_losses(rows.y_true, calibrated).mean()),
            "log_loss": float(log_losses(rows.y_true, rows.y_score).mean()),
            f"default_{decision.objective}": _worth(rows, rows.y_pred, decision),
            f"tuned_{decision.objective}": _worth(rows, decide(rows.y_score, weights), decision),
        }

    return fold_scores(oof, judge, forward=judging.forward, never_scored=judging.never_scored)

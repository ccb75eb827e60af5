"""What train settles about an arm: a rule, a calibrator, and what they promise out of fold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from equipoise.assessment import two_classes
from equipoise.assessment.judging import Judging
from equipoise.assessment.objectives import with_amounts
from equipoise.assessment.scores import Scores, check_scores
from equipoise.assessment.several import evaluation as several
from equipoise.contract.params import Params
from equipoise.deciding.decision import ArmDecision, Label
from equipoise.deciding.learning import learn_calibrator
from equipoise.terminal.errors import UserError


def known_ratios(
    ratios: Mapping[str, float] | None, unknown_odds: str | None, calibration: str
) -> Mapping[str, float] | None:
    """Return what a strategy made of the shares of classes, unless its model changes them too.

    `unknown_odds` says in words what does, if anything. A `UserError` repeats it if
    `calibration` is to undo what nobody knows.
    """
    if unknown_odds is None:
        return ratios
    if calibration == "prior":
        raise UserError(
            f"calibration: 'prior' cannot correct {unknown_odds}; choose isotonic or sigmoid"
        )
    return None


@dataclass(frozen=True)
class Treated:
    """What an arm does about imbalance.

    `ratios` are its strategy's, by class; `unknown_odds` says in words what else changes odds.
    """

    treatment: str
    ratios: Mapping[str, float] | None
    unknown_odds: str | None


def settle_arm(
    oof: pd.DataFrame,
    train: pd.DataFrame,
    treated: Treated,
    labels: Sequence[Label],
    params: Params,
) -> ArmDecision:
    """Return what train settles about an arm, by its out-of-fold scores."""
    return learn_decision(
        with_amounts(oof, train, params.decision),
        known_ratios(treated.ratios, treated.unknown_odds, params.calibration),
        Judging(params.decision, params.calibration, params.uncertainty, params.seed),
        labels=labels,
        treatment=treated.treatment,
    )


def learn_decision(
    oof: pd.DataFrame,
    ratios: Mapping[str, float] | None,
    judging: Judging,
    *,
    labels: Sequence[Label],
    treatment: str,
) -> ArmDecision:
    """Return what out-of-fold scores settle; no row of test has a part in it.

    `oof` has `y_true`, `y_pred`, `y_score` (or `y_score_<class>` where there are several) and,
    where the objective goes by it, `amount`. `ratios` has, by class, what the arm made of its
    share in what is learned, up to a constant; None where nobody knows. `labels` are the
    user's own, in the order of the classes.
    """
    check_scores(oof, "out-of-fold")
    scores = Scores.of(oof)
    by_code = None if ratios is None else tuple(float(ratios[name]) for name in scores.classes)
    rules = two_classes if "y_score" in oof else several
    settled = rules.settle(oof, judging.decision)
    return ArmDecision(
        labels=tuple(labels),
        rule=settled.rule,
        calibrator=learn_calibrator(
            judging.calibration, scores.y_true, scores.raw, by_code, scores.repeats
        ),
        treatment=treatment,
        out_of_fold=settled.out_of_fold,
        ratios=by_code,
        note=settled.note,
    )

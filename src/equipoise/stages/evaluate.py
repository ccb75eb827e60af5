"""Score the test part once, with the decisions that train settled."""

import pandas as pd

from equipoise.core.arms import ArmName
from equipoise.core.few_rows import NO_TEST_PART
from equipoise.core.fit_report import FitReport
from equipoise.core.tables import GROUP, SEGMENT
from equipoise.deciding.objectives import make_objective
from equipoise.judging.brief import make_brief
from equipoise.judging.evaluation import SettledArm, evaluate_arm
from equipoise.judging.records import EvaluatedArm, Judging
from equipoise.judging.segment_evidence import add_segments
from equipoise.metrics.classes import Classes
from equipoise.metrics.net_benefit import choose_odds
from equipoise.metrics.scores import Scores
from equipoise.params.trial_params import Params
from equipoise.storage.decision_files import read_decision
from equipoise.storage.evidence_files import write_evidence
from equipoise.storage.files.formats import read_frame, write_csv, write_frame, write_json
from equipoise.storage.files.record_files import read_record
from equipoise.storage.files.refusals import keeping_refusals, pass_refusal_on
from equipoise.storage.layout import Layout
from equipoise.storage.model_files import read_model
from equipoise.terminal.errors import print_in_full


def run(layout: Layout, params: Params, strategy: str, model: str) -> None:
    """Write predictions, metrics and the few that matter, curves, fold scores and replicates."""
    arm = ArmName(strategy, model)
    if pass_refusal_on(layout.decision(arm), layout.list_evaluated(arm)):
        return
    train = read_frame(layout.train, [GROUP, *filter(None, [params.decision.amount])])
    test = read_frame(layout.test)
    decision, oof = read_decision(layout.decision(arm)), read_frame(layout.out_of_fold(arm))
    pipeline = read_model(layout.model(arm), params.plugins)
    fits = read_record(layout.fits(arm), FitReport)
    settled = SettledArm(arm, pipeline, decision, oof, fits.notes)
    segments = read_frame(layout.dataset, [SEGMENT]).get(SEGMENT)
    with keeping_refusals(str(arm), layout.list_evaluated(arm)):
        evaluated = evaluate_settled_arm(settled, train, test, params, segments)
        if not params.split.has_test:
            print_in_full(f"note: {arm}: {NO_TEST_PART}")
        write_frame(evaluated.test, layout.test_scores(arm))
        write_evidence(evaluated, layout, arm)
        write_json(make_brief(evaluated.result, params.decision.objective), layout.scores(arm))
        write_csv(evaluated.curves, layout.curves(arm))


def evaluate_settled_arm(
    settled: SettledArm,
    train: pd.DataFrame,
    test: pd.DataFrame,
    params: Params,
    segments: pd.Series | None,
) -> EvaluatedArm:
    """Return all that is known of an arm, test included; `segments` has those of all rows."""
    decision = settled.decision
    objective = make_objective(params.decision, Classes.of(decision.labels), decision.prevalence)
    forward = params.split.is_forward
    odds = choose_odds(Scores.of(settled.out_of_fold, objective.prevalence), params.decision.odds)
    judging = Judging(objective, params.uncertainty, params.seed, forward, odds=odds)
    evaluated = evaluate_arm(settled, train, test, judging)
    if segments is None:
        return evaluated
    return add_segments(evaluated, settled, (train, test), segments, judging)

"""Score the test part once, with the decisions that train settled."""

from equipoise.assessment.brief import brief, curves_of
from equipoise.assessment.evaluation import evaluate
from equipoise.assessment.judging import Judging
from equipoise.assessment.objectives import with_amounts
from equipoise.contract.decision_files import read_decision
from equipoise.contract.layout import Layout
from equipoise.contract.params import ArmName, Params
from equipoise.contract.storage import read_frame, read_json, write_csv, write_frame, write_json
from equipoise.contract.tables import ROW
from equipoise.deciding.scoring import assemble_classifier, score_decided
from equipoise.fitting.model_files import read_model


def run(layout: Layout, params: Params, strategy: str, model: str) -> None:
    """Write predictions, metrics and the few that matter, curves, fold scores and replicates."""
    arm = ArmName(strategy, model)
    train, part = read_frame(layout.train), read_frame(layout.test)
    decided = read_decision(layout.decision(arm))
    oof = with_amounts(read_frame(layout.out_of_fold(arm)), train, params.decision)
    judging = Judging(
        *(params.decision, params.calibration, params.uncertainty, params.seed),
        forward=params.split.method == "time",
        never_scored=len(train) - oof[ROW].nunique(),
    )
    classifier = assemble_classifier(read_model(layout.model(arm), params.plugins), decided)
    test = score_decided(classifier, part)
    scored = with_amounts(test, part, params.decision)
    notes = read_json(layout.fits(arm))["notes"]
    evaluation = evaluate(scored, oof, decided, judging).with_notes(notes)
    write_frame(test, layout.test_scores(arm))
    names = {"arm": str(arm), "strategy": strategy, "model": model}
    metrics = names | evaluation.metrics | {"treatment": decided.treatment}
    write_json(metrics, layout.metrics(arm))
    write_json(brief(metrics, judging), layout.scores(arm))
    write_csv(curves_of(evaluation, judging).assign(**names), layout.curves(arm))
    write_frame(evaluation.folds, layout.folds(arm))
    write_frame(evaluation.replicates, layout.replicates(arm))

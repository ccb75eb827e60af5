"""Compare every arm that `run` names with the baseline, and print the verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from equipoise.comparing.comparison import compare_trial
from equipoise.comparing.confusions import make_confusion_table
from equipoise.comparing.decision_curves import Gain, compare_net_benefits, tabulate_gains
from equipoise.comparing.printed import print_comparison
from equipoise.comparing.results import Comparison
from equipoise.comparing.verdict import Criteria
from equipoise.judging.brief import make_brief
from equipoise.judging.evidence import Evidence
from equipoise.params.trial_params import Params
from equipoise.stages.finished_arms import list_finished, read_left_out, refuse_mixed_params
from equipoise.storage.comparison_files import write_comparison
from equipoise.storage.evidence_files import read_evidence
from equipoise.storage.files.formats import concat_csv, write_csv, write_json
from equipoise.storage.former_arms import remove_former_arms
from equipoise.storage.layout import Layout


def run(layout: Layout, params: Params) -> None:
    """Write the comparison, the curves and confusion matrices of all arms; print the table."""
    remove_former_arms(layout, params)
    left_out = read_left_out(layout.metrics, params.run)
    names = list_finished(params.run, left_out)
    refuse_mixed_params(layout, names)
    evidence = {str(arm): read_evidence(layout, arm) for arm in names}
    gains = compare_net_benefits(evidence, make_criteria(params))
    comparison = compare_evidence(evidence, left_out, params, gains)
    write_comparison(comparison, layout.comparison)
    write_csv(tabulate_gains(gains), layout.net_benefit)
    concat_csv([layout.curves(arm) for arm in names], layout.all_curves)
    arms = [own.result for own in evidence.values()]
    best = comparison.recommended.select_from(arms)
    write_json(make_brief(best, params.decision.objective), layout.recommended)
    write_csv(make_confusion_table(arms), layout.confusions)
    print_comparison(arms, comparison, params.uncertainty)


def compare_evidence(
    evidence: Mapping[str, Evidence],
    left_out: Mapping[str, str],
    params: Params,
    gains: Sequence[Gain],
) -> Comparison:
    """Return how the arms compare.

    `evidence` has every arm that `run` names, by its name, but those that are `left_out`, which
    has the reasons; `gains` what they gain in net benefit.
    """
    compared = compare_trial(evidence, make_criteria(params), params.calibration, gains)
    objective = params.decision.objective
    arms = {name: make_brief(own.result, objective) for name, own in evidence.items()}
    return replace(compared, left_out=left_out or None, arms=arms)


def make_criteria(params: Params) -> Criteria:
    """Return how verdicts are reached."""
    return Criteria(
        params.run,
        params.decision.objective,
        params.uncertainty,
        params.verdict,
        params.split.scored,
    )

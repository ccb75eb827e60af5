"""What a trial found: every arm against the baseline, what that means, which arm to take."""

from collections.abc import Mapping, Sequence

from equipoise.comparing.conclusions import describe_fitted_models, describe_remedies
from equipoise.comparing.decision_curves import Gain, describe_net_benefit
from equipoise.comparing.recommendation import recommend_arm
from equipoise.comparing.results import Comparison
from equipoise.comparing.segment_verdicts import compare_segments
from equipoise.comparing.verdict import Criteria, compare_arms
from equipoise.judging.evidence import Evidence


def compare_trial(
    evidence: Mapping[str, Evidence],
    criteria: Criteria,
    calibration: str,
    gains: Sequence[Gain] = (),
) -> Comparison:
    """Return the verdicts, their meaning in sentences, and the recommendation.

    `evidence` has the arms that `criteria.run` names, by name, but those that are left out;
    `gains` what they gain in net benefit.
    """
    verdicts = compare_arms(evidence, criteria)
    recommended = recommend_arm(evidence, criteria, calibration)
    best = recommended.arm
    return Comparison(
        **vars(verdicts),
        conclusions=tuple(describe_remedies(verdicts, evidence, criteria.scored)),
        conclusions_on_test=tuple(describe_fitted_models(verdicts, evidence)),
        recommended=recommended,
        net_benefit=(*describe_net_benefit(gains, best, evidence[best], criteria.alpha),),
        segments=compare_segments(verdicts, best, evidence, criteria),
    )

"""What a trial found: every arm against the baseline, what that means, which arm to take."""

from collections.abc import Mapping

from equipoise.comparing.conclusions import describe_fitted_models, describe_remedies
from equipoise.comparing.recommendation import recommend_arm
from equipoise.comparing.results import Comparison
from equipoise.comparing.segment_verdicts import compare_segments
from equipoise.comparing.verdict import Criteria, compare_arms
from equipoise.judging.evidence import Evidence


def compare_trial(
    evidence: Mapping[str, Evidence], criteria: Criteria, calibration: str
) -> Comparison:
    """Return the verdicts, their meaning in sentences, and the recommendation.

    `evidence` has the arms that `criteria.run` names, by name, but those that are left out.
    """
    verdicts = compare_arms(evidence, criteria)
    recommended = recommend_arm(evidence, criteria, calibration)
    return Comparison(
        **vars(verdicts),
        conclusions=tuple(describe_remedies(verdicts, evidence)),
        conclusions_on_test=tuple(describe_fitted_models(verdicts, evidence)),
        recommended=recommended,
        segments=compare_segments(verdicts, recommended.arm, evidence, criteria),
    )

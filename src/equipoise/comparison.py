"""What a trial found: every arm against the baseline, what that means, which arm to take."""

from collections.abc import Mapping
from typing import Any

from equipoise.conclusions import describe_fitted_models, describe_remedies
from equipoise.contract.params import Params
from equipoise.recommendation import recommend
from equipoise.verdict import Evidence, Rules, compare_arms


def compare_trial(evidence: Mapping[str, Evidence], params: Params) -> dict[str, Any]:
    """Return the verdicts, their meaning in sentences, and the recommendation.

    `evidence` has every arm that `params.run` names, by its name.
    """
    rules = Rules(params.run, params.decision, params.uncertainty, params.verdict)
    compared = compare_arms(evidence, rules)
    return compared | {
        "conclusions": describe_remedies(compared, evidence),
        "conclusions_on_test": describe_fitted_models(compared, evidence),
        "recommended": recommend(evidence, rules) | {"calibration": params.calibration},
    }

"""An arm's classifier, put together from what two stages made."""

from typing import Any

from equipoise.deciding.classifier import DecidingClassifier
from equipoise.deciding.decision import ArmDecision


def assemble_classifier(pipeline: Any, decision: ArmDecision) -> DecidingClassifier:
    """Return an arm's classifier, made of its fitted pipeline and what train settled."""
    return DecidingClassifier(
        pipeline, decision.calibrator, decision.rule, decision.labels, decision.share
    )

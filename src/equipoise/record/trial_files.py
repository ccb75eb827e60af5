"""What is published: the files of a pipeline state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from equipoise.params.trial_params import Params


@dataclass(frozen=True)
class ArmFiles:
    """The files of one arm."""

    name: str
    strategy: str
    model: str
    metrics: Path
    curves: Path
    resampling: Path
    model_file: Path
    decision: Path

    @property
    def files(self) -> tuple[Path, ...]:
        """All that is known of the arm."""
        return (self.metrics, self.curves, self.resampling, self.model_file, self.decision)


@dataclass(frozen=True)
class TrialFiles:
    """The files of a pipeline state, and the params that shaped them."""

    params: Params
    schema: Path
    parts: Mapping[str, Path]
    comparison: Path
    curves: Path
    arms: Sequence[ArmFiles]
    lock: Path
    attachments: Sequence[Path]

    @property
    def files(self) -> list[Path]:
        """All that tells this state from another."""
        return [
            self.schema,
            *self.parts.values(),
            self.comparison,
            *(f for arm in self.arms for f in arm.files),
        ]

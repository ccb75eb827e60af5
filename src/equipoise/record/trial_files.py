"""What is published: the files of a pipeline state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from equipoise.params.trial_params import Params
from equipoise.record.provenance import make_fingerprint
from equipoise.terminal.errors import UserError

# Tags of runs: what tells one state from another, and the run of the trial that an arm is of.
FINGERPRINT = "fingerprint"
PARENT = "mlflow.parentRunId"


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

    def make_fingerprint(self) -> str:
        """Return what tells this state from others; a `UserError` names a file that is missing."""
        for path in self.files:
            if not path.exists():
                raise UserError(
                    f"{path} is missing, so there is no finished trial; run `dvc repro`"
                )
        return make_fingerprint(self.params.dump_used(), self.files)

    @property
    def files(self) -> list[Path]:
        """All that tells this state from another."""
        return [
            self.schema,
            *self.parts.values(),
            self.comparison,
            *(f for arm in self.arms for f in arm.files),
        ]

"""What a check has found, and what is done about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import TextWrapper
from typing import Literal

from equipoise.params.trial_params import Run
from equipoise.terminal.errors import RefusalError, UserError, make_showable, print_in_full

# What is longer than a terminal is wide goes on in lines that are indented; words stay whole.
WRAPPER = TextWrapper(
    100,
    subsequent_indent="  ",
    break_long_words=False,
    break_on_hyphens=False,
    replace_whitespace=False,
)


# What a finding speaks of that says there are too few rows to claim anything.
FEW_ROWS = "rows of the rarest class"


@dataclass(frozen=True)
class Finding:
    """What to know before work: an error stops it, a warning may spoil it, a note informs.

    `subject` is the column or the key of params.yaml that the message, one line, speaks of. A
    `leak` may let a model know what it will not know later.
    """

    level: Literal["error", "warning", "note"]
    subject: str
    message: str
    leak: bool = False

    def __str__(self) -> str:
        return f"{self.level}: {self.message}"


@dataclass(frozen=True)
class Findings:
    """What the checks of a stage found, in the order found: its file."""

    findings: Sequence[Finding]


def report_mistake(mistake: UserError, subject: str, run: Run, strategy: str) -> Finding:
    """Return what is known of an arm that cannot be fitted: what the trial can do without warns.

    It does without an arm that is refused, but not where `run.strict` wants all of them, nor
    without the baseline of the only model.
    """
    only = len(run.models) == 1 and strategy == run.strategies[0]
    if not isinstance(mistake, RefusalError) or run.strict or only:
        return Finding("error", subject, str(mistake))
    return Finding("warning", subject, f"{mistake}; otherwise it is left out")


def stop_on_errors(findings: Sequence[Finding]) -> None:
    """Raise one `UserError` with all the errors found, one line each, if there are any."""
    errors = [finding.message for finding in findings if finding.level == "error"]
    if errors:
        raise UserError(*dict.fromkeys(errors))  # several checks may find the same mistake


def print_findings(findings: Sequence[Finding]) -> None:
    """Print warnings and notes; raise one `UserError` with the errors, if there are any."""
    for finding in findings:
        if finding.level != "error":
            print_in_full(*WRAPPER.wrap(make_showable(str(finding))))
    stop_on_errors(findings)

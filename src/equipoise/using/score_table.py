"""Score a table of new rows with the arm that a trial recommends, whatever the table's size."""

import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from equipoise.core.few_rows import NO_TEST_PART
from equipoise.core.tables import format_count, format_label
from equipoise.data.table_batches import count_rows
from equipoise.saved_trial import load
from equipoise.storage.layout import Layout
from equipoise.terminal.errors import UserError, print_in_full
from equipoise.terminal.progress import row_bar
from equipoise.using.chosen_arm import choose_arm
from equipoise.using.kept_files import refuse_own_files, require_new_rows
from equipoise.using.new_rows import read_new_rows
from equipoise.using.new_table import naming_no_key, read_new_table
from equipoise.using.scored_columns import DECISION, REASON
from equipoise.using.scored_files import STREAM, check_output, writing_batches
from equipoise.using.scored_rows import Overrides, Scorer
from equipoise.using.unseen_values import UnseenValues


@dataclass(frozen=True)
class ScoreRequest:
    """What a user asks for: `arm` is None for the recommended one; `keep` columns are passed on."""

    out: Path
    overrides: Overrides
    arm: str | None = None
    keep: Sequence[str] = ()


@dataclass
class _Told:
    """What is told at the end: how many rows were decided for each label, and were not scored."""

    decided: Counter[object] = field(default_factory=Counter)
    unscored: int = 0
    first_reason: str = ""

    def add(self, scored: pd.DataFrame) -> None:
        """Count the rows of one more batch."""
        self.decided.update(scored[DECISION].dropna().value_counts().to_dict())
        reasons = scored[REASON].dropna()
        self.unscored += len(reasons)
        if not self.first_reason and len(reasons):
            self.first_reason = str(reasons.iloc[0])


def score_table(layout: Layout, table: Path, asked: ScoreRequest) -> None:
    """Write a score, a probability, a decision or a reason for each row of a table, in its order.

    A table called `-` is CSV from standard input. A `UserError` says what is wrong with the table,
    the trial or what is asked; nothing is written then.
    """
    if str(table) != STREAM:
        require_new_rows(layout, table)
    check_output(asked.out, table)
    trial = load(layout.root)
    refuse_own_files(layout, trial.params, asked.out)
    arm = choose_arm(trial, asked.arm)
    schema, gaps = arm.table.schema, arm.table.gaps
    scorer = Scorer(arm.classifier, schema, asked.overrides)
    told, keep = _Told(), [*dict.fromkeys(asked.keep)]
    unseen = UnseenValues.of(arm.classifier.pipeline, schema)
    _check_kept(keep, scorer)
    with (
        _on_disk(table) as path,
        writing_batches(asked.out) as writer,
        row_bar(_count_rows(path)) as count,
    ):
        for raw in read_new_table(path, trial.params, schema, keep, "--keep"):
            rows = read_new_rows(raw, schema, gaps)
            unseen.add(rows.features)
            scored = scorer.score(rows)
            writer.write(pd.concat([raw[keep], scored.reindex(raw.index)], axis=1))
            told.add(scored)
            count(len(scored))
    _tell(told, str(arm.name), asked.out, tested=trial.params.split.has_test)
    sys.stderr.writelines(f"note: {line}\n" for line in unseen.describe())


def _check_kept(keep: Sequence[str], scorer: Scorer) -> None:
    """Raise a `UserError` if a column to pass on would be called as one of the result is."""
    for name in {*keep} & {*scorer.columns}:
        raise UserError(
            f"--keep: the result has a column '{name}' of its own; rename that of the table"
        )


def _count_rows(path: Path) -> int | None:
    with naming_no_key():
        return count_rows(path)


@contextmanager
def _on_disk(table: Path) -> Iterator[Path]:
    """Give a file with what is on standard input, if that is the table."""
    if str(table) != STREAM:
        yield table
        return
    with TemporaryDirectory() as folder:
        path = Path(folder) / "input.csv"
        with path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        try:
            yield path
        except UserError as mistake:
            raise UserError(*(s.replace(str(path), STREAM) for s in mistake.args)) from mistake


def _tell(told: _Told, arm: str, out: Path, *, tested: bool) -> None:
    """Say on a terminal what came of it; beside scores on standard output, on standard error."""
    decided = ", ".join(
        f"{format_label(label)} for {count:,}" for label, count in told.decided.most_common()
    )
    total = sum(told.decided.values())
    lines = [f"{format_count(total, 'row')} scored with {arm}: {decided or 'none'}"]
    if not tested:
        lines.append(NO_TEST_PART)
    if told.unscored:
        lines.append(
            f"{format_count(told.unscored, 'row')} could not be scored, for the reason in the"
            f" column '{REASON}'; the first: {told.first_reason}"
        )
    if str(out) == STREAM:
        sys.stderr.writelines(f"{line}\n" for line in lines)
    else:
        print_in_full(*lines, f"Written: {out}")

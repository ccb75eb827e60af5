"""Look at a batch of new rows, and tell whether it is as the test part of the trial was."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from equipoise.core.table_schema import Label, TableSchema
from equipoise.core.tables import TWO_CLASSES, split_off_target
from equipoise.data.known_gaps import GAP_WORDS
from equipoise.data.parquet_parts import walk_parquet
from equipoise.data.target import find_label
from equipoise.deciding.decision import find_prevalence
from equipoise.deciding.objectives import make_objective
from equipoise.deciding.refused_rows import scoring_by
from equipoise.metrics.names import Labels
from equipoise.metrics.scores import Scores
from equipoise.monitoring.batch_check import NOT_LABELLED, BatchRows, Reference, check_batch
from equipoise.monitoring.check_report import (
    WITH_LABELS,
    CheckedBatch,
    list_lines,
    write_report,
)
from equipoise.monitoring.looks import Look, number_look, spend_level
from equipoise.params.data_params import FileData, list_gaps
from equipoise.params.trial_params import Params
from equipoise.record.monitored import LookRun, log_look
from equipoise.record.naming import name_experiment, strip_endings
from equipoise.record.store import find_store
from equipoise.saved_trial import load
from equipoise.storage.evidence_files import read_replicates
from equipoise.storage.files.formats import hash_file, read_frame, read_json, replace_text
from equipoise.storage.layout import Layout
from equipoise.storage.look_files import append_look, read_looks
from equipoise.terminal.errors import UserError, print_in_full, print_lines, suggest_nearest
from equipoise.terminal.turns import holding
from equipoise.trial import Trial, TrialArm
from equipoise.using.card_files import make_page
from equipoise.using.chosen_arm import choose_arm, require_test_part
from equipoise.using.kept_files import require_new_rows
from equipoise.using.new_rows import read_new_rows
from equipoise.using.new_table import read_new_table


@dataclass(frozen=True)
class MonitorRequest:
    """What a user asks for: the column of labels, if there is one; None for the recommended arm."""

    labels: str | None = None
    arm: str | None = None
    mlflow: bool = True


@dataclass(frozen=True)
class _Batch:
    """The rows that can be scored, and why each of the others cannot."""

    rows: BatchRows
    reasons: tuple[str, ...]


def monitor_batch(layout: Layout, table: Path, asked: MonitorRequest) -> bool:
    """Return whether a batch alarms; its page, the history and MLflow have the look then.

    A `UserError` says what is wrong with the table, the trial or what is asked; nothing is written
    then.
    """
    require_new_rows(layout, table)
    trial = load(layout.root)
    require_test_part(trial, "new rows are compared with it")
    arm = choose_arm(trial, asked.arm)
    state = _read_state(layout) if asked.mlflow else ""
    batch_hash = _hash_files(walk_parquet(table) if table.is_dir() else [table])
    model = _hash_files([layout.model(arm.name), layout.decision(arm.name)])
    batch = _read_batch(table, trial, arm, asked.labels)
    reference = _make_reference(layout, trial, arm)
    page, params = layout.monitor_page(strip_endings(table.name)), trial.params
    alpha = 1 - params.uncertainty.confidence
    # Each look has a number, which says how much it may alarm by chance: no two may have the same.
    with holding(layout.turns_of_looks, "Another look at new rows is being taken"):
        history = read_looks(layout.looks)
        number = number_look(history, batch_hash, model)
        check = check_batch(
            reference,
            batch.rows,
            spend_level(alpha, number),
            params.uncertainty.resamples,
            params.seed,
        )
        told = CheckedBatch(
            table.name,
            batch_hash,
            model,
            str(arm.name),
            number,
            alpha,
            check,
            batch.reasons,
            arm.result.n_rare,
        )
        text = write_report(told)
        _keep_other_page(page, history, told)
        replace_text(make_page(text, f"Monitor: {table.name}"), page)
        look = Look(number, batch_hash, table.name, model, check.alarms)
        same = [former for former in history if former.is_same(look)]
        told_before = {former.alarms for former in same}
        if not same or (check.labelled is not None and check.alarms not in told_before):
            append_look(look, layout.looks)
    print_lines([*list_lines(told), f"Written: {page}"])
    if asked.mlflow:
        alarmed = any(former.alarms for former in (*same, look))
        run = LookRun(told, state, text, page, alarmed)
        log_look(run, name_experiment(params), find_store())
    return bool(check.alarms)


def _keep_other_page(page: Path, history: Sequence[Look], told: CheckedBatch) -> None:
    """Rename the page of another look whose file has the same name, so that both are there.

    So is one of this look that had labels, if this one has none.
    """
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    of_rows = [look for look in history if look.batch in text]
    former = next((look for look in of_rows if look.model in text), next(iter(of_rows), None))
    if former is None:
        return
    labelled = WITH_LABELS in text
    if former.batch != told.rows_hash:
        what = "other rows"
    elif former.model != told.model_hash:
        what = "another model"
    elif labelled and told.check.labelled is None:
        what = "these rows with their labels"
    else:
        return
    ending = "-labels" if labelled else ""
    kept = page.with_stem(f"{page.stem}-{former.batch[:8]}-{former.model[:8]}{ending}")
    page.replace(kept)
    print_in_full(f"{page} was of {what}, and is {kept} now")


def _read_state(layout: Layout) -> str:
    """Return the fingerprint by which MLflow has the trial."""
    if not layout.published.exists():
        raise UserError(
            f"{layout.published} is missing, so MLflow does not have the trial; run `dvc repro`, or"
            " add --no-mlflow"
        )
    return str(read_json(layout.published, ["fingerprint"])["fingerprint"])


def _hash_files(paths: Sequence[Path]) -> str:
    """Return one hash of the contents of files, in their order."""
    return hashlib.sha256("".join(map(hash_file, paths)).encode()).hexdigest()


def _make_reference(layout: Layout, trial: Trial, arm: TrialArm) -> Reference:
    schema = arm.table.schema
    features, _ = split_off_target(read_frame(layout.test))
    scores = Scores.of(arm.test, find_prevalence(arm.classifier.calibrator))
    return Reference(
        features,
        schema.columns,
        scores,
        read_replicates(layout, arm.name),
        tuple(map(str, schema.labels)),
        make_objective(trial.params.decision, scores.classes),
    )


def _read_batch(table: Path, trial: Trial, arm: TrialArm, labels: str | None) -> _Batch:
    """Return the rows of a table with their scores, and with codes of their labels if asked."""
    params, schema, classifier = trial.params, arm.table.schema, arm.classifier
    codes, amount = list_label_codes(schema, params), params.decision.amount
    parts, reasons = [], []
    others = [] if labels is None else [labels]
    for raw in read_new_table(table, params, schema, others, "--labels"):
        new = read_new_rows(raw, schema, list_gaps(params.data))
        reasons += new.reasons.tolist()
        if len(new.features) == 0:
            continue
        with scoring_by(classifier.pipeline):
            scores = classifier.predict_scores(new.features[[*classifier.feature_names_in_]])
        known = None if labels is None else raw.loc[new.features.index, labels]
        parts.append(
            BatchRows(
                new.features,
                scores,
                classifier.calibrate(scores),
                classifier.decide(scores),
                None if known is None else read_labels(known, codes),
                None if amount is None else new.features[amount].to_numpy(np.float64),
            )
        )
    if not parts:
        why = f"; the first: {reasons[0]}" if reasons else ": it has none"
        raise UserError(f"no row of '{table}' can be scored{why}")
    return _Batch(BatchRows.join(parts), tuple(map(str, reasons)))


def list_label_codes(schema: TableSchema, params: Params) -> Mapping[Label, int]:
    """Return the code of every label that the trial knows: of two classes, several may be one."""
    codes = {label: code for code, label in enumerate(schema.labels)}
    if len(schema.labels) == TWO_CLASSES:
        codes |= dict.fromkeys(schema.others, 0)
        asked = params.data.positive if isinstance(params.data, FileData) else None
        positives = asked if isinstance(asked, tuple) else (asked,)
        codes |= {label: 1 for label in positives if label is not None}
    return codes


def read_labels(column: pd.Series, codes: Mapping[Label, int]) -> Labels:
    """Return the code of each label, `NOT_LABELLED` for a gap; a `UserError` names unknown ones."""
    order, distinct = pd.factorize(column)
    found: list[int] = []
    for value in distinct:
        label = find_label(value, codes)
        if label is None and str(value).strip() not in GAP_WORDS:
            hint = suggest_nearest(str(value), map(str, codes))
            raise UserError(
                f"--labels: '{column.name}' holds {value!r}, no label of the trial; {hint}"
            )
        found.append(NOT_LABELLED if label is None else codes[label])
    # A gap has the order -1, and so the last of these.
    return np.asarray([*found, NOT_LABELLED], dtype=np.int64)[order]

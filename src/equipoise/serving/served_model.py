"""An arm that MLflow has loaded: raw rows in; scores, probabilities and decisions out.

This module and what it imports lie in the folder `code` of a logged model. The packages that it
needs are in the model's `requirements.txt`; Equipoise itself is not among them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from mlflow.exceptions import MlflowException

from equipoise.core.table_schema import TableSchema
from equipoise.deciding.assembling import assemble_classifier
from equipoise.deciding.classifier import DecidingClassifier
from equipoise.serving.serving_notes import (
    DECISION_FILE,
    MODEL_FILE,
    NOTES_FILE,
    SCHEMA_FILE,
    ServingNotes,
)
from equipoise.storage.decision_files import read_decision
from equipoise.storage.files.record_files import read_record
from equipoise.storage.model_files import read_model
from equipoise.terminal.errors import UserError
from equipoise.using.new_rows import read_new_rows
from equipoise.using.scored_rows import Overrides, Scorer

Inference = Mapping[str, float | None]


@dataclass(frozen=True)
class ServedModel:
    """What `mlflow.pyfunc` calls to predict."""

    classifier: DecidingClassifier
    schema: TableSchema
    notes: ServingNotes

    def predict(self, model_input: pd.DataFrame, params: Inference | None = None) -> pd.DataFrame:
        """Return what `equipoise score` writes of each row; of a row without a score, the reason.

        Columns that may be left out count as empty. `params` are those of `Overrides`.
        """
        # Rows are told apart by position: a request may call two of them the same.
        raw = model_input.reset_index(drop=True).reindex(columns=[*self.schema.columns])
        try:
            scorer = Scorer(self.classifier, self.schema, Overrides(**(params or {})))
            scored = scorer.score(read_new_rows(raw, self.schema, self.notes.gaps))
        except UserError as mistake:  # which a server answers with status 400
            raise MlflowException.invalid_parameter_value(str(mistake)) from mistake
        return _make_gaps_none(scored).set_axis(model_input.index)

    def get_raw_model(self) -> DecidingClassifier:
        """Return the classifier, for rows that are read already."""
        return self.classifier


def _load_pyfunc(path: str) -> ServedModel:
    """Return the model in the folder of a logged one: by this name MLflow calls it."""
    folder = Path(path)
    notes = read_record(folder / NOTES_FILE, ServingNotes)
    pipeline = read_model(folder / MODEL_FILE, notes.plugins)
    decision = read_decision(folder / DECISION_FILE)
    schema = read_record(folder / SCHEMA_FILE, TableSchema)
    return ServedModel(assemble_classifier(pipeline, decision), schema, notes)


def _make_gaps_none(scored: pd.DataFrame) -> pd.DataFrame:
    """Return columns with None for gaps: JSON has a word for it, and none for not a number."""
    columns = {
        name: column.astype(object).where(column.notna(), None) if column.hasnans else column
        for name, column in scored.items()
    }
    return pd.DataFrame(columns, index=scored.index)

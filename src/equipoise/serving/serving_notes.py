"""What a served model has to know beside its pipeline, its decision and its table."""

from dataclasses import dataclass

from equipoise.core.table_schema import Label

# Files of a logged model, beside those that MLflow knows of.
MODEL_FILE = "model.skops"
DECISION_FILE = "decision.json"
SCHEMA_FILE = "schema.json"
NOTES_FILE = "serving.json"


@dataclass(frozen=True)
class ServingNotes:
    """Values that params call gaps, and packages whose types a model file may hold."""

    gaps: tuple[Label, ...] = ()
    plugins: tuple[str, ...] = ()

"""How MLflow's page of the experiment opens: saved views, with the columns that matter."""

import json

from equipoise.core.json_values import Json, JsonObject
from equipoise.metrics.names import LOWER_IS_BETTER, name_column
from equipoise.record.naming import SHOWN

SAVED = "mlflow.sharedViewState."
# MLflow sorts views by when they were made: these come first.
MADE = 0


def make_experiment_tags(objective: str, trial: str) -> dict[str, str]:
    """Return tags that make MLflow show model training, by saved views of trials and of arms.

    The second ranks the arms of the latest trial as they are chosen: out of fold, by what
    decisions are tuned for.
    """
    chosen_by = f"metrics.`out_of_fold/tuned_{objective}`"
    trials = {"orderByKey": "attributes.start_time"}
    arms: dict[str, Json] = {
        "orderByKey": chosen_by,
        "orderByAsc": objective in LOWER_IS_BETTER,
        "searchFilter": f"tags.strategy != '' AND tags.trial = '{trial}'",
    }
    columns = _list_columns(objective)
    ranked = [*columns[:2], chosen_by, *columns[2:]]
    # Few: MLflow shows metrics before tags, and what does not fit is not seen.
    told = [f"metrics.`tuned_{objective}`", "tags.`recommended`", "tags.`what_changed`"]
    return {
        "mlflow.experimentKind": "custom_model_development",
        "mlflow.experiment.primaryMetric.name": "average_precision",
        "mlflow.experiment.primaryMetric.greaterIsBetter": "True",
        f"{SAVED}trials": _make_view("Trials", trials | {"selectedColumns": told}),
        f"{SAVED}arms": _make_view("Arms, best first", arms | {"selectedColumns": ranked}),
    }


def _list_columns(objective: str) -> list[str]:
    metrics = [name_column(section, name) for section, name in SHOWN]
    metrics += [f"default_{objective}", f"tuned_{objective}"]
    return ["params.`strategy`", "params.`model`", *(f"metrics.`{name}`" for name in metrics)]


def _make_view(name: str, state: JsonObject) -> str:
    told = json.dumps({"orderByAsc": False, **state})
    return json.dumps({"name": name, "createdAt": MADE, "updatedAt": MADE, "state": told})

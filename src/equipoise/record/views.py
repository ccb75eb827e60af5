"""How MLflow's page of the experiment opens: saved views, with the columns that matter in front."""

import json
from collections.abc import Iterable, Mapping

from equipoise.core.json_values import Json, JsonObject
from equipoise.metrics.names import LOWER_IS_BETTER, name_column
from equipoise.record.naming import NOT_SETTLED, SHOWN

# The pages about training: without it MLflow opens those about language models.
TRIALS = "workflowType=machine_learning&viewStateShareKey=trials"
SAVED = "mlflow.sharedViewState."
# MLflow sorts views by when they were made: these come first.
MADE = 0
# What MLflow calls columns of its own. It hides no duration: that has to go behind all others.
RUN_NAME, DURATION = "attributes.`Run Name`", "duration"
# In pixels: a letter, what stands around a text, what unfolds a row before its name.
LETTER, AROUND, BEFORE_A_NAME = 6, 48, 40
NARROWEST, WIDEST = 100, 420


def make_experiment_tags(objective: str, trial: str, arms: Iterable[str]) -> dict[str, str]:
    """Return tags that make MLflow show model training, by saved views of trials and of arms.

    The second ranks the arms of the latest trial as they are chosen: out of fold, by what
    decisions are tuned for. The names of arms can be read in full.
    """
    longest = max(arms, key=len)
    chosen_by = f"metrics.`out_of_fold/tuned_{objective}`"
    trials = {"orderByKey": "attributes.start_time"}
    ranked: dict[str, Json] = {
        "orderByKey": chosen_by,
        "orderByAsc": objective in LOWER_IS_BETTER,
        "searchFilter": f"tags.strategy != '' AND tags.trial = '{trial}'",
    }
    told = {
        "tags.`recommended`": _fit_width(f"{longest}{NOT_SETTLED}"),
        f"metrics.`tuned_{objective}`": _fit_width(f"tuned_{objective}"),
        "tags.`what_changed`": WIDEST,
    }
    columns = [chosen_by, *_list_columns(objective)]
    widths = {column: _fit_width(column.partition(".")[2]) for column in columns}
    names = {RUN_NAME: BEFORE_A_NAME + _fit_width(longest)}
    return {
        "mlflow.experimentKind": "custom_model_development",
        "mlflow.experiment.primaryMetric.name": "average_precision",
        "mlflow.experiment.primaryMetric.greaterIsBetter": "True",
        f"{SAVED}trials": _make_view("Trials", trials, told),
        f"{SAVED}arms": _make_view("Arms, best first", ranked, names | widths),
    }


def make_page_address(server: str, experiment: str) -> str:
    """Return where a server shows the trials of an experiment."""
    return f"{server.rstrip('/')}/#/experiments/{experiment}/runs?{TRIALS}"


def _list_columns(objective: str) -> list[str]:
    metrics = [name_column(section, name) for section, name in SHOWN]
    metrics += [f"default_{objective}", f"tuned_{objective}"]
    return [*(f"metrics.`{name}`" for name in metrics), "params.`strategy`", "params.`model`"]


def _fit_width(text: str) -> int:
    """Return how wide a column is that shows a text in full, but for very long ones."""
    return min(max(NARROWEST, AROUND + LETTER * len(text)), WIDEST)


def _make_view(name: str, state: JsonObject, widths: Mapping[str, int]) -> str:
    """Return a saved view with these columns, in this order, so wide; the duration is last."""
    order = [*widths, DURATION]
    columns: JsonObject = {
        "selectedColumns": [*widths],
        "columnOrder": order,
        "columnWidths": dict(widths) | {DURATION: NARROWEST},
    }
    told = json.dumps({"orderByAsc": False, **state, **columns})
    return json.dumps({"name": name, "createdAt": MADE, "updatedAt": MADE, "state": told})

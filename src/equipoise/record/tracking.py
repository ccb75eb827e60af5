"""The record in MLflow: one run for each distinct pipeline state, one nested for each arm.

Nothing else talks to MLflow, and this only replays what lies on disk.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import mlflow
from mlflow import MlflowClient
from mlflow.entities import DatasetInput, LoggedModelOutput, Metric, Param, Run

from equipoise.charts.style import Look, Spec
from equipoise.comparing.results import Comparison
from equipoise.core.difference import ResamplingSummary
from equipoise.core.json_values import JsonObject
from equipoise.core.table_schema import TableSchema
from equipoise.judging.arm_result import ArmResult
from equipoise.params.data_params import list_gaps
from equipoise.record.logged_data import make_dataset_input
from equipoise.record.logged_model import ModelFiles, log_model
from equipoise.record.model_code import read_model_code
from equipoise.record.model_notes import make_model_note
from equipoise.record.naming import (
    NOT_SETTLED,
    describe_changes,
    find_part,
    flatten,
    list_by_threshold,
    list_metric_values,
    make_allowed_name,
    name_experiment,
    select_headline,
)
from equipoise.record.notes import NOTE, make_arm_note, make_trial_note
from equipoise.record.pictures import WIDTH, draw, make_arm_charts, make_trial_charts
from equipoise.record.provenance import find_data_digests, make_fingerprint, make_provenance_tags
from equipoise.record.store import Store, find_experiment, open_store, reaching, taking_turns
from equipoise.record.trial_files import FINGERPRINT, PARENT, ArmFiles, TrialFiles
from equipoise.record.views import make_experiment_tags
from equipoise.serving.serving_notes import ServingNotes
from equipoise.storage.comparison_files import read_comparison, tabulate_answers
from equipoise.storage.files.formats import read_csv
from equipoise.storage.files.record_files import read_record
from equipoise.storage.result_files import read_result

PARAMS_PER_REQUEST = 100
# As much of a hash as MLflow's page has room for.
DIGEST = 8
FAILED = (
    "MLflow cannot be brought up to date; all else is done and saved, and `dvc repro` will try"
    " again"
)


@dataclass(frozen=True)
class Published:
    """A state that the store has, and the id of its experiment there."""

    fingerprint: str
    experiment: str


def publish_trial(trial: TrialFiles, store: Store) -> Published:
    """Bring MLflow up to date: this state is there, finished, once."""
    state = trial.make_fingerprint()
    with reaching(store, FAILED), taking_turns(store):
        client = open_store(store)
        experiment = open_experiment(client, store, name_experiment(trial.params))
        _end_abandoned_runs(client, experiment)
        found = client.search_runs([experiment], f"tags.{FINGERPRINT} = '{state}'")
        if any(run.info.status == "FINISHED" and PARENT not in run.data.tags for run in found):
            return Published(state, experiment)
        for run in found:
            _delete_run(client, experiment, run)
        digests = find_data_digests(trial.parts, trial.lock)
        datasets = [
            make_dataset_input(n, path, digests[n][:DIGEST]) for n, path in trial.parts.items()
        ]
        schema = read_record(trial.schema, TableSchema)
        latest = _Publication(client, experiment, trial, state, datasets, schema).run()
        names = [arm.name for arm in trial.arms]
        objective = trial.params.decision.objective
        for tag, value in make_experiment_tags(objective, latest, names).items():
            client.set_experiment_tag(experiment, tag, value)
    return Published(state, experiment)


def open_experiment(client: MlflowClient, store: Store, name: str) -> str:
    """Return the experiment's id; it is there, and the active one."""
    found = find_experiment(client, store, name)
    artifacts = None if store.is_server else store.artifacts.as_uri()
    identifier: str = found.experiment_id if found else client.create_experiment(name, artifacts)
    mlflow.set_experiment(experiment_id=identifier)
    return identifier


def _end_abandoned_runs(client: MlflowClient, experiment: str) -> None:
    """Mark runs that a publication began and was killed before it could mark them itself."""
    begun = f"attributes.status = 'RUNNING' AND tags.{FINGERPRINT} != ''"
    for run in client.search_runs([experiment], begun):
        client.set_terminated(run.info.run_id, "KILLED")


def _delete_run(client: MlflowClient, experiment: str, run: Run) -> None:
    """Delete a run that was left unfinished, and the models it had not logged as a whole."""
    for model in client.search_logged_models(
        [experiment], filter_string=f"source_run_id = '{run.info.run_id}'"
    ):
        if FINGERPRINT not in model.tags:
            client.delete_logged_model(model.model_id)
    client.delete_run(run.info.run_id)


@dataclass(frozen=True)
class _Publication:
    """One state on its way into the store."""

    client: MlflowClient
    experiment: str
    trial: TrialFiles
    state: str
    datasets: Sequence[DatasetInput]
    schema: TableSchema

    def run(self) -> str:
        """Publish the trial and its arms, and return its name; it is finished when all are."""
        tags = make_provenance_tags()
        found = read_comparison(self.trial.comparison)
        name = tags.get("dvc.experiment", f"trial-{self.state[:8]}")
        tags["trial"] = name
        params = self._list_trial_params()
        changed = self._find_changes(params)
        parent = self._start_run(name, tags)
        self.client.set_tag(parent, "what_changed", changed)
        self._log_params(parent, params)
        arms = [read_result(arm.metrics) for arm in self.trial.arms]
        for arm, result in zip(self.trial.arms, arms, strict=True):
            self._publish_arm(arm, result, parent, tags, found)
        for name, reason in (found.left_out or {}).items():
            self._publish_left_out(name, reason, {**tags, PARENT: parent})
        self.client.log_inputs(parent, self.datasets)
        files = (self.trial.comparison, self.trial.curves, self.trial.lock, *self.trial.attachments)
        for path in filter(Path.exists, files):
            self.client.log_artifact(parent, str(path))
        self._log_verdicts(parent, found)
        self._log_pictures(parent, self._make_charts(found, arms))
        self.client.set_tag(parent, NOTE, make_trial_note(found, arms))
        best = found.recommended.select_from(arms)
        doubt = "" if found.recommended.settled else NOT_SETTLED
        self.client.set_tag(parent, "recommended", f"{best.arm}{doubt}")
        headline = select_headline(best, self.trial.params.decision.objective)
        self.client.log_batch(parent, self._make_metrics(parent, headline))
        self.client.set_terminated(parent)
        return str(name)

    def _list_trial_params(self) -> dict[str, str]:
        flat = flatten(self.trial.params.dump_used())
        return {make_allowed_name(name): str(value) for name, value in flat.items()}

    def _find_changes(self, params: Mapping[str, str]) -> str:
        """Return in what the params differ from those of the trial before."""
        before = self.client.search_runs(
            [self.experiment],
            "tags.recommended != '' AND attributes.status = 'FINISHED'",
            order_by=["attributes.start_time DESC"],
            max_results=1,
        )
        return describe_changes(before[0].data.params, params) if before else "first trial"

    def _publish_arm(
        self,
        arm: ArmFiles,
        result: ArmResult,
        parent: str,
        tags: Mapping[str, str],
        found: Comparison,
    ) -> None:
        curves = read_csv(arm.curves)
        own = {PARENT: parent, "strategy": arm.strategy, "model": arm.model}
        own[NOTE] = make_arm_note(found, result)
        run = self._start_run(arm.name, {**tags, **own})
        resampling = read_record(arm.resampling, ResamplingSummary)
        self._log_params(run, self._list_arm_params(arm, resampling.sampler))
        note = make_model_note(result, self.schema, resampling, self.trial.params)
        objective = self.trial.params.decision.objective
        by_threshold = _make_curve(*list_by_threshold(curves, objective))
        self._publish_model(run, arm, note, list_metric_values(result, objective), by_threshold)
        self.client.log_inputs(run, self.datasets)
        for path in (arm.metrics, arm.curves, arm.resampling):
            self.client.log_artifact(run, str(path))
        self._log_pictures(run, make_arm_charts(result, curves))
        self.client.set_terminated(run)

    def _publish_model(
        self,
        run: str,
        arm: ArmFiles,
        note: str,
        numbers: Mapping[str, float],
        curve: Sequence[Metric],
    ) -> None:
        """Log an arm's numbers, and its model with them unless an earlier run has logged it.

        A model gets its fingerprint last: one that has it is whole.
        """
        files = self._list_model_files(arm)
        told: JsonObject = {
            "note": note,
            "numbers": numbers,
            "knows": asdict(files.notes),
            "code": read_model_code(),
        }
        same = make_fingerprint(told, [files.model, files.decision, files.schema])
        found = self.client.search_logged_models(
            [self.experiment], f"tags.{FINGERPRINT} = '{same}'", max_results=1
        )
        if found:
            model = found[0].model_id
            self.client.log_outputs(run, [LoggedModelOutput(model, step=0)])
            self.client.log_batch(run, [*self._make_metrics(run, numbers), *curve])
            return
        # The model first: MLflow would copy metrics that are there to it, one request for each.
        model = log_model(run, arm.name, files)
        self.client.log_batch(run, [*self._make_metrics(run, numbers, model), *curve])
        self.client.set_logged_model_tags(model, {NOTE: note, FINGERPRINT: same})

    def _list_model_files(self, arm: ArmFiles) -> ModelFiles:
        params = self.trial.params
        notes = ServingNotes(list_gaps(params.data), tuple(params.plugins))
        return ModelFiles(arm.model_file, arm.decision, self.trial.schema, notes)

    def _publish_left_out(self, name: str, reason: str, tags: Mapping[str, str]) -> None:
        """Publish an arm that could not be fitted as a run that failed, with the reason."""
        run = self._start_run(name, {**tags, NOTE: f"Left out: {reason}"})
        self.client.set_terminated(run, "FAILED")

    def _list_arm_params(self, arm: ArmFiles, sampler: str | None) -> JsonObject:
        """Return the params of an arm, and the sampler that was used: SMOTE may mean SMOTENC."""
        used = self.trial.params.dump_entries(arm.strategy, arm.model)
        names = {"strategy": arm.strategy, "model": arm.model}
        return {**names, **flatten({**used, "sampler": sampler})}

    def _make_charts(self, found: Comparison, arms: Sequence[ArmResult]) -> dict[str, Spec]:
        """Return the charts that set all arms beside one another."""
        run = self.trial.params.run
        look = Look(run.strategies, run.models, WIDTH, arms[0].rarest_class)
        return make_trial_charts(arms, read_csv(self.trial.curves), found, look)

    def _log_pictures(self, run: str, charts: Mapping[str, Spec]) -> None:
        with TemporaryDirectory() as folder:
            draw(charts, Path(folder))
            self.client.log_artifacts(run, folder, "plots")

    def _log_verdicts(self, run: str, found: Comparison) -> None:
        if found.comparisons:  # there is none of a baseline alone
            table = tabulate_answers(found).astype({"interval": str})
            self.client.log_table(run, table, "verdict.json")

    def _start_run(self, name: str, tags: Mapping[str, str]) -> str:
        """Return a new run that is KILLED until it is finished: an interruption needs no care."""
        run = self.client.create_run(
            self.experiment, run_name=name, tags={**tags, FINGERPRINT: self.state}
        )
        self.client.set_terminated(run.info.run_id, "KILLED")
        identifier: str = run.info.run_id
        return identifier

    def _make_metrics(
        self, run: str, values: Mapping[str, float], model: str | None = None
    ) -> list[Metric]:
        """Return numbers of a run, and of its model; each names the part of the data it is of."""
        now = int(time.time() * 1000)
        digests = {entry.dataset.name: entry.dataset.digest for entry in self.datasets}
        metrics = []
        for name, value in values.items():
            part = find_part(name)
            of = {"dataset_name": part, "dataset_digest": digests[part]}
            metrics.append(Metric(name, value, now, step=0, model_id=model, run_id=run, **of))
        return metrics

    def _log_params(self, run: str, values: JsonObject) -> None:
        params = [Param(make_allowed_name(name), str(value)) for name, value in values.items()]
        for start in range(0, len(params), PARAMS_PER_REQUEST):
            self.client.log_batch(run, params=params[start : start + PARAMS_PER_REQUEST])


def _make_curve(name: str, points: Mapping[int, float]) -> list[Metric]:
    """Return a curve that MLflow draws by step; several classes have none."""
    now = int(time.time() * 1000)
    return [Metric(name, y, now, step) for step, y in points.items()]

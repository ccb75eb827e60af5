"""The record in MLflow: one run for each distinct pipeline state, one nested for each arm.

Only modules of this package and the served model talk to MLflow. This one replays what lies on
disk.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial

import mlflow
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import DatasetInput, LifecycleStage, LoggedModelOutput, Metric, Param, Run
from mlflow.exceptions import MlflowException

from equipoise.comparing.results import Comparison
from equipoise.core.difference import ResamplingSummary
from equipoise.core.json_values import JsonObject
from equipoise.core.markdown import escape_text
from equipoise.core.table_schema import TableSchema
from equipoise.core.tables import format_count
from equipoise.judging.arm_result import ArmResult
from equipoise.params.data_params import list_gaps
from equipoise.record.logged_data import make_dataset_input
from equipoise.record.logged_files import SpoiltModelError, check_model
from equipoise.record.logged_model import CODE, ModelFiles, log_files_again, log_model
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
from equipoise.record.pictures import Pictures, make_pictures
from equipoise.record.provenance import find_data_digests, make_fingerprint, make_provenance_tags
from equipoise.record.published_models import list_models, read_model_id
from equipoise.record.publisher import find_publisher
from equipoise.record.run_files import RunFiles, tabulate_verdicts
from equipoise.record.store import Store, find_experiment, open_store, reaching, taking_turns
from equipoise.record.trial_files import FINGERPRINT, PARENT, ArmFiles, TrialFiles
from equipoise.record.trial_runs import (
    TrialRuns,
    is_not_there,
    letting_others_delete,
    start_run,
    write_beside_others,
)
from equipoise.record.views import make_experiment_tags
from equipoise.serving.serving_notes import ServingNotes
from equipoise.storage.comparison_files import read_comparison
from equipoise.storage.files.formats import read_csv
from equipoise.storage.files.record_files import read_record
from equipoise.storage.result_files import read_result
from equipoise.terminal.errors import UserError, print_lines

PARAMS_PER_REQUEST = 100
# Models of one fingerprint that are looked at for one that is whole.
MOST_SAME = 10
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
    """Bring MLflow up to date: this state is there, finished, once, with all its arms."""
    state, content = trial.make_fingerprint(), read_content(trial)
    with content.pictures.drawn_ahead() as pictures, reaching(store, FAILED), taking_turns(store):
        client = open_store(store)
        experiment = open_experiment(client, store, name_experiment(trial.params))
        runs = TrialRuns(client, experiment, state, find_publisher(store))
        runs.end_abandoned()
        published = runs.keep_one()
        content = replace(content, pictures=pictures)
        publication = _Publication(client, store, experiment, trial, content, runs)
        if published is not None:
            publication.complete(published)
            return Published(state, experiment)
        latest = publication.run()
        names = [arm.name for arm in trial.arms]
        objective = trial.params.decision.objective
        for tag, value in make_experiment_tags(objective, latest, names).items():
            write_beside_others(partial(client.set_experiment_tag, experiment, tag, value))
    return Published(state, experiment)


@dataclass(frozen=True)
class Content:
    """What the files of a trial say; arms by name, each with its curves."""

    comparison: Comparison
    arms: Mapping[str, tuple[ArmResult, pd.DataFrame]]
    pictures: Pictures
    datasets: Sequence[DatasetInput]
    schema: TableSchema


def read_content(trial: TrialFiles) -> Content:
    """Return what is published beside the files themselves."""
    found = read_comparison(trial.comparison)
    arms = {arm.name: (read_result(arm.metrics), read_csv(arm.curves)) for arm in trial.arms}
    digests = find_data_digests(trial.parts, trial.lock)
    return Content(
        found,
        arms,
        make_pictures(arms, read_csv(trial.curves), found, trial.params.run),
        [make_dataset_input(n, path, digests[n][:DIGEST]) for n, path in trial.parts.items()],
        read_record(trial.schema, TableSchema),
    )


def open_experiment(client: MlflowClient, store: Store, name: str) -> str:
    """Return the experiment's id; it is there, and the active one."""
    found = find_experiment(client, store, name)
    if found is not None and found.lifecycle_stage == LifecycleStage.DELETED:
        raise UserError(
            f"the experiment '{name}' is marked deleted in MLflow; bring it back with `mlflow"
            f" experiments restore --experiment-id {found.experiment_id}`"
        )
    identifier = create_experiment(client, store, name) if found is None else found.experiment_id
    mlflow.set_experiment(experiment_id=identifier)
    return identifier


def create_experiment(client: MlflowClient, store: Store, name: str) -> str:
    """Return the id of a new experiment, or of one that another publisher has made meanwhile.

    Only the user can read the folder of artifacts, if it is made here.
    """
    artifacts = None
    if not store.is_server:
        store.artifacts.mkdir(mode=0o700, parents=True, exist_ok=True)
        artifacts = store.artifacts.as_uri()
    try:
        return str(client.create_experiment(name, artifacts))
    except MlflowException:
        made = client.get_experiment_by_name(name)
        if made is None:
            raise
        return str(made.experiment_id)


@dataclass(frozen=True)
class _Publication:
    """One state on its way into the store."""

    client: MlflowClient
    store: Store
    experiment: str
    trial: TrialFiles
    content: Content
    runs: TrialRuns

    def run(self) -> str:
        """Publish the trial and its arms, and return its name; it is finished when all are.

        If another machine has finished the same state meanwhile, that one stays.
        """
        tags = make_provenance_tags()
        found = self.content.comparison
        trial = tags.get("dvc.experiment", f"trial-{self.runs.state[:8]}")
        tags["trial"] = trial
        params = self._list_trial_params()
        changed = self._find_changes(params)
        parent = self._start_run(trial, tags)
        self.client.set_tag(parent, "what_changed", changed)
        self._log_params(parent, params)
        new_models: dict[str, str] = {}
        for arm in self.trial.arms:
            new_models |= self._publish_arm(arm, parent, tags)
        for left_out, reason in (found.left_out or {}).items():
            self._publish_left_out(left_out, reason, {**tags, PARENT: parent})
        self._log_data(parent)
        self._list_trial_files().log(self.client, parent, self.content.pictures)
        arms = [result for result, _ in self.content.arms.values()]
        self.client.set_tag(parent, NOTE, make_trial_note(found, arms))
        best = found.recommended.select_from(arms)
        doubt = "" if found.recommended.settled else NOT_SETTLED
        self.client.set_tag(parent, "recommended", f"{best.arm}{doubt}")
        headline = select_headline(best, self.trial.params.decision.objective)
        self.client.log_batch(parent, self._make_metrics(parent, headline))
        self._finish(parent, new_models)
        return trial

    def complete(self, published: Run) -> None:
        """Have back what is gone in MLflow of a finished trial: arms, models, and their files."""
        arms = {arm.name: arm for arm in self.trial.arms}
        gone = self.runs.restore_arms(published, arms)
        new_models: dict[str, str] = {}
        self._restore_files(published, self._list_trial_files())
        for name, run in self.runs.find_arms(published).items():
            if name in arms:
                self._restore_files(run, self._list_arm_files(arms[name]))
                new_models |= self._restore_model(run, arms[name])
        parent, called = published.info.run_id, published.info.run_name
        tags = {**make_provenance_tags(), "trial": published.data.tags.get("trial", called)}
        for name in gone:
            new_models |= self._publish_arm(arms[name], parent, tags)
            print_lines([f"Published:   {name} again, whose run is gone from MLflow"])
        if gone or new_models:
            self._finish(parent, new_models)

    def _restore_files(self, run: Run, files: RunFiles) -> None:
        """Have the artifacts of a finished run there that are gone, and say so."""
        identifier, name = run.info.run_id, run.info.run_name
        if missing := files.find_missing(self.client, identifier):
            files.log(self.client, identifier, self.content.pictures, only=missing)
            count = format_count(len(missing), "file")
            print_lines([f"Put back:    {count} of the run {name}, gone from MLflow"])

    def _restore_model(self, run: Run, arm: ArmFiles) -> dict[str, str]:
        """Have the model of a finished arm there, and whole; return what `_publish_model` does."""
        model, files = read_model_id(run), self._list_model_files(arm)
        try:
            self.client.get_logged_model(model)
        except MlflowException as failure:
            if not is_not_there(failure):
                raise
            print_lines([f"Published:   the model of {arm.name} again, which is gone from MLflow"])
            return self._publish_model(run.info.run_id, arm, len(list_models(run)))
        if not self._is_whole(model, arm.name, files):
            log_files_again(self.client, model, files)
            print_lines(
                [f"Put back:    files of the model of {arm.name}, gone or damaged in MLflow"]
            )
        return {}

    def _is_whole(self, model: str, arm: str, files: ModelFiles) -> bool:
        """Return whether MLflow has the files of a model.

        From a server only those of the recommended arm are fetched, which is what is shipped.
        """
        if self.store.is_server and arm != self.content.comparison.recommended.arm:
            return self._is_listed(model, files)
        try:
            check_model(f"models:/{model}", self.store, files.same)
        except SpoiltModelError:
            return False
        return True

    def _is_listed(self, model: str, files: ModelFiles) -> bool:
        """Return whether MLflow lists the most important files of a model, as large as they are."""
        listed = self.client.list_logged_model_artifacts(model)
        there = {file.path: file.file_size for file in listed}  # some stores know no size
        sizes = {name: path.stat().st_size for name, path in files.same.items()}
        whole = all(there.get(name, 0) in {size, None} for name, size in sizes.items())
        return whole and CODE in there and there.get("MLmodel", 0) != 0

    def _finish(self, parent: str, new_models: Mapping[str, str]) -> None:
        """Have one finished trial of the state, this one if it is the first.

        Only then do its models get their fingerprints, by which later trials find them: a model
        that has one is never deleted.
        """
        kept = self.runs.finish(parent)
        if kept is not None and kept.info.run_id == parent:
            for model, fingerprint in new_models.items():
                with letting_others_delete():
                    self.client.set_logged_model_tags(model, {FINGERPRINT: fingerprint})

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

    def _publish_arm(self, arm: ArmFiles, parent: str, tags: Mapping[str, str]) -> dict[str, str]:
        """Publish an arm; return the fingerprint of its model by the model's id, if it is new."""
        result, _ = self.content.arms[arm.name]
        own = {PARENT: parent, "strategy": arm.strategy, "model": arm.model}
        own[NOTE] = make_arm_note(self.content.comparison, result)
        run = self._start_run(arm.name, {**tags, **own})
        resampling = read_record(arm.resampling, ResamplingSummary)
        self._log_params(run, self._list_arm_params(arm, resampling.sampler))
        new_model = self._publish_model(run, arm)
        self._log_data(run)
        self._list_arm_files(arm).log(self.client, run, self.content.pictures)
        self.client.set_terminated(run)
        return new_model

    def _publish_model(self, run: str, arm: ArmFiles, step: int = 0) -> dict[str, str]:
        """Log an arm's numbers, and its model with them unless a finished trial has it.

        Return the fingerprint of a new model by its id.
        """
        result, curves = self.content.arms[arm.name]
        resampling = read_record(arm.resampling, ResamplingSummary)
        note = make_model_note(result, self.content.schema, resampling, self.trial.params)
        objective = self.trial.params.decision.objective
        numbers = list_metric_values(result, objective)
        curve = _make_curve(*list_by_threshold(curves, objective))
        files = self._list_model_files(arm)
        told: JsonObject = {
            "note": note,
            "numbers": numbers,
            "knows": asdict(files.notes),
            "code": read_model_code(),
        }
        same = make_fingerprint(told, [files.model, files.decision, files.schema])
        known = self._find_model(same, files)
        if known is not None:
            self.client.log_outputs(run, [LoggedModelOutput(known, step)])
            self.client.log_batch(run, [*self._make_metrics(run, numbers), *curve])
            return {}
        # The model first: MLflow would copy metrics that are there to it, one request for each.
        model = log_model(run, arm.name, files, step)
        self.client.log_batch(run, [*self._make_metrics(run, numbers, model), *curve])
        self.client.set_logged_model_tags(model, {NOTE: note})
        return {model: same}

    def _find_model(self, fingerprint: str, files: ModelFiles) -> str | None:
        """Return the id of a model that is the same; one whose files are gone is none."""
        for model in self.client.search_logged_models(
            [self.experiment], f"tags.{FINGERPRINT} = '{fingerprint}'", max_results=MOST_SAME
        ):
            if self._is_listed(model.model_id, files):
                return str(model.model_id)
        return None

    def _log_data(self, run: str) -> None:
        write_beside_others(partial(self.client.log_inputs, run, self.content.datasets))

    def _list_model_files(self, arm: ArmFiles) -> ModelFiles:
        params = self.trial.params
        notes = ServingNotes(list_gaps(params.data), tuple(params.plugins))
        return ModelFiles(arm.model_file, arm.decision, self.trial.schema, notes)

    def _publish_left_out(self, name: str, reason: str, tags: Mapping[str, str]) -> None:
        """Publish an arm that could not be fitted as a run that failed, with the reason."""
        run = self._start_run(name, {**tags, NOTE: escape_text(f"Left out: {reason}")})
        self.client.set_terminated(run, "FAILED")

    def _list_arm_params(self, arm: ArmFiles, sampler: str | None) -> JsonObject:
        """Return the params of an arm, and the sampler that was used: SMOTE may mean SMOTENC."""
        used = self.trial.params.dump_entries(arm.strategy, arm.model)
        names = {"strategy": arm.strategy, "model": arm.model}
        return {**names, **flatten({**used, "sampler": sampler})}

    def _list_trial_files(self) -> RunFiles:
        trial, content = self.trial, self.content
        paths = (trial.comparison, trial.curves, trial.lock, *trial.attachments)
        there = [path for path in paths if path.exists()]
        return RunFiles(there, content.pictures.trial, tabulate_verdicts(content.comparison))

    def _list_arm_files(self, arm: ArmFiles) -> RunFiles:
        paths = (arm.metrics, arm.curves, arm.resampling)
        return RunFiles(paths, self.content.pictures.arms[arm.name], tables={})

    def _start_run(self, name: str, tags: Mapping[str, str]) -> str:
        """Return the id of a new run of this state."""
        own = {**tags, **self.runs.publisher.tags, FINGERPRINT: self.runs.state}
        return str(start_run(self.client, self.experiment, name, own).info.run_id)

    def _make_metrics(
        self, run: str, values: Mapping[str, float], model: str | None = None
    ) -> list[Metric]:
        """Return numbers of a run, and of its model; each names the part of the data it is of."""
        now = int(time.time() * 1000)
        digests = {entry.dataset.name: entry.dataset.digest for entry in self.content.datasets}
        metrics = []
        for name, value in values.items():
            part = find_part(name) if len(digests) > 1 else "train"  # which then tells all
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

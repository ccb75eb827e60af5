"""MLflow's registry of models: versions under one name, of which one is the champion.

An alias says which. It is moved by one request, so a promotion is done or not begun. What undoing
it takes is written before that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import (
    RESOURCE_ALREADY_EXISTS,
    ErrorCode,
)

from equipoise.core.arms import ArmName
from equipoise.deciding.assembling import assemble_classifier
from equipoise.deciding.classifier import DecidingClassifier
from equipoise.record.logged_files import AGAIN, SpoiltModelError, check_model, fetching_model
from equipoise.record.notes import NOTE
from equipoise.record.provenance import find_data_digests
from equipoise.record.published_models import find_arm_run, read_model_id
from equipoise.record.store import Store, ask_first, open_store, reaching, taking_turns
from equipoise.record.tracking import Published
from equipoise.record.trial_files import PARENT, TrialFiles
from equipoise.record.trial_runs import is_not_there, write_beside_others
from equipoise.serving.serving_notes import DECISION_FILE, MODEL_FILE
from equipoise.storage.decision_files import read_decision
from equipoise.storage.model_files import read_model
from equipoise.terminal.errors import SpoiltFileError, UserError

CHALLENGER, CHAMPION = "challenger", "champion"
# Tags of a version: its model, the MD5 of what it was trained on, and the champion before it.
MODEL, TRAINED_ON, BEFORE = "model", "train.md5", "champion_before"
NO_CHAMPION = "none"
# As much of a description as MLflow's database takes.
MOST_LETTERS = 5000
NOT_REGISTERED = (
    "the recommended model cannot be registered; all else is done and saved, and `dvc repro` will"
    " try again"
)
NOT_READ = "the registry of models cannot be read"
NOT_MOVED = "the champion is as it was"


@dataclass(frozen=True)
class Version:
    """A version of a registered model."""

    name: str
    number: str
    tags: Mapping[str, str]

    @property
    def address(self) -> str:
        """Where MLflow has the model."""
        return f"models:/{self.name}/{self.number}"


@dataclass(frozen=True)
class Contenders:
    """The versions that two aliases of a registered model name, if they do."""

    challenger: Version | None
    champion: Version | None


def register_arm(
    trial: TrialFiles, arm: str, published: Published, card: Sequence[Path], store: Store
) -> str:
    """Have the model of an arm as the challenger under `registry.name`; return its number.

    A model is registered once. The files `card` are kept beside its run.
    """
    name = str(trial.params.registry.name)
    with reaching(store, NOT_REGISTERED), taking_turns(store):
        client = open_store(store)
        run = find_arm_run(client, published.experiment, published.fingerprint, arm)
        if run is None:
            raise UserError(f"{NOT_REGISTERED}: {store.name} has no model of {arm}")
        _have_name(client, name)
        version = _find_first_version(client, name, run) or _create_version(
            client, name, run, _make_tags(trial, run, card), card
        )
        if _read_aliases(client, name).get(CHALLENGER) != version:
            _set_alias(client, name, CHALLENGER, version)
    return version


def find_contenders(name: str, store: Store) -> Contenders:
    """Return the challenger and the champion under a name."""
    with reaching(store, NOT_READ):
        client = open_store(store)
        aliases = ask_first(store, partial(_read_aliases, client, name))
        found = {
            alias: _make_version(client.get_model_version(name, number))
            for alias, number in aliases.items()
            if alias in {CHALLENGER, CHAMPION}
        }
    return Contenders(found.get(CHALLENGER), found.get(CHAMPION))


def load_version(version: Version, plugins: Sequence[str], store: Store) -> DecidingClassifier:
    """Return the classifier of a version, by the types of this library: no code of its is run.

    A `SpoiltModelError` says that its files are gone or damaged.
    """
    with fetching_model(version.address, store) as folder:
        try:
            pipeline = read_model(folder / MODEL_FILE, plugins)
            return assemble_classifier(pipeline, read_decision(folder / DECISION_FILE))
        except SpoiltFileError as spoilt:  # of a model that was logged without hashes
            raise SpoiltModelError(f"the files of {version.address} are gone; {AGAIN}") from spoilt
        except UserError as refused:
            raise UserError(str(refused).replace(str(folder), version.address)) from refused


def move_champion(contenders: Contenders, store: Store) -> None:
    """Make the challenger champion, if the champion is still the same."""
    challenger, champion = contenders.challenger, contenders.champion
    if challenger is None:
        raise UserError(f"{NOT_MOVED}: there is no challenger")
    name, before = challenger.name, NO_CHAMPION if champion is None else champion.number
    with reaching(store, NOT_MOVED), taking_turns(store):
        client = open_store(store)
        now = _read_aliases(client, name).get(CHAMPION, NO_CHAMPION)
        if now != before:
            raise UserError(
                f"{NOT_MOVED}: it was version {before}, and is version {now} by now; promote again"
            )
        client.set_model_version_tag(name, challenger.number, BEFORE, before)
        _set_alias(client, name, CHAMPION, challenger.number)


def roll_back(name: str, store: Store) -> tuple[str, str]:
    """Undo the last promotion: return which version was champion, and which is again.

    A `UserError` says that no promotion is there to be undone.
    """
    champion = find_contenders(name, store).champion
    if champion is None:
        raise UserError(f"{name} has no champion, so there is no promotion to undo")
    before = champion.tags.get(BEFORE)
    if before is None:
        raise UserError(
            f"{NOT_MOVED}: version {champion.number} of {name} was not made so by `equipoise"
            " promote`, so what was before is not known; set the alias in MLflow's page"
        )
    with reaching(store, NOT_MOVED), taking_turns(store):
        client = open_store(store)
        if before == NO_CHAMPION:
            client.delete_registered_model_alias(name, CHAMPION)
        elif before not in _list_numbers(client, name):
            raise UserError(
                f"{NOT_MOVED}: version {before} of {name}, the one before, is not in MLflow any"
                " more; set the alias in MLflow's page"
            )
        else:
            check_model(Version(name, before, {}).address, store)
            _set_alias(client, name, CHAMPION, before)
    return champion.number, before


def _list_numbers(client: MlflowClient, name: str) -> set[str]:
    return {str(version.version) for version in client.search_model_versions(f"name = '{name}'")}


def _have_name(client: MlflowClient, name: str) -> None:
    try:
        client.create_registered_model(name)
    except MlflowException as failure:
        if failure.error_code != ErrorCode.Name(RESOURCE_ALREADY_EXISTS):
            raise


def _set_alias(client: MlflowClient, name: str, alias: str, version: str) -> None:
    """Have an alias name a version, on a server where another publisher may add it as well."""
    write_beside_others(partial(client.set_registered_model_alias, name, alias, version))


def _read_aliases(client: MlflowClient, name: str) -> Mapping[str, str]:
    """Return the version that each alias names; none of a name that is not there."""
    try:
        aliases = client.get_registered_model(name).aliases
    except MlflowException as failure:
        if not is_not_there(failure):
            raise
        return {}
    return {alias: str(number) for alias, number in aliases.items()}


def _find_first_version(client: MlflowClient, name: str, run: Run) -> str | None:
    """Return the first version of a run's model, if it has one."""
    same = f"name = '{name}' AND tags.`{MODEL}` = '{read_model_id(run)}'"
    numbers = [int(version.version) for version in client.search_model_versions(same)]
    return str(min(numbers)) if numbers else None


def _create_version(
    client: MlflowClient,
    name: str,
    run: Run,
    tags: Mapping[str, str],
    card: Sequence[Path],
) -> str:
    """Return the version of a model that had none.

    Where two machines make one at once, both keep the first.
    """
    for path in card:
        client.log_artifact(run.info.run_id, str(path))
    model = read_model_id(run)
    note = client.get_logged_model(model).tags.get(NOTE, "")
    made = client.create_model_version(
        name,
        f"models:/{model}",
        run.info.run_id,
        tags=dict(tags),
        description=note[:MOST_LETTERS],
        model_id=model,
    )
    first = _find_first_version(client, name, run) or str(made.version)
    if first != str(made.version):
        client.delete_model_version(name, made.version)
    return first


def _make_tags(trial: TrialFiles, run: Run, card: Sequence[Path]) -> dict[str, str]:
    """Return what tells where a version comes from."""
    own = run.data.tags
    tags = {
        MODEL: read_model_id(run),
        TRAINED_ON: find_data_digests(trial.parts, trial.lock)["train"],
        "arm": str(ArmName(own["strategy"], own["model"])),
        "trial": own.get("trial"),
        "run": run.info.run_id,
        "git.commit": own.get("mlflow.source.git.commit"),
        "git.dirty": own.get("git.dirty"),
        "dvc.lock": f"runs:/{own[PARENT]}/{trial.lock.name}",
        **{f"card{path.suffix}": f"runs:/{run.info.run_id}/{path.name}" for path in card},
    }
    return {key: value for key, value in tags.items() if value is not None}


def _make_version(found: ModelVersion) -> Version:
    return Version(found.name, str(found.version), dict(found.tags))

"""Make the model that a trial recommends the champion, if it passes the gates; undo that."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from equipoise.params.trial_params import Params
from equipoise.promoting.contest import UnknownOutcomeError, hold_contest, select_unseen
from equipoise.promoting.gates import Gate, check_bounds, check_contest, check_leaks
from equipoise.record.logged_files import SpoiltModelError, check_model, name_same_files
from equipoise.record.provenance import find_data_digests
from equipoise.record.published_models import PUBLISH, find_model
from equipoise.record.registry import (
    CHALLENGER,
    MODEL,
    NO_CHAMPION,
    TRAINED_ON,
    Version,
    find_contenders,
    load_version,
    move_champion,
    roll_back,
)
from equipoise.record.store import Store, find_store
from equipoise.saved_trial import load
from equipoise.stages.track import list_files
from equipoise.storage.dvc_cache import find_cached
from equipoise.storage.files.formats import hash_with_md5, read_frame
from equipoise.storage.layout import Layout
from equipoise.terminal.errors import UserError, print_in_full, print_lines
from equipoise.terminal.params_file import load_params
from equipoise.trial import Trial
from equipoise.using.chosen_arm import require_test_part

UNKNOWN = "whether it is worse cannot be known"
NOT_ASKED = "registry.champion: not_asked"
# How DVC names what it keeps.
MD5 = re.compile("[0-9a-f]{32}")
FETCH = (
    "if a remote has them, `dvc fetch --all-commits` brings them, else `dvc repro` makes them again"
    " at the commit with their dvc.lock"
)
DONE = "`equipoise promote --rollback` undoes it"


def promote_challenger(layout: Layout) -> bool:
    """Return whether the challenger is the champion now; say what each gate found.

    A `UserError` says that there is no challenger, or that it is not the model of this trial.
    """
    trial, store = load(layout.root), find_store()
    require_test_part(trial, "the gates go by what it says of the model")
    name = _require_name(trial.params)
    contenders = find_contenders(name, store)
    challenger, champion = contenders.challenger, contenders.champion
    if challenger is None:
        raise UserError(f"{store.name} has no {CHALLENGER} of {name}; {PUBLISH}")
    _require_same_model(layout, trial, challenger, store)
    check_model(challenger.address, store, _list_same(layout, trial))
    if champion is not None and champion.number == challenger.number:
        print_in_full(f"{name}: version {champion.number} is the champion already")
        return True
    gates = [*_check_gates(layout, trial, champion, store)]
    print_in_full(f"{name}: version {challenger.number}, {trial.recommended.name}")
    print_lines(map(str, gates))
    refused = [gate.key for gate in gates if not gate.met]
    if refused:
        print_in_full(f"Not promoted: {', '.join(refused)}")
        return False
    move_champion(contenders, store)
    before = "" if champion is None else f", after version {champion.number}"
    print_in_full(f"Version {challenger.number} is the champion{before}; {DONE}")
    return True


def undo_promotion(layout: Layout) -> None:
    """Make champion again what was champion before the last promotion, and say so."""
    name = _require_name(load_params(layout.params))
    former, champion = roll_back(name, find_store())
    now = "there is none" if champion == NO_CHAMPION else f"version {champion} is, as before"
    print_in_full(f"{name}: version {former} is the champion no more; {now}")


def _require_name(params: Params) -> str:
    if params.registry.name is None:
        raise UserError(
            "registry.name: no model is registered without a name; set one in params.yaml, then run"
            " `dvc repro`"
        )
    return params.registry.name


def _require_same_model(layout: Layout, trial: Trial, challenger: Version, store: Store) -> None:
    """Raise a `UserError` unless the challenger is the model that the trial here recommends."""
    arm = str(trial.recommended.name)
    files = list_files(layout, trial.params, trial.comparison)
    if find_model(files, arm, store) != challenger.tags.get(MODEL):
        raise UserError(
            f"the {CHALLENGER}, version {challenger.number} of {challenger.name}, is not the model"
            f" that the trial here recommends ({arm}); `dvc repro --force --single-item track`"
            f" makes that the {CHALLENGER}. To judge version {challenger.number}, check out the"
            " commit that has its dvc.lock"
        )


def _list_same(layout: Layout, trial: Trial) -> dict[str, Path]:
    """Return the files of the recommended model by their names in MLflow."""
    arm = trial.recommended.name
    return name_same_files(layout.model(arm), layout.decision(arm), layout.schema)


def _check_gates(
    layout: Layout, trial: Trial, champion: Version | None, store: Store
) -> Iterator[Gate]:
    params, registry = trial.params, trial.params.registry
    yield from check_bounds(trial.recommended.result, registry)
    yield check_leaks(trial.findings, registry, trial.recommended.table.schema.columns)
    if registry.champion == "not_asked":
        return
    key = "registry.champion"
    if champion is None:
        yield Gate(key, met=True, found="there is no champion yet")
        return
    test = read_frame(layout.test)
    try:
        rows = _select_rows(test, layout, champion)
        former = load_version(champion, params.plugins, store)
        contest = hold_contest(trial.recommended.classifier, former, rows, params)
    except UnknownOutcomeError as reason:
        yield Gate(key, met=False, found=f"{UNKNOWN}: {reason}")
    except SpoiltModelError as reason:
        yield Gate(key, met=False, found=f"{UNKNOWN}: {reason}. To decide without it: {NOT_ASKED}")
    else:
        yield check_contest(contest, len(test), registry.margin)


def _select_rows(test: pd.DataFrame, layout: Layout, champion: Version) -> pd.DataFrame:
    """Return the test rows that neither the trial's models nor the champion were trained on."""
    parts = {"train": layout.train}
    known = MD5.fullmatch(champion.tags.get(TRAINED_ON, ""))
    trained_on = known[0] if known else ""  # it becomes a path, and anybody can edit a tag
    if find_data_digests(parts, layout.lock)["train"] == trained_on:
        return test
    if not trained_on:
        raise UnknownOutcomeError(
            f"version {champion.number} was not registered by `dvc repro`, so what it was trained"
            " on is not known; set the alias of another version in MLflow's page"
        )
    former = find_cached(trained_on, layout.root)
    if former is None:
        raise UnknownOutcomeError(
            f"DVC's cache does not have the rows that it was trained on; {FETCH}"
        )
    if hash_with_md5(former) != trained_on:
        raise UnknownOutcomeError(
            "DVC's cache has the rows that it was trained on cut short or changed; remove them with"
            f" `rm -f {shlex.quote(str(former))}`: {FETCH}"
        )
    return select_unseen(test, read_frame(former))

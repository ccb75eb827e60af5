"""Screen the whole catalogue on the train part, and write what was found."""

from collections.abc import Iterable
from pathlib import Path

from equipoise.core.arms import ArmName
from equipoise.core.json_values import JsonObject
from equipoise.core.table_schema import TableSchema
from equipoise.core.tables import format_count
from equipoise.deciding.objectives import choose_prevalence
from equipoise.fitting.cluster import list_versions
from equipoise.founding.fingerprints import hash_parts, hash_source
from equipoise.params.trial_params import Params
from equipoise.screening.runners import make_race, settle_folds
from equipoise.screening.screen import screen
from equipoise.screening.screen_report import list_screen_lines, write_screen_report
from equipoise.screening.shared_folds import FitInFold, Race
from equipoise.storage.dvc_lock import refuse_conflicts
from equipoise.storage.dvc_status import list_changes
from equipoise.storage.files.formats import hash_file, read_frame, replace_text, write_json
from equipoise.storage.files.record_files import read_record, write_record
from equipoise.storage.layout import Layout
from equipoise.storage.screening_files import FitFiles
from equipoise.terminal.errors import UserError, print_in_full, print_lines
from equipoise.terminal.params_file import load_params
from equipoise.terminal.progress import fit_bar
from equipoise.using.card_files import make_page

# Of the pipeline's stages, those that make the train part.
MAKING_TRAIN = ("generate-data", "split")
NAMES_SHOWN = 3
# The code that the scores of a fit depend on.
CODE = ("core", "deciding", "fitting", "metrics", "screening")


def screen_catalogue(layout: Layout, *, mlflow: bool) -> None:
    """Write the ranking, its page and the seconds, log a run, and print the best arms.

    A screening that was interrupted goes on, and one after an edit of params fits only what is new.
    """
    asked = load_params(layout.params)
    if not layout.train.exists():
        raise UserError(f"{layout.train} is missing; run `dvc repro split`, which makes it")
    schema = read_record(layout.schema, TableSchema)
    params = _restate_prevalence(schema, asked).for_labels(schema.labels)
    train = read_frame(layout.train)
    _refuse_other_data(layout)
    race, read = make_race(train, params), hash_file(layout.train)
    kept = FitFiles(layout.screening_fits, list_inputs(params, race, read))
    screening = screen(train, params, kept, watch_fits)
    if load_params(layout.params) != asked:
        raise _make_edited_error(layout.params)
    if hash_file(layout.train) != read:
        raise _make_edited_error(layout.train)
    kept.remove_others()
    write_record(screening.found, layout.screening)
    write_json(screening.seconds, layout.screening_seconds)
    replace_text(make_page(write_screen_report(screening), "Screening"), layout.screening_page)
    print_lines(list_screen_lines(screening))
    print_in_full(f"Written: {layout.screening}, {layout.screening_page}")
    if mlflow:
        from equipoise.record.naming import name_experiment  # noqa: PLC0415 - as above
        from equipoise.record.screened_runs import log_screening  # noqa: PLC0415 - seconds saved
        from equipoise.record.store import find_store  # noqa: PLC0415 - as above

        files = [layout.screening, layout.screening_page, layout.params]
        log_screening(screening, files, name_experiment(params), find_store())


def _refuse_other_data(layout: Layout) -> None:
    """Raise a `UserError` if train is not of the table and the params that are here now."""
    refuse_conflicts(layout.lock)
    changes = list_changes(layout, MAKING_TRAIN)
    if changes:
        more = f" and {len(changes) - NAMES_SHOWN} more" if len(changes) > NAMES_SHOWN else ""
        raise UserError(
            f"{layout.train} may be of other data, for something has changed since it was made"
            f" ({', '.join(changes[:NAMES_SHOWN])}{more}); run `dvc repro split`, which makes it"
            " again"
        )


def _make_edited_error(path: Path) -> UserError:
    return UserError(
        f"{path}: edited while the screening ran, so its ranking is not written; run it again: the"
        " fits that still hold are kept"
    )


def _restate_prevalence(schema: TableSchema, params: Params) -> Params:
    """Return params whose prevalence is that of the whole file, if the table is a sample of it."""
    prevalence = choose_prevalence(params.decision, schema)
    decision = params.decision.model_copy(update={"prevalence": prevalence})
    return params.model_copy(update={"decision": decision})


def list_inputs(params: Params, race: Race, train: str) -> dict[ArmName, JsonObject]:
    """Return by arm all that its fits depend on; `train` is the hash of the train part."""
    common: JsonObject = {
        "train": train,
        "seed": params.seed,
        "preprocess": params.preprocess.model_dump(),
        "folds": settle_folds(params).model_dump(),
        "amount": race.yardstick.objective.amount,
        "plugins": {name: hash_source(name) for name in params.plugins},
        "packages": list_versions(),
        "code": hash_parts(CODE),
    }
    inputs: dict[ArmName, JsonObject] = {}
    for name, tried in race.configurations.items():
        tuned: JsonObject = {
            "tried": list(tried),
            "metric": race.yardstick.name,
            "decision": params.decision.model_dump(mode="json"),
        }
        entries = params.dump_entries(*name)
        inputs[name] = {**common, **entries, **(tuned if len(tried) > 1 else {})}
    return inputs


def watch_fits(title: str, fits: Iterable[FitInFold], number: int) -> Iterable[FitInFold]:
    """Give the fits of a fold, counted on a bar; say how many arms are in it."""
    print_in_full(f"{title}: {format_count(number, 'arm')}")
    with fit_bar(title) as counted:
        yield from counted(fits, number)

"""The command line: what stands around `dvc repro`, which runs the trial."""

import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click

from equipoise import __version__
from equipoise.terminal.command import execute, run
from equipoise.terminal.environment import has_text_name
from equipoise.terminal.errors import UserError, make_showable
from equipoise.terminal.swallowed_signals import SIGNALLED, heed_swallowed_signals

STATUS_OF_MISTAKES = 2
STATUS_OF_ALARMS = 3
STATUS_OF_REFUSALS = 3
SHARE = click.FloatRange(0, 1, min_open=True, max_open=True)


class NamedPath(click.Path):
    """A path that params.yaml, a page or MLflow will name, so it has to be text."""

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:
        """Return the path; a `UserError` shows one with bytes that are no text."""
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        if not has_text_name(path):
            raise UserError(f"'{path}': the name is no text in UTF-8; rename it")
        return path


# Whether it can be read, the command finds out, which has a remedy too.
FILE = click.Path(readable=False, path_type=Path)
NAMED_FILE = NamedPath(readable=False)


def _refuse_repeated(
    _context: click.Context, _option: click.Parameter, given: tuple[str, ...]
) -> str | None:
    """Return the only value of an option; click would take the last of several without a word."""
    if len(given) > 1:
        raise click.BadParameter(
            f"it is there {len(given)} times; give one label, and list all in data.positive of"
            " params.yaml afterwards"
        )
    return given[0] if given else None


# What can be said of a table.
TABLE_OPTIONS = (
    click.option(
        "--positive",
        callback=_refuse_repeated,
        multiple=True,
        help="Its rare label; of two labels, the rarer one if left out.",
    ),
    click.option("--sheet", help="The sheet of a workbook; the first if left out."),
    click.option("--header", type=click.IntRange(1), help="The row that names the columns."),
    click.option(
        "--unlabelled",
        type=click.Choice(["refuse", "drop"]),
        help="What to do with rows without a label (default: refuse).",
    ),
    click.option(
        "--sample",
        type=click.FloatRange(1, min_open=True),
        help="Of a file larger than memory, keep so many common rows for each rare one.",
    ),
)


def about_table(*, required: bool) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that gives a command the options for a table."""
    target = click.option("--target", required=required, help="The column to predict.")

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed((target, *TABLE_OPTIONS)):
            command = option(command)
        return command

    return decorate


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
def commands() -> None:
    """Find out what to do about class imbalance on your own table; `dvc repro` runs the trial."""


@commands.command()
@click.argument("directory", type=FILE)
@click.option("--data", type=NAMED_FILE, help="Your table, as `use` takes it.")
@about_table(required=False)
def new(directory: Path, data: Path | None, target: str | None, **asked: Any) -> None:
    """Make a project of your own in DIRECTORY, which is new or empty."""
    make_project = import_module("equipoise.founding.new_project").make_project
    if data is None and any(value is not None for value in (target, *asked.values())):
        raise UserError("--target and what else is said of a table need --data, its file")
    if data is not None and target is None:
        raise UserError("--data needs --target, the column to predict")
    using = import_module("equipoise.using.use_table")
    make_project(directory, data, using.Asked(target, **asked) if data is not None else None)


@commands.command()
@click.option("--show", metavar="FILE", help="Print the new version of a file; change nothing.")
def upgrade(show: str | None) -> None:
    """Bring a project that `new` made up to the installed version."""
    upgrading = import_module("equipoise.founding.upgrading")
    if show is not None:
        click.echo(upgrading.show_file(Path(), show), nl=False)
    else:
        upgrading.upgrade_project(Path())


@commands.command()
@click.argument("table", type=NAMED_FILE)
@about_table(required=True)
def use(table: Path, **asked: Any) -> None:
    """Read TABLE, print how it was read, and write it into params.yaml."""
    layout = import_module("equipoise.storage.layout").Layout()
    using = import_module("equipoise.using.use_table")
    using.use_table(layout, table, using.Asked(**asked))


@commands.command()
@click.argument("table", type=FILE)
@click.option("--out", type=FILE, required=True, help=".csv, .parquet, .arrow, or -.")
@click.option("--arm", help="Whose model; the recommended one if left out.")
@click.option(
    "--keep", multiple=True, help="A column to pass on, such as an id; as often as needed."
)
@click.option("--threshold", type=float, help="Decide by it, not by the trial's.")
@click.option("--prevalence", type=SHARE, help="The share of positives among these rows.")
def score(table: Path, threshold: float | None, prevalence: float | None, **asked: Any) -> None:
    """Score the rows of TABLE: probabilities and decisions. A - reads CSV from standard input."""
    layout = import_module("equipoise.storage.layout").Layout()
    scoring = import_module("equipoise.using.score_table")
    overrides = scoring.Overrides(threshold, prevalence)
    scoring.score_table(layout, table, scoring.ScoreRequest(**asked, overrides=overrides))


@commands.command()
@click.option("--no-mlflow", is_flag=True, help="Log no run in MLflow.")
def screen(*, no_mlflow: bool) -> None:
    """Race every strategy with every model on the train part, to see which deserve a trial."""
    layout = _open_project()
    screening = import_module("equipoise.using.screen_catalogue")
    screening.screen_catalogue(layout, mlflow=not no_mlflow)


@commands.command()
@click.argument("batch", type=NAMED_FILE)
@click.option("--labels", help="The column with the labels, if they are known by now.")
@click.option("--arm", help="Whose model; the recommended one if left out.")
@click.option("--no-mlflow", is_flag=True, help="Log no run in MLflow.")
def monitor(batch: Path, labels: str | None, arm: str | None, *, no_mlflow: bool) -> None:
    """Look at the rows of BATCH: has anything changed? Exit status 3 if so, else 0."""
    layout = import_module("equipoise.storage.layout").Layout()
    monitoring = import_module("equipoise.using.monitor_batch")
    asked = monitoring.MonitorRequest(labels, arm, mlflow=not no_mlflow)
    if monitoring.monitor_batch(layout, batch, asked):
        sys.exit(STATUS_OF_ALARMS)


@commands.command()
@click.option("--arm", help="Whose model; the recommended one if left out.")
@click.option(
    "--out",
    type=NAMED_FILE,
    default="reports/model_card.md",
    show_default=True,
    help="The file; one beside it ends in .html.",
)
def card(arm: str | None, out: Path) -> None:
    """Write the model card of an arm: what it decides, how well, and where it ends."""
    layout = import_module("equipoise.storage.layout").Layout()
    import_module("equipoise.using.arm_card").write_arm_card(layout, arm, out)


@commands.command("learning-curve")
@click.option("--arm", help="Which arm; the recommended one if left out.")
def learning_curve(arm: str | None) -> None:
    """Fit an arm and its baseline on fewer rows, to see whether more still help."""
    layout = import_module("equipoise.storage.layout").Layout()
    import_module("equipoise.using.draw_curve").draw_curve(layout, arm)


@commands.command()
@click.option("--rollback", is_flag=True, help="Undo the last promotion.")
def promote(*, rollback: bool) -> None:
    """Make the recommended model the champion if it passes the gates. Exit status 3 if not."""
    layout = _open_project()
    promoting = import_module("equipoise.using.promote_model")
    if rollback:
        promoting.undo_promotion(layout)
    elif not promoting.promote_challenger(layout):
        sys.exit(STATUS_OF_REFUSALS)


@commands.command()
@click.option("--port", type=click.IntRange(1, 65535), default=5001, show_default=True)
@click.option(
    "--model-uri",
    "uri",
    help="Another model in MLflow; if left out, the champion where models are registered, else that"
    " of the recommended arm.",
)
def serve(**asked: Any) -> None:
    """Serve a model on 127.0.0.1: raw rows in, probabilities and decisions out."""
    layout = import_module("equipoise.storage.layout").Layout()
    import_module("equipoise.using.serve_model").serve_model(layout, **asked)


@commands.command()
@click.option("--deep", is_flag=True, help="Read every file that DVC keeps, to find damaged ones.")
def doctor(*, deep: bool) -> None:
    """Check the table and the params for problems, in seconds.

    Writes nothing, unless a killed run has left DVC's own files cut short: it repairs those.
    """
    layout = _open_project()
    if deep:
        import_module("equipoise.using.verify_files").verify_files(layout.root)
    execute("doctor", [])


@commands.command()
@click.option("--port", type=click.IntRange(1, 65535), default=5000, show_default=True)
def ui(port: int) -> None:
    """Bring MLflow up to date and open its page."""
    layout = _open_project()
    load_params = import_module("equipoise.terminal.params_file").load_params
    page = import_module("equipoise.record.mlflow_page")
    params = load_params(layout.params)
    page.require_page_port(port)
    if page.is_pipeline_unchanged():
        execute("track", [])
    else:
        click.echo(
            "The pipeline has changed, or its results are not here: run `dvc repro`, or `dvc pull`"
            " where a remote has them, to publish its state."
        )
    page.serve_page(params, port)


@commands.command()
@click.option("--yes", is_flag=True, help="Remove it; without this, it is only shown.")
def prune(*, yes: bool) -> None:
    """Show what nothing names any more in DVC's cache and in MLflow; remove it with --yes."""
    layout = import_module("equipoise.storage.layout").Layout()
    import_module("equipoise.using.prune_project").prune_project(layout, confirmed=yes)


@commands.command()
def schema() -> None:
    """Print the JSON Schema of params.yaml. Editors use it to complete and check."""
    make_schema = import_module("equipoise.terminal.params_file").make_params_schema
    click.echo(json.dumps(make_schema(), indent=2))


def main() -> None:
    """Run the command line: mistakes are told in one line, with status 2, as by any command."""

    def call(argv: Sequence[str]) -> None:
        try:
            commands.main(list(argv), prog_name="equipoise", standalone_mode=False)
        except click.exceptions.NoArgsIsHelpError as asked:
            click.echo(asked.format_message())
        except click.Abort as stopped:
            raise KeyboardInterrupt from stopped
        except click.ClickException as mistake:
            _end_with(make_showable(" ".join(mistake.format_message().split())))
        except UserError as mistake:
            _end_with(str(mistake))

    signal.signal(signal.SIGTERM, _stop)
    heed_swallowed_signals()
    run(call)


def _stop(number: int, _frame: FrameType | None) -> NoReturn:
    """End so that temporary files and other programs that were started end too."""
    sys.exit(SIGNALLED + number)


def _open_project() -> Any:
    """Return the layout of the working directory, for commands that call DVC."""
    layout = import_module("equipoise.storage.layout").Layout()
    import_module("equipoise.using.repair_dvc").repair_dvc_files(layout)
    return layout


def _end_with(mistake: str) -> None:
    click.echo(f"error: {mistake}", err=True)
    sys.exit(STATUS_OF_MISTAKES)

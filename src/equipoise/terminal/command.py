"""How a stage script runs: its arguments, and what goes wrong outside it said in one line."""

import gc
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from select import POLLERR, poll
from tempfile import gettempdir

from equipoise.terminal.environment import (
    explain_failed_import,
    explain_refused_variable,
    format_failure,
    list_environment_errors,
)
from equipoise.terminal.errors import UserError
from equipoise.terminal.swallowed_signals import heed_swallowed_signals

# Of a shell, for a process that Ctrl-C has ended.
INTERRUPTED = 130
# By which each of the libraries that NumPy and SciPy may be built with is told how many it has.
THREADS_OF_NUMPY = (
    *("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"),
)
# What a stage works on, where that is not all there is.
OPTIONS: Mapping[str, tuple[str, ...]] = {
    "resample": ("strategy",),
    "train": ("strategy", "model"),
    "decide": ("strategy", "model"),
    "evaluate": ("strategy", "model"),
}


def run_stage(stage: str, description: str | None) -> None:
    """Run a stage of `equipoise.stages` with the command line's arguments."""
    _set_environment()
    if sys.platform == "linux":  # elsewhere a fork is not safe, or there is none
        import_module("equipoise.terminal.warm").hand_over()
    heed_swallowed_signals()
    run(partial(execute, stage, description=description))


def execute(stage: str, argv: Sequence[str], description: str | None = None) -> None:
    """Run a stage in the working directory, by its options and params.yaml."""
    gc.disable()  # modules stay: to look for garbage among them is a tenth of what an import takes
    arguments = vars(parse(description, argv, *OPTIONS.get(stage, ())))
    layout = import_module("equipoise.storage.layout").Layout()
    if layout.params.exists() and layout.code.exists():  # in a project of a user's own
        import_module("equipoise.founding.code_file").check_version(layout.root)
        edited_pipeline = import_module("equipoise.founding.edited_pipeline")
        edited_pipeline.check_stage(layout.root, stage.replace("_", "-"), arguments)
    inputs = import_module("equipoise.storage.stage_inputs")
    noted = inputs.note_inputs(layout, stage, arguments)
    load_params = import_module("equipoise.terminal.params_file").load_params
    params = load_params(layout.params, **arguments)
    run_stage_function = import_module(f"equipoise.stages.{stage}").run
    gc.freeze()
    gc.enable()
    try:
        run_stage_function(layout, params, **arguments)
    except SystemExit as ended:  # no code of ours does so there
        raise UserError(
            f"code of a plug-in has ended the stage by itself (with {ended.code!r}), so it is not"
            " finished; have it raise an error instead"
        ) from ended
    inputs.refuse_edited_inputs(layout, noted)


def parse(description: str | None, argv: Sequence[str], *required: str) -> Namespace:
    """Return the values of a stage's required options; DVC says them in its own way."""
    parser = ArgumentParser(description=description)
    known = _read_item(required)
    for name in required:
        parser.add_argument(f"--{name}", required=name not in known, default=known.get(name))
    return parser.parse_args(argv)


def _read_item(required: Sequence[str]) -> dict[str, str]:
    """Return what DVC runs the stage for, by the stage's name, such as train@smote-logistic.

    In the command of dvc.yaml a name from params.yaml would be words of a shell, which come before
    any check of it.
    """
    _, sign, item = os.environ.get("DVC_STAGE", "").partition("@")
    parts = item.split("-", len(required) - 1) if required and sign else []
    return dict(zip(required, parts, strict=False))


def run(main: Callable[[Sequence[str]], None]) -> None:
    """Run what is given with the command line's arguments.

    A user's mistake, a failure of the environment and a warning that counts as an error end it with
    one line and status 1, Ctrl-C with one line and status 130; a programming error keeps its
    traceback.
    """
    _set_environment()
    _complete_streams()
    try:
        try:
            _run_whole(main)
        finally:
            _flush_output()  # what cannot be written is an error here, and not at the very end
    except UserError as mistake:
        sys.exit(f"error: {mistake}")
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted; run it again to continue from here\n")
        sys.exit(INTERRUPTED)
    except ImportError as failure:
        line = explain_failed_import(failure) or explain_refused_variable(failure)
        if line is None:
            raise
        sys.exit(f"error: {line}")
    except (AttributeError, ValueError) as refused:
        line = explain_refused_variable(refused)
        if line is None:
            raise
        sys.exit(f"error: {line}")
    except Warning as warned:
        sys.exit(
            f"error: a warning counts as an error here, by PYTHONWARNINGS or -W, and a library has"
            f" one: {type(warned).__name__}: {' '.join(str(warned).split())}; unset it"
        )
    except list_environment_errors() as failure:
        # Whoever read it, such as `head`, wants no more, and no message.
        unread = isinstance(failure, BrokenPipeError) and _has_output_no_reader()
        _discard_output()
        sys.exit(1 if unread else f"error: {format_failure(failure)}")


def _run_whole(main: Callable[[Sequence[str]], None]) -> None:
    """Run what is given; from its beginning again once a module that was cut short is removed."""
    while True:
        try:
            return main(sys.argv[1:])
        except EOFError as failure:
            path = import_module("equipoise.terminal.cut_module").remove_cut_module(failure)
            if path is None:
                raise
            sys.stderr.write(f"note: {path} was cut short, by a full disk perhaps; made again\n")


def _flush_output() -> None:
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # the work is done, and its status stands, whoever has read of it
        _discard_output()


def _has_output_no_reader() -> bool:
    asking = poll()
    asking.register(sys.stdout.fileno(), 0)
    return any(event & POLLERR for _, event in asking.poll(0))


def _discard_output() -> None:
    """Have what standard output cannot take go nowhere."""
    try:
        sys.stdout.flush()
    except OSError:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())


def _set_environment() -> None:
    """Set what libraries read when they are imported.

    Sums of many numbers are the same to the last digit on one thread only. skrub makes no folder in
    the user's home, which may be none to write to.
    """
    os.environ.update(dict.fromkeys(THREADS_OF_NUMPY, "1"))
    os.environ.setdefault("SKB_DATA_DIRECTORY", gettempdir())


def _complete_streams() -> None:
    """Have all standard streams, and standard output take any text, whatever its encoding.

    What is written to one that was closed goes nowhere, and not into a file that has its number.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - it stays open
            setattr(sys, name, nowhere)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")

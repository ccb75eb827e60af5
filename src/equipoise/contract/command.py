"""How a stage script runs: its arguments, and what goes wrong outside it said in one line."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence

from equipoise.contract.environment import environment_errors, in_one_line
from equipoise.contract.errors import UserError

# Of a shell, for a process that Ctrl-C has ended.
INTERRUPTED = 130


def parse(description: str | None, argv: Sequence[str], *required: str) -> Namespace:
    """Return the values of a stage's required options."""
    parser = ArgumentParser(description=description)
    for name in required:
        parser.add_argument(f"--{name}", required=True)
    return parser.parse_args(argv)


def run(main: Callable[[Sequence[str]], None]) -> None:
    """Run a stage with the command line's arguments.

    A user's mistake and a failure of the environment end it with one line and status 1, Ctrl-C
    with one line and status 130; a programming error keeps its traceback.
    """
    try:
        main(sys.argv[1:])
    except UserError as mistake:
        sys.exit(f"error: {mistake}")
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted; run it again to go on from here\n")
        sys.exit(INTERRUPTED)
    except environment_errors() as failure:
        sys.exit(f"error: {in_one_line(failure)}")

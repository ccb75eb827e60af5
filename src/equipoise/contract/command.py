"""How a stage script runs: its arguments, and a user's mistake said in one message."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence

from equipoise.contract.errors import UserError


def parse(description: str | None, argv: Sequence[str], *required: str) -> Namespace:
    """Return the values of a stage's required options."""
    parser = ArgumentParser(description=description)
    for name in required:
        parser.add_argument(f"--{name}", required=True)
    return parser.parse_args(argv)


def run(main: Callable[[Sequence[str]], None]) -> None:
    """Run a stage with the command line's arguments; a `UserError` ends it with status 1."""
    try:
        main(sys.argv[1:])
    except UserError as mistake:
        sys.exit(f"error: {mistake}")

"""What is said to a user who made a mistake."""

import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from difflib import get_close_matches

# In characters: a value in quotes, any other word, a line. And how many lines.
LONGEST_VALUE, LONGEST_WORD, LONGEST_LINE, MOST_LINES = 80, 240, 2_000, 20
QUOTED = re.compile(r"(?<!\w)'[^'\n]*'(?!\w)")
WORD = re.compile(r"\S+")
# Before the host of an address; the second slash is gone where a path was made of it.
LOGIN = re.compile(r"(?<=://)[^/\s']*@|(?<=:/)[^/\s':]+:[^/\s']*@")
# What would start another line, move the cursor, change colours or turn the direction of writing.
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class UserError(Exception):
    """A mistake in params or data; its text, a line for each argument, is all that is needed."""

    def __str__(self) -> str:
        return make_showable(*map(str, self.args))


class SpoiltFileError(UserError):
    """A file that the pipeline has made is missing, or is not what was written."""


class RefusalError(UserError):
    """What a sampler or a model refuses, of this table or of each other: other arms can go on."""


def make_showable(*lines: str) -> str:
    """Return lines that fit a terminal, whatever values are in them, and have no login.

    What is long loses its middle: a key is in front, and the remedy at the end. A value that
    would start another line is written out.
    """
    more = [f"and {len(lines) - MOST_LINES:,} more lines like these"]
    return "\n".join([*map(_show_line, lines[:MOST_LINES]), *more[: len(lines) > MOST_LINES]])


def print_lines(lines: Iterable[str]) -> None:
    """Print lines, with whatever values are in them, as messages are shown."""
    _print(map(make_showable, lines))


def print_in_full(*lines: str) -> None:
    """Print lines, however long; what a terminal would obey is written out."""
    _print(map(escape_unseen, lines))


def escape_unseen(text: str) -> str:
    r"""Return a text without signs that a terminal obeys: they are written out.

    >>> escape_unseen("clear\x1b[2J")
    'clear\\x1b[2J'
    """
    return UNSEEN.sub(lambda sign: ascii(sign[0])[1:-1], text)


def _print(lines: Iterable[str]) -> None:
    with suppress(BrokenPipeError):  # who read it, such as `head`, has gone: the work goes on
        sys.stdout.writelines(f"{line}\n" for line in lines)


def _show_line(line: str) -> str:
    seen = escape_unseen(LOGIN.sub("", line))
    quoted = QUOTED.sub(lambda value: shorten(value[0]), seen)
    words = WORD.sub(lambda word: shorten(word[0], LONGEST_WORD), quoted)
    return shorten(words, LONGEST_LINE)


def shorten(text: str, longest: int = LONGEST_VALUE) -> str:
    """Return a text without its middle if it is longer than this.

    >>> shorten("0123456789" * 20, 15)
    '012345...456789'
    """
    if len(text) <= longest:
        return text
    half = (longest - 3) // 2
    return f"{text[:half]}...{text[-half:]}"


def suggest_nearest(word: str, known: Iterable[str]) -> str:
    """Return "did you mean ...?" for a near match, else the list of what is known."""
    choices = sorted(known)
    by_lower_case = {choice[:LONGEST_WORD].lower(): choice for choice in choices}
    matches = get_close_matches(word[:LONGEST_WORD].lower(), by_lower_case, n=1)
    if matches:
        return f"did you mean '{by_lower_case[matches[0]]}'?"
    return f"choose from: {', '.join(choices) or 'nothing'}"

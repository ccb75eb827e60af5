"""Text as Markdown, for MLflow and model cards: what users wrote is shown as they wrote it."""

import re
from collections.abc import Iterable, Iterator, Sequence

from equipoise.core.writing_direction import isolate_text

# What Markdown or a table of it would take for its own.
SIGNS = re.compile(r"([\\`*_{}\[\]<>|#$~])")
# What MLflow's pages make links and pictures of besides: addresses, names after @, :smile:.
LINKED = re.compile(r"&|@|/(?=/)|(?<=www)\.|:(?=\S+:)", re.IGNORECASE)
# What would end a line, and so begin a heading or a list.
BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
SIDES = {"left": "---", "right": "---:"}


def escape_text(text: str) -> str:
    r"""Return text that Markdown shows as it is, on one line, and that turns nothing else round.

    >>> escape_text("a\n# b")
    'a\\\\n\\# b'
    """
    one_line = BREAKS.sub(lambda sign: ascii(sign[0])[1:-1], isolate_text(text))
    plain = LINKED.sub(lambda sign: f"\0{ord(sign[0])};", one_line)
    return SIGNS.sub(r"\\\1", plain).replace("\0", "&#")


def make_bullets(sentences: Iterable[str]) -> Iterator[str]:
    """Give a line of a list for each sentence."""
    return (f"- {escape_text(sentence)}" for sentence in sentences)


def make_table(
    header: Sequence[str], sides: Sequence[str], rows: Iterable[Sequence[str]]
) -> list[str]:
    """Return the lines of a table; `sides` says of each column whether it is left or right."""
    rule = f"| {' | '.join(SIDES[side] for side in sides)} |"
    return [_make_row(header), rule, *map(_make_row, rows)]


def _make_row(values: Iterable[str]) -> str:
    return f"| {' | '.join(map(escape_text, values))} |"

"""Text written from right to left among text that is not: it turns nothing but itself round."""

import re

# Signs by which text turns round what follows it: embeddings, overrides, isolates.
TURNING = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
# Letters of Hebrew, Arabic and other scripts, and marks that count as one.
LETTER = r"\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff"
RUN = re.compile(rf"[{LETTER}](?:[{LETTER} _'.-]*[{LETTER}])?")
FIRST_STRONG, END = "\u2068", "\u2069"


def isolate_text(text: str) -> str:
    r"""Return a text in which numbers beside right-to-left letters keep their place.

    Such letters are set apart by the isolates of Unicode's bidirectional algorithm (UAX 9). Signs
    of the text itself that would turn others round are written out.

    >>> isolate_text("\u202eno: 93 rows")
    '\\u202eno: 93 rows'
    """
    written = TURNING.sub(lambda sign: ascii(sign[0])[1:-1], text)
    return RUN.sub(lambda run: f"{FIRST_STRONG}{run[0]}{END}", written)

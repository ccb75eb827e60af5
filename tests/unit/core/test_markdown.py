"""What users wrote stays text where Markdown is shown."""

import re
from html import unescape

import pytest

from equipoise.core.markdown import escape_text
from equipoise.using.card_files import make_page


@pytest.mark.parametrize(
    "text",
    [
        "http://evil.example/x?a=1&b=2",
        "www.evil.example",
        "//evil.example/x",
        "me@evil.example",
        "![a picture](http://evil.example/x.png)",
        "[a link](x)",
        "<b>&lt;i&gt;</b>",
        "**loud** ~~gone~~ :smile: $x$ `code`",
    ],
)
def test_text_is_shown_as_it_is(text: str) -> None:
    """Neither as a link nor as a picture, and to the last sign."""
    (shown,) = re.findall("<p>(.*?)</p>", make_page(f"say {escape_text(text)}", "Card"))
    assert unescape(shown) == f"say {text}"
    assert "<" not in shown


@pytest.mark.parametrize("sign", ["\n\n# ", "\r- ", "\u2028"])
def test_a_line_that_a_label_breaks_stays_one(sign: str) -> None:
    """What comes after would be a heading, or another item of the list."""
    page = make_page(f"- say {escape_text(f'a{sign}b')}", "Card")
    (shown,) = re.findall("<li>(.*?)</li>", page)
    assert unescape(shown) == f"say a{ascii(sign)[1:-1]}b"


def test_text_from_right_to_left_is_set_apart_and_overrides_are_written_out() -> None:
    """A number beside it keeps its place."""
    assert escape_text("\u05db\u05df: 93") == "\u2068\u05db\u05df\u2069: 93"
    assert escape_text("\u202eno: 93") == r"\\u202eno: 93"


@pytest.mark.parametrize(
    "text", ["http://a.example", "www.a.example", "//a.example", "me@a.example", "@me", ":100:"]
)
def test_nothing_is_left_that_mlflow_makes_a_link_or_a_picture_of(text: str) -> None:
    """Its pages look for these signs in text, which CommonMark does not."""
    assert not re.search(r"//|www\.|@|:\S+:", escape_text(text))

"""What a user is told about a name that is not known."""

from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.terminal.errors import LONGEST_LINE, MOST_LINES, UserError, suggest_nearest

WORDS = st.text(alphabet="abcdefghij_", min_size=1, max_size=12)


def test_a_near_miss_gets_the_one_name_that_was_meant() -> None:
    """A typo is answered with the nearest name alone."""
    assert suggest_nearest("smoote", ["baseline", "smote"]) == "did you mean 'smote'?"


def test_a_word_like_no_other_gets_every_choice_in_order() -> None:
    """Where nothing is near, all choices are listed, sorted."""
    assert suggest_nearest("zzz", ["smote", "baseline"]) == "choose from: baseline, smote"


def test_no_choice_at_all_is_said_so() -> None:
    """An empty catalogue does not end in an empty sentence."""
    assert suggest_nearest("smote", []) == "choose from: nothing"


def test_the_text_of_a_user_error_is_its_message() -> None:
    """Nothing is added to what the user reads."""
    assert str(UserError("data.path: 'x' does not exist")) == "data.path: 'x' does not exist"


def test_a_long_value_loses_its_middle() -> None:
    """The key in front of it and the remedy behind it stay."""
    said = str(UserError(f"data.path: '{'a' * 300}.csv' does not exist; fix it"))
    assert said == f"data.path: '{'a' * 37}...{'a' * 33}.csv' does not exist; fix it"


def test_many_long_lines_are_shown_in_part() -> None:
    """However much is wrong, a terminal has room for what is said of it."""
    lines = str(UserError(*["x y " * 5_000] * 500)).splitlines()
    assert len(lines) == MOST_LINES + 1
    assert lines[-1] == "and 480 more lines like these"
    assert max(map(len, lines)) <= LONGEST_LINE


def test_no_login_is_repeated() -> None:
    """In an address, or in a path that was made of one; the alias of a model is none."""
    told = "http://me:s@cret@host/x and s3:/me:s@cret@bucket/y; models:/churn@champion"
    assert str(UserError(told)) == "http://host/x and s3:/bucket/y; models:/churn@champion"


def test_signs_that_a_terminal_obeys_are_written_out() -> None:
    """A name of a column cannot clear the screen, and cannot start another line."""
    assert str(UserError("column '\x1b[2J\rage\n'")) == r"column '\x1b[2J\rage\n'"


@settings(max_examples=25, deadline=None)
@given(word=WORDS, known=st.sets(WORDS, min_size=1, max_size=5))
def test_only_known_names_are_proposed(word: str, known: set[str]) -> None:
    """A proposal is one known name, or all of them."""
    proposals = {f"did you mean '{name}'?" for name in known}
    assert suggest_nearest(word, known) in proposals | {f"choose from: {', '.join(sorted(known))}"}

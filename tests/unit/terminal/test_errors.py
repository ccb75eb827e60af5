"""What a user is told about a name that is not known."""

from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.terminal.errors import UserError, suggest_nearest

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


@settings(max_examples=25, deadline=None)
@given(word=WORDS, known=st.sets(WORDS, min_size=1, max_size=5))
def test_only_known_names_are_proposed(word: str, known: set[str]) -> None:
    """A proposal is one known name, or all of them."""
    proposals = {f"did you mean '{name}'?" for name in known}
    assert suggest_nearest(word, known) in proposals | {f"choose from: {', '.join(sorted(known))}"}

"""What is said to a user who made a mistake."""

from collections.abc import Iterable
from difflib import get_close_matches


class UserError(Exception):
    """A mistake in params or data; its text is all that the user needs to fix it."""


class RefusalError(UserError):
    """What a sampler or a model refuses, of this table or of each other: other arms can go on."""


def suggest_nearest(word: str, known: Iterable[str]) -> str:
    """Return "did you mean ...?" for a near match, else the list of what is known."""
    choices = sorted(known)
    by_lower_case = {choice.lower(): choice for choice in choices}
    matches = get_close_matches(word.lower(), by_lower_case, n=1)
    if matches:
        return f"did you mean '{by_lower_case[matches[0]]}'?"
    return f"choose from: {', '.join(choices) or 'nothing'}"

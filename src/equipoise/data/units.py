"""Numbers in words with a unit behind them, or a currency before: in one unit or in several."""

import re
from collections.abc import Iterable, Mapping

from equipoise.data.number_words import CURRENCY, DIGITS, SPACES

# Units of one thing, each with its other spellings. What is in none may be a code, as 12B is.
SPELLINGS = (
    "mg|mgs g|gr|gram|grams kg|kgs|kilo|kilos t|tons|tonnes lb|lbs oz",
    "mm cm m|meter|meters|metre|metres km|kms in|inch|inches ft|feet yd|yards mi|mile|miles",
    "ml cl dl l|liter|liters|litre|litres gal|gallons",
    "ms s|sec|secs|second|seconds m|min|mins|minute|minutes h|hr|hrs|hour|hours d|day|days",
    "d|day|days week|weeks month|months|mo y|yr|yrs|year|years",
    "kb mb gb tb",
    "k m|mio|mn b|bn",
    "\u00b0c \u00b0f",
)
NUMBER = rf"[-+\u2212]?(?:{DIGITS['.']}|{DIGITS[',']})"
MEASURE = re.compile(rf"{NUMBER}[{SPACES}]?(?P<unit>[^\d\s.,]{{1,8}})\.?")
MONEY = re.compile(
    rf"(?P<before>{CURRENCY})[{SPACES}]?{NUMBER}|{NUMBER}[{SPACES}]?(?P<after>{CURRENCY})"
)


def _list_names(spellings: str) -> Mapping[str, str]:
    """Return the unit that each spelling means."""
    groups = [group.split("|") for group in spellings.split()]
    return {word: group[0] for group in groups for word in group}


FAMILIES = tuple(map(_list_names, SPELLINGS))


def find_units(words: Iterable[str]) -> dict[str, str]:
    """Return the units that words are in, as they are written, each with its first word.

    There are none unless every word is a number with a unit, all of them of one thing.

    >>> find_units(["5 kg", "300 g", "2 kg"])
    {'kg': '5 kg', 'g': '300 g'}
    """
    first: dict[str, str] = {}
    for word in words:
        unit = _read_unit(word.strip())
        if unit is None:
            return {}
        first.setdefault(unit, word)
    money = {unit.casefold(): unit for unit in first if re.fullmatch(CURRENCY, unit)}
    for family in (*FAMILIES, money):
        names = {unit: family.get(unit.casefold()) for unit in first}
        if None not in names.values():
            different = {name: unit for unit, name in reversed(names.items())}
            return {unit: first[unit] for unit in names if unit in different.values()}
    return {}


def _read_unit(word: str) -> str | None:
    """Return the unit of a number; None if a word is none, or has none."""
    money = MONEY.fullmatch(word)
    if money is not None:
        return money["before"] or money["after"]
    found = MEASURE.fullmatch(word)
    return None if found is None else found["unit"]

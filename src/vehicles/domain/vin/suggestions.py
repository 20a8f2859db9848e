"""Suggestions of VINs that were probably meant. They are shown to people, and never applied automatically."""

from dataclasses import dataclass
from itertools import islice, product
from typing import Final

from vehicles.domain.errors import InvalidVin
from vehicles.domain.vin.check_digit import CheckDigitRegime
from vehicles.domain.vin.confusables import look_alike
from vehicles.domain.vin.number import ALPHABET, LENGTH, Vin, fold

# ISO 3779 excludes these three because people confuse them with the digits.
_MISREAD: Final = {"O": "0", "I": "1", "Q": "09"}
_SEPARATORS: Final = " -\u00a0\u200b\u2010\u2011\u2012\u2013\u2014\u2212\ufeff"
_MAX_COMBINATIONS: Final = 64
# A VIN with a separator after every character; a longer text is not a typing error.
_MAX_TEXT_LENGTH: Final = 2 * LENGTH


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A VIN that differs from the input only at its illegal characters.

    `confirmed` means that a required check digit matches, which is true for one of eleven wrong guesses.
    """

    vin: Vin
    confirmed: bool


def suggest(text: str) -> tuple[Suggestion, ...]:
    """Return the valid VINs that result when each illegal character is replaced by its look-alikes.

    O becomes 0, I becomes 1, Q becomes 0 or 9, letters of other alphabets become ASCII, separators are removed.
    At most 64 combinations are tried.

    >>> [(str(s.vin), s.confirmed) for s in suggest("IM8GDM9AXKPO42788")]
    [('1M8GDM9AXKP042788', True)]
    """
    folded = fold(text)
    if len(folded) > _MAX_TEXT_LENGTH or all(character in ALPHABET for character in folded):
        return ()
    options = [_replacements(character) for character in folded]
    found: list[Suggestion] = []
    for combination in islice(product(*options), _MAX_COMBINATIONS):
        try:
            vin = Vin.parse("".join(combination))
        except InvalidVin:
            continue
        found.append(Suggestion(vin, confirmed=vin.check_digit_regime is not CheckDigitRegime.NONE))
    return tuple(found)


def _replacements(character: str) -> tuple[str, ...]:
    """Return the possible replacements of a character; empty if there is no guess."""
    if character in ALPHABET:
        return (character,)
    if character in _SEPARATORS:
        return ("",)
    twin = look_alike(character) or character
    return tuple(_MISREAD.get(twin, twin if twin in ALPHABET else ""))

"""Suggestions of VINs that were probably meant. They are shown to people, and never applied automatically."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice, product
from typing import Final

from vehicles.domain.errors import InvalidVin
from vehicles.domain.vin.check_digit import DIGIT_LOOK_ALIKES, CheckDigitRegime
from vehicles.domain.vin.confusables import look_alike
from vehicles.domain.vin.number import ALPHABET, LENGTH, Vin, fold

# ISO 3779 excludes these three because people confuse them with the digits.
_MISREAD: Final = {"O": "0", "I": "1", "Q": "09"}
_MAX_COMBINATIONS: Final = 64
_MAX_SUGGESTIONS: Final = 3
# A VIN with a separator after every character; a longer text has a VIN in it, at best.
_MAX_VIN_LENGTH: Final = 2 * LENGTH
_PREFIX: Final = "I"
"""What the labels of imported vehicles print before the VIN in Code 39 (import indicator)."""
# What stands before a VIN: any words and a colon; the symbology identifier of a scanner (ISO/IEC 15424), such as ]C1;
# or a name that no VIN begins with, because of its I.
_LABEL: Final = re.compile(r"[^:]*:|\][A-Z][0-9A-Z]|(?:VIN|FIN|NIV|CHASSIS)(?:[\s.\-]*(?:NO|NR)\b)?")
_WORD: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A VIN that was probably meant.

    `confirmed` means that a required check digit matches, which is true for one of eleven wrong guesses.
    `only_removed` means that nothing but separators, stars and control characters is different.
    """

    vin: Vin
    confirmed: bool
    only_removed: bool = field(default=False, compare=False)

    @property
    def is_safe(self) -> bool:
        """Whether it may be taken without looking, if a person asks for that."""
        return self.confirmed or self.only_removed


def suggest(text: str) -> tuple[Suggestion, ...]:
    """Return the valid VINs that were probably meant by a string that is not a valid VIN.

    O becomes 0, I becomes 1, Q becomes 0 or 9, letters of other alphabets become ASCII. Separators, stars and control
    characters are removed, and so is the I that scanners read before the VIN of an imported vehicle. Letters where
    digits must be become the digits that they look like. A label before the VIN is removed. In a longer text, it is the
    only VIN that is meant. At most 64 combinations are tried.

    There are at most three, confirmed ones first: of more than three only the confirmed ones, and else none.

    >>> [(str(s.vin), s.confirmed) for s in suggest("IM8GDM9AXKPO42788")]
    [('1M8GDM9AXKP042788', True)]
    >>> [str(s.vin) for s in suggest("VIN: WMAH05ZZ94MO12346 (truck)")]
    ['WMAH05ZZ94M012346']
    """
    folded = fold(text)
    found = _valid([folded], folded)
    if not found and (label := _LABEL.match(folded)):
        found = _valid([folded[label.end() :]], folded)
    return _useful(found or _only(_valid(_words(folded), folded)))


def _useful(found: tuple[Suggestion, ...]) -> tuple[Suggestion, ...]:
    """Return at most three suggestions, confirmed ones first; none of a list that is too long to choose from."""
    confirmed = tuple(each for each in found if each.confirmed)
    if len(found) <= _MAX_SUGGESTIONS:
        return confirmed + tuple(each for each in found if not each.confirmed)
    return confirmed if len(confirmed) <= _MAX_SUGGESTIONS else ()


def _words(text: str) -> list[str]:
    """Return the different words of a text that are as long as a VIN, or one character longer."""
    return list(dict.fromkeys(word for word in _WORD.findall(text) if LENGTH <= len(word) <= LENGTH + 1))


def _only(found: tuple[Suggestion, ...]) -> tuple[Suggestion, ...]:
    return found if len(found) == 1 else ()


def _valid(texts: list[str], rejected: str) -> tuple[Suggestion, ...]:
    """Return the valid VINs among the combinations of all texts, but not the rejected text itself."""
    found: dict[str, Suggestion] = {}
    bare = "".join(filter(str.isalnum, rejected))
    for combination in islice(chain.from_iterable(map(_combinations, texts)), _MAX_COMBINATIONS):
        try:
            vin = Vin.parse(combination)
        except InvalidVin:
            continue
        is_required = vin.check_digit_regime is not CheckDigitRegime.NONE
        is_confirmed = is_required and vin.check_digit_matches
        found[str(vin)] = Suggestion(vin, confirmed=is_confirmed, only_removed=str(vin) == bare)
    found.pop(rejected, None)
    return tuple(found.values())


def _combinations(text: str) -> Iterator[str]:
    if len(text) > _MAX_VIN_LENGTH:
        return
    options = [_replacements(character) for character in text]
    if text.startswith(_PREFIX):
        options[0] += ("",)
    for combination in product(*options):
        yield _with_digits("".join(combination))


def _replacements(character: str) -> tuple[str, ...]:
    """Return the possible replacements of a character; empty if there is no guess."""
    if character in ALPHABET:
        return (character,)
    twin = look_alike(character) or character
    if twin in _MISREAD:
        return tuple(_MISREAD[twin])
    removed = () if character.isalnum() else ("",)
    return (twin, *removed) if twin in ALPHABET else removed


def _with_digits(text: str) -> str:
    """Return a VIN with digits for the letters that look like them, where digits must be.

    Position 9 is changed only if that makes the check digit match, which the policy then accepts.
    """
    if len(text) != LENGTH:
        return text
    serial = 14 if text[2] == "9" else 13
    text = text[:serial] + text[serial:].translate(DIGIT_LOOK_ALIKES)
    try:
        Vin.parse(text)
    except InvalidVin:
        return text[:8] + text[8].translate(DIGIT_LOOK_ALIKES) + text[9:]
    return text

"""The vehicle identification number (VIN) of ISO 3779 and ISO 3780.

A VIN has 17 characters: the world manufacturer identifier (WMI, 1-3), the vehicle descriptor section (VDS, 4-9) and the
vehicle indicator section (VIS, 10-17). Its alphabet is the digits and the capital letters except I, O and Q.

Position 9 is a check digit only if a law requires it: in North America (49 CFR 565.15) and China (GB 16735-2019).
Elsewhere it may be any character, so a European VIN is never rejected because of it. Nor is a Chinese one with a letter
there that cannot be a check digit, as in cars that are built for Europe. No VIN is rejected because of position 10,
which is a model year only under the same two laws.

>>> vin = Vin.parse(" 1m8gdm9axkp042788 ")
>>> str(vin), vin.wmi, vin.country, vin.check_digit_matches, vin.model_year_candidates
('1M8GDM9AXKP042788', '1M8', 'US', True, (1989, 2019))
>>> str(Vin.parse("WMAH05ZZ94M012345"))  # a German truck: no law requires a check digit
'WMAH05ZZ94M012345'
>>> Vin.parse("1M8GDM9A1KP042788")
Traceback (most recent call last):
    ...
vehicles.domain.errors.InvalidVin: The VIN is not valid: the check digit at position 9 does not match the other \
characters, as North America requires; usually another character was mistyped; if the VIN is right, because the \
vehicle was built for another market, the VIN policy advisory accepts it
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from vehicles.domain.errors import Fault, InvalidVin
from vehicles.domain.vin.check_digit import (
    REGIME_NAMES,
    CheckDigitRegime,
    check_digit_fault,
    compute_check_character,
    find_regime,
    has_no_check_digit,
)
from vehicles.domain.vin.confusables import look_alike
from vehicles.domain.vin.countries import Region, find_assignment

LENGTH: Final = 17
ALPHABET: Final = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"

_RESERVED_LETTERS: Final = "IOQ"
_DIGITS: Final = frozenset("0123456789")
_BLANKS: Final = " \t\r\n"
_FOLD: Final = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
# The last four characters are digits; the last three for a manufacturer of few vehicles (position 3 is 9).
_WELL_FORMED: Final = re.compile(rf"(?:[{ALPHABET}]{{13}}[0-9]|[{ALPHABET}]{{2}}9[{ALPHABET}]{{11}})[0-9]{{3}}")
# Such as DBA-ZWR80G-0123456, for the Japanese market: perhaps an emission class, the model and the serial number.
# A VIN in groups may look the same, but it has 17 characters.
_FRAME_NUMBER: Final = re.compile(
    rf"(?!(?:[- ]?[A-Z0-9]){{{LENGTH}}}$)(?:[A-Z0-9]{{1,3}}-)?[A-Z]{{1,4}}[0-9]{{1,3}}[A-Z]{{0,3}}[- ][0-9]{{6,7}}"
)
_PLACEHOLDERS: Final = frozenset(character * LENGTH for character in _DIGITS)

# 49 CFR 565.15 (d), table VI: thirty codes, so each repeats after thirty years.
_MODEL_YEAR_CODES: Final = "ABCDEFGHJKLMNPRSTVWXY123456789"
_FIRST_MODEL_YEAR: Final = 1980

# Manufacturers that use a check digit although no law requires it: MAN in 10 of 11 public samples, Volvo Trucks in 5 of
# 5.
_VOLUNTARY_CHECK_DIGIT: Final = frozenset({"WMA", "YV2"})


class VinPolicy(StrEnum):
    """Whether a VIN is accepted if a required check digit does not match."""

    STRICT = "strict"
    """Reject the VIN."""

    ADVISORY = "advisory"
    """Accept it with a warning: some vehicles are built for another market than their WMI says (3VWZZZ…)."""

    def check(self, vin: "Vin") -> None:
        """Raise InvalidVin (`vin.check_digit`) if this policy does not accept the VIN."""
        if self is VinPolicy.STRICT:
            vin.require_check_digit()


def fold(text: str) -> str:
    """Return the text without surrounding ASCII blanks and with ASCII letters in upper case; nothing else changes.

    `str.upper` and `str.strip` would accept other alphabets: the long s would become S, the no-break space vanish.
    """
    text = text.strip(_BLANKS)
    return text.upper() if text.isascii() else text.translate(_FOLD)  # the table is slower than all other checks


@dataclass(frozen=True, slots=True, order=True, repr=False, init=False)
class Vin:
    """A VIN in canonical form: 17 characters, upper case. Comparable and hashable.

    `parse` accepts input of people and files, `of` canonical text from storage.
    """

    _text: str

    def __init__(self, text: str) -> None:
        # Every page reads many VINs, and the pattern is faster than the search for faults.
        if not _WELL_FORMED.fullmatch(_require_text(text)) or text in _PLACEHOLDERS:
            raise InvalidVin(*_faults(text))
        object.__setattr__(self, "_text", text)

    @classmethod
    def parse(cls, text: str, policy: VinPolicy = VinPolicy.STRICT) -> Self:
        """Return the VIN in a string, which may be in lower case and have surrounding ASCII blanks.

        Raises InvalidVin with one or more of these codes, in this order: `vin.type`, `vin.empty`, `vin.frame_number`,
        `vin.length`, `vin.illegal_character`, `vin.placeholder`, `vin.serial_not_numeric`, and with the strict policy
        `vin.check_digit`.
        """
        vin = cls(fold(_require_text(text)))
        policy.check(vin)
        return vin

    @classmethod
    def of(cls, canonical: str) -> Self:
        """Return the VIN of a string in canonical form; nothing is trimmed or folded.

        The check digit is not checked, because the advisory policy may have accepted the VIN.
        Raises InvalidVin.
        """
        return cls(canonical)

    def require_check_digit(self) -> None:
        """Raise InvalidVin (`vin.check_digit`) if a law requires a check digit and it does not match.

        A Chinese VIN may have none: see `has_no_check_digit`.
        """
        regime = self.check_digit_regime
        if regime is not CheckDigitRegime.NONE and not self.check_digit_matches and not has_no_check_digit(self._text):
            raise InvalidVin(check_digit_fault(regime))

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        """Return the masked VIN, because a repr ends up in logs."""
        return f"<Vin {self.masked}>"

    @property
    def wmi(self) -> str:
        """The world manufacturer identifier, positions 1-3."""
        return self._text[:3]

    @property
    def vds(self) -> str:
        """The vehicle descriptor section, positions 4-9."""
        return self._text[3:9]

    @property
    def vis(self) -> str:
        """The vehicle indicator section, positions 10-17."""
        return self._text[9:]

    @property
    def is_low_volume(self) -> bool:
        """Whether position 3 is 9, so that positions 12-14 are part of the manufacturer's identifier (ISO 3780)."""
        return self._text[2] == "9"

    @property
    def manufacturer_id(self) -> str:
        """Three characters, or six (positions 1-3 and 12-14) for manufacturers of few vehicles."""
        return self.wmi + self._text[11:14] if self.is_low_volume else self.wmi

    @property
    def serial(self) -> str:
        """The serial number: positions 12-17, or 15-17 for manufacturers of few vehicles."""
        return self._text[14:] if self.is_low_volume else self._text[11:]

    @property
    def squish(self) -> str:
        """Positions 1-8 and 10-11: the same for all vehicles of a model, year and plant."""
        return self._text[:8] + self._text[9:11]

    @property
    def masked(self) -> str:
        """The WMI, ten dots and the last four characters: enough to follow a case, too little to identify a vehicle."""
        return f"{self._text[:3]}..........{self._text[13:]}"

    @property
    def position9(self) -> str:
        """The character at position 9, whether it is a check digit or not."""
        return self._text[8]

    @property
    def computed_check_character(self) -> str:
        """The character for position 9, computed from all others by 49 CFR 565.15 (c)."""
        return compute_check_character(self._text)

    @property
    def check_digit_matches(self) -> bool:
        """Whether position 9 is the computed character, as in one of eleven random VINs; see `check_digit_regime`."""
        return self.position9 == self.computed_check_character

    @property
    def check_digit_regime(self) -> CheckDigitRegime:
        """Whose law requires the check digit."""
        return find_regime(self._text)

    @property
    def region(self) -> Region | None:
        """The region that the first two characters are assigned to, or None if unknown."""
        assignment = find_assignment(self._text[:2])
        return assignment.region if assignment else None

    @property
    def country(self) -> str | None:
        """The country (ISO 3166 alpha-2) of the manufacturer's headquarters, not of the plant, or None if unknown."""
        assignment = find_assignment(self._text[:2])
        return assignment.country if assignment else None

    @property
    def model_year_candidates(self) -> tuple[int, ...]:
        """The two years that position 10 can mean; empty outside North America and China.

        Choosing one needs the vehicle's class and a date (49 CFR 565.15 (d)), which a VIN does not encode.
        """
        code = _MODEL_YEAR_CODES.find(self._text[9])
        if code < 0 or self.check_digit_regime is CheckDigitRegime.NONE:
            return ()
        year = _FIRST_MODEL_YEAR + code
        return (year, year + len(_MODEL_YEAR_CODES))

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """What is unusual about the VIN; no reason to reject it."""
        regime = self.check_digit_regime
        found: list[Fault] = []
        if not self.check_digit_matches:
            if has_no_check_digit(self._text):
                detail = "position 9 is not a check digit, as in vehicles that were built in China for another market"
                found.append(Fault("vin.check_digit_missing", detail, positions=(9,)))
            elif regime is not CheckDigitRegime.NONE:
                found.append(check_digit_fault(regime))
            elif self.wmi in _VOLUNTARY_CHECK_DIGIT:
                detail = (
                    "this manufacturer usually uses a check digit at position 9, and it does not match: "
                    "check for a typing error"
                )
                found.append(Fault("vin.check_digit_unexpected", detail, positions=(9,)))
        if regime is not CheckDigitRegime.NONE and not self.model_year_candidates:
            detail = f"position 10 is not a model year code, which {REGIME_NAMES[regime]} requires there"
            found.append(Fault("vin.model_year_code_unusual", detail, positions=(10,)))
        if find_assignment(self._text[:2]) is None:
            detail = "the first two characters are not assigned to any known country"
            found.append(Fault("vin.unassigned_block", detail, positions=(1, 2)))
        return tuple(found)


def _require_text(value: object) -> str:
    if not isinstance(value, str):
        raise InvalidVin(Fault("vin.type", f"a VIN must be a string, not {type(value).__name__}"))
    return value


def _faults(text: str) -> tuple[Fault, ...]:
    """Return every fault of a string that is not well-formed, in the order of the checks."""
    if not text:
        return (Fault("vin.empty", f"it is empty; a VIN has {LENGTH} characters"),)
    if _FRAME_NUMBER.fullmatch(text):
        return (Fault("vin.frame_number", "it looks like a Japanese frame number, which is not a VIN"),)
    found: list[Fault] = []
    if len(text) != LENGTH:
        found.append(Fault("vin.length", f"it has {len(text)} characters; a VIN has {LENGTH}"))
    # A hostile text may be long, so characters after position 17 are only reported by the length.
    found += [
        Fault("vin.illegal_character", _illegal_character_detail(character, position), positions=(position,))
        for position, character in enumerate(text[:LENGTH], start=1)
        if character not in ALPHABET
    ]
    if found:
        return tuple(found)
    if text.count(text[0]) == LENGTH:
        positions = tuple(range(1, LENGTH + 1))
        return (Fault("vin.placeholder", "it repeats one character, as a placeholder does", positions=positions),)
    # ISO 3779: the last four are digits, but position 14 belongs to the manufacturer's identifier if position 3 is 9.
    digits = range(15 if text[2] == "9" else 14, LENGTH + 1)
    wrong = tuple(position for position in digits if text[position - 1] not in _DIGITS)
    detail = f"positions {digits[0]} to {LENGTH} must be digits; wrong at {', '.join(map(str, wrong))}"
    return (Fault("vin.serial_not_numeric", detail, positions=wrong),)


def _illegal_character_detail(character: str, position: int) -> str:
    if character in _RESERVED_LETTERS:
        return f"{character} at position {position} is never used in a VIN, because it looks like a digit"
    name = unicodedata.name(character, "unnamed character")
    twin = look_alike(character)
    hint = f", which looks like {twin}," if twin else ""
    return f"U+{ord(character):04X} ({name}) at position {position}{hint} is not a VIN character"

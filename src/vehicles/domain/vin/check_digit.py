"""The check digit at position 9 of a VIN: how it is computed, and which law requires it.

A law requires it only in North America (49 CFR 565.15) and China (GB 16735-2019). The functions take the 17 characters
of a well-formed VIN.
"""

from enum import StrEnum
from math import sumprod
from typing import Final

from vehicles.domain.errors import Fault

# 49 CFR 565.15 (c): the value of each character (tables III), the weight of each position (table IV), 10 written as X.
_VALUES: Final = bytes.maketrans(
    b"0123456789ABCDEFGHJKLMNPRSTUVWXYZ", bytes((*range(10), *range(1, 9), *range(1, 6), 7, 9, *range(2, 10)))
)
_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_CHECK_CHARACTERS: Final = "0123456789X"

DIGIT_LOOK_ALIKES: Final = str.maketrans("SBZGTL", "582671")
"""Letters of the VIN alphabet that scanners and people take for a digit."""


class CheckDigitRegime(StrEnum):
    """Whose law requires a check digit. The WMI is used to guess the market."""

    NONE = "none"
    NORTH_AMERICA = "north_america"
    CHINA = "china"


REGIME_NAMES: Final = {CheckDigitRegime.NORTH_AMERICA: "North America", CheckDigitRegime.CHINA: "China"}


def find_regime(text: str) -> CheckDigitRegime:
    """Return whose law requires the check digit: 1-5 and 7F-70 are under 49 CFR 565, L and H under GB 16735-2019."""
    if text[0] in "12345" or (text[0] == "7" and text[1] not in "ABCDE"):
        return CheckDigitRegime.NORTH_AMERICA
    return CheckDigitRegime.CHINA if text[0] in "LH" else CheckDigitRegime.NONE


def compute_check_character(text: str) -> str:
    """Return the character for position 9, computed from all others by 49 CFR 565.15 (c)."""
    return _CHECK_CHARACTERS[int(sumprod(_WEIGHTS, text.encode().translate(_VALUES))) % 11]


def has_no_check_digit(text: str) -> bool:
    """Return whether a VIN under GB 16735-2019 has a letter at position 9 that cannot be meant as a check digit.

    Vehicles built in China for Europe carry such VINs. A letter that looks like the right check digit is a misreading.
    """
    position9 = text[8]
    return (
        find_regime(text) is CheckDigitRegime.CHINA
        and position9 not in _CHECK_CHARACTERS
        and position9.translate(DIGIT_LOOK_ALIKES) != compute_check_character(text)
    )


def check_digit_fault(regime: CheckDigitRegime) -> Fault:
    """Return the fault of a check digit that does not match.

    It does not name the expected digit: the error is usually elsewhere, and people would "fix" position 9.
    """
    detail = (
        f"the check digit at position 9 does not match the other characters, as {REGIME_NAMES[regime]} requires; "
        "usually another character was mistyped; "
        "if the VIN is right, because the vehicle was built for another market, the VIN policy advisory accepts it"
    )
    return Fault("vin.check_digit", detail, positions=(9,))

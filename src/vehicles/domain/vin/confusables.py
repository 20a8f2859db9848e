"""Characters of other alphabets that people type, paste or scan in place of an ASCII character.

The tables list only characters that look the same in print. They are used for suggestions, never to change an input.
"""

import unicodedata
from typing import Final

_CYRILLIC: Final = dict(zip("АВЕКМНОРСТУХЅІЈ", "ABEKMHOPCTYXSIJ", strict=True))  # noqa: RUF001 — the look-alikes are the point
_GREEK: Final = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True))  # noqa: RUF001 — the look-alikes are the point
_ZEROS: Final = dict.fromkeys("ØΘӨ∅⌀⊘", "0")
_ONES: Final = dict.fromkeys("!|¦ǀ", "1")  # noqa: RUF001 — as above
_OTHERS: Final = {"З": "3", "ı": "I", "İ": "I"} | _ZEROS | _ONES  # noqa: RUF001 — as above
_LOOK_ALIKES: Final = _CYRILLIC | _GREEK | _OTHERS

# The Unicode block "Halfwidth and Fullwidth Forms" repeats ASCII at this offset.
_FULLWIDTH: Final = range(0xFF01, 0xFF5F)
_FULLWIDTH_DISTANCE: Final = 0xFEE0


def look_alike(character: str) -> str:
    """Return the ASCII capital or digit that another character looks like, or "" if there is none.

    >>> look_alike("\N{CYRILLIC CAPITAL LETTER A}"), look_alike("\N{FULLWIDTH DIGIT SEVEN}"), look_alike("A")
    ('A', '7', '')
    """
    if ord(character) in _FULLWIDTH:
        twin = chr(ord(character) - _FULLWIDTH_DISTANCE).upper()
        return _LOOK_ALIKES.get(twin, twin)
    if not character.isascii() and character.isdecimal():
        return str(unicodedata.decimal(character))
    # The upper case of a letter may be several characters; none of those is in the table.
    return _LOOK_ALIKES.get(character) or _LOOK_ALIKES.get(character.upper(), "")

"""Characters of other alphabets that people type, paste or scan in place of an ASCII character.

The tables list only letters that look the same in print. They are used for suggestions, never to change an input.
"""

from typing import Final

_CYRILLIC: Final = dict(zip("АВЕКМНОРСТУХЅІЈ", "ABEKMHOPCTYXSIJ", strict=True))  # noqa: RUF001 — the look-alikes are the point
_GREEK: Final = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True))  # noqa: RUF001 — the look-alikes are the point
_LOOK_ALIKES: Final = _CYRILLIC | _GREEK

# The Unicode block "Halfwidth and Fullwidth Forms" repeats ASCII at this offset.
_FULLWIDTH: Final = range(0xFF01, 0xFF5F)
_FULLWIDTH_DISTANCE: Final = 0xFEE0


def look_alike(character: str) -> str:
    """Return the ASCII capital or digit that a non-ASCII character looks like, or "" if there is none.

    >>> look_alike("\N{CYRILLIC CAPITAL LETTER A}"), look_alike("\N{FULLWIDTH DIGIT SEVEN}"), look_alike("A")
    ('A', '7', '')
    """
    if ord(character) in _FULLWIDTH:
        return chr(ord(character) - _FULLWIDTH_DISTANCE).upper()
    if character.isascii():
        return ""
    # The upper case of a letter may be several characters; none of those is in the table.
    return _LOOK_ALIKES.get(character) or _LOOK_ALIKES.get(character.upper(), "")

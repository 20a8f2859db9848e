"""Reading JSON whose objects may hold a name more than once; RFC 8259 leaves open what that means."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

# Spelled out digit by digit up to here; no number of a vehicle comes near.
_MAX_DIGITS: Final = 40


class JSONObject(dict[str, Any]):
    """A JSON object: of each name the last value, and in `repeated` the names that it holds more than once."""

    repeated: frozenset[str] = frozenset()


def make_decoder(parse_constant: Callable[[str], object] = float) -> json.JSONDecoder:
    """Return a decoder that reads objects as JSONObject. It raises ValueError, and RecursionError for deep nesting.

    `parse_constant` is called with `NaN`, `Infinity` or `-Infinity`, which are not JSON.
    """
    return json.JSONDecoder(object_pairs_hook=_read_object, parse_int=_read_integer, parse_constant=parse_constant)


def _read_object(pairs: list[tuple[str, Any]]) -> JSONObject:
    read = JSONObject(pairs)
    if len(read) < len(pairs):
        read.repeated = frozenset(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
    return read


def _read_integer(digits: str) -> int:
    return int(digits[:_MAX_DIGITS])

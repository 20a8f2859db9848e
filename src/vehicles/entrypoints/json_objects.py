"""Read JSON objects with duplicate names, whose meaning RFC 8259 leaves open."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

# Longer integers are truncated; no number of a vehicle comes close.
_MAX_DIGITS: Final = 40


class JSONObject(dict[str, Any]):
    """A JSON object with the last value of each name; `repeated` has the names that occur more than once."""

    repeated: frozenset[str] = frozenset()


def make_decoder(parse_constant: Callable[[str], object] = float) -> json.JSONDecoder:
    """Return a decoder that reads objects as JSONObject.

    `parse_constant` is called with `NaN`, `Infinity` or `-Infinity`, which are not JSON.
    The decoder raises ValueError, and RecursionError for deep nesting.
    """
    return json.JSONDecoder(object_pairs_hook=_read_object, parse_int=_read_integer, parse_constant=parse_constant)


def _read_object(pairs: list[tuple[str, Any]]) -> JSONObject:
    read = JSONObject(pairs)
    if len(read) < len(pairs):
        read.repeated = frozenset(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
    return read


def _read_integer(digits: str) -> int:
    return int(digits[:_MAX_DIGITS])

"""Rows in JSON: one object per line, or a document with an array of objects, as the API lists them."""

import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Any, Final

from vehicles.domain.errors import Fault
from vehicles.entrypoints.fleet_files.content import MAX_LINE, UnreadableFile
from vehicles.entrypoints.fleet_files.records import Columns, Record, Understanding
from vehicles.entrypoints.fleet_files.text_tables import Lines
from vehicles.entrypoints.json_objects import JSONObject, make_decoder

MAX_DOCUMENT: Final = 64 * 2**20
"""The maximum length of a JSON document, in characters; JSON Lines may be of any length."""
_DECODER: Final = make_decoder()
_BETWEEN: Final = re.compile(r"[\s,]*")
_FIRST: Final = 20
_NOTHING: Final[Mapping[str, object]] = {}

type Item = tuple[int, str, Any]
"""The number of an item, its place in words, and its value, or an exception."""


def read_json(lines: Lines, wanted: Columns, understood: Understanding) -> Iterator[Record]:
    """Return the rows. Raises UnreadableFile if the file is not JSON as it should be, before the first row."""
    begin = list(islice(lines, _FIRST))
    filled = [line for _, line in begin if line.strip()]
    if filled[0].lstrip().startswith("{") and (first := _value_of(filled[0])) is not None and "items" not in first:
        understood.format = "jsonl"
        items = _items_of_lines(chain(begin, lines))
    else:
        understood.format = "json"
        items = _items_of_document(chain(begin, lines))
    head = list(islice(items, _FIRST))
    names = list(dict.fromkeys(name for *_, value in head if isinstance(value, JSONObject) for name in value))
    if not names:
        raise UnreadableFile("the file has no vehicles: objects such as " + _EXAMPLE)
    places = wanted.chosen(names, "the objects")
    understood.headings = tuple(names)
    by_name = {names[place]: field for field, place in places.items()}
    return _records(chain(head, items), by_name, names)


_EXAMPLE: Final = '{"vin": "…", "noOfAxles": 3, "fuelType": "diesel"}'


def _records(items: Iterator[Item], fields: Mapping[str, str], names: list[str]) -> Iterator[Record]:
    for number, place, value in items:
        if not isinstance(value, JSONObject):
            detail = f"it is not a JSON object such as {_EXAMPLE}"
            yield Record(number, place, _NOTHING, (), Fault("row.json", detail))
            continue
        cells = [value.get(name, "") for name in names]
        fault = None
        if repeated := sorted(value.repeated & fields.keys()):
            fault = Fault("row.fields", f"{', '.join(repeated)} is given more than once")
        yield Record(number, place, {field: value.get(name) for name, field in fields.items()}, cells, fault)


def _value_of(line: str) -> JSONObject | None:
    try:
        value = _DECODER.decode(line.strip().removesuffix(","))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, JSONObject) else None


def _items_of_lines(lines: Lines) -> Iterator[Item]:
    for number, line in lines:
        if len(line) > MAX_LINE:
            yield number, f"line {number}", None
        elif line.strip(" \t\x1a\ufeff"):
            yield number, f"line {number}", _value_of(line)


def _items_of_document(lines: Lines) -> Iterator[Item]:
    """Read the whole document before its first item, so that a fault at its end imports nothing."""
    text = _document(lines)
    start = _begin_of_array(text)
    for _ in _items_in(text, start):
        pass
    return _items_in(text, start)


def _document(lines: Lines) -> str:
    parts: list[str] = []
    size = 0
    for _, line in lines:
        parts.append(line)
        size += len(line) + 1
        if size > MAX_DOCUMENT:
            raise UnreadableFile(f"the JSON document is larger than {MAX_DOCUMENT // 2**20} MiB; write JSON Lines")
    return "\n".join(parts)


def _begin_of_array(text: str) -> int:
    """Return the place after the bracket that begins the array of vehicles."""
    start = len(text) - len(text.lstrip())
    if text[start] == "[":
        return start + 1
    if match := re.compile(r'"items"\s*:\s*\[').search(text):
        return match.end()
    raise UnreadableFile(f"the file is neither a list of JSON objects such as {_EXAMPLE}, nor one object per line")


def _items_in(text: str, at: int) -> Iterator[Item]:
    number, line, counted = 0, 1, 0
    while True:
        at = _BETWEEN.match(text, at).end()  # type: ignore[union-attr]  # it matches everywhere
        line, counted = line + text.count("\n", counted, at), at
        if text[at : at + 1] == "]":
            return
        number += 1
        place = f"item {number}, line {line}"
        try:
            value, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise UnreadableFile(f"{place}: this is not JSON; correct it, or write the list again") from error
        yield number, place, value

"""Rows in JSON: one object per line, or a document with an array of objects, as the API lists them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Final, NamedTuple

from vehicles.domain.errors import Fault
from vehicles.entrypoints.fleet_files.content import MAX_LINE, UnreadableFile, encodable, shown
from vehicles.entrypoints.fleet_files.records import Columns, Record, Understanding, quoted
from vehicles.entrypoints.fleet_files.text_tables import TOO_LONG, Lines
from vehicles.entrypoints.json_objects import JSONObject, make_decoder

MAX_DOCUMENT: Final = 64 * 2**20
"""The maximum length of a JSON document, in characters; JSON Lines may be of any length."""
_DECODER: Final = make_decoder()
_BETWEEN: Final = re.compile(r"[\s,]*")
_ITEMS: Final = re.compile(r'"items"\s*:\s*\[')
_BLANK: Final = " \t\n\u00a0\x1a\ufeff"
_FIRST: Final = 20
_NOTHING: Final[Mapping[str, object]] = {}
_EXAMPLE: Final = '{"vin": "…", "noOfAxles": 3, "fuelType": "diesel"}'
_NO_OBJECT: Final = Fault("row.json", f"it is not a JSON object such as {_EXAMPLE}")


class _Item(NamedTuple):
    """An item of the file: its number, its place in words, its text, and its value or what is wrong with it."""

    number: int
    place: str
    text: str
    value: JSONObject | Fault


def read_json(lines: Lines, wanted: Columns, understood: Understanding) -> Iterator[Record]:
    """Return the rows. Raises UnreadableFile if the file is not JSON as it should be, before the first row."""
    begin = _begin_of(lines)
    understood.format = "jsonl" if _has_objects_in_lines(begin) else "json"
    read = _items_of_lines if understood.format == "jsonl" else _items_of_document
    items = read(chain(begin, lines))
    head = list(islice(items, _FIRST))
    objects = [item.value for item in head if isinstance(item.value, JSONObject)]
    names = list(dict.fromkeys(name for each in objects for name in each))
    if not names:
        raise UnreadableFile(f"the file has no vehicles: objects such as {_EXAMPLE}")
    simple = {name for each in objects for name, value in each.items() if not isinstance(value, (dict, list))}
    if len(simple) < len(names) and not wanted.found([*simple]):
        raise UnreadableFile(
            f"the objects hold lists or objects, not a vehicle; write a list of objects such as {_EXAMPLE}"
        )
    understood.headings = tuple(names)
    places = wanted.chosen(names, "the objects")
    return _records(chain(head, items), {names[place]: field for field, place in places.items()}, names, wanted)


def _begin_of(lines: Lines) -> list[tuple[int, str]]:
    """Return the first lines, at least to the first that is not blank, but not more than a document may have."""
    begin: list[tuple[int, str]] = []
    size = filled = 0
    for number, line in lines:
        begin.append((number, line))
        size += len(line)
        filled += not _is_blank(line)
        if filled == _FIRST or size > MAX_DOCUMENT:
            break
    return begin


def _has_objects_in_lines(begin: Sequence[tuple[int, str]]) -> bool:
    """Return whether each line is an object: the first that is one tells. Lines before it may be broken."""
    filled = [line for _, line in begin if not _is_blank(line)]
    if filled[0].lstrip(_BLANK).startswith("["):
        return False
    for line in filled:
        if isinstance(value := _value_of(line), JSONObject):
            return "items" not in value
        if _ITEMS.search(line):
            return False
    return False


def _records(
    items: Iterator[_Item], fields: Mapping[str, str], names: Sequence[str], wanted: Columns
) -> Iterator[Record]:
    known = set(names)
    for number, place, text, value in items:
        if isinstance(value, Fault):
            yield Record(number, place, _NOTHING, (shown(text),), value)
            continue
        more = [name for name in value if name not in known]
        cells = [*(value.get(name, "") for name in names), *(value[name] for name in more)]
        fault = None
        if repeated := sorted(value.repeated & fields.keys()):
            fault = Fault("row.fields", f"{', '.join(repeated)} is given more than once")
        elif other := [name for name in more if wanted.found([name])]:
            fault = Fault("row.fields", f"the first {_FIRST} objects have no {quoted(other)}; use the same names")
        yield Record(number, place, {field: value.get(name) for name, field in fields.items()}, cells, fault)


def _is_blank(line: str) -> bool:
    return not line.strip(_BLANK)


def _value_of(line: str) -> JSONObject | Fault:
    """Return the object in a line."""
    if len(line) > MAX_LINE:
        return TOO_LONG
    try:
        value = _DECODER.decode(line.strip(_BLANK).removesuffix(","))
    except (ValueError, RecursionError):
        return _NO_OBJECT
    return _object(value, line)


def _object(value: object, text: str) -> JSONObject | Fault:
    """Return an object that was read from a text. Half a character, of a pair of surrogates, becomes U+FFFD."""
    if not isinstance(value, JSONObject):
        return _NO_OBJECT
    if text.isascii() and "\\u" not in text:
        return value
    whole = JSONObject({encodable(name): encodable(each) for name, each in value.items()})
    whole.repeated = value.repeated
    return whole


def _items_of_lines(lines: Lines) -> Iterator[_Item]:
    for number, line in lines:
        if not _is_blank(line):
            yield _Item(number, f"line {number}", line, _value_of(line))


def _items_of_document(lines: Lines) -> Iterator[_Item]:
    """Read the whole document before its first item, so that a fault at its end imports nothing."""
    text = _document(lines)
    begin = _begin_of_array(text)
    for _ in _items_in(text, begin):
        pass
    return _items_in(text, begin)


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
    start = len(text) - len(text.lstrip(_BLANK))
    if text[start] == "[":
        return start + 1
    if match := _ITEMS.search(text):
        return match.end()
    raise UnreadableFile(f"the file is neither a list of JSON objects such as {_EXAMPLE}, nor one object per line")


def _items_in(text: str, begin: int) -> Iterator[_Item]:
    at = begin
    number, line, counted = 0, 1, 0
    while True:
        at = _BETWEEN.match(text, at).end()  # type: ignore[union-attr]  # it matches everywhere
        line, counted = line + text.count("\n", counted, at), at
        if text[at : at + 1] == "]":
            if not _is_complete(text[:begin] + text[at:]):
                raise UnreadableFile(
                    f"line {line}: the list of vehicles ends here, but the file goes on, or is not complete; "
                    "write one list"
                )
            return
        number += 1
        place = f"item {number}, line {line}"
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise UnreadableFile(f"{place}: this is not JSON; correct it, or write the list again") from error
        yield _Item(number, place, text[at:end], _object(value, text[at:end]))
        at = end


def _is_complete(text: str) -> bool:
    """Return whether a document is JSON, and has the list of vehicles at its top; the list is empty here."""
    try:
        value = _DECODER.decode(text.strip(_BLANK))
    except (ValueError, RecursionError):
        return False
    return (value.get("items") if isinstance(value, JSONObject) else value) == []

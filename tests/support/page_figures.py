"""What the formats of a report say, read back as the JSON says it."""

import csv
import io
from html.parser import HTMLParser
from typing import Any, Final

from vehicles.domain.vin.country_names import COUNTRY_NAMES

_NAMES: Final = {
    "byFuelType": "fuelType",
    "byNoOfAxles": "noOfAxles",
    "byManufacturer": "wmi",
    "byCountry": "country",
    "registeredByWeek": "week",
    "history": "week",
}


def json_figures(document: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of the JSON by section and key."""
    found: dict[str, Any] = {section: {} for section in _NAMES}
    for section, name in _NAMES.items():
        for row in document[section]:
            # CSV and page add up the identifiers of a manufacturer.
            key = str((row["name"] if section == "byManufacturer" else None) or row[name] or "")
            number = row["total" if section == "history" else "vehicles"]
            found[section][key] = found[section].get(key, 0) + number
    if len(found["history"]) == 1:
        found["history"] = {}  # the page has no chart of a single dot
    change = document["change"]
    return found | {
        "total": document["total"],
        "registered": document["registered"],
        "change": change and {name: change[name] for name in ("total", "deleted")},
    }


def csv_figures(content: bytes) -> dict[str, Any]:
    """Return the figures of the CSV by section and key."""
    found: dict[str, Any] = {section: {} for section in _NAMES} | {"change": None}
    for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")):
        number = int(row["vehicles"]) if row["vehicles"] else None
        if row["section"] in {"total", "registered"}:
            found[row["section"]] = number
        elif row["section"] == "change":
            found["change"] = {**(found["change"] or {}), row["key"]: number}
        elif row["section"] != "sha256":
            found[row["section"]][row["key"].removeprefix('="').removesuffix('"')] = number
    if len(found["history"]) == 1:
        found["history"] = {}
    if found["change"]:
        assert found["change"].pop("registered") == found["registered"]
    return found


class _Page(HTMLParser):
    """Collects the rows of the tables by section, and the texts of elements that have an id."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, list[list[str]]] = {}
        self.texts: dict[str, str] = {}
        self._section = self._id = ""
        self._cells: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "section":
            self._section = given["id"] or ""
            self.rows[self._section] = []
        elif tag == "tr":
            self._cells = []
        elif tag in {"th", "td"} and self._cells is not None:
            self._cells.append("")
        elif "id" in given:
            self._id = given["id"] or ""
            self.texts[self._id] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "tr" and self._cells is not None:
            self.rows[self._section].append(self._cells)
            self._cells = None
        elif tag in {"dd", "p", "title", "desc"}:
            self._id = ""

    def handle_data(self, data: str) -> None:
        if self._cells:
            self._cells[-1] += data
        elif self._id:
            self.texts[self._id] += data


def page_figures(content: bytes) -> dict[str, Any]:
    """Return the figures of the tables and headlines of the page by section and key."""
    page = _Page()
    page.feed(content.decode())
    found: dict[str, Any] = {"history": {}}
    for section, (head, *rows) in page.rows.items():
        place = next(place for place, title in enumerate(head) if title in {"Vehicles", "Registered"})
        found[section] = {_key(section, row): _number(row[place]) for row in rows}
    change = None
    if "change" in page.texts:
        deleted = page.texts["deleted"]
        change = {
            "total": _number(page.texts["change"]),
            "deleted": None if deleted.startswith("not known") else _number(deleted),
        }
    return found | {
        "total": _number(page.texts["total"]),
        "registered": _number(page.texts["registered"]),
        "change": change,
    }


def _key(section: str, row: list[str]) -> str:
    match section:
        case "byFuelType":
            return row[0].lower().removesuffix(" (trailers)")
        case "byCountry":
            code = "" if row[0] == "\N{EN DASH}" else row[0]
            assert row[1] == COUNTRY_NAMES.get(code, "Not known")
            return code
        case "byManufacturer":
            return row[1] if row[0] == "Not known" else row[0]
        case _:
            return row[0]


def _number(text: str) -> int:
    return int(text.replace(",", "").replace("\N{MINUS SIGN}", "-"))

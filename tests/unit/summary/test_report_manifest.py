"""Where reports are kept, and which is the latest."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.strategies import weeks
from tests.unit.summary.test_report_forms import NOT_JSON
from vehicles.domain.errors import StorageCorrupted
from vehicles.domain.summary.report_manifest import (
    Manifest,
    ReportForm,
    manifest_key,
    read_pointer,
    weeks_of,
    write_pointer,
)
from vehicles.domain.summary.week import IsoWeek


@given(weeks())
def test_pointer_reads_what_was_written(week: IsoWeek) -> None:
    assert week == read_pointer(write_pointer(week))


@given(weeks())
def test_pointer_names_the_key(week: IsoWeek) -> None:
    assert {"week": str(week), "manifest": manifest_key(week)} == json.loads(write_pointer(week))


@pytest.mark.parametrize(
    ("week", "key"),
    (
        (IsoWeek(2026, 7), "summaries/year=2026/week=07/manifest.json"),
        (IsoWeek(2026, 53), "summaries/year=2026/week=53/manifest.json"),
    ),
)
def test_key_names_year_and_week(week: IsoWeek, key: str) -> None:
    assert key == manifest_key(week)


@given(weeks(), weeks())
def test_keys_are_in_order_of_time(one: IsoWeek, other: IsoWeek) -> None:
    assert (one < other) is (manifest_key(one) < manifest_key(other))


def test_weeks_are_newest_first() -> None:
    weeks = [IsoWeek(2026, 53), IsoWeek(2026, 7), IsoWeek(2025, 52)]

    assert weeks == weeks_of(map(manifest_key, reversed(weeks)))


@pytest.mark.parametrize(
    "key",
    (
        "summaries/latest.json",
        "summaries/year=2026/week=54/manifest.json",
        "summaries/year=2025/week=53/manifest.json",
        "summaries/year=2026/week=07/run=0123456789abcdef/manifest.json",
        "summaries/year=2026/week=7/manifest.json",
        "old/summaries/year=2026/week=07/manifest.json",
    ),
)
def test_other_keys_are_no_weeks(key: str) -> None:
    assert weeks_of([key]) == []


@pytest.mark.parametrize("document", NOT_JSON, ids=lambda document: repr(document[:30]))
def test_damaged_pointer_is_told(document: bytes) -> None:
    with pytest.raises(StorageCorrupted, match="pointer to the latest summary"):
        read_pointer(document)


# --- the manifest

CONTENTS = {ReportForm.JSON: b"{}", ReportForm.CSV: b"", ReportForm.HTML: b"<p>"}
DOCUMENT = json.loads(Manifest.of(IsoWeek(2026, 47), CONTENTS, complete=True).document)


def contents() -> st.SearchStrategy[dict[ReportForm, bytes]]:
    return st.fixed_dictionaries({form: st.binary(max_size=20) for form in ReportForm})


def test_whole_manifest() -> None:
    run = "summaries/year=2026/week=47/run=71b2142d4e8b3c13"

    assert {
        "week": "2026-W47",
        "complete": True,
        "forms": {
            "json": {
                "key": f"{run}/summary.json",
                "mediaType": "application/json",
                "bytes": 2,
                "sha256": hashlib.sha256(b"{}").hexdigest(),
            },
            "csv": {
                "key": f"{run}/summary.csv",
                "mediaType": "text/csv",
                "bytes": 0,
                "sha256": hashlib.sha256(b"").hexdigest(),
            },
            "html": {
                "key": f"{run}/summary.html",
                "mediaType": "text/html",
                "bytes": 3,
                "sha256": hashlib.sha256(b"<p>").hexdigest(),
            },
        },
    } == DOCUMENT


@given(weeks(), contents(), st.booleans())
def test_manifest_reads_what_was_written(week: IsoWeek, found: dict[ReportForm, bytes], complete: bool) -> None:  # noqa: FBT001 — drawn
    manifest = Manifest.of(week, found, complete=complete)

    assert manifest == Manifest.read(manifest.document)


@given(weeks(), contents(), contents())
def test_other_contents_other_keys(week: IsoWeek, one: dict[ReportForm, bytes], other: dict[ReportForm, bytes]) -> None:
    keys = [{kept.key for kept in Manifest.of(week, each, complete=True).forms.values()} for each in (one, other)]

    assert keys[0].isdisjoint(keys[1]) is (one != other)


@pytest.mark.parametrize("document", NOT_JSON, ids=lambda document: repr(document[:30]))
def test_damaged_manifest_is_told(document: bytes) -> None:
    with pytest.raises(StorageCorrupted, match="manifest of a summary"):
        Manifest.read(document)


@pytest.mark.parametrize(
    ("field", "value"),
    (
        ("week", "2026-W54"),
        ("complete", "true"),
        ("forms", []),
        ("forms", {}),
        ("forms", {**DOCUMENT["forms"], "csv": None}),
        ("forms", {**DOCUMENT["forms"], "csv": {**DOCUMENT["forms"]["csv"], "sha256": 5}}),
        ("forms", {"json": DOCUMENT["forms"]["json"]}),
    ),
)
def test_wrong_field_is_told(field: str, value: object) -> None:
    with pytest.raises(StorageCorrupted, match="manifest of a summary"):
        Manifest.read(json.dumps({**DOCUMENT, field: value}).encode())

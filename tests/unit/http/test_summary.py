"""Reading the summary in its formats, and the list of those there are."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Final
from urllib.parse import urljoin

import pytest

from tests.support.http_client import Client, content, rejection
from vehicles.adapters.report_formats.render import render_report
from vehicles.domain.summary.report import ReportFormat
from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin.number import Vin
from vehicles.ports.report_store import key_of
from vehicles.testing.contended_reports import overwrite

_BROWSER: Final = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_FORMATS: Final = (
    (None, ReportFormat.JSON, "application/json"),
    ("*/*", ReportFormat.JSON, "application/json"),
    ("application/json", ReportFormat.JSON, "application/json"),
    ("text/csv", ReportFormat.CSV, "text/csv; charset=utf-8"),
    ("text/html", ReportFormat.HTML, "text/html; charset=utf-8"),
    (_BROWSER, ReportFormat.HTML, "text/html; charset=utf-8"),
    ("text/csv, application/json;q=0.5", ReportFormat.CSV, "text/csv; charset=utf-8"),
)


@pytest.fixture
def client() -> Client:
    client = Client()
    long_ago = Vehicle(Vin.of("YS2R4X20005398765"), 2, FuelType.DIESEL, datetime(2020, 1, 1, tzinfo=UTC))
    client.registry.register_many([long_ago])
    client.register()
    client.summaries.summarize()
    return client


def rendered(client: Client, report_format: ReportFormat) -> bytes:
    link = "summary?week={}&format={}".format
    return render_report(client.summaries.get(), report_format, link)


def tag_of(client: Client, report_format: ReportFormat) -> str:
    return f'"{sha256(rendered(client, report_format)).hexdigest()}"'


@pytest.mark.parametrize(("accept", "report_format", "content_type"), _FORMATS)
def test_format_is_chosen(client: Client, accept: str | None, report_format: ReportFormat, content_type: str) -> None:
    answer = client.send("GET", "/summary", headers={"accept": accept} if accept else {})
    assert (answer.status, answer.body) == (200, rendered(client, report_format))
    headers = {"Content-Type": content_type, "ETag": tag_of(client, report_format), "Vary": "Accept"}
    assert answer.headers | headers == answer.headers


@pytest.mark.parametrize("accept", ("image/png", "text/plain", "text/html;q=0"))
def test_other_formats_are_rejected(client: Client, accept: str) -> None:
    answer = client.send("GET", "/summary", headers={"accept": accept})
    assert rejection(answer) == (406, "not-acceptable", [])
    assert content(answer)["detail"] == "The response is available as application/json or text/csv or text/html."


@pytest.mark.parametrize("method", ("GET", "HEAD"))
@pytest.mark.parametrize("report_format", ReportFormat)
def test_known_format_not_sent(client: Client, method: str, report_format: ReportFormat) -> None:
    tag = tag_of(client, report_format)
    answer = client.send(method, "/summary", headers={"accept": report_format.media_type, "if-none-match": tag})
    assert (answer.status, answer.body, answer.headers["ETag"], answer.headers["Vary"]) == (304, b"", tag, "Accept")


def test_tag_of_other_format_is_unknown(client: Client) -> None:
    tag = tag_of(client, ReportFormat.JSON)
    answer = client.send("GET", "/summary", headers={"accept": "text/csv", "if-none-match": tag})
    assert answer.status == 200


def test_page_may_load_nothing(client: Client) -> None:
    policy = client.send("GET", "/summary", headers={"accept": "text/html"}).headers["Content-Security-Policy"]
    assert policy.split("; ")[0] == "default-src 'none'"
    assert "script" not in policy


@pytest.mark.parametrize("week", ("2026-W46", ""))
def test_missing_summary_not_found(week: str) -> None:
    query = f"?week={week}" if week else ""
    assert rejection(Client().send("GET", f"/summary{query}")) == (404, "summary-not-found", [])


@pytest.mark.parametrize(
    ("week", "code"),
    (("2026-47", "week.form"), ("", "week.form"), ("2025-W53", "week.unknown"), ("0000-W01", "week.unknown")),
)
def test_wrong_week_refused(week: str, code: str) -> None:
    refused = rejection(Client().send("GET", f"/summary?week={week}"))
    assert refused == (400, "invalid-parameter", [("week", code)])


@pytest.mark.parametrize("copy", (ReportFormat.CSV, ReportFormat.HTML))
def test_copies_are_never_read(client: Client, copy: ReportFormat) -> None:
    wanted = rendered(client, copy)
    overwrite(client.reports, key_of(IsoWeek(2026, 47), copy), b"something else")
    assert client.send("GET", "/summary", headers={"accept": copy.media_type}).body == wanted


# --- the list


def test_summaries_are_listed(client: Client) -> None:
    client.summaries.summarize(IsoWeek(2025, 52))
    client.summaries.summarize(IsoWeek(2026, 7))
    assert content(client.send("GET", "/summaries")) == {
        "items": [
            {"week": "2026-W47", "href": "summary?week=2026-W47"},
            {"week": "2026-W07", "href": "summary?week=2026-W07"},
            {"week": "2025-W52", "href": "summary?week=2025-W52"},
        ]
    }


def test_listed_summary_is_there(client: Client) -> None:
    (listed,) = content(client.send("GET", "/summaries"))["items"]
    assert content(client.send("GET", urljoin("/summaries", listed["href"])))["week"] == listed["week"]


def test_list_takes_no_parameter(client: Client) -> None:
    refused = rejection(client.send("GET", "/summaries?year=2026"))
    assert refused == (400, "invalid-parameter", [("year", "parameter.unknown")])

"""Reading the summary in its forms, and the list of those there are."""

from typing import Final

import pytest

from tests.support.http_client import Client, content, refusal
from vehicles.domain.summary.report_manifest import Manifest, ReportForm, manifest_key
from vehicles.domain.summary.week import IsoWeek

_BROWSER: Final = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_FORMS: Final = (
    ("*/*", ReportForm.JSON, "application/json"),
    ("application/json", ReportForm.JSON, "application/json"),
    ("text/csv", ReportForm.CSV, "text/csv; charset=utf-8"),
    ("text/html", ReportForm.HTML, "text/html; charset=utf-8"),
    (_BROWSER, ReportForm.HTML, "text/html; charset=utf-8"),
    ("text/csv, application/json;q=0.5", ReportForm.CSV, "text/csv; charset=utf-8"),
)


@pytest.fixture
def client() -> Client:
    client = Client()
    client.register()
    client.summaries.summarize()
    return client


@pytest.mark.parametrize(("accept", "form", "content_type"), _FORMS)
def test_form_is_chosen(client: Client, accept: str, form: ReportForm, content_type: str) -> None:
    answer = client.send("GET", "/summary", headers={"accept": accept})
    kept = client.summaries.get(None, form)
    assert (answer.status, answer.headers["Content-Type"], answer.body) == (200, content_type, kept.content)


def test_json_is_usual(client: Client) -> None:
    assert client.send("GET", "/summary").headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("accept", ("image/png", "text/plain", "text/html;q=0"))
def test_other_forms_are_refused(client: Client, accept: str) -> None:
    refused = refusal(client.send("GET", "/summary", headers={"accept": accept}))
    assert refused == (406, "not-acceptable", [])


def test_refusal_names_the_forms(client: Client) -> None:
    refused = content(client.send("GET", "/summary", headers={"accept": "image/png"}))
    assert refused["detail"] == "The answer is to be had as application/json or text/csv or text/html."


@pytest.mark.parametrize(("accept", "form", "_type"), _FORMS)
def test_form_has_its_tag(client: Client, accept: str, form: ReportForm, _type: str) -> None:
    answer = client.send("GET", "/summary", headers={"accept": accept})
    assert (answer.headers["ETag"], answer.headers["Vary"]) == (
        f'"{client.summaries.get(None, form).tag}"',
        "Accept",
    )


@pytest.mark.parametrize("method", ("GET", "HEAD"))
@pytest.mark.parametrize("form", ReportForm)
def test_known_form_not_sent(client: Client, method: str, form: ReportForm) -> None:
    tag = f'"{client.summaries.get(None, form).tag}"'
    answer = client.send(method, "/summary", headers={"accept": form.media_type, "if-none-match": tag})
    assert (answer.status, answer.body, answer.headers["ETag"], answer.headers["Vary"]) == (304, b"", tag, "Accept")


def test_tag_of_other_form_is_unknown(client: Client) -> None:
    tag = f'"{client.summaries.get(None, ReportForm.JSON).tag}"'
    answer = client.send("GET", "/summary", headers={"accept": "text/csv", "if-none-match": tag})
    assert answer.status == 200


@pytest.mark.parametrize("form", ReportForm)
def test_head_tells_of_the_form(client: Client, form: ReportForm) -> None:
    answer = client.send("HEAD", "/summary", headers={"accept": form.media_type})
    assert (answer.body, answer.headers["Content-Length"]) == (b"", str(len(client.summaries.get(None, form).content)))


def test_page_may_load_nothing(client: Client) -> None:
    policy = client.send("GET", "/summary", headers={"accept": "text/html"}).headers["Content-Security-Policy"]
    assert policy.split("; ")[0] == "default-src 'none'"
    assert "script" not in policy


def test_week_is_chosen(client: Client) -> None:
    client.summaries.summarize(IsoWeek(2026, 40))
    assert content(client.send("GET", "/summary?week=2026-W40"))["week"] == "2026-W40"


def test_changed_summary_has_another_tag(client: Client) -> None:
    before = client.send("GET", "/summary").headers["ETag"]
    client.register("WMAH05ZZ94M012346")
    client.summaries.summarize()
    assert client.send("GET", "/summary", headers={"if-none-match": before}).status == 200


@pytest.mark.parametrize("week", ("2026-W46", ""))
def test_missing_summary_not_found(week: str) -> None:
    query = f"?week={week}" if week else ""
    assert refusal(Client().send("GET", f"/summary{query}")) == (404, "summary-not-found", [])


@pytest.mark.parametrize(
    ("week", "code"),
    (("2026-47", "week.form"), ("", "week.form"), ("2025-W53", "week.unknown"), ("0000-W01", "week.unknown")),
)
def test_wrong_week_refused(week: str, code: str) -> None:
    refused = refusal(Client().send("GET", f"/summary?week={week}"))
    assert refused == (400, "invalid-parameter", [("week", code)])


def test_damaged_summary_is_a_failure(client: Client) -> None:
    reports = client.summaries.reports
    forms = Manifest.read(reports.read(manifest_key(IsoWeek(2026, 47))).content).forms
    reports.write(forms[ReportForm.CSV].key, b"something else", media_type="text/csv")
    assert refusal(client.send("GET", "/summary", headers={"accept": "text/csv"})) == (500, "internal-error", [])


# --- the list


def test_no_summaries_listed() -> None:
    assert content(Client().send("GET", "/summaries")) == {"items": []}


def test_summaries_are_listed(client: Client) -> None:
    client.summaries.summarize(IsoWeek(2025, 52))
    client.summaries.summarize(IsoWeek(2026, 7))
    assert content(client.send("GET", "/summaries")) == {
        "items": [
            {"week": "2026-W47", "href": "/summary?week=2026-W47"},
            {"week": "2026-W07", "href": "/summary?week=2026-W07"},
            {"week": "2025-W52", "href": "/summary?week=2025-W52"},
        ]
    }


def test_listed_summary_is_there(client: Client) -> None:
    (listed,) = content(client.send("GET", "/summaries"))["items"]
    assert content(client.send("GET", listed["href"]))["week"] == listed["week"]


def test_list_takes_no_parameter(client: Client) -> None:
    refused = refusal(client.send("GET", "/summaries?year=2026"))
    assert refused == (400, "invalid-parameter", [("year", "parameter.unknown")])

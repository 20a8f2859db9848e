"""The weekly summary in the console: the latest week, earlier ones, downloads, and before there is one."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.consoles import Console, check_accessible, console_on, fulfil
from tests.support.command_line import CommandLine
from tests.support.server_process import UNMEASURED, Client, ServerProcess, serving

_NONE: Final = '{"type":"/problems/summary-not-found","title":"There is no such summary","status":404,"detail":"No."}'
_ON_SCHEDULE: Final = (
    '{"type":"/problems/summaries-on-schedule","title":"Only the schedule","status":405,"detail":"No."}'
)
_SUMMARY: Final = "**/summary?*"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Serve a fleet with a summary of the last week."""
    data = tmp_path_factory.mktemp("data")
    line, fleet = CommandLine(data), data / "fleet.csv"
    fleet.write_text(line.run("sample", "600", "--seed", "7", "--timestamps").stdout)
    for arguments in (("import", "--keep-timestamps", fleet), ("summarize", "--week", "last")):
        assert line.run(*arguments).exit_code == 0
    with serving(data, environment=UNMEASURED) as process:
        yield process


@pytest.fixture
def last(server: ServerProcess) -> dict[str, Any]:
    """Return the summary of the last week."""
    with Client(server.port) as client:
        week = client.send("GET", "/summaries").json()["items"][-1]["week"]
        summary: dict[str, Any] = client.send("GET", f"/summary?week={week}&format=json").json()
    return summary


def name_of(week: str) -> str:
    return f"Week {int(week[6:])}, {week[:4]}"


def total(console: Console) -> Locator:
    return console.page.get_by_role("definition").first


def unsummarized(console: Console) -> None:
    console.page.route(_SUMMARY, fulfil(404, _NONE))
    console.page.route(
        "**/summaries",
        lambda route: (
            route.fulfill(status=200, content_type="application/json", body='{"items":[]}')
            if route.request.method == "GET"
            else route.fallback()
        ),
    )
    console.open("#week")
    expect(console.page.get_by_role("heading", name="There is no weekly summary yet")).to_be_visible()


def summarized(console: Console) -> None:
    console.open("#week")
    expect(total(console)).to_be_visible()


def test_week_is_shown_in_numbers(console: Console, last: dict[str, Any]) -> None:
    console.open(f"#week?week={last['week']}")
    expect(total(console)).to_have_text(re.compile(rf"^{last['total']}"))
    diesel = next(each["vehicles"] for each in last["byFuelType"] if each["fuelType"] == "diesel")
    row = console.page.get_by_role("table", name="Fuel type").get_by_role("row", name="Diesel")
    expect(row).to_contain_text(f"{diesel}{100 * diesel / last['total']:.1f}%")


def test_manufacturers_are_named(console: Console, last: dict[str, Any]) -> None:
    console.open(f"#week?week={last['week']}")
    names = {each["name"] or each["wmi"] for each in last["byManufacturer"]}
    rows = console.page.get_by_role("table", name="Manufacturer", exact=True).locator("tbody").get_by_role("row")
    expect(rows).to_have_count(10)
    console.button(f"Show all {len(names)}").click()
    expect(rows).to_have_count(len(names))


def test_chart_has_a_table(console: Console, last: dict[str, Any]) -> None:
    console.open(f"#week?week={last['week']}")
    registered = sum(each["vehicles"] for each in last["registeredByWeek"])
    about = f"Registered per week {registered} registered in 12 weeks."
    expect(console.page.get_by_role("img", name=about)).to_be_visible()
    console.page.get_by_text("As a table: Registered per week").click()
    table = console.page.get_by_role("table", name="Registered per week")
    newest = last["registeredByWeek"][-1]
    expect(table.get_by_role("row").nth(1)).to_have_text(f"{name_of(newest['week'])}{newest['vehicles']}")


def test_summary_is_made_now(console: Console, server: ServerProcess) -> None:
    unsummarized(console)
    console.page.unroute(_SUMMARY)
    console.button("Summarize now").click()
    expect(console.notices).to_contain_text("is counted.")
    with Client(server.port) as client:
        current = client.send("GET", "/summary?format=json").json()
    expect(console.field("Week")).to_have_value(current["week"])
    expect(total(console)).to_have_text(re.compile(rf"^{current['total']}"))
    expect(console.page.get_by_text("The week is not over")).to_be_visible()


def test_empty_registry_says_so(console: Console) -> None:
    unsummarized(console)
    console.page.route("**/summaries", fulfil(404, _NONE))
    console.button("Summarize now").click()
    expect(console.page.get_by_role("alert")).to_have_text("No vehicle is registered yet.")


def test_schedule_is_explained(console: Console) -> None:
    console.page.route("**/summaries", fulfil(405, _ON_SCHEDULE))
    console.open("#week")
    console.button("Summarize now").click()
    expect(console.page.get_by_text("on schedule only")).to_be_visible()
    expect(console.button("Summarize now")).to_have_count(0)


def test_earlier_week_by_list(console: Console, server: ServerProcess, last: dict[str, Any]) -> None:
    with Client(server.port) as client:
        client.send("POST", "/summaries")
    summarized(console)
    weeks = console.field("Week")
    weeks.focus()
    weeks.select_option(name_of(last["week"]))
    expect(console.page).to_have_url(re.compile(f"#week\\?week={last['week']}$"))
    expect(total(console)).to_have_text(re.compile(rf"^{last['total']}"))
    expect(weeks).to_be_focused()
    console.page.go_back()
    expect(weeks).not_to_have_value(last["week"])


def test_week_without_summary_says_so(console: Console) -> None:
    console.open("#week?week=2019-W07")
    expect(console.page.get_by_role("alert")).to_have_text("There is no summary of week 7, 2019.")


def test_week_in_address_may_be_wrong(console: Console) -> None:
    console.open("#week?week=2026-W99")
    expect(console.page.get_by_role("alert")).to_have_text("There is no summary of week 99, 2026.")
    console.open("#week?week=abc")
    expect(console.field("Week")).to_have_value(re.compile(r"^\d{4}-W\d\d$"))


@pytest.mark.parametrize("format_", ("csv", "json"))
def test_week_is_downloaded(console: Console, last: dict[str, Any], format_: str) -> None:
    console.open(f"#week?week={last['week']}")
    with console.page.expect_download() as download:
        console.button(f"Download {format_.upper()}").click()
    content = download.value.path().read_text(encoding="utf-8-sig")
    assert download.value.suggested_filename.endswith(f"{last['week']}.{format_}")
    assert last["week"] in content
    assert format_ == "csv" or json.loads(content) == last


def test_german_csv_opens_in_excel(browser: Browser, server: ServerProcess, size: str, last: dict[str, Any]) -> None:
    with console_on(browser, server, size, locale="de-DE") as console:
        console.open(f"#week?week={last['week']}")
        with console.page.expect_download() as download:
            console.button("CSV herunterladen").click()
        content = download.value.path().read_bytes()
    assert content.startswith("\ufeffweek;complete;section;key;label;vehicles\r\n".encode())


def test_late_answer_is_not_shown(console: Console, last: dict[str, Any]) -> None:
    held = console.hold("**/summary?format=json")
    console.open("#week")
    expect(console.page.get_by_text("Loading …")).to_be_visible()
    console.open(f"#week?week={last['week']}")
    expect(total(console)).to_have_text(re.compile(rf"^{last['total']}"))
    held[0].fulfill(status=200, content_type="application/json", body=json.dumps(last | {"total": 1}))
    expect(total(console)).to_have_text(re.compile(rf"^{last['total']}"))


def test_failure_can_be_repeated(console: Console) -> None:
    console.page.route(_SUMMARY, fulfil(500, '{"message":"broken"}'))
    console.open("#week")
    expect(console.page.get_by_role("alert")).to_be_visible()
    console.page.unroute(_SUMMARY)
    console.button("Try again").click()
    expect(total(console)).to_be_visible()


def test_week_in_german(browser: Browser, server: ServerProcess, size: str, last: dict[str, Any]) -> None:
    with console_on(browser, server, size, locale="de-DE") as console:
        console.open(f"#week?week={last['week']}")
        expect(console.field("Woche")).to_contain_text(f"KW {int(last['week'][6:])}, {last['week'][:4]}")
        expect(console.page.get_by_role("table", name="Land des Herstellers")).to_contain_text("Deutschland")


STATES: Final[Sequence[Callable[[Console], None]]] = (unsummarized, summarized)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_state_is_accessible(console: Console, size: str, state: Callable[[Console], None]) -> None:
    state(console)
    check_accessible(console, size, state.__name__)

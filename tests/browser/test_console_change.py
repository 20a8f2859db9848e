"""Editing and deleting in the console: nothing is overwritten unseen, and a deletion can be undone."""

import re
from itertools import count
from typing import Final

import pytest
from playwright.sync_api import expect

from tests.browser.consoles import Console, fulfil, register_all, status_of
from tests.support.server_process import Client, ServerProcess, vin_of

_NUMBERS: Final = count(500_001)


@pytest.fixture
def vin(server: ServerProcess) -> str:
    """Register another vehicle for each test."""
    vin = vin_of(next(_NUMBERS))
    register_all(server, [vin])
    return vin


def change(server: ServerProcess, vin: str, **values: object) -> None:
    with Client(server.port) as client:
        assert client.send("PATCH", f"/vehicle?vin={vin}", values).status == 200


def stored(server: ServerProcess, vin: str) -> dict[str, object]:
    with Client(server.port) as client:
        vehicle: dict[str, object] = client.send("GET", f"/vehicle?vin={vin}").json()
    return vehicle


def open_edit(console: Console, vin: str) -> None:
    console.open(f"#fleet?search={vin}")
    console.button(f"Edit {vin}").click()
    expect(console.dialog).to_be_visible()
    expect(console.field("Axles")).to_have_value("2")


def delete(console: Console, vin: str) -> None:
    console.button(f"Delete {vin}").click()
    console.dialog.get_by_role("button", name="Delete", exact=True).click()


def test_edit_changes_vehicle(console: Console, server: ServerProcess, vin: str) -> None:
    open_edit(console, vin)
    console.field("Axles").fill("4")
    console.field("Fuel type").select_option("Hydrogen")
    console.button("Save").click()
    expect(console.row(vin)).to_contain_text("Hydrogen")
    assert (stored(server, vin)["noOfAxles"], stored(server, vin)["fuelType"]) == (4, "hydrogen")


def test_edit_shows_error_at_field(console: Console, vin: str) -> None:
    open_edit(console, vin)
    console.field("Axles").fill("0")
    console.button("Save").click()
    expect(console.field("Axles")).to_have_accessible_description(re.compile("from 1 to 99"))


def test_conflict_shows_both(console: Console, server: ServerProcess, vin: str) -> None:
    open_edit(console, vin)
    change(server, vin, noOfAxles=5)
    console.field("Axles").fill("4")
    console.button("Save").click()
    expect(console.dialog.get_by_role("row", name="Axles")).to_have_text(re.compile("Axles.*4.*5", re.DOTALL))
    assert stored(server, vin)["noOfAxles"] == 5


@pytest.mark.parametrize(("choice", "axles"), (("Keep what is stored", 5), ("Overwrite with yours", 4)))
def test_conflict_is_decided(console: Console, server: ServerProcess, vin: str, choice: str, axles: int) -> None:
    open_edit(console, vin)
    change(server, vin, noOfAxles=5)
    console.field("Axles").fill("4")
    console.button("Save").click()
    console.button(choice).click()
    expect(console.dialog).to_have_count(0)
    expect(console.row(vin).get_by_role("cell", name=re.compile(f"^{axles}"))).to_be_visible()
    assert stored(server, vin)["noOfAxles"] == axles


def test_untouched_field_is_not_overwritten(console: Console, server: ServerProcess, vin: str) -> None:
    open_edit(console, vin)
    change(server, vin, fuelType="hydrogen")
    console.field("Axles").fill("4")
    console.button("Save").click()
    expect(console.dialog.get_by_role("row", name="Axles").get_by_role("cell")).to_have_text(["4", "2"])
    expect(console.dialog.get_by_role("row", name="Fuel type").get_by_role("cell")).to_have_text(["\u2013", "Hydrogen"])
    expect(console.row(vin)).to_contain_text("Hydrogen")
    console.button("Overwrite with yours").click()
    expect(console.dialog).to_have_count(0)
    assert (stored(server, vin)["noOfAxles"], stored(server, vin)["fuelType"]) == (4, "hydrogen")


def test_edit_without_change_sends_nothing(console: Console, server: ServerProcess, vin: str) -> None:
    open_edit(console, vin)
    change(server, vin, noOfAxles=5)
    console.button("Save").click()
    expect(console.dialog).to_have_count(0)
    assert stored(server, vin)["noOfAxles"] == 5


def test_second_conflict_is_shown(console: Console, server: ServerProcess, vin: str) -> None:
    open_edit(console, vin)
    change(server, vin, noOfAxles=5)
    console.field("Axles").fill("4")
    console.button("Save").click()
    expect(console.dialog.get_by_role("row", name="Axles")).to_contain_text("5")
    change(server, vin, noOfAxles=6)
    console.button("Overwrite with yours").click()
    expect(console.dialog.get_by_role("row", name="Axles")).to_contain_text("6")
    assert stored(server, vin)["noOfAxles"] == 6


def test_dialogs_begin_where_something_is_done(console: Console, server: ServerProcess, vin: str) -> None:
    open_edit(console, vin)
    expect(console.field("Axles")).to_be_focused()
    change(server, vin, noOfAxles=5)
    console.field("Axles").fill("4")
    console.page.keyboard.press("Enter")
    expect(console.button("Keep what is stored")).to_be_focused()
    console.page.keyboard.press("Escape")
    console.button(f"Delete {vin}").click()
    expect(console.dialog.get_by_role("button", name="Delete", exact=True)).to_be_focused()


def test_row_shows_what_was_read(console: Console, server: ServerProcess, vin: str) -> None:
    console.open(f"#fleet?search={vin}")
    expect(console.row(vin)).to_contain_text("2")
    change(server, vin, noOfAxles=57)
    console.button(f"Edit {vin}").click()
    expect(console.dialog).to_be_visible()
    expect(console.field("Axles")).to_have_value("57")
    console.page.keyboard.press("Escape")
    expect(console.row(vin)).to_contain_text("57")


def test_vehicle_leaves_filter(console: Console, vin: str) -> None:
    console.open(f"#fleet?search={vin}&fuelType=diesel")
    console.button(f"Edit {vin}").click()
    expect(console.dialog).to_be_visible()
    console.field("Fuel type").select_option("Electric")
    console.button("Save").click()
    expect(console.page.locator("main .status")).to_have_text("No vehicle matches.")


def test_edit_of_deleted_says_so(console: Console, server: ServerProcess, vin: str) -> None:
    open_edit(console, vin)
    with Client(server.port) as client:
        client.send("DELETE", f"/vehicle?vin={vin}")
    console.field("Axles").fill("4")
    console.button("Save").click()
    expect(console.dialog.get_by_role("alert")).to_contain_text("deleted in the meantime")
    console.dialog.get_by_role("button", name="Close").last.click()
    expect(console.row(vin)).to_have_count(0)


def test_delete_names_vehicle(console: Console, vin: str) -> None:
    console.open(f"#fleet?search={vin}")
    console.button(f"Delete {vin}").click()
    expect(console.dialog).to_contain_text(f"Delete {vin} (Mercedes-Benz) from the registry?")
    console.button("Cancel").click()
    expect(console.row(vin)).to_have_count(1)


def test_deletion_is_undone(console: Console, server: ServerProcess, vin: str) -> None:
    before = stored(server, vin)
    console.page.clock.install()
    console.open(f"#fleet?search={vin}")
    delete(console, vin)
    expect(console.row(vin)).to_have_count(0)
    expect(console.button("Undo")).to_be_focused()
    console.button("Undo").click()
    expect(console.row(vin)).to_have_count(1)
    console.page.clock.fast_forward(11_000)
    expect(console.row(vin)).to_have_count(1)
    assert stored(server, vin) == before


def test_deletion_is_sent_later(console: Console, server: ServerProcess, vin: str) -> None:
    console.page.clock.install()
    console.open(f"#fleet?search={vin}")
    delete(console, vin)
    expect(console.button("Undo")).to_be_visible()
    assert status_of(server, vin) == 200
    with console.page.expect_response(lambda response: response.request.method == "DELETE") as sent:
        console.page.clock.fast_forward(11_000)
    assert (sent.value.status, status_of(server, vin)) == (204, 404)
    expect(console.button("Undo")).to_have_count(0)


def test_several_deletions_wait(console: Console, server: ServerProcess, vin: str) -> None:
    other = vin_of(next(_NUMBERS))
    register_all(server, [other])
    console.page.clock.install()
    console.open("#fleet?search=WDB")
    delete(console, vin)
    expect(console.button("Undo")).to_have_count(1)
    delete(console, other)
    expect(console.button("Undo")).to_have_count(2)
    console.button("Undo").first.click()
    expect(console.row(vin)).to_have_count(1)
    with console.page.expect_response(lambda response: response.request.method == "DELETE"):
        console.page.clock.fast_forward(11_000)
    assert (status_of(server, vin), status_of(server, other)) == (200, 404)


def test_vehicle_is_registered_again(console: Console, server: ServerProcess, vin: str) -> None:
    """Who registers what was just deleted wants the new one, and need not wait until the deletion is sent."""
    console.open(f"#fleet?search={vin}")
    delete(console, vin)
    console.button("Register vehicle").click()
    console.field("VIN").fill(vin.lower())
    console.field("Axles").fill("7")
    console.field("Fuel type").select_option("Diesel")
    console.dialog.get_by_role("button", name="Register", exact=True).click()
    expect(console.row(vin)).to_contain_text("7")
    expect(console.button("Undo")).to_have_count(0)
    assert stored(server, vin)["noOfAxles"] == 7


def test_leaving_sends_deletion(console: Console, server: ServerProcess, vin: str) -> None:
    console.open(f"#fleet?search={vin}")
    delete(console, vin)
    expect(console.button("Undo")).to_be_visible()
    console.page.goto(f"{console.address}/problems/unknown-path")
    console.page.wait_for_function(
        "vin => fetch(`../vehicle?vin=${vin}`).then((answer) => answer.status === 404)", arg=vin, polling=100
    )
    assert status_of(server, vin) == 404


def test_reload_shows_no_deleted_vehicle(console: Console, server: ServerProcess, vin: str) -> None:
    """What a page sends while it is left may come late, or never."""
    console.page.add_init_script(
        "addEventListener('pagehide', () => { globalThis.fetch = () => new Promise(() => {}); })"
    )
    console.open(f"#fleet?search={vin}")
    delete(console, vin)
    expect(console.button("Undo")).to_be_visible()
    with console.page.expect_response(lambda response: response.request.method == "DELETE"):
        console.page.reload()
    expect(console.page.get_by_text("No vehicle matches.")).to_be_visible()
    assert status_of(server, vin) == 404


def test_waiting_deletion_is_sent_when_left(console: Console, server: ServerProcess, vin: str) -> None:
    """The registry was busy, and the next attempt would come too late."""
    console.page.clock.install()
    console.open(f"#fleet?search={vin}")
    delete(console, vin)
    console.page.route("**/vehicle?*", fulfil(503, "{}", **{"Retry-After": "5"}), times=1)
    console.page.clock.fast_forward(11_000)
    expect(console.page.get_by_text("The registry is busy.")).to_be_visible()
    console.page.goto(f"{console.address}/problems/unknown-path")
    console.page.wait_for_function(
        "vin => fetch(`../vehicle?vin=${vin}`).then((answer) => answer.status === 404)", arg=vin, polling=100
    )
    assert status_of(server, vin) == 404


def test_deletion_by_two_is_counted_once(console: Console, server: ServerProcess, vin: str) -> None:
    console.page.clock.install()
    console.open(f"#fleet?search={vin}")
    total = console.page.locator(".total")
    expect(total).to_contain_text("vehicle")
    before = total.inner_text()
    delete(console, vin)
    with Client(server.port) as client:
        client.send("DELETE", f"/vehicle?vin={vin}")
    with console.page.expect_response("**/fleet"):
        console.page.clock.fast_forward(11_000)
    number = int(re.sub(r"\D", "", before)) - 1
    expect(total).to_have_text(re.compile(rf"^{number:,} "))


def test_changed_vehicle_is_not_deleted(console: Console, server: ServerProcess, vin: str) -> None:
    console.page.clock.install()
    console.open(f"#fleet?search={vin}")
    delete(console, vin)
    expect(console.button("Undo")).to_be_visible()
    change(server, vin, noOfAxles=5)
    console.page.clock.fast_forward(11_000)
    expect(console.notices).to_contain_text(f"{vin} was not deleted: somebody has changed it")
    expect(console.row(vin)).to_contain_text("5")

"""Signing in to the console: the token of one machine, and what the gateway on AWS answers."""

import re
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import expect

from tests.browser.consoles import Console, fulfil
from tests.support.server_process import UNMEASURED, Client, ServerProcess, registration, serving, vin_of

TOKEN: Final = "a-token-that-only-this-test-knows"  # noqa: S105 — it is


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    environment = {"VEHICLES_TOKEN": TOKEN, **UNMEASURED}
    with serving(tmp_path_factory.mktemp("data"), environment=environment) as process, Client(process.port) as client:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        assert client.send("POST", "/vehicle", registration(vin_of(1)), headers).status == 201
        yield process


def sign_in(console: Console, token: str = TOKEN) -> None:
    console.field("Token").fill(token)
    console.button("Sign in").click()


def test_token_is_asked_once(console: Console) -> None:
    console.open()
    expect(console.dialog).to_contain_text("VEHICLES_TOKEN")
    sign_in(console)
    expect(console.rows).to_have_count(1)
    console.page.reload()
    expect(console.rows).to_have_count(1)
    expect(console.dialog).to_have_count(0)


def test_wrong_token_is_refused(console: Console) -> None:
    console.open()
    sign_in(console, "another-token-that-is-wrong")
    expect(console.field("Token")).to_have_accessible_description(re.compile("did not accept this token"))
    sign_in(console, f"Bearer {TOKEN}")
    expect(console.rows).to_have_count(1)


def test_deletion_waits_for_sign_in(console: Console, server: ServerProcess, size: str) -> None:
    """The token has expired when the page is left within the ten seconds."""
    vin = vin_of(100 + len(size))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with Client(server.port) as client:
        client.send("POST", "/vehicle", registration(vin), headers)
        console.open(f"#fleet?search={vin}")
        sign_in(console)
        console.button(f"Delete {vin}").click()
        console.dialog.get_by_role("button", name="Delete", exact=True).click()
        expect(console.button("Undo")).to_be_visible()
        console.page.evaluate("sessionStorage['vehicles.token'] = 'expired'")
        console.page.reload()
        with console.page.expect_response(lambda response: response.request.method == "DELETE" and response.ok):
            sign_in(console)
        expect(console.row(vin)).to_have_count(0)
        assert client.send("GET", f"/vehicle?vin={vin}", headers=headers).status == 404


@pytest.mark.parametrize("token", ("geheim\u2013geheim", "two words", "größer"))
def test_impossible_token_is_explained(console: Console, token: str) -> None:
    """A mail program makes a long dash of a hyphen, and no header can hold that."""
    console.open()
    sign_in(console, token)
    expect(console.field("Token")).to_have_accessible_description(re.compile("long dashes"))
    sign_in(console)
    expect(console.rows).to_have_count(1)


def test_closing_leaves_a_way(console: Console) -> None:
    console.open()
    expect(console.dialog).to_be_visible()
    console.page.keyboard.press("Escape")
    expect(console.page.get_by_role("alert")).to_contain_text("You are not signed in.")
    console.button("Try again").click()
    sign_in(console)
    expect(console.rows).to_have_count(1)


def test_gateway_asks_for_jwt(console: Console) -> None:
    console.page.route("**/vehicles?*", fulfil(401, '{"message":"Unauthorized"}'))
    console.page.route("**/fleet", fulfil(401, '{"message":"Unauthorized"}'))
    console.open()
    expect(console.dialog).to_contain_text("access token (JWT)")


def test_iam_is_explained(console: Console) -> None:
    console.page.route("**/vehicles?*", fulfil(403, '{"message":"Forbidden"}'))
    console.page.route("**/fleet", fulfil(403, '{"message":"Forbidden"}'))
    console.open()
    expect(console.page.get_by_role("alert")).to_contain_text("signed with AWS credentials (AuthMode IAM)")
    expect(console.button("Try again")).to_have_count(0)


def test_missing_permission_is_explained(console: Console) -> None:
    console.open()
    sign_in(console)
    console.page.route("**/vehicles?*", fulfil(403, '{"message":"Forbidden"}'))
    console.page.reload()
    expect(console.page.get_by_role("alert")).to_contain_text("You do not have the permission for this.")


def test_throttled_request_is_repeated(console: Console) -> None:
    console.open()
    sign_in(console)
    expect(console.rows).to_have_count(1)
    console.page.route("**/vehicles?*", fulfil(429, '{"message":"Too Many Requests"}'))
    console.page.reload()
    expect(console.page.get_by_text("The registry is busy.")).to_be_visible()
    console.page.unroute("**/vehicles?*")
    expect(console.rows).to_have_count(1)

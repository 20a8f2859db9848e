"""The whole job of a fleet manager, on one machine."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.consoles import Console, console_on
from tests.browser.story import LANGUAGE, do_the_job
from tests.support.server_process import ServerProcess


@pytest.fixture
def console(browser: Browser, empty: ServerProcess, size: str) -> Iterator[Console]:
    with console_on(browser, empty, size, locale=LANGUAGE) as console:
        yield console


def test_fleet_manager_does_the_job(console: Console) -> None:
    do_the_job(console, console.button("Jetzt auswerten").click)

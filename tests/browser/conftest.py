"""The browser and a server, once for the tests of a module; the console at both sizes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.consoles import SIZES, Console, console_on
from tests.support.chromium import launching
from tests.support.server_process import HOST, UNMEASURED, ServerProcess, serving


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launching(f"MAP * ~NOTFOUND, EXCLUDE {HOST}") as launched:
        yield launched


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with serving(tmp_path_factory.mktemp("data"), environment=UNMEASURED) as process:
        yield process


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[ServerProcess]:
    """Serve a registry of the test's own."""
    with serving(tmp_path, environment=UNMEASURED) as process:
        yield process


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def console(browser: Browser, server: ServerProcess, size: str) -> Iterator[Console]:
    with console_on(browser, server, size) as console:
        yield console

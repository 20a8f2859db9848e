"""The browser and a server, once for the tests of a module; the console at both sizes."""

import os
import shutil
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.consoles import SIZES, Console, console_on
from tests.support.server_process import HOST, UNMEASURED, ServerProcess, serving

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
NO_BROWSER: Final = "no Chromium here: `make chromium` installs it, or CHROMIUM names one"
# The last one lets the browser find no other host, whatever a page asks for.
SWITCHES: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {HOST}",
)


expect.set_options(timeout=15_000)  # a machine at work with other things is slow


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None and os.environ.get("CI"):
        pytest.fail(NO_BROWSER)
    if executable is None:
        pytest.skip(NO_BROWSER)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=SWITCHES)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with serving(tmp_path_factory.mktemp("data"), environment=UNMEASURED) as process:
        yield process


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def console(browser: Browser, server: ServerProcess, size: str) -> Iterator[Console]:
    with console_on(browser, server, size) as console:
        yield console

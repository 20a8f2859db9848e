"""What stands in for AWS, and the browser: once for all tests of a process."""

import os
import shutil
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Final

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.support.server_process import HOST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.emulator import Emulator

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
NO_BROWSER: Final = "no Chromium here: `make browser` installs it, or CHROMIUM names one"
# The last one lets the browser find no other host, whatever a page asks for.
SWITCHES: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {HOST}",
)


@pytest.fixture(scope="session", autouse=True)
def _sdk_reads_once() -> "Iterator[None]":
    """Have all clients share what each would read anew from the SDK's files: five sixths of what making one takes."""
    with pytest.MonkeyPatch.context() as patched:
        with suppress(ImportError):  # boto3 is an extra, and not all tests need it
            from botocore.loaders import create_loader  # noqa: PLC0415 — as above

            patched.setattr("botocore.session.create_loader", cache(create_loader))
        yield


@pytest.fixture(scope="session")
def emulator() -> "Iterator[Emulator]":
    from tests.support.emulator import emulating  # noqa: PLC0415 — boto3 is an extra, and not all tests need it

    with emulating() as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    executable = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None and os.environ.get("CI"):
        pytest.fail(NO_BROWSER)
    if executable is None:
        pytest.skip(NO_BROWSER)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=SWITCHES)
        yield launched
        launched.close()

"""Chromium for the tests of pages. It finds no host but those that a test names."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest
from playwright.sync_api import Browser, sync_playwright

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
NO_BROWSER: Final = "no Chromium here: `make chromium` installs it, or CHROMIUM names one"
SWITCHES: Final = (
    *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"),
    # The address bar's own pages, two for each window, which nobody sees: without them the tests take half the time.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup",
)


@contextmanager
def launching(rules: str) -> Iterator[Browser]:
    """Run a browser with these rules for finding hosts. Where there is none, skip loudly, or fail in a pipeline."""
    executable = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(NO_BROWSER)
    with sync_playwright() as playwright:
        arguments = (*SWITCHES, f"--host-resolver-rules={rules}")
        launched = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield launched
        launched.close()

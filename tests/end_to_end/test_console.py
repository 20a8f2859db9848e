"""The console of a deployed registry that everybody may call: AuthMode NONE, in a stack of its own."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.browser.consoles import Console, console_at
from tests.browser.story import LANGUAGE, do_the_job
from tests.support.chromium import launching
from tests.support.deployment import Deployment, deploying
from tests.support.emulator import HOST


@pytest.fixture(scope="module")
def open_deployment() -> Iterator[Deployment]:
    with deploying(AuthMode="NONE", SummarySchedule="rate(1 day)") as deployed:
        yield deployed


@pytest.fixture
def console(open_deployment: Deployment) -> Iterator[Console]:
    address = open_deployment.outputs["ApiUrl"]
    port = open_deployment.account.emulator.port
    rules = f"MAP {urlsplit(address).netloc} {HOST}:{port}, MAP * ~NOTFOUND, EXCLUDE {HOST}"
    options = {"locale": LANGUAGE, "ignore_https_errors": True}  # the emulator has made its certificate itself
    with launching(rules) as browser, console_at(browser, address, "desktop", **options) as opened:
        yield opened


def test_fleet_manager_does_the_job(console: Console, open_deployment: Deployment) -> None:
    def summarize() -> None:
        open_deployment.invoke("SummaryLambda", {"week": "current"})
        console.page.reload()

    do_the_job(console, summarize)

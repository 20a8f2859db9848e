"""AWS as ministack emulates it, which is stricter than moto, once for all tests of a process."""

from collections.abc import Iterator

import pytest

from tests.support.emulator import Emulator, emulating
from tests.support.sdk import sdk_reads_once

__all__ = ["sdk_reads_once"]


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with emulating() as running:
        yield running

"""What stands in for AWS, once for all tests of a process."""

from collections.abc import Iterator

import pytest

from tests.integration.emulator import Emulator, emulating


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with emulating() as running:
        yield running

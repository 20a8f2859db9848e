"""What stands in for AWS, once for all tests of a process."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.integration.emulator import Emulator, emulating
from vehicles.adapters import aws, dynamodb
from vehicles.domain import services


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with emulating() as running:
        yield running


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the emulator the time that a busy machine takes."""
    monkeypatch.setattr(aws, "READ_TIMEOUT", 60.0)
    monkeypatch.setattr(dynamodb, "GO_ON_WITHIN", 60.0)
    monkeypatch.setattr(services, "GO_ON_WITHIN", timedelta(seconds=60))

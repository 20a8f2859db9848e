"""What stands in for AWS, once for all tests of a process."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from vehicles.domain import services

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.emulator import Emulator


@pytest.fixture(scope="session")
def emulator() -> "Iterator[Emulator]":
    from tests.integration.emulator import emulating  # noqa: PLC0415 — boto3 is an extra, and not all tests need it

    with emulating() as running:
        yield running


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the emulator the time that a busy machine takes."""
    from vehicles.adapters import aws, dynamodb  # noqa: PLC0415 — boto3 is an extra, and not all tests need it

    monkeypatch.setattr(aws, "READ_TIMEOUT", 60.0)
    monkeypatch.setattr(dynamodb, "GO_ON_WITHIN", 60.0)
    monkeypatch.setattr(services, "GO_ON_WITHIN", timedelta(seconds=60))

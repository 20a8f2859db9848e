"""What a check says of a look at the storage."""

import pytest

from vehicles.domain.errors import StorageCorrupted, StorageError, StorageMisconfigured, StorageUnavailable
from vehicles.ports.checks import Check


def test_success_is_in_order() -> None:
    assert Check.of("table", lambda: "can be read") == Check("table", ok=True, detail="can be read")


@pytest.mark.parametrize("kind", (StorageCorrupted, StorageMisconfigured, StorageUnavailable))
def test_storage_error_is_the_finding(kind: type[StorageError]) -> None:
    def look() -> str:
        reason = "The bucket is not there"
        raise kind(reason)

    assert Check.of("bucket", look) == Check("bucket", ok=False, detail="The bucket is not there")


def test_other_error_is_raised() -> None:
    def look() -> str:
        raise LookupError

    with pytest.raises(LookupError):
        Check.of("bucket", look)

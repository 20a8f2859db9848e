"""What a check says of a look at the storage."""

import pytest

from vehicles.domain.errors import StorageCorrupted, StorageError, StorageMisconfigured, StorageUnavailable
from vehicles.ports.checks import Check, mask


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


def test_broken_items_are_named() -> None:
    check = Check.of_vehicles(3, ["WMAH05ZZ04M012345", "no VIN"])
    assert (check.ok, check.detail) == (False, "3, of which 2 cannot be read: WMA..........2345, no ..........VIN")


def test_many_broken_items_are_counted() -> None:
    check = Check.of_vehicles(30, ["WMAH05ZZ04M012345"] * 23)
    assert (check.detail.count("2345"), check.detail.endswith(" and 3 more")) == (20, True)


def test_control_characters_are_not_shown() -> None:
    assert mask("A\x1b[2J") == "A?[..........2J"

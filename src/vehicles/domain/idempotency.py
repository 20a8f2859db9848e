"""Idempotency keys: how a repeated registration is distinguished from another one of the same vehicle.

A client that lost the response sends the same request again, with the same key. The first request stays with the
vehicle as one text: hashes of its key and of its content, and the version that it was answered with.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from vehicles.domain.errors import StorageCorrupted
from vehicles.domain.vehicle import Vehicle
from vehicles.ports.vehicle_repository import Version

MAX_KEY_LENGTH = 255


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """The key that a caller gave to a request. Keys of different callers are different keys."""

    caller: str
    key: str


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A registration with a key: hashes of key and content, and the version of its response."""

    key: str
    content: str
    version: Version

    @classmethod
    def of(cls, key: IdempotencyKey, vehicle: Vehicle, version: Version) -> Self:
        """Return the request that registers a vehicle."""
        content = f"{vehicle.vin} {vehicle.no_of_axles} {vehicle.fuel_type}"
        return cls(_digest(f"{len(key.caller)} {key.caller} {key.key}"), _digest(content), version)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the request of a stored text. Raises StorageCorrupted."""
        parts = text.split(".", 2)
        if len(parts) != 3:  # noqa: PLR2004 — as many as `__str__` writes
            raise StorageCorrupted("The stored request of a registration is damaged")
        return cls(parts[0], parts[1], Version(parts[2]))

    def __str__(self) -> str:
        """Return the text to store."""
        return f"{self.key}.{self.content}.{self.version}"


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:32]

"""The errors of the registry, one tree.

RegistryError
├── InvalidInput                the input is wrong; the caller must fix it
│   ├── InvalidVin
│   ├── InvalidVehicle
│   ├── InvalidFilter
│   └── InvalidWeek
├── VehicleError                the stored state of the vehicle does not allow the call
│   ├── VehicleAlreadyRegistered
│   ├── IdempotencyKeyReused
│   ├── VehicleNotFound
│   └── VersionMismatch
├── ReportError                 the stored state of the report does not allow the call
│   ├── ReportNotFound
│   └── ReportChanged
└── StorageError                the storage failed, not the registry
    ├── StorageUnavailable      unreachable, slow, busy or full: the same call may succeed later
    ├── StorageMisconfigured    missing, or not accessible with these credentials: someone has to fix it
    ├── StorageReadOnly         it can be read, but not written
    └── StorageCorrupted        the stored data is not what the registry writes

Every error carries its data and builds its own message.
No message contains a whole VIN, because a VIN can be personal data (CJEU C-319/22): errors about a vehicle carry the
masked VIN.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Fault:
    """One error of an input, or one warning.

    `code` is stable and documented, `detail` is an explanation for people.
    `field` is the name of the attribute, if the input has several.
    `positions` are the affected positions of a VIN, counted from 1, if there are any.
    """

    code: str
    detail: str
    field: str = ""
    positions: tuple[int, ...] = ()


class RegistryError(Exception):
    """The base class of all errors of the registry."""

    sentence: ClassVar[str] = "{}"

    def __str__(self) -> str:
        return self.sentence.format(*self.args)


class InvalidInput(RegistryError, ValueError):
    """The input is wrong, and repeating the call does not help. `faults` has every error of it, at least one."""

    subject: ClassVar[str] = "The input"

    def __init__(self, *faults: Fault) -> None:
        super().__init__(*faults)
        self.faults = faults

    @property
    def code(self) -> str:
        """The code of the first fault."""
        return self.faults[0].code

    def __str__(self) -> str:
        return f"{self.subject} is not valid: " + "; ".join(fault.detail for fault in self.faults)


class InvalidVin(InvalidInput):
    """The text is not a VIN. The faults are in the order of the checks of `Vin`."""

    subject = "The VIN"


class InvalidVehicle(InvalidInput):
    """The fields of the vehicle are wrong."""

    subject = "The vehicle"


class InvalidFilter(InvalidInput):
    """The filter can match no vehicle."""

    subject = "The filter"


class InvalidWeek(InvalidInput):
    """The text or the pair of numbers is not an ISO week."""

    subject = "The week"


class VehicleError(RegistryError):
    """The stored state of the vehicle does not allow the call."""

    def __init__(self, masked_vin: str) -> None:
        super().__init__(masked_vin)
        self.masked_vin = masked_vin


class VehicleAlreadyRegistered(VehicleError):
    """The VIN is already in the registry."""

    sentence = "A vehicle with the VIN {} is already registered"


class IdempotencyKeyReused(VehicleError):
    """The idempotency key of the request registered the same vehicle with other values before."""

    sentence = "The idempotency key has registered the vehicle with the VIN {} with other values: use a new key"


class VehicleNotFound(VehicleError):
    """The VIN is not in the registry."""

    sentence = "No vehicle with the VIN {} is registered"


class VersionMismatch(VehicleError):
    """The vehicle was changed since the caller read it."""

    sentence = "The vehicle with the VIN {} was changed in the meantime: read it again, then decide"


class ReportError(RegistryError):
    """The stored state of the report does not allow the call."""

    def __init__(self, week: str) -> None:
        super().__init__(week)
        self.week = week


class ReportNotFound(ReportError):
    """There is no report of the week, or it is damaged."""

    sentence = "There is no report of {}"


class ReportChanged(ReportError):
    """The report was written since the caller read it."""

    sentence = "The report of {} was written in the meantime: read it again, then decide"


class StorageError(RegistryError):
    """The storage failed. Everything that was acknowledged before is stored."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class StorageUnavailable(StorageError):
    """The storage is unreachable, slow, busy or full: the same call may succeed later."""

    sentence = "{}. Try again later; a call that got no response may have been carried out"


class StorageMisconfigured(StorageError):
    """The storage is missing, has the wrong form, or rejects the credentials. Repeating the call does not help."""

    sentence = "{}. Nothing was changed; check the settings, and the permissions of the user or the credentials"


class StorageReadOnly(StorageError):
    """The storage can be read, but not written."""

    sentence = "{}. Nothing was changed; check the owner and the permissions of the files, or move them to another disk"


class StorageCorrupted(StorageError):
    """The stored data is damaged, or another version of the registry wrote it."""

    sentence = "{}. {}"

    def __init__(
        self,
        reason: str,
        resolution: str = "Restore the last good backup, or use the version of the registry that wrote the data",
    ) -> None:
        super().__init__(reason)
        self.args = (reason, resolution)

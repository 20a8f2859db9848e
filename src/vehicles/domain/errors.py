"""The errors of the registry, one tree.

RegistryError
├── InvalidInput                what was asked can never be right; the caller fixes it
│   ├── InvalidVin
│   ├── InvalidVehicle
│   ├── InvalidFilter
│   └── InvalidWeek
├── VehicleError                the registry holds another state of the vehicle than the call needs
│   ├── VehicleAlreadyRegistered
│   ├── VehicleNotFound
│   └── VersionMismatch
├── ReportError                 the report store holds another state of the report than the call needs
│   ├── ReportNotFound
│   └── ReportChanged
└── StorageError                the registry is well, the place behind it is not
    ├── StorageUnavailable      away, slow, busy or full: the same call may succeed later
    ├── StorageMisconfigured    not there, or not for these credentials: someone has to set it right
    └── StorageCorrupted        what was read back is not what the registry writes

Every error carries its data and builds its own sentence.
No sentence holds a whole VIN, since a VIN can be personal data (CJEU C-319/22): errors about a vehicle carry its
masked form.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with an input, or one thing worth a warning.

    `code` is stable and documented, `detail` is a sentence for people.
    `field` names the attribute at fault where the input has several.
    `positions` are the places in the VIN, counted from 1, where that says more than the sentence.
    """

    code: str
    detail: str
    field: str = ""
    positions: tuple[int, ...] = ()


class RegistryError(Exception):
    """Anything that the registry refuses or cannot do."""

    sentence: ClassVar[str] = "{}"

    def __str__(self) -> str:
        return self.sentence.format(*self.args)


class InvalidInput(RegistryError, ValueError):
    """An input that no repetition will make right; `faults`, at least one, say all that is wrong with it, in order."""

    subject: ClassVar[str] = "The input"

    def __init__(self, *faults: Fault) -> None:
        super().__init__(*faults)
        self.faults = faults

    @property
    def code(self) -> str:
        """The code of the first fault."""
        return self.faults[0].code

    def __str__(self) -> str:
        return f"{self.subject} is refused: " + "; ".join(fault.detail for fault in self.faults)


class InvalidVin(InvalidInput):
    """A text that cannot be a VIN. The faults stand in the order of the checks of `Vin`."""

    subject = "The VIN"


class InvalidVehicle(InvalidInput):
    """A vehicle that cannot be."""

    subject = "The vehicle"


class InvalidFilter(InvalidInput):
    """A filter that no vehicle could ever be asked for by."""

    subject = "The filter"


class InvalidWeek(InvalidInput):
    """A text or a pair of numbers that is no ISO week."""

    subject = "The week"


class VehicleError(RegistryError):
    """The registry holds another state of the vehicle than the call needs."""

    def __init__(self, masked_vin: str) -> None:
        super().__init__(masked_vin)
        self.masked_vin = masked_vin


class VehicleAlreadyRegistered(VehicleError):
    """The VIN is in the registry; whoever came first has won."""

    sentence = "A vehicle with the VIN {} is already registered"


class VehicleNotFound(VehicleError):
    """The VIN is not in the registry."""

    sentence = "No vehicle with the VIN {} is registered"


class VersionMismatch(VehicleError):
    """The vehicle was changed since the caller read it."""

    sentence = "The vehicle with the VIN {} was changed in the meantime: read it again, then decide"


class ReportError(RegistryError):
    """The report store holds another state of the report than the call needs."""

    def __init__(self, week: str) -> None:
        super().__init__(week)
        self.week = week


class ReportNotFound(ReportError):
    """No report of the week is kept, or none that can be read."""

    sentence = "No report of {} is kept"


class ReportChanged(ReportError):
    """The report was written since the caller read it."""

    sentence = "The report of {} was written in the meantime: read it again, then decide"


class StorageError(RegistryError):
    """The place that remembers failed; nothing was acknowledged that is not kept."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class StorageUnavailable(StorageError):
    """The storage is away, slow, busy or full: the same call may succeed later."""

    sentence = "{}. Try again in a moment; a call that was not answered may have been carried out"


class StorageMisconfigured(StorageError):
    """The storage is not there, is not as the registry needs it, or refuses its credentials; repeating helps nobody."""

    sentence = (
        "{}. Nothing was changed; check the settings, the names and places in them, and the rights of who uses them"
    )


class StorageCorrupted(StorageError):
    """The storage holds something that this version of the registry did not write, or was damaged."""

    sentence = "{}. {}"

    def __init__(self, reason: str, resolution: str = "Restore the last good backup") -> None:
        super().__init__(reason)
        self.args = (reason, resolution)

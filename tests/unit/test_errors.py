"""The tree of errors: what they carry, what they say, and that no sentence holds a whole VIN."""

import copy
import inspect
import pickle
import re

import pytest

from vehicles.domain import errors
from vehicles.domain.errors import (
    Fault,
    IdempotencyKeyReused,
    InvalidFilter,
    InvalidVehicle,
    InvalidVin,
    InvalidWeek,
    RegistryError,
    ReportChanged,
    ReportNotFound,
    StorageCorrupted,
    StorageMisconfigured,
    StorageReadOnly,
    StorageUnavailable,
    VehicleAlreadyRegistered,
    VehicleNotFound,
    VersionMismatch,
)

MASKED = "WMA..........2345"
WEEK = "2026-W47"
FIRST = Fault("first.code", "the first thing", "one", (3,))
SECOND = Fault("second.code", "the second thing")

SENTENCES = (
    (InvalidVin(FIRST, SECOND), "The VIN is not valid: the first thing; the second thing"),
    (InvalidVehicle(FIRST), "The vehicle is not valid: the first thing"),
    (InvalidFilter(FIRST), "The filter is not valid: the first thing"),
    (InvalidWeek(FIRST), "The week is not valid: the first thing"),
    (VehicleAlreadyRegistered(MASKED), f"A vehicle with the VIN {MASKED} is already registered"),
    (
        IdempotencyKeyReused(MASKED),
        f"The idempotency key has registered the vehicle with the VIN {MASKED} with other values: use a new key",
    ),
    (VehicleNotFound(MASKED), f"No vehicle with the VIN {MASKED} is registered"),
    (
        VersionMismatch(MASKED),
        f"The vehicle with the VIN {MASKED} was changed in the meantime: read it again, then decide",
    ),
    (ReportNotFound(WEEK), f"There is no report of {WEEK}"),
    (ReportChanged(WEEK), f"The report of {WEEK} was written in the meantime: read it again, then decide"),
    (
        StorageUnavailable("It is busy"),
        "It is busy. Try again later; a call that got no response may have been carried out",
    ),
    (
        StorageMisconfigured("The table is not there"),
        (
            "The table is not there. Nothing was changed; "
            "check the settings, and the permissions of the user or the credentials"
        ),
    ),
    (
        StorageReadOnly("The disk is read-only"),
        (
            "The disk is read-only. Nothing was changed; "
            "check the owner and the permissions of the files, or move them to another disk"
        ),
    ),
    (
        StorageCorrupted("A row cannot be read"),
        ("A row cannot be read. Restore the last good backup, or use the version of the registry that wrote the data"),
    ),
)
LEAVES = tuple(error for error, _ in SENTENCES)


@pytest.mark.parametrize(("error", "sentence"), SENTENCES, ids=lambda value: type(value).__name__)
def test_errors_say_a_sentence(error: RegistryError, sentence: str) -> None:
    assert sentence == str(error)


def test_every_leaf_is_shown() -> None:
    classes = [thing for _, thing in inspect.getmembers(errors, inspect.isclass) if issubclass(thing, RegistryError)]

    assert {leaf for leaf in classes if not leaf.__subclasses__()} == {type(error) for error in LEAVES}


def test_tree_is_as_drawn() -> None:
    drawn: dict[str, str] = {}
    above = ["Exception"]
    for branches, name in re.findall(r"^([│├└─ ]*)([A-Z]\w+)(?:  .*)?$", str(inspect.getdoc(errors)), re.MULTILINE):
        depth = 1 + len(branches) // 4
        drawn[name] = above[depth - 1]
        above[depth:] = [name]
    classes = [thing for _, thing in inspect.getmembers(errors, inspect.isclass) if issubclass(thing, RegistryError)]

    assert {error.__name__: error.__bases__[0].__name__ for error in classes} == drawn


@pytest.mark.parametrize("error", LEAVES, ids=lambda error: type(error).__name__)
def test_errors_survive_copying(error: RegistryError) -> None:
    for again in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):  # noqa: S301 — just pickled here
        assert (type(error), str(error), vars(error)) == (type(again), str(again), vars(again))


def test_errors_carry_their_data() -> None:
    invalid = InvalidVin(FIRST, SECOND)

    assert (invalid.faults, invalid.code) == ((FIRST, SECOND), "first.code")
    assert (VehicleNotFound(MASKED).masked_vin, ReportNotFound(WEEK).week) == (MASKED, WEEK)
    assert StorageUnavailable("The table is busy").reason == "The table is busy"

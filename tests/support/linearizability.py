"""Whether what clients were told about one vehicle can be true: the order of Herlihy and Wing (1990), searched for.

A history is linearizable where each call can be given one moment between its begin and its end, so that the calls in
the order of these moments, done one by one, have the outcomes that the clients saw. A false "already registered", a
false "not found", a resurrected and a wrongly deleted vehicle leave no such order.
A call that ended with StorageUnavailable may have been carried out, at any time after its begin, or never.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Literal, Protocol

from vehicles.domain.errors import (
    RegistryError,
    StorageUnavailable,
    VehicleAlreadyRegistered,
    VehicleError,
    VehicleNotFound,
    VersionMismatch,
)
from vehicles.domain.vin.number import Vin
from vehicles.ports.vehicle_repository import StoredVehicle, Version
from vehicles.testing.vehicle_repository import stored

type Verb = Literal["get", "get_many", "add", "replace", "replace_many", "remove"]
type Outcome = Version | type[RegistryError] | None
"""The version that was read or written, the refusal, or None where the vehicle was removed."""


class _Repository(Protocol):
    """What the calls need of a repository."""

    def get(self, vin: Vin) -> StoredVehicle: ...
    def get_many(self, vins: Sequence[Vin]) -> tuple[StoredVehicle | None, ...]: ...
    def add(self, stored: StoredVehicle) -> None: ...
    def replace(self, stored: StoredVehicle, *, expected: Version) -> None: ...
    def replace_many(self, batch: Sequence[tuple[StoredVehicle, Version]]) -> tuple[bool, ...]: ...
    def remove(self, vin: Vin, *, expected: Version | None = None) -> None: ...


@dataclass(frozen=True, slots=True)
class Call:
    """A call that one client made, from begin to end by one clock, and what came of it."""

    verb: Verb
    begin: float
    end: float
    outcome: Outcome
    expected: Version | None = None
    new: Version | None = None

    def on(self, there: Version | None) -> tuple[Outcome, Version | None]:
        """Return what the call has to come to where this version is there, and which is there then."""
        match self.verb:
            case "add":
                return (self.new, self.new) if there is None else (VehicleAlreadyRegistered, there)
            case "replace_many" if there != self.expected:
                return VersionMismatch, there  # it does not tell whether the vehicle is there
            case _ if there is None:
                return VehicleNotFound, None
            case "get" | "get_many":
                return there, there
            case _ if self.expected not in {None, there}:
                return VersionMismatch, there
        then = None if self.verb == "remove" else self.new
        return then, then


def is_linearizable(clients: Sequence[Sequence[Call]]) -> bool:
    """Tell whether there is an order of the calls, those of each client one after another, that explains them all.

    A call that changes nothing, and can be the next, never has to wait for another one.
    """
    known = [[call for call in calls if call.outcome is not StorageUnavailable] for calls in clients]
    open_ended = [[replace(call, end=inf)] for calls in clients for call in calls if call.outcome is StorageUnavailable]
    clients = [*known, *open_ended]
    seen: set[tuple[tuple[int, ...], Version | None]] = set()
    begun: list[tuple[tuple[int, ...], Version | None]] = [((0,) * len(clients), None)]
    while begun:
        places, there = begun.pop()
        if (places, there) in seen:
            continue
        seen.add((places, there))
        due = {
            who: calls[place]
            for who, (calls, place) in enumerate(zip(clients, places, strict=True))
            if place < len(calls)
        }
        first_end = min((call.end for call in due.values()), default=inf)
        if first_end == inf:
            return True
        following: list[tuple[tuple[int, ...], Version | None]] = []
        for who, call in due.items():
            outcome, then = call.on(there)
            is_open = call.outcome is StorageUnavailable and then != there
            if call.begin <= first_end and (is_open or call.outcome == outcome):
                following.append(((*places[:who], places[who] + 1, *places[who + 1 :]), then))
                if then == there:
                    following = following[-1:]
                    break
        begun += following
    return False


def outcome_of(repository: _Repository, verb: Verb, vin: Vin, expected: Version | None, new: Version) -> Outcome:
    """Make a call on the vehicle with this VIN, and return its outcome."""
    state = StoredVehicle(replace(stored().vehicle, vin=vin), new)
    try:
        match verb:
            case "get" | "get_many":
                [there] = [repository.get(vin)] if verb == "get" else repository.get_many([vin])
                return VehicleNotFound if there is None else there.version
            case "add":
                repository.add(state)
                return new
            case "replace":
                assert expected is not None
                repository.replace(state, expected=expected)
                return new
            case "replace_many":
                assert expected is not None
                return new if repository.replace_many([(state, expected)]) == (True,) else VersionMismatch
            case "remove":
                repository.remove(vin, expected=expected)
                return None
    except (VehicleError, StorageUnavailable) as error:
        return type(error)

"""The judge of the histories judges rightly: right ones pass, and each kind of false answer is found."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.support.linearizability import Call, is_linearizable
from vehicles.domain.errors import StorageUnavailable, VehicleAlreadyRegistered, VehicleNotFound, VersionMismatch
from vehicles.ports.vehicle_repository import Version

A, B = Version("a"), Version("b")
ADDED = Call("add", 0, 1, A, new=A)
OPEN = Call("add", 0, 1, StorageUnavailable, new=A)

RIGHT = {
    "nothing": ((), ()),
    "one after another": (
        (ADDED, Call("get", 2, 3, A), Call("remove", 4, 5, None), Call("get", 6, 7, VehicleNotFound)),
    ),
    "a refused double": ((ADDED,), (Call("add", 2, 3, VehicleAlreadyRegistered, new=B),)),
    "either of two at once": ((Call("add", 0, 3, VehicleAlreadyRegistered, new=A),), (Call("add", 1, 2, B, new=B),)),
    "a read that meets a write": ((Call("add", 0, 3, A, new=A),), (Call("get", 1, 2, A),)),
    "a read that misses a write": ((Call("add", 0, 3, A, new=A),), (Call("get", 1, 2, VehicleNotFound),)),
    "a stale version": ((ADDED, Call("replace", 2, 3, VersionMismatch, expected=B, new=B), Call("get", 4, 5, A)),),
    "an open add that was carried out": ((OPEN, Call("get", 2, 3, A)),),
    "an open add that never was": ((OPEN, Call("get", 2, 3, VehicleNotFound)),),
    "an open add that comes late": (
        (OPEN,),
        (Call("add", 2, 3, B, new=B), Call("remove", 4, 5, None), Call("get", 6, 7, A)),
    ),
    "a batch that comes too late": (
        (ADDED, Call("remove", 2, 3, None), Call("replace_many", 4, 5, VersionMismatch, expected=A, new=B)),
    ),
    "a change": ((ADDED, Call("replace", 2, 3, B, expected=A, new=B), Call("get", 4, 5, B)),),
}
FALSE = {
    "already registered by oneself": ((Call("add", 0, 1, VehicleAlreadyRegistered, new=A), Call("get", 2, 3, A)),),
    "already registered by nobody": ((Call("add", 0, 1, VehicleAlreadyRegistered, new=A),),),
    "not found, removed by oneself": ((ADDED, Call("remove", 2, 3, VehicleNotFound)),),
    "resurrected": ((ADDED, Call("remove", 2, 3, None)), (Call("get", 4, 5, A),)),
    "wrongly deleted": ((ADDED,), (Call("get", 2, 3, VehicleNotFound),)),
    "a stale version taken": ((ADDED, Call("replace", 2, 3, B, expected=B, new=B)),),
    "a batch that met its own work": ((ADDED, Call("replace_many", 2, 3, VersionMismatch, expected=A, new=B)),),
    "a version from nowhere": ((ADDED, Call("get", 2, 3, B)),),
    "an open add of another version": ((OPEN, Call("get", 2, 3, B)),),
    "an open add before it began": ((Call("get", 0, 1, A),), (replace(OPEN, begin=2, end=3),)),
    "an open add that was, and was not": ((OPEN, Call("get", 2, 3, A), Call("get", 4, 5, VehicleNotFound)),),
    "a late read": ((ADDED, Call("replace", 2, 3, B, expected=A, new=B)), (Call("get", 4, 5, A),)),
}


@pytest.mark.parametrize("clients", RIGHT.values(), ids=RIGHT)
def test_right_history_passes(clients: Sequence[Sequence[Call]]) -> None:
    assert is_linearizable(clients)


@pytest.mark.parametrize("clients", FALSE.values(), ids=FALSE)
def test_false_history_is_found(clients: Sequence[Sequence[Call]]) -> None:
    assert not is_linearizable(clients)

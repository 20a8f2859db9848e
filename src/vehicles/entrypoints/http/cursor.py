"""The cursor of a list: where to go on, for which filters, and a checksum over both.

A cursor grants nothing that its bearer may not read anyway, so it needs no secret; the checksum finds what was changed,
cut off, or brought from a list with other filters.
"""

import base64
import hashlib
from typing import Final

from vehicles.domain.vehicle import VehicleFilter
from vehicles.domain.vin.number import LENGTH, Vin
from vehicles.entrypoints.http.problems import Refusal

# With the 17 characters of the VIN these make 24 bytes, which base64 writes as 32 characters without a spare bit.
_CHECKSUM_LENGTH: Final = 7


def encode_cursor(after: Vin, wanted: VehicleFilter) -> str:
    """Return the cursor that goes on behind a VIN in the list of the vehicles that fit."""
    text = str(after).encode()
    return base64.urlsafe_b64encode(text + _checksum(text, wanted)).decode()


def decode_cursor(cursor: str, wanted: VehicleFilter) -> Vin:
    """Return the VIN that the cursor goes on behind. Raises Refusal (`invalid-cursor`)."""
    try:
        after = Vin.of(base64.urlsafe_b64decode(cursor)[:LENGTH].decode())
    except ValueError:  # of base64, of UTF-8, and InvalidVin
        pass
    else:
        # Compared as text, since base64 reads some texts that it would not write.
        if cursor == encode_cursor(after, wanted):
            return after
    raise Refusal("invalid-cursor", "The cursor was changed or cut off, or belongs to a list with other filters.")


def _checksum(text: bytes, wanted: VehicleFilter) -> bytes:
    # Joined by a character that no filter can hold.
    parts = (wanted.fuel_type, wanted.no_of_axles, wanted.wmi, wanted.vin_ends_with)
    filters = "|".join("" if part is None else str(part) for part in parts)
    return hashlib.blake2b(text + filters.encode(), digest_size=_CHECKSUM_LENGTH).digest()

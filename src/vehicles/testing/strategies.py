"""Hypothesis strategies that build values of the domain from the alphabet; none of them filters text."""

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import strategies as st

from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import FuelType, Vehicle, VehicleFilter
from vehicles.domain.vin.number import Vin

# Repeated here, so that the tests do not depend on the tested code.
DIGITS: Final = "0123456789"
ALPHABET: Final = DIGITS + "ABCDEFGHJKLMNPRSTUVWXYZ"
NORTH_AMERICAN_HEADS: Final = tuple(
    first + second
    for first, seconds in (*((first, ALPHABET) for first in "12345"), ("7", DIGITS + "FGHJKLMNPRSTUVWXYZ"))
    for second in seconds
)
CHINESE_HEADS: Final = tuple(first + second for first in "LH" for second in ALPHABET)
LOOK_LIKE_DIGITS: Final = {"S": "5", "B": "8", "Z": "2", "G": "6", "T": "7", "L": "1"}
FREE_HEADS: Final = tuple(
    first + second
    for first in ALPHABET
    for second in ALPHABET
    if first + second not in NORTH_AMERICAN_HEADS + CHINESE_HEADS
)

FIRST_TIMESTAMP: Final = datetime(1990, 1, 1, tzinfo=UTC)
LAST_TIMESTAMP: Final = datetime(2060, 1, 1, tzinfo=UTC)


def check_character(text: str) -> str:
    """Compute position 9 with another algorithm: the value of a character is the low half of its EBCDIC byte."""
    values = [byte & 0x0F for byte in text.encode("cp037")]
    weights = [
        9 - place if place < 8 else 10 if place == 8 else 0 if place == 9 else 19 - place for place in range(1, 18)
    ]
    return "0123456789X"[sum(value * weight for value, weight in zip(values, weights, strict=True)) % 11]


def with_position(text: str, position: int, character: str) -> str:
    """Return the text with another character at a position, counted from 1."""
    return text[: position - 1] + character + text[position:]


def with_check_character(text: str) -> str:
    """Return the text with the computed character at position 9."""
    return with_position(text, 9, check_character(text))


@st.composite
def well_formed_texts(
    draw: st.DrawFn,
    heads: tuple[str, ...] = FREE_HEADS + NORTH_AMERICAN_HEADS + CHINESE_HEADS,
    *,
    low_volume: bool | None = None,
) -> str:
    """Seventeen characters that are well-formed as a VIN, with any character at position 9.

    `heads` are the first two characters to choose from; with `low_volume` position 3 is 9, or is not.
    """
    low = draw(st.booleans()) if low_volume is None else low_volume
    third = "9" if low else draw(st.sampled_from(ALPHABET.replace("9", "")))
    middle = draw(st.text(ALPHABET, min_size=10, max_size=10))
    fourteenth = draw(st.sampled_from(ALPHABET if low else DIGITS))
    end = draw(st.text(DIGITS, min_size=3, max_size=3))
    text = draw(st.sampled_from(heads)) + third + middle + fourteenth + end
    # A repeated character is a placeholder, not a VIN. Keep a distance from it, so that tests can change characters.
    if max(map(text.count, set(text))) > 12:
        text = text[:3] + "HKMNP" + text[8:]
    return text


def vins_in_regime(
    heads: tuple[str, ...] = NORTH_AMERICAN_HEADS + CHINESE_HEADS, *, low_volume: bool | None = None
) -> st.SearchStrategy[Vin]:
    """VINs whose check digit is required by law, and matches."""
    return well_formed_texts(heads, low_volume=low_volume).map(with_check_character).map(Vin.of)


def vins_outside_regime(*, low_volume: bool | None = None) -> st.SearchStrategy[Vin]:
    """VINs whose check digit is not required, with any character at position 9."""
    return well_formed_texts(FREE_HEADS, low_volume=low_volume).map(Vin.of)


def vins(*, low_volume: bool | None = None) -> st.SearchStrategy[Vin]:
    """VINs of any kind that the strict policy accepts."""
    return (
        vins_outside_regime(low_volume=low_volume)
        | vins_in_regime(low_volume=low_volume)
        | vins_without_check_digit(low_volume=low_volume)
    )


@st.composite
def vins_without_check_digit(draw: st.DrawFn, *, low_volume: bool | None = None) -> Vin:
    """Chinese VINs with a letter at position 9 that cannot be meant as a check digit."""
    text = draw(well_formed_texts(CHINESE_HEADS, low_volume=low_volume))
    return Vin.of(with_position(text, 9, draw(st.sampled_from(sorted(letters_without_meaning(text))))))


@st.composite
def vins_with_wrong_check_digit(draw: st.DrawFn) -> Vin:
    """VINs that only the advisory policy accepts."""
    text = draw(well_formed_texts(NORTH_AMERICAN_HEADS + CHINESE_HEADS))
    accepted = {check_character(text)}
    if text[:2] in CHINESE_HEADS:
        accepted |= letters_without_meaning(text)
    return Vin.of(with_position(text, 9, draw(st.sampled_from(sorted(set(ALPHABET) - accepted)))))


def letters_without_meaning(text: str) -> set[str]:
    """Return the letters that cannot be a check digit: neither X, nor one that looks like the right digit."""
    return {
        letter
        for letter in ALPHABET
        if letter not in "0123456789X" and LOOK_LIKE_DIGITS.get(letter) != check_character(text)
    }


def low_volume_vins() -> st.SearchStrategy[Vin]:
    """VINs of manufacturers of few vehicles: position 3 is 9."""
    return vins(low_volume=True)


def normal_vins() -> st.SearchStrategy[Vin]:
    """VINs whose position 3 is not 9."""
    return vins(low_volume=False)


@st.composite
def spellings(draw: st.DrawFn, text: str) -> str:
    """Build an equivalent spelling of a VIN: letters of either case, surrounding ASCII blanks."""
    lowered = draw(st.lists(st.booleans(), min_size=len(text), max_size=len(text)))
    inside = "".join(character.lower() if low else character for character, low in zip(text, lowered, strict=True))
    blanks = st.text(" \t\r\n", max_size=3)
    return draw(blanks) + inside + draw(blanks)


def timestamps(first: datetime = FIRST_TIMESTAMP, last: datetime = LAST_TIMESTAMP) -> st.SearchStrategy[datetime]:
    """Timestamps in UTC, to the microsecond, both bounds included."""
    return st.datetimes(first.replace(tzinfo=None), last.replace(tzinfo=None), timezones=st.just(UTC))


def weeks(first: datetime = FIRST_TIMESTAMP, last: datetime = LAST_TIMESTAMP) -> st.SearchStrategy[IsoWeek]:
    """ISO weeks."""
    return timestamps(first, last).map(lambda timestamp: IsoWeek.containing(timestamp, UTC))


def zones() -> st.SearchStrategy[ZoneInfo]:
    """Time zones of the world."""
    return st.sampled_from(sorted(available_timezones())).map(ZoneInfo)


def axle_numbers() -> st.SearchStrategy[int]:
    """Numbers of axles that a vehicle may have."""
    return st.integers(1, 99)


def fuel_types() -> st.SearchStrategy[FuelType]:
    """Any fuel type."""
    return st.sampled_from(FuelType)


def vehicles(
    vin: st.SearchStrategy[Vin] | None = None, registered_at: st.SearchStrategy[datetime] | None = None
) -> st.SearchStrategy[Vehicle]:
    """Vehicles."""
    return st.builds(
        Vehicle,
        vins() if vin is None else vin,
        axle_numbers(),
        fuel_types(),
        timestamps() if registered_at is None else registered_at,
    )


def fleets(
    vin: st.SearchStrategy[Vin] | None = None,
    registered_at: st.SearchStrategy[datetime] | None = None,
    *,
    min_size: int = 0,
    max_size: int = 20,
) -> st.SearchStrategy[list[Vehicle]]:
    """Vehicles with different VINs."""
    return st.lists(
        vehicles(vin, registered_at), min_size=min_size, max_size=max_size, unique_by=lambda vehicle: vehicle.vin
    )


@st.composite
def parts_of(draw: st.DrawFn, text: str) -> str:
    """Build a part of a VIN that is long enough to search for."""
    length = draw(st.integers(3, len(text)))
    start = draw(st.integers(0, len(text) - length))
    return text[start : start + length]


def filters(fleet: list[Vehicle] | None = None) -> st.SearchStrategy[VehicleFilter]:
    """Filters with any choice of fields; for a fleet, the values are those of its vehicles, so that they may match."""
    if fleet:
        some = st.sampled_from(fleet)
        texts = some.map(lambda vehicle: str(vehicle.vin))
        times = some.map(lambda vehicle: vehicle.registered_at)
        return st.builds(
            VehicleFilter,
            st.none() | st.frozensets(some.map(lambda vehicle: vehicle.fuel_type), min_size=1),
            st.none() | some.map(lambda vehicle: vehicle.no_of_axles),
            st.none() | texts.map(lambda text: text[:3]),
            st.none() | texts.map(lambda text: text[-6:]),
            st.none() | texts.flatmap(parts_of),
            st.none() | times,
            st.none() | times,
        )
    return st.builds(
        VehicleFilter,
        st.none() | st.frozensets(fuel_types(), min_size=1),
        st.none() | axle_numbers(),
        st.none() | st.text(ALPHABET, min_size=3, max_size=3),
        st.none()
        | st.builds(str.__add__, st.text(ALPHABET, min_size=3, max_size=3), st.text(DIGITS, min_size=3, max_size=3)),
        st.none() | st.text(ALPHABET, min_size=3, max_size=17),
        st.none() | timestamps(),
        st.none() | timestamps(),
    )

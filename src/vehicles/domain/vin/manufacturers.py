"""A table of manufacturers by world manufacturer identifier.

A world manufacturer identifier (WMI, ISO 3780) is the first three characters of a VIN.
Manufacturers of few vehicles share WMIs whose third character is 9; positions 12 to 14 of the VIN complete their
identifier, so the table lists them with six characters.
The identifier names its holder, not the plant: a truck built in Poland or Austria under WMA is a MAN truck.

It covers what is common in fleets (trucks, buses, trailers, vans, cars), not every holder. Each identifier was found in
at least one public source, nearly all in two independent ones; `source` is the one nearest to the assignment.
There is no guess for an identifier that is not listed: two characters never identify a manufacturer. 1N is not always
Nissan (1NK is Kenworth), nor 1H Honda (1HT is International), nor 1J Jeep (1JJ is Wabash).

A name is the brand on the vehicle, and a brand has one spelling for all its identifiers. If a holder sells several
brands under one identifier (Stellantis North America, Daimler Buses), the table has the holder.

The rows are single facts, looked up and typed by us; neither text nor code was copied.
"""

from dataclasses import dataclass
from enum import StrEnum, unique
from functools import cache

from vehicles.domain.vin.manufacturer_rows import ROWS


@unique
class Source(StrEnum):
    """The source of a row; if several sources agree, the one nearest to the assignment."""

    VPIC = "NHTSA vPIC"
    """Identifiers reported to the road safety authority of the United States; public domain."""

    KBA = "KBA list"
    """Official list of the German registration authority, read in a parsed public copy."""

    VININFO = "vininfo"
    """Table of the Python package vininfo 1.11; BSD licence."""

    PUBLIC_LISTS = "public lists"
    """Lists of identifiers published on the web, by manufacturers and enthusiasts; facts only."""

    VIN_GO = "vin-go"
    """Tables of the Go module vin-go; MIT licence."""

    FLEET_DATA = "fleet data"
    """Identifiers that occur next to the make in public records and samples of real fleets."""


@dataclass(frozen=True, slots=True)
class Manufacturer:
    """The holder of one identifier.

    `identifier` has three characters (the WMI), or six for a manufacturer of few vehicles (WMI and positions 12 to 14).
    `kind` is what is built under it: truck, bus, chassis, van, trailer, car, or mixed.
    """

    identifier: str
    name: str
    kind: str
    source: Source

    @property
    def builds_trailers(self) -> bool:
        """Whether the vehicles under this identifier are trailers, which have no engine."""
        return self.kind == "trailer"


def find_manufacturer(identifier: str) -> Manufacturer | None:
    """Return the holder of exactly this identifier, or None if it is not listed.

    `identifier` is a WMI (three characters), or a WMI whose third character is 9 with positions 12 to 14 (six).
    It must be in capitals: nothing is folded, trimmed or guessed, and six characters do not match a shared WMI.

    >>> find_manufacturer("WMA").name
    'MAN Truck & Bus'
    >>> find_manufacturer("1M9816").name
    'Proterra'
    >>> find_manufacturer("1M9817") is None
    True
    """
    return manufacturers().get(identifier)


@cache
def manufacturers() -> dict[str, Manufacturer]:
    """Return all manufacturers, by identifier. It is built when the first caller needs it."""
    table: dict[str, Manufacturer] = {}
    for row in ROWS.strip().splitlines():
        name, kind, source, identifiers = row.split("; ")
        for identifier in identifiers.split():
            table[identifier] = Manufacturer(identifier, name, kind, Source(source))
    return table

"""Who a world manufacturer identifier belongs to: a small curated table of makers of commercial vehicles.

A world manufacturer identifier (WMI, ISO 3780) is the first three characters of a vehicle identification number.
A maker of few vehicles shares a WMI whose third character is 9; positions 12 to 14 of the number then complete it,
and such a maker is listed here under all six characters.
The identifier names its holder, not the plant: a truck built in Poland or Austria under WMA is a MAN truck.

The table is small on purpose.
It covers the makers a commercial fleet meets (trucks, buses, trailers, vans, electric makers), each row names its
source, and an identifier that is not listed has no answer.
Two letters are never enough to tell a maker: 1N is not always Nissan (1NK is Kenworth), nor 1H Honda (1HT is
International), nor 1J Jeep (1JJ is Wabash).

Names are for people and for grouping, so one maker has one spelling over all its identifiers.
Where a holder sells several brands under one identifier (General Motors, Daimler Buses), the holder is named.

Sources and their licences: see `Source`.
The rows are single facts, looked up there and typed again by us; neither text nor code was taken over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from types import MappingProxyType
from typing import Final


@unique
class Source(StrEnum):
    """Where a row was looked up; where several sources agree, the one nearest to the assignment."""

    VPIC = "NHTSA vPIC"
    """Identifiers reported to the United States road safety authority; public domain."""

    KBA = "KBA list"
    """Official list of the German registration authority, read in a parsed public copy."""

    VININFO = "vininfo"
    """Table of the Python package vininfo 1.11; BSD licence."""

    PUBLIC_LISTS = "public lists"
    """Lists of identifiers published on the web, by bus and truck enthusiasts among others; facts only."""

    VIN_GO = "vin-go"
    """Tables of the Go module vin-go; MIT licence."""

    FLEET_DATA = "fleet data"
    """The identifier as it occurs, next to the make, in public records and samples of real fleets."""


@dataclass(frozen=True, slots=True)
class Manufacturer:
    """The holder of one identifier.

    `identifier` has three characters (the WMI), or six for a maker of few vehicles (WMI and positions 12 to 14).
    """

    identifier: str
    name: str
    source: Source


MANUFACTURERS: Final[tuple[Manufacturer, ...]] = (
    # MAN
    Manufacturer("WMA", "MAN Truck & Bus", Source.KBA),
    Manufacturer("WAG", "Neoplan", Source.KBA),
    # Scania
    Manufacturer("YS2", "Scania", Source.VININFO),
    Manufacturer("YS4", "Scania", Source.VININFO),
    Manufacturer("XLE", "Scania", Source.VIN_GO),
    Manufacturer("VLU", "Scania", Source.VININFO),
    Manufacturer("SZA", "Scania", Source.VIN_GO),
    Manufacturer("9BS", "Scania", Source.VININFO),
    # Volvo and Mack; vPIC files YV2 and YV3 under the car maker
    Manufacturer("YV2", "Volvo Trucks", Source.VININFO),
    Manufacturer("YV3", "Volvo Buses", Source.VININFO),
    Manufacturer("YB3", "Volvo Trucks", Source.VPIC),
    Manufacturer("9BV", "Volvo Trucks", Source.VPIC),
    Manufacturer("4V1", "Volvo Trucks", Source.VPIC),
    Manufacturer("4V4", "Volvo Trucks", Source.VPIC),
    Manufacturer("4V5", "Volvo Trucks", Source.VPIC),
    Manufacturer("1M1", "Mack", Source.VPIC),
    Manufacturer("1M2", "Mack", Source.VPIC),
    Manufacturer("1M3", "Mack", Source.VPIC),
    # Mercedes-Benz trucks and vans; Daimler Buses builds Mercedes-Benz (WEB) and Setra (WKK)
    Manufacturer("WDB", "Mercedes-Benz", Source.KBA),
    Manufacturer("WDA", "Mercedes-Benz", Source.KBA),
    Manufacturer("WDF", "Mercedes-Benz", Source.VININFO),
    Manufacturer("W1T", "Mercedes-Benz", Source.VIN_GO),
    Manufacturer("W1V", "Mercedes-Benz", Source.VIN_GO),
    Manufacturer("VSA", "Mercedes-Benz", Source.VININFO),
    Manufacturer("9BM", "Mercedes-Benz", Source.VININFO),
    Manufacturer("NMB", "Mercedes-Benz", Source.VIN_GO),
    Manufacturer("WEB", "Daimler Buses", Source.VPIC),
    Manufacturer("WKK", "Daimler Buses", Source.VPIC),
    # Freightliner, Western Star, Thomas Built Buses
    Manufacturer("1FU", "Freightliner", Source.VPIC),
    Manufacturer("1FV", "Freightliner", Source.VPIC),
    Manufacturer("3AK", "Freightliner", Source.VPIC),
    Manufacturer("3AL", "Freightliner", Source.VPIC),
    Manufacturer("4UZ", "Freightliner", Source.VPIC),
    Manufacturer("5KJ", "Western Star", Source.VPIC),
    Manufacturer("5KK", "Western Star", Source.VPIC),
    Manufacturer("1T8", "Thomas Built Buses", Source.VPIC),
    # DAF, Kenworth, Peterbilt
    Manufacturer("XLR", "DAF", Source.VININFO),
    Manufacturer("1XK", "Kenworth", Source.VPIC),
    Manufacturer("1NK", "Kenworth", Source.VPIC),
    Manufacturer("2XK", "Kenworth", Source.VPIC),
    Manufacturer("2NK", "Kenworth", Source.VPIC),
    Manufacturer("3BK", "Kenworth", Source.VPIC),
    Manufacturer("1XP", "Peterbilt", Source.VPIC),
    Manufacturer("1NP", "Peterbilt", Source.VPIC),
    Manufacturer("2XP", "Peterbilt", Source.VPIC),
    Manufacturer("2NP", "Peterbilt", Source.VPIC),
    Manufacturer("3BP", "Peterbilt", Source.VPIC),
    # Iveco, Renault Trucks
    Manufacturer("ZCF", "Iveco", Source.VPIC),
    Manufacturer("WJM", "Iveco", Source.VININFO),
    Manufacturer("VNE", "Irisbus", Source.VPIC),
    Manufacturer("ZGA", "Irisbus", Source.PUBLIC_LISTS),
    Manufacturer("VF6", "Renault Trucks", Source.VININFO),
    # International; 3HA is held by its joint venture Blue Diamond Truck
    Manufacturer("1HS", "International", Source.VPIC),
    Manufacturer("1HT", "International", Source.VPIC),
    Manufacturer("2HS", "International", Source.VPIC),
    Manufacturer("3HS", "International", Source.VPIC),
    Manufacturer("3HT", "International", Source.VPIC),
    Manufacturer("3HA", "International", Source.VPIC),
    Manufacturer("4DR", "IC Bus", Source.VPIC),
    # Other trucks and vans of Europe and North America; 3C6 and 3C7 are held by Chrysler de Mexico, for Ram trucks
    Manufacturer("1FD", "Ford", Source.VPIC),
    Manufacturer("1FT", "Ford", Source.VPIC),
    Manufacturer("WF0", "Ford", Source.VPIC),
    Manufacturer("NM0", "Ford Otosan", Source.VPIC),
    Manufacturer("1GB", "General Motors", Source.VPIC),
    Manufacturer("1GC", "General Motors", Source.VPIC),
    Manufacturer("1GD", "General Motors", Source.VPIC),
    Manufacturer("3C6", "Ram", Source.VPIC),
    Manufacturer("3C7", "Ram", Source.VPIC),
    Manufacturer("WV1", "Volkswagen Commercial Vehicles", Source.VININFO),
    Manufacturer("WV2", "Volkswagen Commercial Vehicles", Source.VININFO),
    Manufacturer("10T", "Oshkosh", Source.VPIC),
    Manufacturer("5VC", "Autocar", Source.VPIC),
    Manufacturer("TMT", "Tatra", Source.VININFO),
    # Trucks of Japan
    Manufacturer("JAL", "Isuzu", Source.VPIC),
    Manufacturer("JHH", "Hino", Source.VPIC),
    Manufacturer("5PV", "Hino", Source.VPIC),
    Manufacturer("JL6", "Mitsubishi Fuso", Source.VPIC),
    Manufacturer("JNA", "UD Trucks", Source.VPIC),
    # Electric makers; trucks and buses of China
    Manufacturer("5YJ", "Tesla", Source.VPIC),
    Manufacturer("7SA", "Tesla", Source.VPIC),
    Manufacturer("7G2", "Tesla", Source.VPIC),
    Manufacturer("LRW", "Tesla", Source.VPIC),
    Manufacturer("XP7", "Tesla", Source.VPIC),
    Manufacturer("7FC", "Rivian", Source.VPIC),
    Manufacturer("2LB", "Lion Electric", Source.VPIC),
    Manufacturer("LGX", "BYD", Source.VPIC),
    Manufacturer("LC0", "BYD", Source.VPIC),
    Manufacturer("LPE", "BYD", Source.VPIC),
    Manufacturer("LZG", "Shacman", Source.VININFO),
    Manufacturer("LZZ", "Sinotruk", Source.FLEET_DATA),
    Manufacturer("LFW", "FAW", Source.FLEET_DATA),
    Manufacturer("LVB", "Foton", Source.FLEET_DATA),
    Manufacturer("LZY", "Yutong", Source.VININFO),
    # Buses
    Manufacturer("XMG", "VDL Bus & Coach", Source.PUBLIC_LISTS),
    Manufacturer("XNL", "VDL Bus & Coach", Source.PUBLIC_LISTS),
    Manufacturer("YE2", "Van Hool", Source.VPIC),
    Manufacturer("NLT", "Temsa", Source.VPIC),
    Manufacturer("SFD", "Alexander Dennis", Source.VININFO),
    Manufacturer("SUU", "Solaris", Source.PUBLIC_LISTS),
    Manufacturer("1BA", "Blue Bird", Source.VPIC),
    Manufacturer("15G", "Gillig", Source.VPIC),
    Manufacturer("2FY", "New Flyer", Source.VPIC),
    Manufacturer("5FY", "New Flyer", Source.VPIC),
    Manufacturer("2PC", "Prevost", Source.VPIC),
    Manufacturer("1M8", "Motor Coach Industries", Source.VPIC),
    Manufacturer("2NV", "Nova Bus", Source.VPIC),
    Manufacturer("4RK", "Nova Bus", Source.VPIC),
    # Trailers
    Manufacturer("WSM", "Schmitz Cargobull", Source.FLEET_DATA),
    Manufacturer("WSK", "Schmitz Cargobull", Source.VIN_GO),
    Manufacturer("WKE", "Krone", Source.FLEET_DATA),
    Manufacturer("SUD", "Wielton", Source.FLEET_DATA),
    Manufacturer("VM3", "Lamberet", Source.FLEET_DATA),
    Manufacturer("1GR", "Great Dane", Source.VPIC),
    Manufacturer("1JJ", "Wabash", Source.VPIC),
    Manufacturer("1UY", "Utility Trailer", Source.VPIC),
    Manufacturer("1TT", "Transcraft", Source.VPIC),
    Manufacturer("13N", "Fontaine", Source.VPIC),
    Manufacturer("5V8", "Vanguard National Trailer", Source.VPIC),
    Manufacturer("3H3", "Hyundai Translead", Source.VPIC),
    Manufacturer("2M5", "Manac", Source.VPIC),
    Manufacturer("1DW", "Stoughton", Source.VPIC),
    # Makers of few vehicles: WMI and positions 12 to 14
    Manufacturer("1M9816", "Proterra", Source.VPIC),
    Manufacturer("1N9393", "Nikola", Source.VPIC),
    Manufacturer("1Z9530", "Orange EV", Source.VPIC),
    Manufacturer("4B9038", "BYD", Source.VPIC),
    Manufacturer("SU9PN1", "Solaris", Source.PUBLIC_LISTS),
    Manufacturer("VS9016", "Irizar", Source.VPIC),
    Manufacturer("W09Z06", "Ziegler", Source.KBA),
    Manufacturer("XL9530", "Ebusco", Source.VPIC),
)
"""All rows, by maker; each identifier occurs once."""

_BY_IDENTIFIER: Final[Mapping[str, Manufacturer]] = MappingProxyType({row.identifier: row for row in MANUFACTURERS})


def find_manufacturer(identifier: str) -> Manufacturer | None:
    """Return the holder of exactly this identifier, or None where it is not listed.

    `identifier` is a WMI (three characters), or a WMI whose third character is 9 with positions 12 to 14 (six).
    Capitals only: nothing is folded, trimmed or guessed, and six characters do not fall back to the shared WMI.

    >>> find_manufacturer("WMA").name
    'MAN Truck & Bus'
    >>> find_manufacturer("1M9816").name
    'Proterra'
    >>> find_manufacturer("1M9817") is None
    True
    """
    return _BY_IDENTIFIER.get(identifier)

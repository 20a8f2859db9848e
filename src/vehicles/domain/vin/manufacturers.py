"""A small curated table of manufacturers of commercial vehicles, by world manufacturer identifier.

A world manufacturer identifier (WMI, ISO 3780) is the first three characters of a VIN.
Manufacturers of few vehicles share WMIs whose third character is 9; positions 12 to 14 of the VIN complete their
identifier, so the table lists them with six characters.
The identifier names its holder, not the plant: a truck built in Poland or Austria under WMA is a MAN truck.

The table is small on purpose.
It covers the manufacturers in commercial fleets (trucks, buses, trailers, vans, electric vehicles).
Each row names its source; there is no guess for an identifier that is not listed.
Two characters never identify a manufacturer: 1N is not always Nissan (1NK is Kenworth), nor 1H Honda (1HT is
International), nor 1J Jeep (1JJ is Wabash).

Names are for people and for grouping, so a manufacturer has one spelling for all its identifiers.
If a holder sells several brands under one identifier (General Motors, Daimler Buses), the table has the holder.

Sources and their licences: see `Source`.
The rows are single facts, looked up there and typed again by us; neither text nor code was copied.
"""

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final


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
    """Lists of identifiers published on the web, by bus and truck enthusiasts among others; facts only."""

    VIN_GO = "vin-go"
    """Tables of the Go module vin-go; MIT licence."""

    FLEET_DATA = "fleet data"
    """Identifiers that occur next to the make in public records and samples of real fleets."""


@dataclass(frozen=True, slots=True)
class Manufacturer:
    """The holder of one identifier.

    `identifier` has three characters (the WMI), or six for a manufacturer of few vehicles (WMI and positions 12 to 14).
    """

    identifier: str
    name: str
    source: Source


# Name; source; identifiers. Comments explain what the sources do not say.
_ROWS: Final = """
MAN Truck & Bus; KBA list; WMA
Neoplan; KBA list; WAG
Scania; vininfo; YS2 YS4 VLU 9BS
Scania; vin-go; XLE SZA
# Volvo and Mack; vPIC files YV2 and YV3 under the manufacturer of cars
Volvo Trucks; vininfo; YV2
Volvo Buses; vininfo; YV3
Volvo Trucks; NHTSA vPIC; YB3 9BV 4V1 4V4 4V5
Mack; NHTSA vPIC; 1M1 1M2 1M3
# Mercedes-Benz trucks and vans; Daimler Buses builds Mercedes-Benz (WEB) and Setra (WKK)
Mercedes-Benz; KBA list; WDB WDA
Mercedes-Benz; vininfo; WDF VSA 9BM
Mercedes-Benz; vin-go; W1T W1V NMB
Daimler Buses; NHTSA vPIC; WEB WKK
Freightliner; NHTSA vPIC; 1FU 1FV 3AK 3AL 4UZ
Western Star; NHTSA vPIC; 5KJ 5KK
Thomas Built Buses; NHTSA vPIC; 1T8
DAF; vininfo; XLR
Kenworth; NHTSA vPIC; 1XK 1NK 2XK 2NK 3BK
Peterbilt; NHTSA vPIC; 1XP 1NP 2XP 2NP 3BP
Iveco; NHTSA vPIC; ZCF
Iveco; vininfo; WJM
Irisbus; NHTSA vPIC; VNE
Irisbus; public lists; ZGA
Renault Trucks; vininfo; VF6
# International; 3HA is held by its joint venture Blue Diamond Truck
International; NHTSA vPIC; 1HS 1HT 2HS 3HS 3HT 3HA
IC Bus; NHTSA vPIC; 4DR
# Other trucks and vans of Europe and North America; 3C6 and 3C7 are held by Chrysler de Mexico, for Ram trucks
Ford; NHTSA vPIC; 1FD 1FT WF0
Ford Otosan; NHTSA vPIC; NM0
General Motors; NHTSA vPIC; 1GB 1GC 1GD
Ram; NHTSA vPIC; 3C6 3C7
Volkswagen Commercial Vehicles; vininfo; WV1 WV2
Oshkosh; NHTSA vPIC; 10T
Autocar; NHTSA vPIC; 5VC
Tatra; vininfo; TMT
Isuzu; NHTSA vPIC; JAL
Hino; NHTSA vPIC; JHH 5PV
Mitsubishi Fuso; NHTSA vPIC; JL6
UD Trucks; NHTSA vPIC; JNA
Tesla; NHTSA vPIC; 5YJ 7SA 7G2 LRW XP7
Rivian; NHTSA vPIC; 7FC
Lion Electric; NHTSA vPIC; 2LB
BYD; NHTSA vPIC; LGX LC0 LPE
Shacman; vininfo; LZG
Sinotruk; fleet data; LZZ
FAW; fleet data; LFW
Foton; fleet data; LVB
Yutong; vininfo; LZY
VDL Bus & Coach; public lists; XMG XNL
Van Hool; NHTSA vPIC; YE2
Temsa; NHTSA vPIC; NLT
Alexander Dennis; vininfo; SFD
Solaris; public lists; SUU
Blue Bird; NHTSA vPIC; 1BA
Gillig; NHTSA vPIC; 15G
New Flyer; NHTSA vPIC; 2FY 5FY
Prevost; NHTSA vPIC; 2PC
Motor Coach Industries; NHTSA vPIC; 1M8
Nova Bus; NHTSA vPIC; 2NV 4RK
Schmitz Cargobull; fleet data; WSM
Schmitz Cargobull; vin-go; WSK
Krone; fleet data; WKE
Wielton; fleet data; SUD
Lamberet; fleet data; VM3
Great Dane; NHTSA vPIC; 1GR
Wabash; NHTSA vPIC; 1JJ
Utility Trailer; NHTSA vPIC; 1UY
Transcraft; NHTSA vPIC; 1TT
Fontaine; NHTSA vPIC; 13N
Vanguard National Trailer; NHTSA vPIC; 5V8
Hyundai Translead; NHTSA vPIC; 3H3
Manac; NHTSA vPIC; 2M5
Stoughton; NHTSA vPIC; 1DW
# Manufacturers of few vehicles: WMI and positions 12 to 14
Proterra; NHTSA vPIC; 1M9816
Nikola; NHTSA vPIC; 1N9393
Orange EV; NHTSA vPIC; 1Z9530
BYD; NHTSA vPIC; 4B9038
Solaris; public lists; SU9PN1
Irizar; NHTSA vPIC; VS9016
Ziegler; KBA list; W09Z06
Ebusco; NHTSA vPIC; XL9530
"""


MANUFACTURERS: Final = tuple(
    Manufacturer(identifier, name, Source(source))
    for name, source, identifiers in (row.split("; ") for row in _ROWS.strip().splitlines() if row[0] != "#")
    for identifier in identifiers.split()
)
"""All rows; each identifier occurs once."""

_BY_IDENTIFIER: Final = {row.identifier: row for row in MANUFACTURERS}


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
    return _BY_IDENTIFIER.get(identifier)

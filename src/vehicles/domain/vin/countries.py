"""The country and region that the first two characters of a VIN are assigned to (ISO 3780).

The country is that of the manufacturer's headquarters, not of the plant: a Tesla built in Germany has a Dutch code, a
MAN built in Poland a German one.

The table was compiled code by code from four public sources: the SAE assignments seen in NHTSA vPIC, vininfo 1.11, the
ISO 3780 chart of kVinInfo, and vin-go. A question mark after a country means that only one source has it.
Second characters run from A to Z without I, O and Q, then from 1 to 9, then 0.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Region(StrEnum):
    """The regions of ISO 3780."""

    AFRICA = "africa"
    ASIA = "asia"
    EUROPE = "europe"
    NORTH_AMERICA = "north_america"
    OCEANIA = "oceania"
    SOUTH_AMERICA = "south_america"


@dataclass(frozen=True, slots=True)
class Assignment:
    """The assignment of a two-character code; `country` is an ISO 3166 alpha-2 code.

    `corroborated` is false if only one source lists the assignment.
    """

    region: Region
    country: str
    corroborated: bool


_BLOCKS: Final = """
AA-AH ZA; AJ-AK CI; AL-AM LS; AN-AP BW; AR-AS NA; AT-AU MG; AV-AW MU; AX-AY TN; AZ-A1 CY; A2-A3 ZW; A4-A5 MZ
BA-BB AO; BC ET?; BF-BG KE; BH RW?; BL NG; BR DZ; BT SZ?; BU UG; B3-B4 LY
CA-CB EG; CF-CG MA; CL-CM ZM
EA-E0 RU?
HA-H0 CN
JA-J0 JP
KF-KH IL; KL-KR KR; KS-KT JO; K1-K3 KR?; K5 KG?
LA-L0 CN
MA-ME IN; MF-MK ID; ML-MR TH; MS MM; MU MN; MX KZ; MY-M6 IN; M7-M0 IN?
NA-NE IR; NF-NG PK; NJ IQ; NL-NR TR; NS-NT UZ; NU-NV AZ?; NX TJ?; NY AM; N1-N5 IR; N7-N8 TR?
PA-PC PH; PF-PG SG; PL-PR MY; PS-PT BD; PV KH; P5-P0 IN?
RA-RB AE; RF-RK TW; RL-RN VN; RP LA; RS-RT SA; RU-RW RU?; R1-R7 HK; R8 HK?
SA-SM GB; SN-ST DE; SU-SZ PL; S1-S2 LV; S3 GE?; S4 IS?
TA-TH CH; TJ-TP CZ; TR-TV HU; TW-T2 PT; T3-T5 RS; T6 AD; T7-T8 NL?
UA-UC ES; UH-UM DK; UN-UR IE; UU-UX RO; U1-U2 MK; U5-U7 SK; U8-U0 BA
VA-VE AT; VF-VR FR; VS-VW ES; VX-V2 FR; V3-V5 HR; V6-V8 EE
WA-W0 DE
XA-XC BG; XD-XE RU; XF-XH GR; XJ-XK RU; XL-XR NL; XS-XW RU; XX-XY LU; XZ-X0 RU
YA-YE BE; YF-YK FI; YN MT; YS-YW SE; YX-Y2 NO; Y3-Y5 BY; Y6-Y8 UA; Y9 UA?
ZA-ZU IT; ZX-ZZ SI; Z1 SM; Z3-Z5 LT; Z6-Z0 RU
1A-10 US
2A-25 CA; 26-20 CA
3A-3X MX; 34 NI?; 35 DO; 36 HN; 37 PA; 38-39 PR
4A-40 US
5A-50 US
6A-6X AU; 6Y-61 NZ; 62-60 AU?
7A-7E NZ; 7F-70 US
8A-8E AR; 8F-8G CL; 8L-8N EC; 8S-8T PE; 8U-8W PE?; 8X-8Z VE; 82 BO; 84 CR; 86 SV
9A-9E BR; 9F-9G CO; 9P PY?; 9S-9V UY; 92-99 BR; 91 BR?; 90 BR?
"""

_SECOND: Final = "ABCDEFGHJKLMNPRSTUVWXYZ1234567890"

_REGIONS: Final = {
    Region.AFRICA: "ABC",
    Region.EUROPE: "ESTUVWXYZ",
    Region.ASIA: "HJKLMNPR",
    Region.NORTH_AMERICA: "123457",
    Region.OCEANIA: "6",
    Region.SOUTH_AMERICA: "89",
}


def _read_blocks(table: str) -> dict[str, Assignment]:
    region_of = {first: region for region, firsts in _REGIONS.items() for first in firsts}
    assignments: dict[str, Assignment] = {}
    for block in table.replace("\n", ";").split(";"):
        if not block:
            continue
        codes, country = block.split()
        first, last = codes[:2], codes[-2:]
        # New Zealand and the United States share the first character 7, the only one of two regions.
        region = Region.OCEANIA if country == "NZ" else region_of[first[0]]
        assignment = Assignment(region, country.rstrip("?"), corroborated=not country.endswith("?"))
        for second in _SECOND[_SECOND.index(first[1]) : _SECOND.index(last[1]) + 1]:
            code = first[0] + second
            if code in assignments:
                raise ValueError(f"{code} is in two blocks")
            assignments[code] = assignment
    return assignments


_ASSIGNMENTS: Final = _read_blocks(_BLOCKS)


def find_assignment(code: str) -> Assignment | None:
    """Return the assignment of the first two characters of a VIN, or None if it is unknown.

    >>> find_assignment("WM")
    Assignment(region=<Region.EUROPE: 'europe'>, country='DE', corroborated=True)
    >>> find_assignment("7A").country, find_assignment("7F").country
    ('NZ', 'US')
    >>> find_assignment("D1") is None
    True
    """
    return _ASSIGNMENTS.get(code)

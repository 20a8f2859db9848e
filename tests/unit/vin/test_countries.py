"""The table of country blocks, against the same facts written out code by code."""

import pytest

from vehicles.domain.vin.countries import Assignment, Region, _read_blocks, find_assignment
from vehicles.domain.vin.country_names import COUNTRY_NAMES

# First character, then each country with its second characters; a question mark: only one source knows.
WRITTEN_OUT = """
A ZA=ABCDEFGH CI=JK LS=LM BW=NP NA=RS MG=TU MU=VW TN=XY CY=Z1 ZW=23 MZ=45
B AO=AB ET?=C KE=FG RW?=H NG=L DZ=R SZ?=T UG=U LY=34
C EG=AB MA=FG ZM=LM
E RU?=ABCDEFGHJKLMNPRSTUVWXYZ1234567890
H CN=ABCDEFGHJKLMNPRSTUVWXYZ1234567890
J JP=ABCDEFGHJKLMNPRSTUVWXYZ1234567890
K IL=FGH KR=LMNPR JO=ST KR?=123 KG?=5
L CN=ABCDEFGHJKLMNPRSTUVWXYZ1234567890
M IN=ABCDE ID=FGHJK TH=LMNPR MM=S MN=U KZ=X IN=YZ123456 IN?=7890
N IR=ABCDE PK=FG IQ=J TR=LMNPR UZ=ST AZ?=UV TJ?=X AM=Y IR=12345 TR?=78
P PH=ABC SG=FG MY=LMNPR BD=ST KH=V IN?=567890
R AE=AB TW=FGHJK VN=LMN LA=P SA=ST RU?=UVW HK=1234567 HK?=8
S GB=ABCDEFGHJKLM DE=NPRST PL=UVWXYZ LV=12 GE?=3 IS?=4
T CH=ABCDEFGH CZ=JKLMNP HU=RSTUV PT=WXYZ12 RS=345 AD=6 NL?=78
U ES=ABC DK=HJKLM IE=NPR RO=UVWX MK=12 SK=567 BA=890
V AT=ABCDE FR=FGHJKLMNPR ES=STUVW FR=XYZ12 HR=345 EE=678
W DE=ABCDEFGHJKLMNPRSTUVWXYZ1234567890
X BG=ABC RU=DE GR=FGH RU=JK NL=LMNPR RU=STUVW LU=XY RU=Z1234567890
Y BE=ABCDE FI=FGHJK MT=N SE=STUVW NO=XYZ12 BY=345 UA=678 UA?=9
Z IT=ABCDEFGHJKLMNPRSTU SI=XYZ SM=1 LT=345 RU=67890
1 US=ABCDEFGHJKLMNPRSTUVWXYZ1234567890
2 CA=ABCDEFGHJKLMNPRSTUVWXYZ1234567890
3 MX=ABCDEFGHJKLMNPRSTUVWX NI?=4 DO=5 HN=6 PA=7 PR=89
4 US=ABCDEFGHJKLMNPRSTUVWXYZ1234567890
5 US=ABCDEFGHJKLMNPRSTUVWXYZ1234567890
6 AU=ABCDEFGHJKLMNPRSTUVWX NZ=YZ1 AU?=234567890
7 NZ=ABCDE US=FGHJKLMNPRSTUVWXYZ1234567890
8 AR=ABCDE CL=FG EC=LMN PE=ST PE?=UVW VE=XYZ BO=2 CR=4 SV=6
9 BR=ABCDE CO=FG PY?=P UY=STUV BR=23456789 BR?=10
"""

REGIONS = {
    "ABC": Region.AFRICA,
    "HJKLMNPR": Region.ASIA,
    "ESTUVWXYZ": Region.EUROPE,
    "12345": Region.NORTH_AMERICA,
    "6": Region.OCEANIA,
    "89": Region.SOUTH_AMERICA,
}


def region_of(code: str) -> Region:
    if code[0] == "7":
        return Region.OCEANIA if code[1] in "ABCDE" else Region.NORTH_AMERICA
    return next(region for firsts, region in REGIONS.items() if code[0] in firsts)


EXPECTED = {
    row[0] + second: Assignment(region_of(row[0] + second), country.rstrip("?"), "?" not in country)
    for row in WRITTEN_OUT.strip().splitlines()
    for country, seconds in (block.split("=") for block in row[2:].split())
    for second in seconds
}


def test_table_has_these_facts_only() -> None:
    printable = [chr(point) for point in range(0x250)]

    assert {a + b: found for a in printable for b in printable if (found := find_assignment(a + b))} == EXPECTED


@pytest.mark.parametrize("code", ("", "W", "WMA", "wm", "WI", "W\n"))
def test_other_codes_are_unknown(code: str) -> None:
    assert None is find_assignment(code)


def test_overlapping_blocks_are_rejected() -> None:
    with pytest.raises(ValueError, match="WM is in two blocks"):
        _read_blocks("WA-W0 DE\nWM-WP AT")


def test_every_country_has_a_name() -> None:
    assert {assignment.country for assignment in EXPECTED.values()} == set(COUNTRY_NAMES)


def test_country_names_are_unique() -> None:
    assert len(set(COUNTRY_NAMES.values())) == len(COUNTRY_NAMES)

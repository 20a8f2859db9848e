"""A plausible fleet to experiment with: valid VINs of many manufacturers and regions, reproducible by a seed.

The manufacturers come from the domain's table. Their shares, axles and fuel types are guesses about a mixed fleet, not
statistics. The vehicles do not represent real ones.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final, NamedTuple

from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin.check_digit import CheckDigitRegime
from vehicles.domain.vin.number import ALPHABET, Vin

_YEAR: Final = timedelta(days=365)
_SERIALS: Final = 1_000_000
# A stride that is coprime to 1,000,000 visits every serial once before one repeats.
_STRIDES: Final = (1, 7, 7_919, 104_729, 611_953)
_MODELS: Final = 6
# Codes of 2022 to 2026: 49 CFR 565.15 (d), table VI.
_MODEL_YEARS: Final = "NPRST"
_YEARS_IN_USE: Final = frozenset({"WMA", "WAG", "YV2", "YV3"})


class _Kind(NamedTuple):
    """A kind of vehicle: its numbers of axles, fuel types and WMIs, each with a weight.

    About half of the fleet is European, a third North American, the rest Asian and South American.
    """

    axles: str
    fuels: str
    manufacturers: str


_KINDS: Final = (
    _Kind(  # trucks
        "2 55, 3 30, 4 14, 5 1",
        "diesel 88, gaseous 6, electric 6",
        """WMA 70, YS2 60, XLE 15, VLU 8, 9BS 6, YV2 65, YB3 10, 9BV 5, WDB 45, W1T 30, 9BM 8, NMB 8, XLR 55, ZCF 30,
        WJM 15, VF6 30, TMT 4, JAL 12, JHH 10, JL6 8, JNA 6, LZZ 14, LFW 12, LVB 10, LZG 9""",
    ),
    _Kind(  # heavy trucks
        "2 5, 3 75, 4 15, 5 5",
        "diesel 95, gaseous 4, hydrogen 1",
        """1FU 45, 1FV 15, 3AK 20, 3AL 20, 5KJ 6, 4V4 25, 1M1 10, 1M2 6, 1XK 22, 1NK 5, 2NK 4, 3BK 4, 1XP 22, 1NP 4,
        3BP 4, 1HS 15, 1HT 12, 3HS 15, 3HA 4, 10T 1, 5VC 2""",
    ),
    _Kind(  # vans
        "2 99, 3 1",
        "diesel 70, petrol 12, electric 15, hybrid 3",
        "WV1 20, WV2 12, WDF 12, W1V 14, VSA 6, WF0 22, NM0 8, 1FT 20, 1FD 12, 1GB 10, 1GC 8, 3C6 8, 3C7 4",
    ),
    _Kind(  # buses
        "2 75, 3 25",
        "diesel 60, hybrid 14, electric 16, gaseous 8, hydrogen 2",
        """WEB 10, WKK 8, WAG 6, YS4 6, YV3 10, SZA 3, VNE 6, ZGA 2, XMG 5, XNL 3, YE2 4, NLT 4, SFD 6, SUU 8, 4DR 6,
        1BA 6, 15G 4, 5FY 4, 2FY 3, 2PC 2, 1M8 3, 4RK 2, 2NV 2, 1T8 4, LZY 8""",
    ),
    _Kind(  # trailers
        "1 5, 2 30, 3 62, 4 3",
        "none 1",
        "WSM 45, WSK 5, WKE 35, SUD 14, VM3 8, 1GR 18, 1JJ 20, 1UY 18, 1TT 4, 13N 4, 5V8 8, 3H3 12, 2M5 4, 1DW 8",
    ),
    _Kind(  # electric only
        "2 85, 3 15", "electric 1", "5YJ 3, 7SA 5, 7G2 2, LRW 4, XP7 6, 7FC 3, 2LB 2, LGX 5, LC0 6"
    ),
)


class _Manufacturer:
    """What the vehicles of one WMI have in common, and how many have been built.

    VINs never repeat: a plant uses each of its serials once before the next plant begins.
    """

    def __init__(self, wmi: str, kind: _Kind, random: Random) -> None:
        self._wmi = wmi
        self._axles = _weighted(kind.axles)
        self._fuels = _weighted(kind.fuels)
        self._models = ["".join(_pick(ALPHABET, random) for _ in range(5)) for _ in range(_MODELS)]
        self._first_serial = _pick(range(_SERIALS), random)
        self._stride = _pick(_STRIDES, random)
        self._built = 0

    def build(self, random: Random, until: datetime) -> Vehicle:
        plant, place = divmod(self._built, _SERIALS)
        self._built += 1
        serial = (self._first_serial + place * self._stride) % _SERIALS
        model, year, filler = (_pick(items, random) for items in (self._models, _MODEL_YEARS, "Z0"))
        vin = Vin.of(f"{self._wmi}{model}{filler}{year}{ALPHABET[plant % len(ALPHABET)]}{serial:06d}")
        text = str(vin)
        if self._wmi in _YEARS_IN_USE or vin.check_digit_regime is not CheckDigitRegime.NONE:
            text = f"{text[:8]}{vin.computed_check_character}{text[9:]}"
        else:
            text = f"{text[:9]}0{text[10:]}"
        axles, fuel = int(_pick(self._axles, random)), FuelType(_pick(self._fuels, random))
        return Vehicle(Vin.of(text), axles, fuel, until - random.random() * _YEAR)


def sample_vehicles(count: int, seed: int, until: datetime) -> Iterator[Vehicle]:
    """Yield `count` vehicles with different VINs, registered in the year up to `until`.

    They are the same for the same seed and time on every machine. A longer sample begins with the vehicles of a shorter
    one. The memory does not depend on the count.
    """
    # Seeded with a string, because an integer seed loses its sign.
    random = Random(f"sample of vehicles {seed}")  # noqa: S311 — it must be reproducible, not secret
    manufacturers: list[_Manufacturer] = []
    for kind in _KINDS:
        for row in kind.manufacturers.split(","):
            wmi, weight = row.split()
            manufacturers += [_Manufacturer(wmi, kind, random)] * int(weight)
    for _ in range(count):
        yield _pick(manufacturers, random).build(random, until)


def _weighted(table: str) -> list[str]:
    """Return each entry of a table, repeated by its weight."""
    rows = (row.split() for row in table.split(","))
    return [entry for entry, weight in rows for _ in range(int(weight))]


def _pick[Item](items: Sequence[Item], random: Random) -> Item:
    """Draw an item. Only `Random.random` is guaranteed to give the same numbers in every version of Python."""
    return items[int(random.random() * len(items))]

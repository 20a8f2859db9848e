"""The words that people use for columns and fuel types: English, German, French, Spanish, Italian, Dutch, Polish."""

import re
import unicodedata
from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import Final

from vehicles.domain.vehicle import WIRE_NAMES, FuelType

_IGNORED: Final = re.compile(r"[\s\u200b\ufeff\-_./,:;'\u2019\"()*#&+°º№]")
_SPLIT: Final = re.compile(r"[\W_]+")
_REMARK: Final = re.compile(r"[(\[{].*", re.DOTALL)
_OR: Final = re.compile(r"[/|]|\b(?:or|oder|ou)\b", re.IGNORECASE)
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
# Letters that do not decompose into a Latin letter and an accent.
_LETTERS: Final = str.maketrans({"ł": "l", "ø": "o", "æ": "ae", "œ": "oe"})
# Articles and the like, which do not count.
_SMALL: Final = {
    *("the", "of", "der", "die", "das", "des", "de", "du", "d", "le", "la", "les", "l", "del", "el", "los", "las"),
    *("di", "dei", "degli", "dell", "della", "delle", "dello", "il", "van", "het"),
}

# Words around the name of a column, at its begin and its end, perhaps with an article that is not set apart.
_NUMBER: Final = "numbers?|nummer|numero|numer|num|nro|nr|no|n"
_COUNT: Final = (
    "anzahl|anz|zahl|gesamt|counts?|total|qty|quantity|nombre|nbre|nbr|nb|quantite|cantidad|cant|quantita|aantal|"
    "liczba|ilosc"
)
_CODE: Final = "code|codigo|codice|kod"
_KIND: Final = "type|typ|kind|source|tipo|art|sorte|soort|rodzaj|quelle|traeger|trager|fuente|fonte|bron|zrodlo"
_VEHICLE: Final = "vehicles?|veh|fahrzeugs?|vehicule|vehiculo|veicolo|voertuig|pojazdu"
_ARTICLE: Final = "of|the|der|degli|del|de|di|d"
_AROUND: Final = {"vin": f"{_NUMBER}|{_CODE}", "no_of_axles": f"{_NUMBER}|{_COUNT}", "fuel_type": _KIND}

# How much two names have in common if one may be the other, misspelt; and of how many letters this may be by chance.
_CLOSE: Final = 0.75
_SHORT: Final = 6

# "no" stands for any word for a number.
_COLUMNS: Final = {
    "vin": """
        vin, chassis, vehicle identification, vehicle ident, Fahrgestell, Fgst, Fahrzeugidentifizierung,
        Fahrzeugidentifizierungs, Fahrzeugidentifikation, Fahrzeugidentifikations, Fahrzeug-Ident, FIN, châssis, NIV,
        identification du véhicule, identification véhicule, no série, bastidor, chasis,
        identificación del vehículo, identificación vehicular, telaio, identificazione del veicolo,
        voertuigidentificatie, identificatie voertuig, identificatienummer voertuig, VIN nadwozia, nadwozia, podwozia,
        no identyfikacyjny pojazdu
    """,
    "no_of_axles": """
        noOfAxles, axles, axle, Achsen, Achse, Achs, essieux, essieu, ejes, eje, assi, asse, assali, assen, osie, osi
    """,
    "fuel_type": """
        fuelType, fuel, fuels, energy, power source, propulsion, Kraftstoff, Treibstoff, Antrieb, Antriebs,
        Energie, carburant, énergie, motorisation, combustible, energía, propulsión, carburante, alimentazione,
        combustibile, energia, brandstof, aandrijving, aandrijf, paliwo, paliwa, napęd, napędu, energii,
        zasilanie, zasilania
    """,
    "registered_at": """
        timestamp, registered, registered at, registration time, time of registration, registriert, registriert am,
        Registrierung, Zeitstempel
    """,
}

_FUELS: Final = {
    FuelType.PETROL: """
        petrol, gasoline, unleaded, Benzin, Super, Ottokraftstoff, bleifrei, essence, sans plomb, gasolina, sin plomo,
        benzina, senza piombo, benzine, benzyna, benzynowy
    """,
    FuelType.DIESEL: """
        diesel, diesel oil, heavy oil, DERV, gazole, gasoil, gas-oil, gasóleo, gasolio, olej napędowy
    """,
    FuelType.GASEOUS: """
        gaseous, CNG, LNG, LPG, natural gas, compressed natural gas, liquefied natural gas, biogas, biomethane, methane,
        propane, Erdgas, Autogas, Flüssiggas, Fluessiggas, Biomethan, Methan, Propan, GNV, GPL, GNC, GNL, GLP,
        gaz naturel, méthane, gas natural, metano, gas naturale, gas metano, aardgas, gaz ziemny, metan
    """,
    FuelType.ELECTRIC: """
        electric, BEV, EV, electricity, battery, fully electric, full electric, all electric, pure electric, Elektro,
        elektrisch, Elektrizität, Strom, Batterie, vollelektrisch, électrique, électricité, eléctrico, eléctrica,
        electricidad, elettrico, elettrica, elettricità, elektriciteit, elektryczny, elektryczna, prąd
    """,
    FuelType.HYBRID: """
        hybrid, HEV, PHEV, MHEV, plug-in hybrid, plug-in, mild hybrid, full hybrid, range extender, REX, EREV, REEV,
        hybride, hybride rechargeable, híbrido, híbrida, híbrido enchufable, ibrido, ibrida, hybryda, hybrydowy
    """,
    FuelType.HYDROGEN: """
        hydrogen, H2, fuel cell, FCEV, FCV, Wasserstoff, Brennstoffzelle, Brennstoffzellen, hydrogène,
        pile à combustible, hidrógeno, pila de combustible, célula de combustible, idrogeno, cella a combustibile,
        pila a combustibile, waterstof, brandstofcel, wodór, ogniwo paliwowe
    """,
    FuelType.NONE: "none, no fuel, no engine, kein, keine, keiner, ohne, aucun, aucune, sans, ninguno, ninguna, "
    "sin, nessuno, nessuna, geen, brak",
}
# Words for several fuel types at once, which the registry does not have, or for one of several.
_SEVERAL: Final = "bi-fuel, dual fuel, bivalent, bicarburant, plug-in electric"
# Words beside a fuel that do not change it: what it drives, and the grade, such as B7, E10 and 95.
_BESIDE: Final = re.compile(
    "vehicles?|cars?|trucks?|fuel|engine|drive|powered|fahrzeug|antrieb|motor|kraftstoff|moteur|vehicule|voiture|"
    "motore|veicolo|vehiculo|voertuig|pojazd|naped|and|und|et|y|e|en|i|a|[be]?[0-9]{1,3}"
)
_COMPOUND: Final = re.compile("(?:fahrzeug|auto|antrieb|motor|kraftstoff)$")
_GAS: Final = frozenset({"gas", "gaz"})
_MOST_WORDS: Final = 20
# A combustion engine with an electric one is a hybrid; a fuel cell makes electricity from hydrogen.
_TOGETHER: Final = (
    ({FuelType.PETROL, FuelType.ELECTRIC, FuelType.HYBRID}, FuelType.HYBRID),
    ({FuelType.DIESEL, FuelType.ELECTRIC, FuelType.HYBRID}, FuelType.HYBRID),
    ({FuelType.HYDROGEN, FuelType.ELECTRIC}, FuelType.HYDROGEN),
)


def simplified(word: str) -> str:
    """Return a word without case, accents, blanks and punctuation, for comparison.

    >>> simplified("Fuel\N{NO-BREAK SPACE}Type"), simplified("no_of_axles"), simplified("N° de châssis")
    ('fueltype', 'noofaxles', 'ndechassis')
    """
    letters = unicodedata.normalize("NFKD", _IGNORED.sub("", word).casefold())
    return "".join(each for each in letters.translate(_LETTERS) if not unicodedata.combining(each))


def _name(heading: str) -> str:
    """Return a heading, simplified, without articles."""
    words = map(simplified, _IGNORED.split(_CAMEL.sub(" ", heading)))
    return "".join(word for word in words if word not in _SMALL)


def _around(words: str, least: int) -> str:
    return f"(?:(?:{words})(?:{_ARTICLE})?){{{least},3}}"


@cache
def _attributes() -> dict[str, list[str]]:
    return {
        attribute: [convert(word) for word in words.split(",") for convert in (_name, simplified)]
        for attribute, words in _COLUMNS.items()
    }


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    """Return what a heading without articles looks like for each attribute: its name, and words around it."""
    patterns = {}
    for attribute, names in _attributes().items():
        around = _around(f"{_AROUND[attribute]}|{_VEHICLE}", 0) if attribute in _AROUND else ""
        known = "|".join(re.sub("^no", _around(_NUMBER, 1), name) for name in names)
        patterns[attribute] = re.compile(f"{around}(?:{known}){around}")
    return patterns


def _attribute_of(heading: str) -> str | None:
    name = _name(heading)
    for attribute, pattern in _patterns().items():
        if pattern.fullmatch(name):
            return attribute
    parts = _OR.split(heading)
    found = {_attribute_of(part) for part in parts} if len(parts) > 1 else set()
    return found.pop() if len(found) == 1 else None


def field_of(heading: str) -> str | None:
    """Return the wire name of the field that a heading names, or None. A remark in brackets does not count.

    >>> field_of("Anzahl Achsen"), field_of("Kraftstoff (EU)"), field_of("FIN/VIN"), field_of("Plate")
    ('noOfAxles', 'fuelType', 'vin', None)
    """
    attribute = _attribute_of(heading) or _attribute_of(_REMARK.sub("", heading))
    return WIRE_NAMES[attribute] if attribute else None


def misspelt(field: str, headings: Sequence[str], *, surely: bool = False) -> str | None:
    """Return the heading that is probably a misspelt name of a field, given by its wire name.

    With `surely`, it has one typing error, and a short one no other letter: Axels is axles, but Asset is not assen.

    >>> misspelt("noOfAxles", ["Asset", "No. of axels"], surely=True)
    'No. of axels'
    """
    attribute = next(attribute for attribute, name in WIRE_NAMES.items() if name == field)
    ends = _around(_AROUND[attribute], 1)
    for heading in headings:
        name = _name(heading)
        for each in (name, re.sub(f"^{ends}|{ends}$", "", name)):
            close = get_close_matches(each, _attributes()[attribute], cutoff=_CLOSE)
            if any(_has_one_error(each, right) for right in close) if surely else close:
                return heading
    return None


def _has_one_error(word: str, right: str) -> bool:
    """Return whether a word has one letter more, less or changed, or two exchanged."""
    if len(right) <= _SHORT and not set(word) <= set(right):
        return False
    same = next((at for at, (one, other) in enumerate(zip(word, right, strict=False)) if one != other), len(right))
    wrong, meant = word[same:], right[same:]
    exchanged = wrong[1:2] + wrong[:1] + wrong[2:]
    return meant in {wrong[1:], exchanged} or meant[1:] in {wrong, wrong[1:]}


@cache
def _fuels() -> dict[str, FuelType | None]:
    several = dict.fromkeys(map(simplified, _SEVERAL.split(",")))
    return several | {simplified(word): fuel for fuel, words in _FUELS.items() for word in words.split(",")}


@lru_cache(64)
def fuel_of(word: str) -> FuelType | None:
    """Return the fuel type that a word means, or None if it means none or several.

    A remark in brackets must not name another fuel.

    >>> fuel_of("Gasoline"), fuel_of("Petrol (E10)"), fuel_of("Diesel-elektrisch")
    (<FuelType.PETROL: 'petrol'>, <FuelType.PETROL: 'petrol'>, <FuelType.HYBRID: 'hybrid'>)
    >>> fuel_of("gas"), fuel_of("Diesel (CNG)"), fuel_of("Diesel (converted to electric)")
    (None, None, None)
    """
    if fuel := _fuels().get(simplified(word)):
        return fuel
    name = _REMARK.sub("", word)
    fuels, unknown = _fuels_in(name)
    more, remark = _fuels_in(word[len(name) :])
    gas = (unknown | remark) & _GAS
    found = fuels | more
    if unknown - _GAS or (gas and found != {FuelType.GASEOUS}) or (remark - _GAS and not more <= fuels):
        return None
    if len(found) == 1:
        return found.pop()
    return next((fuel for together, fuel in _TOGETHER if found and found <= together), None)


def _fuels_in(text: str) -> tuple[set[FuelType | None], set[str]]:
    """Return the fuels that a text names, None for words of several, and the words that are not known."""
    known, fuels, unknown = _fuels(), set[FuelType | None](), set[str]()
    words = [simplified(word) for word in _SPLIT.split(_CAMEL.sub(" ", text), _MOST_WORDS) if word]
    while words:
        names = ("".join(words[:length]) for length in range(len(words), 0, -1))
        length, name = next(
            ((len(words) - at, name) for at, name in enumerate(names) if name in known),
            (1, _COMPOUND.sub("", words[0])),
        )
        if name in known:
            fuels.add(known[name])
        elif words[0] not in _SMALL and not _BESIDE.fullmatch(words[0]):
            unknown.add(words[0])
        del words[:length]
    return fuels, unknown

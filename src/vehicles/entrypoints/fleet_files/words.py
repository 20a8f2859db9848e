"""The words that people use for columns and fuel types: English, German, French, Spanish, Italian, Dutch, Polish."""

import re
import unicodedata
from functools import cache
from typing import Final

from vehicles.domain.vehicle import WIRE_NAMES, FuelType

_IGNORED: Final = re.compile(r"[\s\u200b\ufeff\-_./,:;'\u2019\"()*#&+°º№]")
_REMARK: Final = re.compile(r"[(\[{].*")
# Letters that do not decompose into a Latin letter and an accent.
_LETTERS: Final = str.maketrans({"ł": "l", "ø": "o", "æ": "ae", "œ": "oe"})

_COLUMNS: Final = {
    "vin": """
        vin, VIN number, VIN no, vehicle identification number, vehicle identification no, chassis number, chassis no,
        chassis, Fahrgestellnummer, Fahrgestellnr, Fahrgestell-Nr., Fahrzeugidentifizierungsnummer,
        Fahrzeugidentifikationsnummer, Fahrzeug-Ident-Nr, Fahrzeug-Identnummer, FIN, FIN-Nummer, VIN-Nummer,
        numéro de châssis, n° de châssis, no de châssis, numéro VIN, n° VIN, code VIN, châssis, NIV,
        numéro d'identification du véhicule, bastidor, número de bastidor, n.º de bastidor, no de bastidor,
        número de chasis, chasis, número VIN, número de identificación del vehículo, telaio, numero telaio,
        numero di telaio, n. telaio, numero VIN, codice VIN, chassisnummer, chassisnr, VIN-nummer,
        voertuigidentificatienummer, numer VIN, nr VIN, numer nadwozia, nr nadwozia, numer podwozia, nr podwozia
    """,
    "no_of_axles": """
        noOfAxles, number of axles, no of axles, num axles, number axles, nr of axles, axles, axle count, axles count,
        axle number, axle, Achsen, Anzahl Achsen, Anzahl der Achsen, Achsanzahl, Achszahl, Achsenzahl, Achsenanzahl,
        Zahl der Achsen, essieux, nombre d'essieux, nombre essieux, nb d'essieux, nb essieux, nbre d'essieux,
        nbre essieux, n° essieux, ejes, número de ejes, n.º de ejes, no de ejes, núm. de ejes, num ejes,
        cantidad de ejes, assi, numero assi, numero di assi, numero degli assi, n. assi, num assi, assen, aantal assen,
        osie, liczba osi, ilość osi
    """,
    "fuel_type": """
        fuelType, type of fuel, fuel, fuel kind, energy, energy source, energy type, propulsion, Kraftstoff,
        Kraftstoffart, Kraftstofftyp, Treibstoff, Treibstoffart, Antrieb, Antriebsart, Energieart, Energiequelle,
        carburant, type de carburant, type carburant, énergie, motorisation, combustible, tipo de combustible,
        tipo combustible, carburante, tipo de carburante, tipo carburante, tipo di carburante, alimentazione,
        tipo alimentazione, tipo di alimentazione, combustibile, brandstof, brandstofsoort, brandstoftype,
        soort brandstof, paliwo, rodzaj paliwa, typ paliwa, napęd
    """,
    "registered_at": """
        timestamp, registered, registered at, registration time, time of registration, registriert, registriert am,
        Registrierung, Zeitstempel
    """,
}

_FUELS: Final = {
    FuelType.PETROL: """
        petrol, gasoline, unleaded, Benzin, Super, Ottokraftstoff, essence, gasolina, benzina, benzine, benzyna
    """,
    FuelType.DIESEL: """
        diesel, diesel fuel, diesel oil, heavy oil, DERV, Dieselkraftstoff, gazole, gasoil, gas-oil, gasóleo, gasolio,
        olej napędowy
    """,
    FuelType.GASEOUS: """
        gaseous, CNG, LNG, LPG, natural gas, compressed natural gas, liquefied natural gas, biogas, biomethane, methane,
        propane, Erdgas, Autogas, Flüssiggas, Fluessiggas, Biomethan, GNV, GPL, GNC, GNL, GLP, gaz naturel,
        gas natural, metano, aardgas, gaz ziemny
    """,
    FuelType.ELECTRIC: """
        electric, BEV, EV, electricity, battery, battery electric, fully electric, full electric, all electric,
        pure electric, Elektro, elektrisch, Elektrizität, Strom, Batterie, vollelektrisch, électrique, électricité,
        eléctrico, eléctrica, electricidad, elettrico, elettrica, elettricità, elektriciteit, elektryczny, prąd
    """,
    FuelType.HYBRID: """
        hybrid, HEV, PHEV, MHEV, plug-in hybrid, plug-in, hybrid electric, mild hybrid, full hybrid, diesel/electric,
        electric/diesel, petrol/electric, electric/petrol, gasoline/electric, diesel hybrid, hybrid diesel,
        petrol hybrid, hybrid petrol, Hybridantrieb, Diesel/Elektro, Elektro/Diesel, Benzin/Elektro, Elektro/Benzin,
        hybride, hybride rechargeable, híbrido, híbrida, híbrido enchufable, ibrido, ibrida, hybryda, hybrydowy
    """,
    FuelType.HYDROGEN: """
        hydrogen, H2, fuel cell, FCEV, FCV, Wasserstoff, Brennstoffzelle, hydrogène, hidrógeno, idrogeno, waterstof,
        wodór
    """,
    FuelType.NONE: "none, no fuel, no engine, kein, keine, keiner, ohne, aucun, aucune, sans, ninguno, ninguna, "
    "sin, nessuno, nessuna, geen, brak",
}


def simplified(word: str) -> str:
    """Return a word without case, accents, blanks and punctuation, for comparison.

    >>> simplified("Fuel\N{NO-BREAK SPACE}Type"), simplified("no_of_axles"), simplified("N° de châssis")
    ('fueltype', 'noofaxles', 'ndechassis')
    """
    letters = unicodedata.normalize("NFKD", _IGNORED.sub("", word).casefold())
    return "".join(each for each in letters.translate(_LETTERS) if not unicodedata.combining(each))


@cache
def _attributes() -> dict[str, str]:
    return {simplified(word): field for field, words in _COLUMNS.items() for word in words.split(",")}


@cache
def _fuels() -> dict[str, FuelType]:
    return {simplified(word): fuel for fuel, words in _FUELS.items() for word in words.split(",")}


def field_of(heading: str) -> str | None:
    """Return the wire name of the field that a heading names, or None. A remark in brackets does not count.

    >>> field_of("Anzahl Achsen"), field_of("Kraftstoff (EU)"), field_of("Plate")
    ('noOfAxles', 'fuelType', None)
    """
    known = _attributes()
    attribute = known.get(simplified(heading)) or known.get(simplified(_REMARK.sub("", heading)))
    return WIRE_NAMES[attribute] if attribute else None


def fuel_of(word: str) -> FuelType | None:
    """Return the fuel type that a word means, or None if it means none or several.

    >>> fuel_of("Gasoline"), fuel_of("Plug-in hybrid"), fuel_of("gas")
    (<FuelType.PETROL: 'petrol'>, <FuelType.HYBRID: 'hybrid'>, None)
    """
    return _fuels().get(simplified(word))


def words_for(field: str) -> list[str]:
    """Return the simplified words for a field, given by its wire name."""
    return [word for word, attribute in _attributes().items() if WIRE_NAMES[attribute] == field]

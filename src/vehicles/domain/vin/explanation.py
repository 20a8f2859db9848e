"""What a VIN encodes, or, if a string is not a VIN, its faults and the VINs that were probably meant."""

from dataclasses import dataclass
from typing import Final

from vehicles.domain.errors import Fault, InvalidVin
from vehicles.domain.vin.countries import Assignment, find_assignment
from vehicles.domain.vin.manufacturers import Manufacturer, find_manufacturer
from vehicles.domain.vin.number import Vin, VinPolicy, fold
from vehicles.domain.vin.suggestions import Suggestion, suggest

_WMI_LENGTH: Final = 3


@dataclass(frozen=True, slots=True)
class VinExplanation:
    """The explanation of a string.

    Without `faults`, it is a valid VIN. `vin` is None if it is not well-formed. If only a required check digit is
    wrong, there is a `vin`, and the check digit is among the faults. Without a `vin`, `assignment` and `manufacturer`
    are those of the first three characters, as far as these tell: for who is still typing.
    """

    vin: Vin | None
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    assignment: Assignment | None = None
    manufacturer: Manufacturer | None = None


def explain(text: str) -> VinExplanation:
    """Explain a string, by the strict policy.

    >>> explanation = explain("wmah05zz94m012345")
    >>> explanation.manufacturer.name, explanation.assignment.country, [w.code for w in explanation.warnings]
    ('MAN Truck & Bus', 'DE', ['vin.check_digit_unexpected'])
    >>> [fault.code for fault in explain("WMAH05ZZ94MO12345").faults]
    ['vin.illegal_character']
    >>> explain("wma").manufacturer.name, explain("wma").assignment.country
    ('MAN Truck & Bus', 'DE')
    """
    try:
        vin = Vin.parse(text, VinPolicy.ADVISORY)
    except InvalidVin as error:
        wmi = fold(text)[:_WMI_LENGTH]
        assignment = find_assignment(wmi[:2]) if len(wmi) == _WMI_LENGTH else None
        return VinExplanation(None, error.faults, (), suggest(text), assignment, find_manufacturer(wmi))
    try:
        vin.require_check_digit()
    except InvalidVin as error:
        faults, suggestions = error.faults, suggest(text)
    else:
        faults, suggestions = (), ()
    return VinExplanation(
        vin,
        faults,
        tuple(warning for warning in warnings_of(text, vin) if warning not in faults),
        suggestions,
        find_assignment(vin.wmi[:2]),
        find_manufacturer(vin.manufacturer_id),
    )


def warnings_of(text: str, vin: Vin) -> tuple[Fault, ...]:
    """Return what is doubtful about a VIN and about the string that it was read from; no reason to reject it.

    >>> [warning.code for warning in warnings_of("WMAH05ZZ14M0l2345", Vin.of("WMAH05ZZ14M0L2345"))]
    ['vin.mixed_case']
    """
    found = list(vin.warnings)
    text = text.strip()
    if text not in {text.upper(), text.lower()}:
        positions = tuple(position for position, character in enumerate(text, start=1) if character.islower())
        detail = "it mixes capitals and lower case: check for a typing error, such as l for 1"
        found.append(Fault("vin.mixed_case", detail, positions=positions))
    if find_manufacturer(vin.manufacturer_id) is None:
        detail = f"the manufacturer identifier {vin.manufacturer_id} is not in the table of known manufacturers"
        found.append(Fault("vin.unknown_wmi", detail, positions=(1, 2, 3)))
    return tuple(found)

"""What a VIN encodes, or, if a string is not a VIN, its faults and the VINs that were probably meant."""

from dataclasses import dataclass

from vehicles.domain.errors import Fault, InvalidVin
from vehicles.domain.vin.countries import Assignment, find_assignment
from vehicles.domain.vin.manufacturers import Manufacturer, find_manufacturer
from vehicles.domain.vin.number import Vin, VinPolicy
from vehicles.domain.vin.suggestions import Suggestion, suggest


@dataclass(frozen=True, slots=True)
class VinExplanation:
    """The explanation of a string.

    Without `faults`, it is a valid VIN. `vin` is None if it is not well-formed. If only a required check digit is
    wrong, there is a `vin`, and the check digit is among the faults.
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
    """
    try:
        vin = Vin.parse(text, VinPolicy.ADVISORY)
    except InvalidVin as error:
        return VinExplanation(None, error.faults, suggestions=suggest(text))
    try:
        vin.require_check_digit()
    except InvalidVin as error:
        faults = error.faults
    else:
        faults = ()
    manufacturer = find_manufacturer(vin.manufacturer_id)
    warnings = [warning for warning in vin.warnings if warning not in faults]
    if manufacturer is None:
        detail = f"the manufacturer {vin.manufacturer_id} is not in the table, which is small on purpose"
        warnings.append(Fault("vin.unknown_wmi", detail, positions=(1, 2, 3)))
    return VinExplanation(
        vin, faults, tuple(warnings), assignment=find_assignment(vin.wmi[:2]), manufacturer=manufacturer
    )

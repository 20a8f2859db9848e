"""A workbook to fill in and import."""

from typing import Any, BinaryIO, Final

from vehicles.domain.vehicle import MAX_AXLES, MIN_AXLES, FuelType
from vehicles.entrypoints.fleet_files.excel import MAX_ROWS, Sheet, written_workbook
from vehicles.entrypoints.fleet_files.reader import EXAMPLE
from vehicles.entrypoints.fleet_files.writing import WIDTHS

_CHECKS: Final[dict[str, dict[str, Any]]] = {
    "noOfAxles": {"validate": "integer", "criteria": "between", "minimum": MIN_AXLES, "maximum": MAX_AXLES},
    "fuelType": {"validate": "list", "source": list(FuelType)},
}
_HOW_TO: Final = (
    "Fill in one row for each vehicle on the sheet Fleet. The example is never imported, and may stay.",
    f"noOfAxles is a whole number from {MIN_AXLES} to {MAX_AXLES}; choose fuelType from the list, for trailers none.",
    "Save the file, check it with vehicles import --dry-run FILE, and import it with vehicles import FILE.",
)


def write_template(stream: BinaryIO) -> None:
    """Write the workbook: a sheet with headings and an example, where cells are checked, and instructions.

    Raises OSError and MissingExtra.
    """
    with written_workbook(stream) as workbook:
        fleet = Sheet(workbook, "Fleet", [(heading, WIDTHS[heading]) for heading in EXAMPLE])
        fleet.add([*EXAMPLE.values()])
        for place, heading in enumerate(EXAMPLE):
            if heading in _CHECKS:
                fleet.worksheet.data_validation(1, place, MAX_ROWS - 1, place, _CHECKS[heading])
        how_to = Sheet(workbook, "How to", [("How to", 100)])
        for sentence in _HOW_TO:
            how_to.add([sentence])

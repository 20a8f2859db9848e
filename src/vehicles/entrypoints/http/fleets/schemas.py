"""The body of an import: typed dictionaries, the source of the schemas in `openapi.json`."""

from typing import Annotated, Final, NotRequired, TypedDict

from pydantic import Field

from vehicles.domain.vehicle import EXAMPLE_TIMESTAMP
from vehicles.entrypoints.http.problems import ProblemBody
from vehicles.entrypoints.http.schemas import EXAMPLE_VIN

FILE_EXAMPLE: Final = f"vin,Axle count,fuelType\n{EXAMPLE_VIN},3,diesel\n"
IMPORT_EXAMPLE: Final = {
    "understood": {
        "format": "csv",
        "encoding": "utf-8",
        "delimiter": ";",
        "sheet": None,
        "packed": False,
        "headingLine": 1,
        "headings": ["Fahrgestellnummer", "Achsen", "Kraftstoff"],
        "columns": {"vin": "Fahrgestellnummer", "noOfAxles": "Achsen", "fuelType": "Kraftstoff"},
        "ignored": [],
        "first": [{"vin": EXAMPLE_VIN, "noOfAxles": 3, "fuelType": "diesel", "timestamp": EXAMPLE_TIMESTAMP}],
    },
    "notes": [],
    "tally": {"added": 1, "alreadyThere": 0, "changed": 0, "repeated": 0, "refused": 1, "warnings": {}},
    "dryRun": False,
    "upToLine": 3,
    "nextLine": None,
    "rows": [
        {
            "line": 3,
            "values": {"vin": "WMAH05ZZ24M012346", "noOfAxles": "6x2", "fuelType": "Diesel"},
            "errors": [
                {
                    "field": "noOfAxles",
                    "code": "vehicle.axles",
                    "detail": 'it is "6x2"; write a whole number from 1 to 99',
                    "positions": [],
                }
            ],
            "suggestions": [],
            "warnings": [],
        }
    ],
    "rowsOmitted": 0,
    "refused": "Fahrgestellnummer;Achsen;Kraftstoff;error;suggestion\r\nWMAH05ZZ24M012346;6x2;Diesel;"
    '"noOfAxles: vehicle.axles: it is ""6x2""; write a whole number from 1 to 99";\r\n',
    "refusedOmitted": 0,
}

Count = Annotated[int, Field(ge=0)]


class FirstVehicleBody(TypedDict, total=False):
    """One of the first vehicles of a file, with the fields that the file has."""

    vin: str
    noOfAxles: int
    fuelType: str
    timestamp: str


class UnderstoodBody(TypedDict):
    """How a file was understood. `columns` has the heading of each field, and `first` the first vehicles."""

    format: Annotated[str, Field(description="`csv`, `jsonl`, `json`, `xlsx`, `xls` or `ods`.")]
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    packed: Annotated[bool, Field(description="Whether the file is compressed with gzip.")]
    headingLine: int | None
    headings: list[str]
    columns: dict[str, str]
    ignored: list[str]
    first: list[FirstVehicleBody]


class TallyBody(TypedDict):
    """The number of rows per outcome; `warnings` counts what is doubtful about the VINs of added vehicles, by code."""

    added: Count
    alreadyThere: Count
    changed: Count
    repeated: Count
    refused: Count
    warnings: dict[str, int]


class RowErrorBody(TypedDict):
    """One error or warning of a row: the field, if it is about one, and what it is."""

    field: str
    code: str
    detail: str
    positions: list[int]


class RowBody(TypedDict):
    """A row that needs attention. `values` has the cells as they came, each cut after 100 characters."""

    line: int
    values: dict[str, str]
    errors: list[RowErrorBody]
    suggestions: Annotated[list[str], Field(description="VINs that were probably meant.")]
    warnings: list[RowErrorBody]


class ImportBody(TypedDict):
    """The outcome of an import."""

    understood: UnderstoodBody
    notes: list[str]
    tally: TallyBody
    dryRun: bool
    upToLine: Annotated[Count, Field(description="Every row up to this line is in the registry, or refused.")]
    nextLine: Annotated[
        int | None, Field(description="Time was up: send the same file again, with this as `fromLine`.")
    ]
    rows: Annotated[list[RowBody], Field(description="The first rows that need attention, at most 1,000.")]
    rowsOmitted: Count
    refused: Annotated[str | None, Field(description="The refused rows as CSV, to be corrected and imported again.")]
    refusedOmitted: Annotated[Count, Field(description="The number of refused rows for which `refused` had no room.")]


class ImportProblemBody(ProblemBody, TypedDict):
    """Problem details, with the members of an import if the file was read: how far it came."""

    understood: NotRequired[UnderstoodBody | None]
    notes: NotRequired[list[str]]
    tally: NotRequired[TallyBody]
    dryRun: NotRequired[bool]
    upToLine: NotRequired[Count]
    nextLine: NotRequired[int | None]
    rows: NotRequired[list[RowBody]]
    rowsOmitted: NotRequired[Count]
    refused: NotRequired[str | None]
    refusedOmitted: NotRequired[Count]

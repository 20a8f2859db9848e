"""The JSON Schema of the weekly summary; a test holds it against what `WeeklyReport.to_dict` writes."""

from typing import Annotated, Final, TypedDict

from pydantic import ConfigDict, Field, with_config

from vehicles.domain.summary.counts import HISTORY_WEEKS, WEEKS_SHOWN
from vehicles.domain.vehicle import MAX_AXLES, MIN_AXLES, WMI_LENGTH, FuelType
from vehicles.domain.vin.number import ALPHABET

_CLOSED: Final = ConfigDict(extra="forbid")

Week = Annotated[str, Field(pattern=r"^[0-9]{4}-W[0-9]{2}$", examples=["2026-W47"])]
Timestamp = Annotated[str, Field(json_schema_extra={"format": "date-time"}, examples=["2026-11-23T00:00:00Z"])]
Count = Annotated[int, Field(ge=0)]
Wmi = Annotated[str, Field(pattern=f"^[{ALPHABET}]{{{WMI_LENGTH}}}$", examples=["WMA"])]
Country = Annotated[str | None, Field(description="ISO 3166 alpha-2: the seat of the maker, not the plant.")]


@with_config(_CLOSED)
class _Closed(TypedDict):
    """No other fields than those that are declared."""


class ChangeBody(_Closed):
    """The difference to the week before."""

    since: Week
    total: int
    registered: Count
    deleted: Annotated[
        Count | None,
        Field(description="Null where more vehicles came in with an earlier moment of registration than went."),
    ]


class FuelTypeCount(_Closed):
    """How many vehicles are of a fuel type."""

    fuelType: FuelType
    vehicles: Count


class AxlesCount(_Closed):
    """How many vehicles have a number of axles."""

    noOfAxles: Annotated[int, Field(ge=MIN_AXLES, le=MAX_AXLES)]
    vehicles: Count


class ManufacturerCount(_Closed):
    """How many vehicles are of a manufacturer; name and country are null where they are not known."""

    wmi: Wmi
    name: str | None
    country: Country
    vehicles: Count


class CountryCount(_Closed):
    """How many vehicles are of manufacturers of a country; null where the country is not known."""

    country: Country
    vehicles: Count


class WeekCount(_Closed):
    """How many of the vehicles were registered in a week."""

    week: Week
    vehicles: Count


class WeekTotalBody(_Closed):
    """How many vehicles there were at the end of a week, as its own summary told it."""

    week: Week
    total: Count


class KeptSummary(_Closed):
    """A week that has a summary, and where it is read."""

    week: Week
    href: Annotated[str, Field(examples=["/summary?week=2026-W47"])]


class SummaryListBody(_Closed):
    """The weeks that have a summary, newest first: at most 53 for each year."""

    items: list[KeptSummary]


# The functional form, since `from` is a keyword of Python.
SummaryBody = TypedDict(
    "SummaryBody",
    {
        "schema": Annotated[int, Field(ge=1, description="The version of this shape.", examples=[1])],
        "sha256": Annotated[
            str,
            Field(
                pattern="^[0-9a-f]{64}$",
                description="The SHA-256 of this document without these 64 digits. The CSV and the page name it too.",
            ),
        ],
        "week": Week,
        "timeZone": Annotated[str, Field(description="Whose weeks these are.", examples=["Europe/Berlin"])],
        "from": Annotated[Timestamp, Field(description="The first moment of the week, in UTC.")],
        "to": Annotated[Timestamp, Field(description="The first moment after the week, in UTC.")],
        "complete": Annotated[bool, Field(description="False where the summary was made before the week was over.")],
        "total": Annotated[Count, Field(description="Vehicles registered before the end of the week and still there.")],
        "registered": Annotated[Count, Field(description="How many of them were registered in the week.")],
        "change": Annotated[
            ChangeBody | None, Field(description="Null where the week before has no complete summary to compare with.")
        ],
        "byFuelType": Annotated[
            list[FuelTypeCount],
            Field(description="Every fuel type.", min_length=len(FuelType), max_length=len(FuelType)),
        ],
        "byNoOfAxles": Annotated[list[AxlesCount], Field(description="The numbers of axles that occur.")],
        "byManufacturer": Annotated[list[ManufacturerCount], Field(description="Most vehicles first.")],
        "byCountry": Annotated[list[CountryCount], Field(description="Most vehicles first.")],
        "registeredByWeek": Annotated[
            list[WeekCount],
            Field(description="The last twelve weeks, oldest first.", min_length=WEEKS_SHOWN, max_length=WEEKS_SHOWN),
        ],
        "history": Annotated[
            list[WeekTotalBody],
            Field(
                description="This week and those of the 51 before it that have a summary, oldest first.",
                min_length=1,
                max_length=HISTORY_WEEKS,
            ),
        ],
    },
)
SummaryBody.__pydantic_config__ = _CLOSED  # type: ignore[attr-defined]  # what `with_config` does, which needs a class

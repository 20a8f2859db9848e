"""The JSON Schema of the weekly summary; a test validates the output of `WeeklyReport.to_dict` with it."""

from typing import Annotated, Final, Literal, TypedDict

from pydantic import ConfigDict, Field, with_config

from vehicles.domain.summary.counts import HISTORY_WEEKS, WEEKS_SHOWN
from vehicles.domain.vehicle import MAX_AXLES, MIN_AXLES, WMI_LENGTH, FuelType
from vehicles.domain.vin.number import ALPHABET

_CLOSED: Final = ConfigDict(extra="forbid")

Week = Annotated[str, Field(pattern=r"^[0-9]{4}-W[0-9]{2}$", examples=["2026-W47"])]
Timestamp = Annotated[str, Field(json_schema_extra={"format": "date-time"}, examples=["2026-11-23T00:00:00Z"])]
Count = Annotated[int, Field(ge=0)]
Wmi = Annotated[
    str,
    Field(
        description="The WMI, or six characters for a manufacturer of few vehicles (positions 1-3 and 12-14).",
        pattern=f"^[{ALPHABET}]{{{WMI_LENGTH}}}([{ALPHABET}]{{3}})?$",
        examples=["WMA"],
    ),
]
Country = Annotated[
    str | None, Field(description="ISO 3166 alpha-2: the country of the manufacturer's headquarters, not of the plant.")
]


@with_config(_CLOSED)
class _Closed(TypedDict):
    """Allows no fields other than the declared ones."""


class ChangeBody(_Closed):
    """The difference to the week before."""

    since: Week
    total: int
    registered: Count
    deleted: Annotated[
        Count | None,
        Field(description="Null if more vehicles were added with earlier timestamps than were deleted."),
    ]


class FuelTypeCount(_Closed):
    """The number of vehicles with a fuel type."""

    fuelType: FuelType
    vehicles: Count


class AxlesCount(_Closed):
    """The number of vehicles with a number of axles."""

    noOfAxles: Annotated[int, Field(ge=MIN_AXLES, le=MAX_AXLES)]
    vehicles: Count


class ManufacturerCount(_Closed):
    """The number of vehicles of a manufacturer; name and country are null if unknown."""

    wmi: Wmi
    name: str | None
    country: Country
    vehicles: Count


class CountryCount(_Closed):
    """The number of vehicles of the manufacturers of a country; `country` is null if unknown."""

    country: Country
    vehicles: Count


class WeekCount(_Closed):
    """The number of the vehicles that were registered in a week."""

    week: Week
    vehicles: Count


class WeekTotalBody(_Closed):
    """The number of vehicles at the end of a week, from the summary of that week."""

    week: Week
    total: Count


class SummaryLink(_Closed):
    """A week that has a summary, and the summary, relative to the path of this list."""

    week: Week
    href: Annotated[str, Field(examples=["summary?week=2026-W47"])]


class SummaryListBody(_Closed):
    """The weeks that have a summary, newest first: at most 53 per year."""

    items: list[SummaryLink]


class SummaryReference(_Closed):
    """The summary of a week, relative to the path of the request; `provisional` until the week is over."""

    week: Week
    state: Literal["complete", "provisional"]
    href: Annotated[str, Field(examples=["summary?week=2026-W47"])]


# The functional form, because `from` is a keyword of Python.
SummaryBody = TypedDict(
    "SummaryBody",
    {
        "schema": Annotated[int, Field(ge=1, description="The version of this schema.", examples=[1])],
        "sha256": Annotated[
            str,
            Field(
                pattern="^[0-9a-f]{64}$",
                description="The SHA-256 of this document without these 64 digits; also in the CSV and the page.",
            ),
        ],
        "week": Week,
        "timeZone": Annotated[str, Field(description="The time zone of the weeks.", examples=["Europe/Berlin"])],
        "from": Annotated[Timestamp, Field(description="The start of the week, in UTC.")],
        "to": Annotated[Timestamp, Field(description="The end of the week, exclusive, in UTC.")],
        "complete": Annotated[bool, Field(description="False if the summary was made before the end of the week.")],
        "total": Annotated[Count, Field(description="Vehicles registered before the end of the week and not deleted.")],
        "registered": Annotated[Count, Field(description="How many of them were registered in the week.")],
        "change": Annotated[ChangeBody | None, Field(description="Null if the week before has no complete summary.")],
        "byFuelType": Annotated[
            list[FuelTypeCount],
            Field(description="Every fuel type.", min_length=len(FuelType), max_length=len(FuelType)),
        ],
        "byNoOfAxles": Annotated[list[AxlesCount], Field(description="The numbers of axles that occur in the fleet.")],
        "byManufacturer": Annotated[list[ManufacturerCount], Field(description="Most vehicles first.")],
        "byCountry": Annotated[list[CountryCount], Field(description="Most vehicles first.")],
        "registeredByWeek": Annotated[
            list[WeekCount],
            Field(description="The last twelve weeks, oldest first.", min_length=WEEKS_SHOWN, max_length=WEEKS_SHOWN),
        ],
        "history": Annotated[
            list[WeekTotalBody],
            Field(
                description="This week, and each of the 51 weeks before it that has a summary; oldest first.",
                min_length=1,
                max_length=HISTORY_WEEKS,
            ),
        ],
    },
)
SummaryBody.__pydantic_config__ = _CLOSED  # type: ignore[attr-defined]  # as `with_config` does, which requires a class

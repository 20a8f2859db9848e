"""The shape of the weekly summary, as `vehicles.domain.weekly_report` writes it."""

from typing import Annotated, TypedDict

from pydantic import Field

from vehicles.domain.vehicle import FuelType


class ChangeBody(TypedDict):
    """The difference to the week before."""

    since: str
    total: int
    registered: int
    deleted: Annotated[
        int | None,
        Field(description="Null where more vehicles came in with an earlier moment of registration than went."),
    ]


class FuelTypeCount(TypedDict):
    """How many vehicles are of a fuel type."""

    fuelType: FuelType
    vehicles: int


class AxlesCount(TypedDict):
    """How many vehicles have a number of axles."""

    noOfAxles: int
    vehicles: int


class ManufacturerCount(TypedDict):
    """How many vehicles are of a manufacturer; name and country are null where they are not known."""

    wmi: str
    name: str | None
    country: str | None
    vehicles: int


class CountryCount(TypedDict):
    """How many vehicles are of manufacturers of a country; null where the country is not known."""

    country: str | None
    vehicles: int


class WeekCount(TypedDict):
    """How many of the vehicles were registered in a week."""

    week: str
    vehicles: int


# The functional form, since `from` is a keyword of Python.
SummaryBody = TypedDict(
    "SummaryBody",
    {
        "week": Annotated[str, Field(examples=["2026-W47"])],
        "from": Annotated[str, Field(description="The first moment of the week, in UTC.")],
        "to": Annotated[str, Field(description="The first moment after the week, in UTC.")],
        "complete": Annotated[bool, Field(description="False where the summary was made before the week was over.")],
        "total": Annotated[int, Field(description="Vehicles registered before the end of the week and still there.")],
        "registered": Annotated[int, Field(description="How many of them were registered in the week.")],
        "change": Annotated[
            ChangeBody | None,
            Field(description="Null where the week before has no complete summary to compare with."),
        ],
        "byFuelType": list[FuelTypeCount],
        "byNoOfAxles": list[AxlesCount],
        "byManufacturer": list[ManufacturerCount],
        "byCountry": list[CountryCount],
        "registeredByWeek": Annotated[list[WeekCount], Field(description="The last twelve weeks, oldest first.")],
    },
)

"""The totals of the fleet, which a start page shows: their handler, and the schema of the response."""

from typing import Annotated, Final, Literal, TypedDict

from pydantic import Field
from pydantic_core import to_json

from vehicles.domain.summary.service import FleetOverview
from vehicles.domain.vehicle import FuelType
from vehicles.entrypoints.http.handlers import JSON, Call, Services
from vehicles.entrypoints.http.messages import Response
from vehicles.entrypoints.http.summary_schema import Count, Week, Wmi

MAX_MANUFACTURERS: Final = 10


class FleetManufacturerBody(TypedDict):
    """The number of vehicles of a manufacturer; the name is null if unknown."""

    wmi: Wmi
    name: str | None
    vehicles: Count


class LatestWeekBody(TypedDict):
    """The latest week that has a summary, and the summary, relative to the path of the request."""

    week: Week
    state: Annotated[
        Literal["complete", "provisional"],
        Field(description="Provisional if the summary was made before the end of the week."),
    ]
    href: Annotated[str, Field(examples=["summary?week=2026-W47"])]


class FleetBody(TypedDict):
    """The number of vehicles now; fuel types and manufacturers as of the latest summary, null before the first one."""

    total: Count
    about: Annotated[bool, Field(description="True if the total is an estimate, as of a large table on AWS.")]
    fuelTypes: dict[FuelType, Count] | None
    manufacturers: Annotated[
        list[FleetManufacturerBody] | None,
        Field(description="Most vehicles first.", max_length=MAX_MANUFACTURERS),
    ]
    latestWeek: LatestWeekBody | None


def get_fleet(services: Services, _call: Call) -> Response:
    return Response(200, {"Content-Type": JSON}, to_json(fleet_body(services.summaries().overview())))


def fleet_body(overview: FleetOverview) -> FleetBody:
    body = FleetBody(
        total=overview.total, about=overview.is_estimate, fuelTypes=None, manufacturers=None, latestWeek=None
    )
    if report := overview.latest:
        body["fuelTypes"] = {fuel: report.summary.by_fuel_type[fuel] for fuel in FuelType}
        body["manufacturers"] = [
            {"wmi": row.wmi, "name": row.name, "vehicles": row.vehicles}
            for row in report.by_manufacturer[:MAX_MANUFACTURERS]
        ]
        state: Literal["complete", "provisional"] = "complete" if report.complete else "provisional"
        body["latestWeek"] = {"week": str(report.week), "state": state, "href": f"summary?week={report.week}"}
    return body

"""The handler of lists of vehicles, in each format."""

from collections.abc import Iterable
from io import BytesIO
from typing import Final
from urllib.parse import parse_qsl, urlencode

from pydantic_core import to_json

from vehicles.domain.registry import DEFAULT_PAGE_SIZE
from vehicles.domain.vehicle import Vehicle, vehicle_record
from vehicles.entrypoints.http.handlers import Call, Services, chosen_format
from vehicles.entrypoints.http.messages import Response
from vehicles.entrypoints.http.parameters import ListFormat, decode_cursor, encode_cursor, read_filter

MEDIA_TYPES: Final = tuple(each.media_type for each in ListFormat)


def list_vehicles(services: Services, call: Call) -> Response:
    values = call.query
    wanted = read_filter(values)
    after = decode_cursor(values["cursor"], wanted) if values.get("cursor") else None
    page = services.registry().list(wanted, limit=values.get("limit", DEFAULT_PAGE_SIZE), after=after)
    cursor = None if page.next is None else encode_cursor(page.next, wanted)
    chosen = chosen_format(call, ListFormat)
    headers = {"Content-Type": chosen.media_type, "Vary": "Accept"}
    if cursor:
        kept = [(name, text) for name, text in parse_qsl(call.request.query) if name != "cursor"]
        headers["Link"] = f'<vehicles?{urlencode([*kept, ("cursor", cursor)], safe=",:")}>; rel="next"'
    if chosen is ListFormat.JSON:
        items = list(map(vehicle_record, page.vehicles))
        return Response(200, headers, to_json({"items": items, "nextCursor": cursor}))
    headers["Content-Disposition"] = f'attachment; filename="vehicles.{chosen}"'
    if chosen is ListFormat.CSV:
        headers["Content-Type"] += "; charset=utf-8"
    return Response(200, headers, _file(page.vehicles, chosen))


def _file(vehicles: Iterable[Vehicle], chosen: ListFormat) -> bytes:
    from vehicles.entrypoints.fleet_files.writing import FleetFileFormat, write_fleet  # noqa: PLC0415 — most lists are JSON

    stream = BytesIO()
    write_fleet(vehicles, stream, FleetFileFormat(chosen))
    return stream.getvalue()

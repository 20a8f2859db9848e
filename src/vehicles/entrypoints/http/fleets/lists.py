"""The handler of lists of vehicles."""

from urllib.parse import parse_qsl, urlencode

from pydantic_core import to_json

from vehicles.domain.registry import DEFAULT_PAGE_SIZE
from vehicles.domain.vehicle import vehicle_record
from vehicles.entrypoints.http.handlers import JSON, Call, Services
from vehicles.entrypoints.http.messages import Response
from vehicles.entrypoints.http.parameters import decode_cursor, encode_cursor, read_filter


def list_vehicles(services: Services, call: Call) -> Response:
    values = call.query
    wanted = read_filter(values)
    after = decode_cursor(values["cursor"], wanted) if values.get("cursor") else None
    page = services.registry().list(wanted, limit=values.get("limit", DEFAULT_PAGE_SIZE), after=after)
    cursor = None if page.next is None else encode_cursor(page.next, wanted)
    headers = {"Content-Type": JSON}
    if cursor:
        kept = [(name, text) for name, text in parse_qsl(call.request.query) if name != "cursor"]
        headers["Link"] = f'<vehicles?{urlencode([*kept, ("cursor", cursor)], safe=",:")}>; rel="next"'
    return Response(200, headers, to_json({"items": list(map(vehicle_record, page.vehicles)), "nextCursor": cursor}))

"""The handlers of fleet files. What reads and writes the files is imported when the first one comes."""
# ruff: noqa: PLC0415 — as above: most processes on AWS never see a file

from vehicles.entrypoints.http.fleets.parameters import FILE_TYPES
from vehicles.entrypoints.http.handlers import Call, Services
from vehicles.entrypoints.http.messages import Response, preferred
from vehicles.entrypoints.http.parameters import read_filter
from vehicles.entrypoints.http.problems import ProblemError


def import_vehicles(services: Services, call: Call) -> Response:
    from vehicles.entrypoints.http.fleets.imports import import_file

    return import_file(services.import_registry(), call)


def export_vehicles(services: Services, call: Call) -> Response:
    from vehicles.entrypoints.fleet_files.excel import MissingExtra, require_excel
    from vehicles.entrypoints.fleet_files.writing import FleetFileFormat, fleet_in_chunks

    media_type = preferred(call.request.headers.get("accept", ""), list(FILE_TYPES.values()))
    file_format = call.query.get("format") or next(name for name, each in FILE_TYPES.items() if each == media_type)
    chosen = FleetFileFormat(file_format)
    if chosen is FleetFileFormat.XLSX:
        try:
            require_excel()
        except MissingExtra as error:
            raise ProblemError("not-acceptable", f"{error}.") from None
    registry = services.registry()
    pages = (page.vehicles for page in registry.pages(read_filter(call.query)))
    content_type = FILE_TYPES[file_format] + ("; charset=utf-8" if chosen is FleetFileFormat.CSV else "")
    name = f"fleet-{registry.clock():%Y-%m-%d}.{file_format}"
    headers = {"Content-Type": content_type, "Content-Disposition": f'attachment; filename="{name}"', "Vary": "Accept"}
    return Response(200, headers, chunks=fleet_in_chunks(pages, chosen))

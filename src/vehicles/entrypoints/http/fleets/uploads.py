"""The file in the body of a request: the body itself, or the only file of a form."""

from io import BytesIO
from typing import BinaryIO, Final

from python_multipart import FormParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, parse_options_header

from vehicles.entrypoints.fleet_files.content import UnreadableFile
from vehicles.entrypoints.http.fleets.parameters import FORM, IMPORT
from vehicles.entrypoints.http.messages import Request

_PARAMETERS: Final = frozenset(each.name.encode() for each in IMPORT)
# Not on disk: VINs are personal data, and a process that is killed leaves its files.
_IN_MEMORY: Final = {"MAX_MEMORY_FILE_SIZE": float("inf")}


def file_of(request: Request) -> BinaryIO:
    """Return the file. Raises UnreadableFile."""
    media_type, options = parse_options_header(request.headers.get("content-type", ""))
    if media_type.decode("latin-1") != FORM:
        return BytesIO(request.body)
    files: list[File] = []
    fields: list[Field] = []
    ends: list[bool] = []
    boundary = options.get(b"boundary", b"")  # an empty one is no boundary, either
    try:
        parser = FormParser(FORM, fields.append, files.append, lambda: ends.append(True), boundary, config=_IN_MEMORY)
        parser.write(request.body)
    except FormParserError as error:
        raise UnreadableFile(
            f"the body is not the form ({FORM}) that its Content-Type describes; send it anew"
        ) from error
    if not ends:
        raise UnreadableFile(f"the form ({FORM}) is incomplete; send it again")
    for name in _PARAMETERS & {field.field_name for field in fields}:
        raise UnreadableFile(
            f'the form ({FORM}) has the field "{name.decode()}"; give it in the query: ?{name.decode()}='
        )
    if len(files) != 1:
        raise UnreadableFile(
            f"the form ({FORM}) has {len(files) or 'no'} files; send exactly one, as with -F file=@FILE"
        )
    stream = files[0].file_object
    stream.seek(0)
    return stream

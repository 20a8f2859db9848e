"""What a file is, by its content: text in some encoding, a workbook, or something that is no fleet at all."""

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Buffer, Callable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from vehicles.entrypoints.fleet_files.records import Understanding

MAX_UNPACKED: Final = 2**31
"""The maximum size of an unpacked file, in bytes."""
MAX_LINE: Final = 64 * 1024
"""The maximum length of a line or a row, in characters."""

_HEAD: Final = 64 * 1024
_CHUNK: Final = 64 * 1024
_SHOWN: Final = 1000
_GZIP: Final = b"\x1f\x8b"
# The longer marks first: that of UTF-32 begins with that of UTF-16.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ARCHIVE: Final = "an archive; unpack it, and import the file in it"
_FOREIGN: Final = (
    (rb"(\xef\xbb\xbf)?\s*%PDF", "a PDF document"),
    (rb"\x89PNG|\xff\xd8\xff|GIF8|BM....\x00\x00\x00\x00|II\*\x00|MM\x00\*", "a picture"),
    (rb"SQLite format 3\x00", "a database"),
    (rb"PAR1", "a Parquet file"),
    (rb"7z\xbc\xaf|Rar!|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd|.{257}ustar", _ARCHIVE),
)
_HTML: Final = "!doctype|html|head|meta|title|link|style|script|body|table|div|span|p|center|font|h[1-6]"
# Kinds of text, whatever its encoding.
_FOREIGN_TEXT: Final = (
    (rf"<({_HTML})\b|<!--|MIME-Version:", "a web page, whatever its name says"),
    (r"<\?xml|<[a-z][^<>]*>\s*<", "an XML file"),
    (r"\{\\rtf", "a text document (RTF)"),
    (r"ID;P\w*(;[NE])*\s*[\r\n]", "a SYLK file"),
)
_LINE_END: Final = re.compile(r"\r\r\n|\r\n|\n|\r")


class UnreadableFile(Exception):
    """A file that cannot be read as a fleet; the message says why and what to do.

    `understood` is how far the file was understood, if that is known.
    """

    understood: "Understanding | None" = None


class _Readable(io.RawIOBase):
    """A raw stream over a generator of bytes."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks = chunks
        self._rest = b""

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Buffer) -> int:
        """Fill the buffer with the next bytes; 0 at the end."""
        self._rest = self._rest or next(self._chunks, b"")
        view = memoryview(buffer)
        count = min(len(view), len(self._rest))
        view[:count], self._rest = self._rest[:count], self._rest[count:]
        return count


def unpacked(stream: BinaryIO, on_read: Callable[[], None]) -> tuple[bytes, BinaryIO, bool]:
    """Return the first bytes of a file, the whole file, and whether it was packed by gzip.

    `on_read` is called before each further part of the unpacked file is read.
    Raises UnreadableFile for other packed files, and while reading if the unpacked file is too large or damaged.
    """
    head = stream.read(_HEAD)
    chunks = iter(lambda: stream.read(_CHUNK), b"")
    if is_packed := head.startswith(_GZIP):
        chunks = _unzipped(_buffered(chain([head], chunks)))
        head = b""
        while len(head) < _HEAD and (chunk := next(chunks, b"")):
            head += chunk
    return head, _buffered(chain([head], _watched(chunks, on_read))), is_packed


def _buffered(chunks: Iterator[bytes]) -> BinaryIO:
    return io.BufferedReader(_Readable(chunks), _CHUNK)


def _watched(chunks: Iterator[bytes], on_read: Callable[[], None]) -> Iterator[bytes]:
    for chunk in chunks:
        on_read()
        yield chunk


def _unzipped(packed: BinaryIO) -> Iterator[bytes]:
    size = 0
    try:
        with gzip.GzipFile(fileobj=packed) as file:
            while chunk := file.read(_CHUNK):
                size += len(chunk)
                if size > MAX_UNPACKED:
                    raise UnreadableFile(f"the unpacked file is larger than {MAX_UNPACKED // 2**20} MiB; split it")
                yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UnreadableFile("the packed file (gzip) is damaged or incomplete; copy it again") from error


def require_fleet(head: bytes) -> None:
    """Raise UnreadableFile if a file is of a kind that holds no rows. The message names the kind."""
    if not head:
        raise UnreadableFile("the file is empty")
    kinds = [kind for pattern, kind in _FOREIGN if re.match(pattern, head, re.DOTALL)]
    if not kinds:
        text = head.decode(encoding_of(head), "replace").lstrip("\ufeff \t\r\n\u00a0")
        kinds = [kind for pattern, kind in _FOREIGN_TEXT if re.match(pattern, text, re.IGNORECASE)]
    if kinds:
        advice = "" if kinds[0] == _ARCHIVE else "; open it, and save the table as CSV or as an Excel workbook"
        raise UnreadableFile(f"the file is {kinds[0]}{advice}")


def encoding_of(head: bytes) -> str:
    """Return the name of the encoding of a text. Raises UnreadableFile if it is no text.

    Without a byte order mark, zeros at every second place mean UTF-16, and what is not UTF-8 is taken as Windows-1252.
    """
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    if zeros := head.count(0):
        for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
            if head[first::2].count(0) == zeros and zeros > len(head) / 4:
                return encoding
        if zeros > len(head) / 100:
            raise UnreadableFile("the file is neither text nor a workbook; save the table as CSV or as a workbook")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def lines_of(stream: BinaryIO, encoding: str, longest: int = MAX_LINE) -> Iterator[tuple[int, str]]:
    """Yield the lines, numbered from 1, without their ends: LF, CRLF, CR, or CRCRLF.

    A line longer than `longest` is cut, but stays longer. Bytes that are no text become surrogates.
    """
    errors = "surrogateescape" if encoding == "utf-8" else "replace"
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    parts: list[str] = []  # of the line that goes on in the next chunk
    number, room, held = 1, longest + 1, ""
    more = True
    while more:
        chunk = stream.read(_CHUNK)
        more = bool(chunk)
        text = held + decoder.decode(chunk, final=not more)
        # A return at the end may be part of an end of line.
        complete = text[:-2] + text[-2:].rstrip("\r") if more else text
        held = text[len(complete) :]
        for at, part in enumerate(_LINE_END.split(complete)):
            if at:
                yield number, _joined(parts, number)
                parts, number, room = [], number + 1, longest + 1
            if room:
                parts.append(part[:room])
                room -= len(parts[-1])
    yield number, _joined(parts, number)


def _joined(parts: list[str], number: int) -> str:
    line = "".join(parts)
    return line.lstrip("\ufeff") if number == 1 else line


def encodable[Value](value: Value) -> Value | str:
    """Return the value; in a text, what is no character becomes U+FFFD."""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if isinstance(value, str) else value


def shown(line: str) -> str:
    """Return the beginning of a line that could not be read. Bytes that are no text become escapes."""
    return line[:_SHOWN].encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")

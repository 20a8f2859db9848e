"""A stub of DynamoDB on loopback, over TLS as the real one, that answers at once.

It keeps nothing: every write succeeds, a `Scan` finds as many vehicles as it may read. So what is left of a request's
time is the client's side. Run as a program it prints its port, and ends with its standard input.
"""

import asyncio
import json
import ssl
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Final

MOST_ITEMS: Final = 12_500
"""About what fits in a page of 1 MB."""

_ITEM: Final = {
    "noOfAxles": {"N": "3"},
    "fuelType": {"S": "diesel"},
    "timestamp": {"S": "2026-11-23T08:15:30.123456Z"},
}


def vins(count: int) -> list[str]:
    """Return so many VINs."""
    return [f"WMAH05ZZ94M{number:06}" for number in range(count)]


def make_certificate(folder: Path) -> None:
    """Write cert.pem and key.pem for 127.0.0.1 into the folder, by OpenSSL."""
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2", "-nodes", "-batch"]
    files: list[str | Path] = ["-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    subprocess.run(["/usr/bin/env", "openssl", "req", "-x509", *key, *names, *files], check=True, capture_output=True)  # noqa: S603 — our own


class _Answers:
    """The bodies, made once for each number of items."""

    def __init__(self) -> None:
        self._pages: dict[int, bytes] = {}

    def to(self, operation: str, body: bytes) -> bytes:
        if operation == "Scan":
            return self._page(json.loads(body).get("Limit", MOST_ITEMS))
        return b"{}"

    def _page(self, count: int) -> bytes:
        if count not in self._pages:
            items = [{"vin": {"S": vin}, **_ITEM} for vin in vins(min(count, MOST_ITEMS))]
            last = {"LastEvaluatedKey": {"vin": items[-1]["vin"]}}
            page = {"Count": len(items), "Items": items, "ScannedCount": len(items), **last}
            self._pages[count] = json.dumps(page, separators=(",", ":")).encode()
        return self._pages[count]


async def _serve(folder: Path) -> None:
    answers = _Answers()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:-2])
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                content = answers.to(head.partition("DynamoDB_20120810.")[2].partition("\r\n")[0], body)
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\n"
                    b"x-amzn-RequestId: 4KBNVRGD25RG1KEO9UT4V3FQDJVV4KQNSO5AEMVJF66Q9ASUAAJG\r\n"
                    b"x-amz-crc32: %d\r\nContent-Length: %d\r\n\r\n%b" % (zlib.crc32(content), len(content), content)
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has gone
        finally:
            writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 — whoever started it waits for this
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))

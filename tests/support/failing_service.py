"""A service in the place of AWS that fails: it refuses, keeps silent, resets, answers half or nonsense."""

import json
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Final

from tests.support.emulator import HOST
from vehicles.testing.racing import SECONDS, started

INSIDE: Final = "arn:aws:inside"
"""What AWS says in its messages, and nobody outside may read."""

type Behaviour = Callable[[socket.socket], object]


def read_request(connection: socket.socket) -> None:
    """Read a request to its end, as far as a stub has to know where that is."""
    received = b""
    while b"\r\n\r\n" not in received:
        some = connection.recv(65536)
        if not some:
            return
        received += some
    head, _, body = received.partition(b"\r\n\r\n")
    lengths = [
        int(line.partition(b":")[2]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
    ]
    missing = sum(lengths) - len(body)
    while missing > 0:
        missing -= len(connection.recv(65536)) or missing


def answer(status: int, code: str) -> Behaviour:
    """Refuse as AWS does: DynamoDB reads the JSON, S3 the XML, each from a body that the other cannot read."""

    def respond(connection: socket.socket) -> None:
        connection.settimeout(5)
        peeked = connection.recv(65536, socket.MSG_PEEK)
        read_request(connection)
        if b"X-Amz-Target" in peeked:
            document = json.dumps({"__type": f"com.amazonaws#{code}", "message": INSIDE})
        else:
            document = f"<Error><Code>{code}</Code><Message>{INSIDE}</Message></Error>"
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(document)}\r\nConnection: close\r\n\r\n"
        connection.sendall((head + document).encode())

    return respond


def cancel(code: str) -> Behaviour:
    """Cancel a transaction for a reason, and throttle all else."""

    def respond(connection: socket.socket) -> None:
        peeked = connection.recv(65536, socket.MSG_PEEK)
        if b"TransactWriteItems" not in peeked:
            answer(400, "ThrottlingException")(connection)
            return
        read_request(connection)
        reasons = [{"Code": code, "Message": INSIDE}]
        document = json.dumps({"__type": "x#TransactionCanceledException", "CancellationReasons": reasons})
        head = f"HTTP/1.1 400 X\r\nContent-Length: {len(document)}\r\nConnection: close\r\n\r\n"
        connection.sendall((head + document).encode())

    return respond


def keep_silent(connection: socket.socket) -> None:
    connection.settimeout(30)
    with suppress(OSError):
        while connection.recv(65536):
            pass


def reset(connection: socket.socket) -> None:
    read_request(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hang_up(connection: socket.socket) -> None:
    read_request(connection)


def answer_half(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"Items": [')


def babble(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"220 inside.example ESMTP\r\n")


@contextmanager
def serving(behave: Behaviour) -> Iterator[str]:
    """Run a service that does the same with every connection, and yield its address."""
    with socket.create_server((HOST, 0), backlog=64) as listener:

        def serve_one(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                behave(connection)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    started(partial(serve_one, connection))

        accepting = started(accept)
        try:
            yield f"http://{HOST}:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.result(SECONDS)

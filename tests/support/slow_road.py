"""A road to the emulator that takes its time: what a client sends arrives late."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

from tests.support.emulator import HOST, Emulator


@contextmanager
def slow_road(emulator: Emulator, seconds: float) -> Iterator[Emulator]:
    """Yield the emulator as it is reached by the road. TLS goes through it unread."""
    with socket.create_server((HOST, 0), backlog=64) as listener:

        def carry(source: socket.socket, target: socket.socket, wait: float) -> None:
            with suppress(OSError):
                while content := source.recv(65536):
                    time.sleep(wait)
                    target.sendall(content)
            with suppress(OSError):
                target.shutdown(socket.SHUT_WR)

        def serve(client: socket.socket) -> None:
            with client, socket.create_connection((HOST, emulator.port)) as server:
                back = Thread(target=carry, args=(server, client, 0.0), daemon=True)
                back.start()
                carry(client, server, seconds)
                back.join()

        def accept() -> None:
            with suppress(OSError):
                while True:
                    Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

        accepting = Thread(target=accept)
        accepting.start()
        try:
            yield Emulator(listener.getsockname()[1], emulator.certificate)
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()

"""Calls in threads, each waited for with a timeout, by the test and not by the interpreter at its exit."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from threading import Barrier, Thread
from time import monotonic
from typing import Final

SECONDS: Final = 120.0


def started[Result](call: Callable[[], Result]) -> Future[Result]:
    """Call a function in a thread of its own, and return its future; a thread of a pool would delay the exit."""
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001 — whoever asks the future gets it
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    return future


def racing[Result](calls: Iterable[Callable[[], Result]], *, seconds: float = SECONDS) -> list[Result]:
    """Have all calls begin at the same time, and return their results. Raises the first error, or TimeoutError."""
    all_calls = [*calls]
    barrier = Barrier(len(all_calls))

    def begin(call: Callable[[], Result]) -> Result:
        barrier.wait(seconds)
        return call()

    deadline = monotonic() + seconds
    futures = [started(lambda call=call: begin(call)) for call in all_calls]  # type: ignore[misc]  # a default binds it
    return [future.result(max(0.0, deadline - monotonic())) for future in futures]

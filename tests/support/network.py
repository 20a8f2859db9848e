"""A network of our own beneath the clients of the SDK: it answers what it is told, and nothing is sent."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from urllib3 import HTTPResponse

from tests.support.emulator import aws_settings


class Network:
    """Gives its answers in turn, the last one over and over, whichever client asks."""

    def __init__(self, *answers: tuple[int, bytes], headers: Mapping[str, str] | None = None) -> None:
        self.requests: list[AWSPreparedRequest] = []
        self.answer(*answers, headers=headers)

    def answer(self, *answers: tuple[int, bytes], headers: Mapping[str, str] | None = None) -> None:
        """Give these answers from now on."""
        self._left = [*answers]
        self._headers = headers or {}
        self._given: dict[object, tuple[int, bytes]] | None = None

    def answer_each(self, *answers: tuple[int, bytes]) -> None:
        """Give these answers from now on, and to a request that is repeated the same one again."""
        self.answer(*answers)
        self._given = {}

    def client[Client](self, make: Callable[[], Client]) -> Client:
        """Make a client that this network answers."""
        with aws_settings("http://127.0.0.1:1"):
            client = make()
        self.attach(client)
        return client

    def attach(self, client: Any) -> None:  # noqa: ANN401 — of any service
        client.meta.events.register("before-send", self._respond)

    def _respond(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        self.requests.append(request)
        status, content = self._answer_to(request.body)
        headers: Any = {"Content-Length": str(len(content)), **self._headers}
        return AWSResponse(request.url, status, headers, HTTPResponse(BytesIO(content), preload_content=False))

    def _answer_to(self, body: object) -> tuple[int, bytes]:
        if self._given is not None and body in self._given:
            return self._given[body]
        answer = self._left.pop(0) if len(self._left) > 1 else self._left[0]
        if self._given is not None:
            self._given[body] = answer
        return answer

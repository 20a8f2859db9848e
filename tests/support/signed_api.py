"""The deployed HTTP API, called as its users call it: over TLS, each request signed (AWS Signature Version 4)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.support.deployment import User
from tests.support.emulator import HOST, REGION, Emulator

VEHICLE = {"noOfAxles": 3, "fuelType": "diesel"}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; the names of its headers in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 — whatever the API answers
        return json.loads(self.content)

    @property
    def problem(self) -> str:
        """The kind of problem, as the documentation names it."""
        assert self.headers["content-type"] == "application/problem+json"
        return str(self.json["type"]).removeprefix("/problems/")


@dataclass(frozen=True, slots=True)
class SignedApi:
    """The API at the address that the deployment has put out, for a user; for None, unsigned."""

    address: str
    emulator: Emulator
    user: User | None

    def send(
        self, method: str, target: str, body: bytes | Mapping[str, object] | None = None, **headers: str
    ) -> Answer:
        """Send a request; a mapping as JSON. `if_match` is the header If-Match."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if isinstance(body, Mapping):
            sent = {"Content-Type": "application/json", **sent}
            body = json.dumps(body).encode()
        request = AWSRequest(method=method, url=self.address + target, data=body, headers=sent)
        if self.user is not None:
            SigV4Auth(Credentials(self.user.key, self.user.secret), "execute-api", REGION).add_auth(request)
        connection = HTTPSConnection(HOST, self.emulator.port, timeout=300, context=self.emulator.trust())
        try:
            host = {"Host": urlsplit(self.address).netloc}
            connection.request(method, target, body, host | dict(request.headers.items()))
            response = connection.getresponse()
            names = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, names, response.read())
        finally:
            connection.close()

    def register(self, vin: str, **fields: object) -> Answer:
        return self.send("POST", "/vehicle", {"vin": vin, **VEHICLE, **fields})

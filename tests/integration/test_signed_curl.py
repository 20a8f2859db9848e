"""What docs/deployment.md says of curl: what it signs is what AWS would compute, here by the SDK's own signer."""

import re
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.support.emulator import HOST
from tests.support.processes import run, serving_in_thread

PAGE = Path(__file__).parents[2] / "docs" / "deployment.md"
KEY, SECRET, REGION, SERVICE = "AKIAEXAMPLE", "secret/of+an/example", "eu-central-1", "execute-api"
REGISTRATION = '{"vin": "WMAH05ZZ04M012345", "noOfAxles": 3, "fuelType": "diesel"}'


class Catcher(HTTPServer):
    """Keeps the one request that it is sent."""

    caught: AWSRequest


class Keep(BaseHTTPRequestHandler):
    server: Catcher

    def handle_request(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        url = f"http://{self.headers['Host']}{self.path}"
        self.server.caught = AWSRequest(self.command, url, headers=dict(self.headers), data=body)
        self.send_response(204)
        self.end_headers()

    do_GET = do_POST = handle_request  # noqa: N815 — the names that http.server calls

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def sent(*arguments: str) -> AWSRequest:
    """Return what curl sends for these arguments."""
    signing = ("--aws-sigv4", f"aws:amz:{REGION}:{SERVICE}", "--user", f"{KEY}:{SECRET}", "--silent", "--show-error")
    server = Catcher((HOST, 0), Keep)
    with serving_in_thread(server):
        address = f"http://{HOST}:{server.server_port}"
        run("/usr/bin/env", "curl", *signing, *(each.replace("$API", address) for each in arguments))
    return server.caught


def expected_signature(request: AWSRequest) -> str:
    """Return what AWS computes for the headers that the request says are signed."""
    names = re.search(r"SignedHeaders=([^,]*)", request.headers["Authorization"])
    assert names is not None
    signed = {name: request.headers[name] for name in names[1].split(";")}
    again = AWSRequest(request.method, request.url, headers=signed, data=request.data)
    again.context["timestamp"] = request.headers["X-Amz-Date"]
    signer = SigV4Auth(Credentials(KEY, SECRET), SERVICE, REGION)
    return str(signer.signature(signer.string_to_sign(again, signer.canonical_request(again)), again))


@pytest.mark.parametrize(
    "arguments",
    (
        ("$API/health",),
        ("$API/vehicle?vin=WMAH05ZZ04M012345",),
        ("$API/vehicles?fuelType=diesel&limit=2",),
        ("--json", REGISTRATION, "$API/vehicle"),
        ("--header", "x-amz-security-token: of-a-session", "$API/health"),
    ),
    ids=" ".join,
)
def test_curl_signs_as_aws_computes(arguments: tuple[str, ...]) -> None:
    request = sent(*arguments)
    has_token = "x-amz-security-token" in request.headers["Authorization"].partition("SignedHeaders=")[2]
    assert has_token == ("--header" in arguments)
    assert request.headers["Authorization"].endswith(f"Signature={expected_signature(request)}")


def test_page_shows_this_command() -> None:
    assert "curl --aws-sigv4 aws:amz:eu-central-1:execute-api" in PAGE.read_text(encoding="utf-8")

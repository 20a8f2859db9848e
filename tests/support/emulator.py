"""An emulator of AWS: ministack, as a process of its own from an environment of its own, on loopback."""

import os
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch
from urllib.request import urlopen
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config

from tests.support.processes import running
from vehicles.adapters.aws.dynamodb_items import INDEX, item_of
from vehicles.domain.vin.number import Vin
from vehicles.testing.vehicle_repository import stored

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_s3 import S3Client

HOST: Final = "127.0.0.1"
REGION: Final = "eu-central-1"
PROGRAM: Final = Path(__file__).parents[2] / ".venv-emulator" / "bin" / "ministack"
NO_EMULATOR: Final = "no emulator of AWS here: `make emulator` installs it"
_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Emulator:
    """An emulator that was started and has answered, or what stands between one and its clients.

    One with a `certificate` speaks TLS and nothing else.
    """

    port: int
    certificate: Path | None = None

    @property
    def address(self) -> str:
        return f"{'http' if self.certificate is None else 'https'}://{HOST}:{self.port}"

    def trust(self) -> ssl.SSLContext | None:
        """Return what makes a client trust the certificate and no other."""
        return None if self.certificate is None else ssl.create_default_context(cafile=self.certificate)

    def dynamodb(self) -> "DynamoDBClient":
        """Return a client that waits as long as a machine under load may take."""
        with aws_settings(self.address):
            return boto3.Session().client("dynamodb", config=_slow_machine_config())

    def cloudformation(self) -> "CloudFormationClient":
        with aws_settings(self.address):
            return boto3.Session().client("cloudformation", config=_slow_machine_config())

    def s3(self) -> "S3Client":
        with aws_settings(self.address):
            return boto3.Session().client("s3", config=_slow_machine_config())


def require_tool(tool: Path, message: str) -> None:
    """Where the tool is not installed, skip loudly, or fail in a pipeline."""
    if not tool.exists():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(message)


@contextmanager
def emulating(*, tls: bool = False, **settings: str) -> Iterator[Emulator]:
    """Run an emulator on a free port, with settings of its own. See `require_tool` for where it is not installed."""
    require_tool(PROGRAM, NO_EMULATOR)
    with tempfile.TemporaryFile() as log, tempfile.TemporaryDirectory() as folder:
        # With TLS it makes a certificate for itself in the folder for temporary files, and its functions trust it.
        emulator = Emulator(free_port(), Path(folder, "ministack-tls", "server.crt") if tls else None)
        environment = _without_aws() | {
            "BIND_HOST": HOST,
            "GATEWAY_PORT": str(emulator.port),
            "IOT_MTLS_ENABLED": "0",
            "COVERAGE_PROCESS_CONFIG": "",
            "MINISTACK_REGION": REGION,
            "TMPDIR": folder,
            "USE_SSL": str(int(tls)),
            **settings,
        }
        with running(subprocess.Popen([PROGRAM], env=environment, cwd=folder, stdout=log, stderr=log)) as process:
            _wait(emulator, process, log.fileno())
            yield emulator


@contextmanager
def aws_settings(address: str, **others: str) -> Iterator[None]:
    """Let AWS's settings be these and no others, whatever the person at this machine has set."""
    settings = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": address,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": HOST,
    }
    with patch.dict(os.environ, {**_without_aws(), **settings, **others}, clear=True):
        yield


def layout_of_table(name: str) -> Any:  # noqa: ANN401 — what two calls take, each by a type of its own
    """Return what a table is made with, as template.yaml makes it."""
    return {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": "vin", "AttributeType": "S"},
            {"AttributeName": "vinEnd", "AttributeType": "S"},
        ],
        "KeySchema": [{"AttributeName": "vin", "KeyType": "HASH"}],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": INDEX,
                "KeySchema": [
                    {"AttributeName": "vinEnd", "KeyType": "HASH"},
                    {"AttributeName": "vin", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    }


def make_table(client: "DynamoDBClient") -> str:
    """Make a table and return its name."""
    name = f"vehicle-{uuid4()}"
    client.create_table(**layout_of_table(name))
    client.get_waiter("table_exists").wait(TableName=name)
    return name


def fill_pages(client: "DynamoDBClient", table: str) -> list[Vin]:
    """Fill two pages of a scan, of 1 MB each, with few but heavy vehicles, and return their VINs."""
    fleet = [stored(800 + number) for number in range(6)]
    for each in fleet:
        client.put_item(TableName=table, Item={**item_of(each), "note": {"S": "x" * 390_000}})
    return [each.vehicle.vin for each in fleet]


def make_bucket(client: "S3Client") -> str:
    """Make a bucket and return its name."""
    name = f"summaries-{uuid4()}"
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return name


def free_port() -> int:
    """Return a port that nothing listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _without_aws() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


def _slow_machine_config() -> Config:
    retries = {"mode": "standard", "total_max_attempts": 5}
    return Config(read_timeout=_SECONDS, connect_timeout=_SECONDS, max_pool_connections=300, retries=retries)  # type: ignore[arg-type]  # a mode by its name


def _wait(emulator: Emulator, process: "subprocess.Popen[bytes]", log: int) -> None:
    deadline = time.monotonic() + _SECONDS
    while True:
        assert process.poll() is None, os.pread(log, 10_000, 0).decode()
        try:
            address = f"{emulator.address}/_ministack/health"
            with urlopen(address, timeout=_SECONDS, context=emulator.trust()) as answer:  # noqa: S310 — our own
                assert answer.status == 200
                return
        except OSError:  # also where the certificate is not there yet
            assert time.monotonic() < deadline, "the emulator does not answer"
            time.sleep(0.05)

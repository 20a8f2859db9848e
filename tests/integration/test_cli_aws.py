"""The command line on AWS: the same commands, on a table and a bucket that are named."""

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.support.command_line import VIN, CommandLine
from tests.support.emulator import Emulator, aws_settings, free_port, make_bucket, make_table
from vehicles.adapters.aws.client import BATCH_READ_TIMEOUT, READ_TIMEOUT
from vehicles.adapters.aws.dynamodb import BATCH_PAUSES, PAUSES, DynamoDBVehicleRepository
from vehicles.adapters.aws.s3 import S3ReportStore
from vehicles.container import open_container
from vehicles.domain.deadline import BATCH_TIME_LIMIT, TIME_LIMIT
from vehicles.domain.summary.week import IsoWeek
from vehicles.entrypoints.cli.terminal import Exit
from vehicles.ports.report_store import key_of
from vehicles.settings import Backend, Settings


@pytest.fixture
def aws(emulator: Emulator) -> Iterator[None]:
    """Let AWS be the emulator."""
    with aws_settings(emulator.address):
        yield


@pytest.fixture
def named(emulator: Emulator, aws: None, tmp_path: Path) -> CommandLine:  # noqa: ARG001 — it sets the environment
    """The command line on a table and a bucket of its own."""
    names = {"VEHICLES_TABLE": make_table(emulator.dynamodb()), "VEHICLES_BUCKET": make_bucket(emulator.s3())}
    return CommandLine(tmp_path / "data", {"VEHICLES_BACKEND": "aws", **names})


# --- every command ---


def test_registered_vehicle_is_in_the_table(named: CommandLine, emulator: Emulator) -> None:
    named.run("register", VIN, "--axles", "3", "--fuel", "diesel")
    [item] = emulator.dynamodb().scan(TableName=named.environment["VEHICLES_TABLE"])["Items"]
    assert (item["vin"], item["noOfAxles"]) == ({"S": VIN}, {"N": "3"})


def test_summary_is_in_the_bucket(named: CommandLine, emulator: Emulator) -> None:
    named.run("register", VIN, "--axles", "3", "--fuel", "diesel")
    summary = named.json("summarize")
    key = key_of(IsoWeek.parse(summary["week"]))
    found = emulator.s3().get_object(Bucket=named.environment["VEHICLES_BUCKET"], Key=key)
    assert (summary["total"], json.load(found["Body"])) == (1, summary)


@pytest.mark.parametrize(
    ("batch", "seconds", "limit", "pauses"),
    ((False, READ_TIMEOUT, TIME_LIMIT, PAUSES), (True, BATCH_READ_TIMEOUT, BATCH_TIME_LIMIT, BATCH_PAUSES)),
)
def test_batch_container_waits_longer(
    aws: None,  # noqa: ARG001 — it sets the environment
    batch: bool,  # noqa: FBT001 — a column of the table
    seconds: float,
    limit: timedelta,
    pauses: tuple[float, ...],
) -> None:
    with open_container(Settings(backend=Backend.AWS, bucket="summaries"), batch=batch) as container:
        repository, reports, registry = container.repository(), container.reports(), container.registry()
    assert isinstance(repository, DynamoDBVehicleRepository)
    assert isinstance(reports, S3ReportStore)
    configs = [vars(client.meta.config) for client in (repository.client, reports.client)]
    assert [config["read_timeout"] for config in configs] == [seconds, seconds]
    assert (repository.time_limit, reports.time_limit, registry.time_limit) == (limit, limit, limit)
    assert repository.pauses == pauses


def test_bucket_is_not_demanded_for_vehicles(named: CommandLine) -> None:
    without = CommandLine(named.data, {**named.environment, "VEHICLES_BUCKET": ""})
    assert without.run("list").exit_code == Exit.DONE


def test_missing_bucket_is_one_line(named: CommandLine) -> None:
    result = CommandLine(named.data, {**named.environment, "VEHICLES_BUCKET": ""}).run("summarize")
    assert (result.exit_code, result.stderr) == (
        Exit.USAGE,
        "vehicles: no bucket for the summaries is set: set VEHICLES_BUCKET, or give --bucket or --stack\n",
    )


# --- what is wrong is one line ---


@pytest.fixture
def no_region(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 — it sets the environment
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")


@pytest.mark.usefixtures("no_region")
def test_missing_region_is_reported(named: CommandLine) -> None:
    result = named.run("list")
    assert (result.exit_code, "no region is set" in result.stderr) == (Exit.STORAGE, True)


def test_unreachable_storage_is_reported(named: CommandLine) -> None:
    with patch.dict(os.environ, {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{free_port()}"}):
        result = named.run("list")
    assert (result.exit_code, "DynamoDB did not answer" in result.stderr) == (Exit.STORAGE, True)


def test_missing_table_is_reported(named: CommandLine) -> None:
    result = named.run("--table", "not-there", "list")
    assert (result.exit_code, "the table or its index does not exist" in result.stderr) == (Exit.STORAGE, True)


# --- doctor ---


def checks(line: CommandLine, *arguments: str) -> dict[str, tuple[bool, str]]:
    return {check["name"]: (check["ok"], check["detail"]) for check in line.json("doctor", *arguments)["checks"]}


def test_doctor_finds_all_well(named: CommandLine) -> None:
    table, bucket = named.environment["VEHICLES_TABLE"], named.environment["VEHICLES_BUCKET"]
    assert checks(named) == {
        "region": (True, "eu-central-1"),
        "table": (True, f"{table} can be read"),
        "index": (True, f"{table} can be read"),
        "vehicles": (True, "0"),
        "bucket": (True, f"{bucket} can be read; it has no summary yet"),
    }


@pytest.mark.parametrize(
    ("arguments", "name", "wrong"),
    (
        (
            ("--table", "not-there"),
            "table",
            "DynamoDB rejected Scan (ResourceNotFoundException): the table or its index does",
        ),
        (("--bucket", "not-there"), "bucket", "S3 rejected ListObjectsV2 (NoSuchBucket): the bucket does not exist"),
    ),
)
def test_doctor_says_what_is_wrong(arguments: tuple[str, ...], name: str, wrong: str, named: CommandLine) -> None:
    ok, detail = checks(named, *arguments)[name]
    assert (ok, detail[: len(wrong)]) == (False, wrong)


def test_doctor_finds_an_invalid_endpoint(named: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "nowhere")
    ok, detail = checks(named)["table"]
    assert (ok, detail) == (False, "DynamoDB is unusable: an AWS setting is wrong (ValueError)")


def test_doctor_misses_the_bucket(named: CommandLine) -> None:
    assert not checks(CommandLine(named.data, {**named.environment, "VEHICLES_BUCKET": ""}))["bucket"][0]


@pytest.mark.usefixtures("no_region")
def test_doctor_misses_the_region(named: CommandLine) -> None:
    result = named.run("doctor")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (
        Exit.REFUSED,
        "failed  region: no region: set AWS_REGION, or a region in the profile",
    )

"""The command line on the table and the bucket of a stack."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from unittest.mock import patch

import pytest

from tests.support.command_line import OTHER_VIN, VIN, CommandLine
from tests.support.emulator import Emulator, aws_settings, layout_of_table, make_bucket, make_table
from vehicles.entrypoints.cli.terminal import Exit

STACK: Final = "vehicles-test"
TEMPLATE: Final = {
    "Resources": {
        "VehicleTable": {"Type": "AWS::DynamoDB::Table", "Properties": layout_of_table("vehicle-of-stack")},
        "SummaryBucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "summaries-of-stack"}},
    },
    "Outputs": {
        "TableName": {"Value": {"Ref": "VehicleTable"}},
        "BucketName": {"Value": {"Ref": "SummaryBucket"}},
    },
}


@pytest.fixture(autouse=True)
def _aws(emulator: Emulator) -> Iterator[None]:
    with aws_settings(emulator.address):
        yield


@pytest.fixture
def named(emulator: Emulator, tmp_path: Path) -> CommandLine:
    """The command line on a table and a bucket of its own."""
    names = {"VEHICLES_TABLE": make_table(emulator.dynamodb()), "VEHICLES_BUCKET": make_bucket(emulator.s3())}
    return CommandLine(tmp_path / "data", {"VEHICLES_BACKEND": "aws", **names})


@pytest.fixture(scope="module")
def stack(emulator: Emulator) -> str:
    return make_stack(emulator, STACK, TEMPLATE)


def make_stack(emulator: Emulator, name: str, template: Mapping[str, object]) -> str:
    client = emulator.cloudformation()
    client.create_stack(StackName=name, TemplateBody=json.dumps(template))
    client.get_waiter("stack_create_complete").wait(StackName=name)
    return name


def test_stack_names_table_and_bucket(stack: str, emulator: Emulator, tmp_path: Path) -> None:
    line = CommandLine(tmp_path / "data")
    line.run("--stack", stack, "register", VIN, "--axles", "3", "--fuel", "diesel")
    line.run("--stack", stack, "summarize")
    assert emulator.dynamodb().scan(TableName="vehicle-of-stack")["Count"] == 1
    assert emulator.s3().list_objects_v2(Bucket="summaries-of-stack")["KeyCount"] == 3


def test_named_table_goes_before_that_of_the_stack(stack: str, named: CommandLine) -> None:
    named.run("--stack", stack, "register", OTHER_VIN, "--axles", "3", "--fuel", "diesel")
    own = CommandLine(named.data, {"VEHICLES_STACK": stack})
    assert (named.run("get", OTHER_VIN).exit_code, own.run("get", OTHER_VIN).exit_code) == (Exit.DONE, Exit.NOT_FOUND)


def test_missing_stack_is_reported(named: CommandLine) -> None:
    result = named.run("--stack", "nowhere", "list")
    checks = {check["name"]: check for check in named.json("doctor", "--stack", "nowhere")["checks"]}
    missing = "There is no stack nowhere in eu-central-1"
    assert (result.exit_code, result.stderr.split(". ")[0]) == (Exit.STORAGE, f"vehicles: {missing}")
    assert (checks["stack"]["ok"], checks["stack"]["detail"].startswith(missing)) == (False, True)


def test_stack_without_outputs_is_reported(named: CommandLine, emulator: Emulator) -> None:
    other = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, "Outputs": {"TableName": {"Value": "t-1"}}}
    result = named.run("--stack", make_stack(emulator, "other", other), "summarize")
    # A table and a bucket are named here, but a stack that is no registry is a mistake to be reported all the same.
    assert result.stderr.split(". ")[0] == "vehicles: The stack other (CREATE_COMPLETE) has no output BucketName"


@pytest.mark.parametrize("arguments", (("list",), ("--stack", STACK, "list")))
def test_missing_credentials_are_reported(arguments: tuple[str, ...], named: CommandLine) -> None:
    with patch.dict(os.environ, {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}):
        result = named.run(*arguments)
    assert (result.exit_code, "there are no valid credentials" in result.stderr) == (Exit.STORAGE, True)


def test_doctor_shows_what_the_stack_names(stack: str, tmp_path: Path) -> None:
    rows = CommandLine(tmp_path / "data").json("doctor", "--stack", stack)["settings"]
    shown = {row["name"]: (row["value"], row["origin"]) for row in rows}
    assert (shown["table"], shown["bucket"], shown["backend"]) == (
        ("vehicle-of-stack", f"stack {stack}"),
        ("summaries-of-stack", f"stack {stack}"),
        ("aws", "flag --stack"),
    )

"""Removing a stack, and coming back beside what it leaves, as docs/deployment.md describes both."""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any, Final
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError, WaiterError

from tests.support.command_line import VIN, CommandLine
from tests.support.emulator import Emulator, aws_settings
from tests.support.processes import run
from tests.support.stack_template import PYTHON, ROOT, translation

KEPT: Final = ("VehicleTable", "SummaryBucket", "SummaryBucketPolicy")

PAGE: Final = ROOT / "docs" / "deployment.md"


def kept_template(*outputs: str, kept: Sequence[str] = KEPT, **others: object) -> str:
    """Return the template of what outlives the stack, with other resources beside it."""
    template = translation()
    resources = {name: template["Resources"][name] for name in kept}
    made = {"Parameters": template["Parameters"], "Resources": resources | others}
    return json.dumps(made | {"Outputs": {name: template["Outputs"][name] for name in outputs}})


@dataclass(frozen=True)
class Registry:
    """A stack with a table and a bucket; and the command line on them, with or without the stack."""

    name: str
    data: Path

    def parameters(self) -> list[Any]:
        names = {"TableName": self.name, "BucketPrefix": self.name}
        return [{"ParameterKey": name, "ParameterValue": value} for name, value in names.items()]

    def create(self, template: str) -> None:
        cloudformation = boto3.client("cloudformation")
        cloudformation.create_stack(StackName=self.name, TemplateBody=template, Parameters=self.parameters())
        cloudformation.get_waiter("stack_create_complete").wait(StackName=self.name, WaiterConfig={"Delay": 1})

    def delete(self) -> None:
        cloudformation = boto3.client("cloudformation")
        cloudformation.delete_stack(StackName=self.name)
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=self.name, WaiterConfig={"Delay": 1})

    @property
    def bucket(self) -> str:
        (found,) = (each["Name"] for each in boto3.client("s3").list_buckets()["Buckets"] if self.name in each["Name"])
        return found

    @property
    def line(self) -> CommandLine:
        names = {"VEHICLES_TABLE": self.name, "VEHICLES_BUCKET": self.bucket}
        return CommandLine(self.data, {"VEHICLES_BACKEND": "aws", **names})

    def delete_table(self) -> None:
        dynamodb = boto3.client("dynamodb")
        dynamodb.delete_table(TableName=self.name)
        dynamodb.get_waiter("table_not_exists").wait(TableName=self.name)


@pytest.fixture(autouse=True)
def _aws(emulator: Emulator) -> Iterator[None]:
    with aws_settings(emulator.address):
        yield


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(f"gone-{uuid4().hex[:12]}", tmp_path)


@pytest.fixture
def removed(registry: Registry) -> Registry:
    """A registry with a vehicle and two versions of a summary, whose stack was deleted."""
    registry.create(kept_template())
    registry.line.run("register", VIN, "--axles", "3", "--fuel", "diesel")
    for _ in range(2):
        registry.line.run("summarize")
    registry.delete()
    return registry


def test_data_outlive_the_stack(removed: Registry) -> None:
    assert (removed.line.json("get", VIN)["vin"], removed.line.json("summarize")["total"]) == (VIN, 1)


def test_failed_creation_leaves_only_the_table(registry: Registry) -> None:
    broken = {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 9999}, "DependsOn": [*KEPT]}
    with pytest.raises(WaiterError):
        registry.create(kept_template(Queue=broken))
    tables = boto3.client("dynamodb").list_tables()["TableNames"]
    buckets = [each["Name"] for each in boto3.client("s3").list_buckets()["Buckets"]]
    assert (registry.name in tables, [name for name in buckets if registry.name in name]) == (True, [])


def test_existing_names_cannot_be_used_again(removed: Registry) -> None:
    with pytest.raises(WaiterError):
        removed.create(kept_template())


def test_protected_table_is_not_deleted(removed: Registry) -> None:
    with pytest.raises(ClientError, match="deletion protection"):
        removed.delete_table()


def test_documented_commands_remove_all(registry: Registry) -> None:
    registry.create(kept_template())
    registry.line.run("register", VIN, "--axles", "3", "--fuel", "diesel")
    registry.line.run("summarize")
    for block in blocks_of("Removing"):
        in_shell(
            block, {"vehicles-dev": registry.name, "vehicle-demo": registry.name, "vehicle-summary": registry.name}
        )
    registry.create(kept_template())
    assert registry.line.run("list", "--json").stdout == ""


def test_documented_commands_make_the_role_of_the_pipeline(registry: Registry) -> None:
    # The first of them also makes the identity provider, a resource that the emulator does not know.
    _, prod, boundary = blocks_of("From GitLab")
    in_shell(prod, {"API_ID": "bbbbbbbbbb", "pipeline-prod": registry.name})
    query = boundary[boundary.index("$(") + 2 : boundary.rindex(")")]
    assert re.fullmatch(r"arn:aws:iam::\d+:policy/.+\n", in_shell(query, {"pipeline-dev": registry.name}))


def blocks_of(section: str) -> list[str]:
    """Return the commands of a section of the page, block by block."""
    text = PAGE.read_text(encoding="utf-8").split(f"## {section}\n")[1].split("\n## ")[0]
    return [dedent(block) for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL)]


def in_shell(commands: str, names: Mapping[str, str]) -> str:
    """Run commands with other names, and with the AWS CLI of SAM's environment; return what they write."""
    for documented, name in names.items():
        commands = commands.replace(documented, name)
    (settings,) = re.findall(r"^export AWS_REGION=.*$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    others = {name: value for name, value in os.environ.items() if name not in {"AWS_REGION", "AWS_DEFAULT_REGION"}}
    environment = others | {"PATH": f"{PYTHON.parent}:{others['PATH']}"}
    return run("bash", "-euc", f"{settings}\n{commands}", env=environment, cwd=ROOT).stdout


def test_data_move_to_new_names(removed: Registry, tmp_path: Path) -> None:
    new = Registry(f"new-{uuid4().hex[:12]}", tmp_path)
    new.create(kept_template())
    fleet = tmp_path / "fleet.csv"
    fleet.write_text(removed.line.run("export").stdout)
    new.line.run("import", "--keep-timestamps", fleet)
    s3 = boto3.client("s3")
    for each in s3.list_objects_v2(Bucket=removed.bucket)["Contents"]:  # as `aws s3 sync` does
        s3.copy_object(Bucket=new.bucket, Key=each["Key"], CopySource={"Bucket": removed.bucket, "Key": each["Key"]})
    old, moved = removed.line.json("get", VIN), new.line.json("get", VIN)
    assert moved | {"version": old["version"]} == old
    assert boto3.client("s3").list_objects_v2(Bucket=new.bucket)["KeyCount"] == 3


def test_new_stack_imports_what_was_kept(removed: Registry) -> None:
    cloudformation, bucket = boto3.client("cloudformation"), removed.bucket
    boto3.client("s3").delete_bucket_policy(Bucket=bucket)
    imported: list[Any] = [
        {
            "ResourceType": "AWS::DynamoDB::Table",
            "LogicalResourceId": "VehicleTable",
            "ResourceIdentifier": {"TableName": removed.name},
        },
        {
            "ResourceType": "AWS::S3::Bucket",
            "LogicalResourceId": "SummaryBucket",
            "ResourceIdentifier": {"BucketName": bucket},
        },
    ]
    change_set: Any = {"StackName": removed.name, "ChangeSetName": "import"}
    cloudformation.create_change_set(
        **change_set,
        ChangeSetType="IMPORT",
        TemplateBody=kept_template(kept=KEPT[:2]),
        Parameters=removed.parameters(),
        ResourcesToImport=imported,
    )
    cloudformation.get_waiter("change_set_create_complete").wait(**change_set)
    cloudformation.execute_change_set(**change_set)
    cloudformation.get_waiter("stack_import_complete").wait(StackName=removed.name, WaiterConfig={"Delay": 1})
    whole = kept_template("TableName", "BucketName")
    cloudformation.update_stack(StackName=removed.name, TemplateBody=whole, Parameters=removed.parameters())
    cloudformation.get_waiter("stack_update_complete").wait(StackName=removed.name, WaiterConfig={"Delay": 1})
    assert CommandLine(removed.data, {"VEHICLES_STACK": removed.name}).json("get", VIN)["vin"] == VIN

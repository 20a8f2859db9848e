"""What the outputs of a stack tell, and what CloudFormation may say instead, by the SDK's own stand-in for answers."""

from datetime import UTC, datetime
from typing import Any, Final

import pytest
from botocore.stub import Stubber

from tests.support.emulator import HOST, aws_settings
from vehicles.adapters.aws.cloudformation import Deployment, make_cloudformation_client, read_deployment
from vehicles.domain.errors import StorageMisconfigured, StorageUnavailable

OUTPUTS: Final = {
    "TableName": "vehicle-dev",
    "BucketName": "summaries-dev",
    "SummaryTimeZone": "Europe/Berlin",
    "ApiUrl": "https://example.org",
}


def answered(outputs: dict[str, str] | None) -> dict[str, Any]:
    """Return CloudFormation's description of a stack."""
    stack: dict[str, Any] = {
        "StackName": "dev",
        "CreationTime": datetime(2026, 11, 24, tzinfo=UTC),
        "StackStatus": "ROLLBACK_COMPLETE",
    }
    if outputs is not None:
        stack["Outputs"] = [{"OutputKey": name, "OutputValue": value} for name, value in outputs.items()]
    return {"Stacks": [stack]}


def read(answer: dict[str, Any] | None = None, *, code: str = "", status: int = 400) -> Deployment:
    """Read the stack `dev` where CloudFormation answers so, or refuses with a code."""
    with aws_settings(f"http://{HOST}:1"):
        client = make_cloudformation_client()
    with Stubber(client) as stub:
        if answer is None:
            stub.add_client_error("describe_stacks", code, "of arn:aws:iam::1:user/x", status)
        else:
            stub.add_response("describe_stacks", answer, {"StackName": "dev"})
        return read_deployment(client, "dev")


def test_outputs_name_table_and_bucket() -> None:
    assert read(answered(OUTPUTS)) == Deployment("vehicle-dev", "summaries-dev", "Europe/Berlin")


def test_older_stack_has_no_time_zone() -> None:
    older = {name: value for name, value in OUTPUTS.items() if name != "SummaryTimeZone"}
    assert read(answered(older)).time_zone is None


@pytest.mark.parametrize(
    ("outputs", "missing"),
    (
        ({"TableName": "t"}, "no output BucketName"),
        ({"BucketName": "b"}, "no output TableName"),
        ({}, "no output TableName and no output BucketName"),
        (None, "no output TableName and no output BucketName"),
    ),
)
def test_missing_output_is_named(outputs: dict[str, str] | None, missing: str) -> None:
    with pytest.raises(StorageMisconfigured) as caught:
        read(answered(outputs))
    assert caught.value.reason == f"The stack dev (ROLLBACK_COMPLETE) has {missing}"


@pytest.mark.parametrize(
    ("code", "reason"),
    (
        ("ValidationError", "There is no stack dev in eu-central-1"),
        ("AccessDenied", "CloudFormation rejected DescribeStacks (AccessDenied): the credentials lack a permission"),
        ("ExpiredToken", "CloudFormation rejected DescribeStacks (ExpiredToken): the credentials have expired"),
    ),
)
def test_error_is_explained(code: str, reason: str) -> None:
    with pytest.raises(StorageMisconfigured) as caught:
        read(code=code)
    assert caught.value.reason.startswith(reason)


@pytest.mark.parametrize(("code", "status"), (("Throttling", 400), ("InternalFailure", 500)))
def test_passing_failure_may_be_tried_again(code: str, status: int) -> None:
    with pytest.raises(StorageUnavailable):
        read(code=code, status=status)

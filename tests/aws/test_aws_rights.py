"""Which right each operation needs, seen on an emulator that demands them, and what is told where one is missing."""

import json
from collections.abc import Iterator
from typing import Final
from unittest.mock import patch

import boto3
import pytest

from tests.support.aws_api import REQUESTS, TABLE_REQUESTS, demand_secrecy, make_api
from tests.support.emulator import Emulator, aws_settings, emulating, make_table


@pytest.fixture(scope="module")
def guarded() -> Iterator[Emulator]:
    with patch.dict("os.environ", {"AUTH": "true"}), emulating() as running:
        yield running


def credentials_with(guarded: Emulator, actions: list[str]) -> dict[str, str]:
    """Return the settings of a new user who may do these actions and no others."""
    with aws_settings(guarded.address):
        iam = boto3.Session().client("iam")
        name = f"user-{len(iam.list_users()['Users'])}"
        iam.create_user(UserName=name)
        if actions:
            statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
            document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
            iam.put_user_policy(UserName=name, PolicyName="rights", PolicyDocument=document)
        key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


RIGHTS: Final = ("GetItem", "BatchGetItem", "PutItem", "DeleteItem", "Scan", "Query")


@pytest.fixture(scope="module")
def guarded_table(guarded: Emulator) -> str:
    return make_table(guarded.dynamodb())


@pytest.mark.parametrize(
    ("missing", "failing"),
    (
        ("GetItem", {"GET /vehicle", "PUT /vehicle"}),
        ("PutItem", {"POST /vehicle", "PUT /vehicle"}),
        ("DeleteItem", {"DELETE /vehicle"}),
        ("Scan", {"GET /vehicles"}),
        ("Query", {"GET /vehicles?vinEndsWith=012345"}),
        ("BatchGetItem", {"GET /vehicles?vinEndsWith=012345"}),
        ("", set()),
    ),
)
def test_missing_right_breaks_its_operations(
    guarded: Emulator, guarded_table: str, missing: str, failing: set[str]
) -> None:
    settings = credentials_with(guarded, [f"dynamodb:{right}" for right in RIGHTS if right != missing])
    with aws_settings(guarded.address):
        owner = make_api(guarded_table)
    with aws_settings(guarded.address, **settings):
        api = make_api(guarded_table)
    failed = set()
    for request in TABLE_REQUESTS:
        owner.respond(REQUESTS[3 if request.method == "POST" else 0])  # gone, or there
        response = api.respond(request)
        if response.status == 500:
            failed.add(
                f"{request.method} {request.path}" + ("" if "vinEnds" not in request.query else f"?{request.query}")
            )
        else:
            assert response.status in {200, 201, 204}
    assert failed == failing


def test_unknown_key_is_500(guarded: Emulator, guarded_table: str, caplog: pytest.LogCaptureFixture) -> None:
    unknown = {"AWS_ACCESS_KEY_ID": "AKIAUNKNOWNUNKNOWN00", "AWS_SECRET_ACCESS_KEY": "wrong"}
    with aws_settings(guarded.address, **unknown):
        response = make_api(guarded_table).respond(REQUESTS[1])
    assert response.status == 500
    demand_secrecy(response, caplog)

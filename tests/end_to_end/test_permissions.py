"""Each permission of the deployed roles, taken away in turn: what breaks without it, and that all else works."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

import pytest

from tests.support.deployment import Deployment, FunctionError
from tests.support.emulator import fill_pages
from tests.support.signed_api import SignedApi
from vehicles.adapters.aws.dynamodb import DynamoDBVehicleRepository
from vehicles.testing.vehicle_repository import numbered_vin, stored

type Permission = tuple[str, str]

NEEDED: Final[Mapping[Permission, frozenset[str]]] = {
    ("VehicleRole", "dynamodb:BatchGetItem"): frozenset({"find by end"}),
    ("VehicleRole", "dynamodb:DeleteItem"): frozenset({"delete"}),
    ("VehicleRole", "dynamodb:DescribeTable"): frozenset({"count"}),
    ("VehicleRole", "dynamodb:GetItem"): frozenset({"read", "change", "replace"}),
    ("VehicleRole", "dynamodb:PutItem"): frozenset({"register", "change", "replace"}),
    ("VehicleRole", "dynamodb:Query"): frozenset({"find by end"}),
    ("VehicleRole", "dynamodb:Scan"): frozenset({"list", "count"}),
    ("VehicleRole", "s3:GetObject"): frozenset(
        {"count", "read the latest summary", "read a summary", "miss a summary"}
    ),
    ("VehicleRole", "s3:ListBucket"): frozenset({"list the weeks"}),
    ("SummaryRole", "dynamodb:Scan"): frozenset({"summarize", "summarize the first week"}),
    ("SummaryRole", "s3:GetObject"): frozenset({"summarize", "summarize the first week"}),
    ("SummaryRole", "s3:ListBucket"): frozenset({"summarize", "summarize the first week"}),
    ("SummaryRole", "s3:PutObject"): frozenset({"summarize", "summarize the first week"}),
}
"""What breaks without a permission. Whoever changes a role changes this table, or a test fails.

S3 tells that an object is missing only to who may list the bucket, so that `miss a summary` would break without that
permission too; the emulator tells everybody.
"""

UNASKED: Final = frozenset(
    {
        # AWS itself does this in the name of the role; the emulator does it without asking for a permission.
        *((role, "logs:CreateLogStream") for role in ("VehicleRole", "SummaryRole")),
        *((role, "logs:PutLogEvents") for role in ("VehicleRole", "SummaryRole")),
        ("ScheduleRole", "lambda:InvokeFunction"),
        ("ScheduleRole", "sqs:SendMessage"),
        ("SummaryRole", "sqs:SendMessage"),
    }
)
"""Permissions that cannot be seen to be needed here; claims_on_functions.py looks at them in the template."""

WORKING: Final = {
    "register": "201",
    "read": "200",
    "change": "200",
    "replace": "200",
    "delete": "204",
    "list": "200",
    "count": "200",
    "find by end": "200",
    "read the latest summary": "200",
    "read a summary": "200",
    "miss a summary": "404 summary-not-found",
    "list the weeks": "200",
    "explain": "200",
    "summarize": "saved",
    "summarize the first week": "saved",
}
FORBIDDEN: Final = "the credentials lack a permission"
BROKEN: Final = frozenset({"500 internal-error", FORBIDDEN})
FIRST_WEEK, WEEK, NO_WEEK = "2001-W10", "2001-W20", "2001-W30"


class Operations:
    """Everything that the functions do with a permission, each once, on vehicles and weeks of its own."""

    def __init__(self, deployment: Deployment, api: SignedApi) -> None:
        self._deployment = deployment
        self._api = api
        self._vins = [str(numbered_vin(900 + number)) for number in range(5)]

    def summarize(self) -> None:
        """Make the summaries that the operations find, which stay."""
        for week in ("2001-W19", WEEK, "current"):
            self._deployment.invoke("SummaryLambda", {"week": week})

    def prepare(self) -> None:
        """Make the vehicles that the operations find, with all permissions."""
        self._api.send("DELETE", f"/vehicle?vin={self._vins[0]}")
        for vin in self._vins[1:]:
            self._api.register(vin)

    def outcomes(self) -> dict[str, str]:
        """Carry out all of them and tell for each what came of it."""
        return {name: operation() for name, operation in self._all.items()}

    @cached_property
    def _all(self) -> dict[str, Callable[[], str]]:
        new, read, changed, deleted, ending = self._vins
        return {
            "register": lambda: self._told("POST", "/vehicle", {"vin": new, "noOfAxles": 2, "fuelType": "diesel"}),
            "read": lambda: self._told("GET", f"/vehicle?vin={read}"),
            "change": lambda: self._told("PATCH", f"/vehicle?vin={changed}", {"noOfAxles": 4}),
            "replace": lambda: self._told("PUT", f"/vehicle?vin={changed}", {"noOfAxles": 5, "fuelType": "none"}),
            "delete": lambda: self._told("DELETE", f"/vehicle?vin={deleted}"),
            "list": lambda: self._told("GET", "/vehicles?limit=1"),
            "count": lambda: self._told("GET", "/fleet"),
            "find by end": lambda: self._told("GET", f"/vehicles?vinEndsWith={ending[-6:]}"),
            "read the latest summary": lambda: self._told("GET", "/summary"),
            "read a summary": lambda: self._told("GET", f"/summary?week={WEEK}"),
            "miss a summary": lambda: self._told("GET", f"/summary?week={NO_WEEK}"),
            "list the weeks": lambda: self._told("GET", "/summaries"),
            "explain": lambda: self._told("GET", f"/vin?vin={read}"),
            "summarize": lambda: self._summarized(WEEK),
            "summarize the first week": lambda: self._summarized(FIRST_WEEK),
        }

    def _told(self, method: str, target: str, body: Mapping[str, object] | None = None) -> str:
        answer = self._api.send(method, target, body)
        return f"{answer.status} {answer.problem}" if answer.status >= 400 else str(answer.status)

    def _summarized(self, week: str) -> str:
        try:
            return str(self._deployment.invoke("SummaryLambda", {"week": week, "again": True})["outcome"])
        except FunctionError as error:
            return FORBIDDEN if FORBIDDEN in error.reply["errorMessage"] else str(error)


@pytest.fixture(scope="module")
def operations(deployment: Deployment, api: SignedApi) -> Iterator[Operations]:
    # A week that is over has a summary only if there were vehicles by its end.
    repository = DynamoDBVehicleRepository(deployment.account.client("dynamodb"), deployment.outputs["TableName"])
    old = stored(910, registered_at=datetime(2000, 6, 1, tzinfo=UTC))
    repository.add(old)
    heavy = fill_pages(deployment.account.client("dynamodb"), deployment.outputs["TableName"])
    made = Operations(deployment, api)
    made.summarize()
    yield made
    for vin in (old.vehicle.vin, *heavy):
        repository.remove(vin)


def _policies(deployment: Deployment) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield role, name and document of every policy of every role that was deployed."""
    iam = deployment.account.client("iam")
    resources = deployment.account.client("cloudformation").describe_stack_resources(StackName=deployment.stack)
    for resource in resources["StackResources"]:
        if resource["ResourceType"] == "AWS::IAM::Role":
            role = resource["PhysicalResourceId"]
            assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
            for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
                document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
                yield resource["LogicalResourceId"], name, document


def _actions(statement: Mapping[str, Any]) -> list[str]:
    action = statement["Action"]
    return [action] if isinstance(action, str) else list(action)


@contextmanager
def _without(deployment: Deployment, role: str, action: str) -> Iterator[None]:
    iam = deployment.account.client("iam")
    changed = []
    for owner, name, document in _policies(deployment):
        if owner == role and any(action in _actions(statement) for statement in document["Statement"]):
            less = deepcopy(document)
            for statement in less["Statement"]:
                # A statement must have an action; this one allows nothing that the functions do.
                statement["Action"] = [each for each in _actions(statement) if each != action] or "iam:GetUser"
            changed.append((name, document, less))
    assert changed
    for name, _, less in changed:
        iam.put_role_policy(RoleName=deployment.resources[role], PolicyName=name, PolicyDocument=json.dumps(less))
    try:
        yield
    finally:
        for name, document, _ in changed:
            iam.put_role_policy(
                RoleName=deployment.resources[role], PolicyName=name, PolicyDocument=json.dumps(document)
            )


def test_every_permission_is_known(deployment: Deployment) -> None:
    permissions = {
        (role, action)
        for role, _, document in _policies(deployment)
        for statement in document["Statement"]
        for action in _actions(statement)
    }
    assert {*NEEDED, *UNASKED} == permissions


def test_permissions_suffice_for_everything(operations: Operations) -> None:
    operations.prepare()
    assert operations.outcomes() == WORKING


@pytest.mark.parametrize(("role", "action"), NEEDED)
def test_permission_is_needed(deployment: Deployment, operations: Operations, role: str, action: str) -> None:
    operations.prepare()
    with _without(deployment, role, action):
        outcomes = operations.outcomes()
    broken = {name for name, outcome in outcomes.items() if outcome in BROKEN}
    assert broken == NEEDED[role, action]
    assert {name: outcomes[name] for name in WORKING if name not in broken} == {
        name: outcome for name, outcome in WORKING.items() if name not in broken
    }

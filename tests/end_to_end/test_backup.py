"""The ways back that docs/deployment.md describes: beside the table, into it, and instead of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.command_line import CommandLine
from tests.support.deployment import Deployment
from tests.support.signed_api import SignedApi
from vehicles.testing.vehicle_repository import numbered_vin

KEPT, LOST, LATER = (str(numbered_vin(number)) for number in (40, 41, 42))
RESTORED: Final = "vehicle-demo-restored"


@pytest.fixture
def backup(deployment: Deployment, api: SignedApi) -> Iterator[str]:
    """A backup of the table with two vehicles, one of which is deleted since, while another one came."""
    dynamodb = deployment.account.client("dynamodb")
    for vin in (KEPT, LOST):
        api.register(vin)
    name = deployment.outputs["TableName"]
    arn = dynamodb.create_backup(TableName=name, BackupName="before")["BackupDetails"]["BackupArn"]
    api.send("PATCH", f"/vehicle?vin={KEPT}", {"noOfAxles": 7})
    api.send("DELETE", f"/vehicle?vin={LOST}")
    api.register(LATER)
    yield arn
    for vin in (KEPT, LOST, LATER):
        api.send("DELETE", f"/vehicle?vin={vin}")


def _restore(deployment: Deployment, backup: str, table: str) -> None:
    dynamodb = deployment.account.client("dynamodb")
    dynamodb.restore_table_from_backup(TargetTableName=table, BackupArn=backup)
    dynamodb.get_waiter("table_exists").wait(TableName=table)


def _axles(api: SignedApi, vin: str) -> Any:  # noqa: ANN401 — as JSON has it
    return api.send("GET", f"/vehicle?vin={vin}").json.get("noOfAxles")


def test_lost_vehicle_comes_back(
    deployment: Deployment, api: SignedApi, operator: CommandLine, backup: str, tmp_path: Path
) -> None:
    _restore(deployment, backup, RESTORED)
    file = tmp_path / "restored.csv"
    file.write_text(operator.run("--table", RESTORED, "export").stdout)
    registered = operator.json("--table", RESTORED, "get", LOST)["timestamp"]
    operator.run("import", "--keep-timestamps", file)
    assert [_axles(api, vin) for vin in (KEPT, LOST, LATER)] == [7, 3, 3]
    assert api.send("GET", f"/vehicle?vin={LOST}").json["timestamp"] == registered


def test_lost_table_comes_back(deployment: Deployment, api: SignedApi, backup: str) -> None:
    dynamodb, table = deployment.account.client("dynamodb"), deployment.outputs["TableName"]
    dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=table)
    dynamodb.get_waiter("table_not_exists").wait(TableName=table)
    without = api.send("GET", f"/vehicle?vin={LOST}")
    _restore(deployment, backup, table)
    assert (without.status, without.problem) == (500, "internal-error")
    assert [_axles(api, vin) for vin in (KEPT, LOST, LATER)] == [3, 3, None]
    assert len(api.send("GET", f"/vehicles?vinEndsWith={LOST[-6:]}").json["items"]) == 1

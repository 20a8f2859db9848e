"""The same clients as in tests/integration/test_lost_responses.py, with the vehicles in DynamoDB."""

from pathlib import Path

import pytest

from tests.support.emulator import Emulator, aws_settings, make_table
from tests.support.lossy_proxy import REGISTRATIONS, registered
from tests.support.server_process import serving


@pytest.mark.parametrize(("has_key", "statuses"), ((True, {201}), (False, {201, 409})), ids=("keys", "no keys"))
def test_only_keys_prevent_false_conflicts(
    emulator: Emulator, tmp_path: Path, *, has_key: bool, statuses: set[int]
) -> None:
    table = make_table(emulator.dynamodb())
    settings = {"VEHICLES_BACKEND": "aws", "VEHICLES_TABLE": table}
    with aws_settings(emulator.address), serving(tmp_path, environment=settings) as server:
        answers = registered(server.port, has_key=has_key)
    assert (set(answers), answers.total()) == (statuses, REGISTRATIONS)
    assert emulator.dynamodb().scan(TableName=table, Select="COUNT")["Count"] == REGISTRATIONS

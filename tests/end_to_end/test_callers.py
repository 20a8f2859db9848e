"""Who may call which operation: the policies of docs/permissions.md, each on a user who has nothing else."""

import json
import re
from dataclasses import replace
from typing import Final

import pytest

from tests.support.deployment import ROOT, Deployment, Statement
from tests.support.emulator import REGION
from tests.support.signed_api import SignedApi

PAGE: Final = ROOT / "docs" / "permissions.md"
REGISTERING: Final = "Registering, and reading the summaries"


def statements(deployment: Deployment, title: str) -> list[Statement]:
    """Return the statements of a policy of the page, for the deployed API."""
    page = PAGE.read_text(encoding="utf-8")
    block = re.search(rf"^### {title}\n\n```json\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    assert block is not None
    names = {"REGION": REGION, "ACCOUNT": "*", "API_ID": deployment.resources["HttpApi"]}
    policy = re.sub("|".join(names), lambda found: names[found[0]], block[1])
    found: list[Statement] = json.loads(policy)["Statement"]
    return found


@pytest.mark.parametrize(
    ("title", "allowed", "forbidden"),
    (
        ("Everything", ("GET /vehicles", "HEAD /vehicles", "POST /vehicle", "GET /summaries"), ()),
        ("Reading", ("GET /vehicles", "HEAD /vehicles", "GET /summaries"), ("POST /vehicle", "DELETE /vehicle")),
        (REGISTERING, ("POST /vehicle", "GET /summaries"), ("GET /vehicles", "PUT /vehicle", "HEAD /summaries")),
    ),
)
def test_policy_allows_what_it_names(
    deployment: Deployment, api: SignedApi, title: str, allowed: tuple[str, ...], forbidden: tuple[str, ...]
) -> None:
    user = deployment.account.make_user(f"caller-{title.split(maxsplit=1)[0]}", *statements(deployment, title))
    called = replace(api, user=user)
    requests = [each.split() for each in (*allowed, *forbidden)]
    answered = [f"{method} {target}" for method, target in requests if called.send(method, target).status != 403]
    assert answered == [*allowed]

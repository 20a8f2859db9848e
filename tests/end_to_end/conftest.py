"""The one deployment that all these tests share, and who calls it."""

from collections.abc import Iterator

import pytest

from tests.support.command_line import CommandLine
from tests.support.deployment import Deployment, User, allow, deploying
from tests.support.signed_api import SignedApi


@pytest.fixture(scope="session")
def deployment() -> Iterator[Deployment]:
    with deploying() as deployed:
        yield deployed


@pytest.fixture(scope="session")
def caller(deployment: Deployment) -> User:
    """Somebody who may call the API, and do nothing else."""
    api = f"arn:aws:execute-api:*:*:{deployment.resources['HttpApi']}/*"
    return deployment.account.make_user("caller", allow(api, "execute-api:Invoke"))


@pytest.fixture(scope="session")
def api(deployment: Deployment, caller: User) -> SignedApi:
    return SignedApi(deployment.outputs["ApiUrl"], deployment.account.emulator, caller)


@pytest.fixture(scope="session")
def stranger(deployment: Deployment) -> User:
    """Somebody of the same account, who may list its buckets and do nothing else."""
    return deployment.account.make_user("stranger", allow("*", "s3:ListAllMyBuckets"))


@pytest.fixture(scope="session")
def operator(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """The command line of somebody who keeps the deployed registry, with the permissions that this needs."""
    table = f"arn:aws:dynamodb:*:*:table/{deployment.outputs['TableName']}*"  # also one that was restored beside it
    bucket = f"arn:aws:s3:::{deployment.outputs['BucketName']}"
    user = deployment.account.make_user(
        "operator",
        allow(f"arn:aws:cloudformation:*:*:stack/{deployment.stack}/*", "cloudformation:DescribeStacks"),
        allow(table, *(f"dynamodb:{action}Item" for action in ("Get", "BatchGet", "Put", "Delete")), "dynamodb:Scan"),
        allow(f"{table}/index/byVinEnd", "dynamodb:Query"),
        allow(f"{bucket}/summaries/*", "s3:GetObject", "s3:PutObject"),
        allow(bucket, "s3:ListBucket"),
    )
    environment = {**deployment.account.settings(user), "VEHICLES_STACK": deployment.stack}
    return CommandLine(tmp_path_factory.mktemp("operator"), environment)

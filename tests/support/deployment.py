"""The registry as its users deploy it, in an emulated AWS, where permissions are enforced and TLS is required."""

import json
import os
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.config import Config

from tests.support.emulator import REGION, Emulator, aws_settings, emulating, require_tool
from tests.support.processes import run

ROOT: Final = Path(__file__).parents[2]
STAGE: Final = "dev"
STACK: Final = f"vehicles-{STAGE}"
SAM: Final = ROOT / ".venv-sam" / "bin" / "sam"
BUILT: Final = ROOT / ".aws-sam" / "build"
NO_SAM: Final = "nothing packages and deploys here: `make sam` installs AWS SAM"
ARCHITECTURE: Final = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}[platform.machine()]
"""The functions run on this machine, so the package must be made for its processor."""

PARAMETERS: Final = {"SummarySchedule": "rate(1 minute)"}
"""The schedule fires while the tests run; everything else is as a first deployment has it."""

type Statement = dict[str, object]


def allow(resource: str, *actions: str) -> Statement:
    """Return the statement of a policy that gives these permissions."""
    return {"Effect": "Allow", "Action": actions, "Resource": resource}


@dataclass(frozen=True, slots=True)
class User:
    """Somebody with an access key, and with the permissions that were given and no others."""

    key: str
    secret: str


ADMINISTRATOR: Final = User("test", "test")


@dataclass(frozen=True, slots=True)
class Account:
    """An account of AWS, emulated."""

    emulator: Emulator

    def settings(self, user: User) -> dict[str, str]:
        """Return AWS's settings for somebody who works in this account."""
        with aws_settings(
            self.emulator.address,
            AWS_ACCESS_KEY_ID=user.key,
            AWS_SECRET_ACCESS_KEY=user.secret,
            AWS_CA_BUNDLE=str(self.emulator.certificate),
        ):
            return {name: value for name, value in os.environ.items() if name.startswith(("AWS_", "NO_PROXY"))}

    @cache  # noqa: B019 — there is one account, and as long as the tests
    def client(self, service: str, user: User = ADMINISTRATOR) -> Any:  # noqa: ANN401 — of any service, also of those that the registry never calls
        """Return somebody's client, which waits as long as a machine under load may take."""
        with aws_settings(self.emulator.address, **self.settings(user)):
            return boto3.Session().client(service, config=Config(read_timeout=120, retries={"total_max_attempts": 3}))  # type: ignore[call-overload]  # so

    def make_user(self, name: str, *statements: Statement) -> User:
        """Make a user with these permissions and no others."""
        iam = self.client("iam")
        iam.create_user(UserName=name)
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_user_policy(UserName=name, PolicyName=name, PolicyDocument=policy)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return User(key["AccessKeyId"], key["SecretAccessKey"])


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployed stack: its outputs, and the physical ids of its resources by their logical ones."""

    account: Account
    stack: str
    outputs: Mapping[str, str]
    resources: Mapping[str, str]

    def invoke(self, function: str, event: Mapping[str, object]) -> dict[str, Any]:
        """Call a function and return its reply. Raises FunctionError."""
        answer = self.account.client("lambda").invoke(
            FunctionName=self.resources[function], Payload=json.dumps(event).encode()
        )
        reply: dict[str, Any] = json.load(answer["Payload"])
        if "FunctionError" in answer:
            raise FunctionError(reply)
        return reply


class FunctionError(Exception):
    """A function raised; the reply is what it told."""

    def __init__(self, reply: Mapping[str, Any]) -> None:
        super().__init__(reply)
        self.reply = reply


@contextmanager
def deploying(**parameters: str) -> Iterator[Deployment]:
    """Build the package, deploy the template as it is, and yield the stack. Without the tools: see `require_tool`.

    The stack gets these parameters besides the PARAMETERS.
    """
    require_tool(SAM, NO_SAM)
    # API Gateway's addresses are those of AWS: a request reaches it by the name of the host that it was signed for.
    with emulating(
        tls=True, AUTH="true", LAMBDA_ASYNC_RETRY_BASE_SECONDS="0.1", MINISTACK_HOST=f"{REGION}.amazonaws.com"
    ) as emulator:
        run("/usr/bin/env", "make", "package", f"ARCHITECTURE={ARCHITECTURE}", cwd=ROOT, timeout=600)
        account = Account(emulator)
        # What CloudFormation makes is checked on AWS with the permissions of its caller, and here not at all.
        deployer = account.make_user("deployer", allow("*", "cloudformation:*", "s3:*"))
        deploy(account, deployer, PARAMETERS | parameters)
        cloudformation = account.client("cloudformation")
        (stack,) = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
        resources = cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
        yield Deployment(
            account,
            STACK,
            {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]},
            {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources},
        )


def deploy(account: Account, user: User, given: Mapping[str, str]) -> None:
    """Deploy as everybody does what was built."""
    parameters = " ".join(f'{name}="{value}"' for name, value in given.items())
    with aws_settings(account.emulator.address, **account.settings(user)):
        options = (f"STAGE={STAGE}", f"ARCHITECTURE={ARCHITECTURE}", f"PARAMETERS={parameters}")
        run("/usr/bin/env", "make", "deploy", *options, cwd=ROOT, timeout=600)

"""A stage of the registry: one of those in samconfig.toml, in the account of the credentials.

The scripts that use it run in the environment of SAM, which has boto3, and import from the registry only the module
that explains errors of credentials.
"""

import os
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

import boto3
from botocore.exceptions import BotoCoreError, ClientError

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "src"))

from vehicles.adapters.aws.credentials import fault_of, make_session  # noqa: E402 — SAM's environment does not have it


class DeploymentError(Exception):
    """A deployment failed. The message says what to do."""


class StackMissing(DeploymentError):
    """There is no stack with that name."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage, and the AWS session for it."""

    name: str
    stack: str
    parameter_overrides: str
    session: boto3.Session

    @classmethod
    def open(cls, name: str) -> Self:
        """Find the stage and check the credentials. Raises DeploymentError."""
        stages = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
        known = [stage for stage, commands in stages.items() if isinstance(commands, dict) and "deploy" in commands]
        if name not in known:
            message = f"There is no stage {name!r} in samconfig.toml; it has {', '.join(known)}."
            raise DeploymentError(message)
        parameters = stages[name]["deploy"]["parameters"]
        try:
            session = make_session(_region() or parameters.get("region"))
            return cls(name, parameters["stack_name"], parameters.get("parameter_overrides", ""), _checked(session))
        except PermissionError as error:
            message = f"{error.filename} cannot be read; in a container, set AWS_FILES_OWNER to its owner."
            raise DeploymentError(message) from error
        except OSError as error:
            message = f"{error.filename}: {error.strerror}; log in outside the container, or set the access keys."
            raise DeploymentError(message) from error
        except Exception as error:
            fault = fault_of(error)
            if fault is None and not isinstance(error, (BotoCoreError, ClientError)):
                raise
            message = f"AWS rejects the credentials or cannot be reached: {fault or error}."
            raise DeploymentError(message) from error

    def client(self, service: str) -> Any:  # noqa: ANN401 — the type packages of all these services are too large
        """Return a client of a service."""
        return self.session.client(service)  # type: ignore[call-overload]  # as above

    def status(self) -> str | None:
        """Return the status of the stack, or None if it does not exist or is only a change set that would create it."""
        try:
            status = str(self._described()["StackStatus"])
        except StackMissing:
            return None
        return None if status == "REVIEW_IN_PROGRESS" else status

    def address(self) -> str:
        """Return the address of the API. Raises DeploymentError if the stack has no such output."""
        described = self._described()
        for output in described.get("Outputs", []):
            if output["OutputKey"] == "ApiUrl":
                return str(output["OutputValue"])
        message = f"The stack {self.stack} ({described['StackStatus']}) has no output ApiUrl: see its events."
        raise DeploymentError(message)

    def outputs(self) -> dict[str, str]:
        """Return the outputs of the stack. Raises DeploymentError if there is no stack."""
        return {output["OutputKey"]: output["OutputValue"] for output in self._described().get("Outputs", [])}

    def parameters(self) -> dict[str, str]:
        """Return the parameters of the stack. Raises DeploymentError if there is no stack."""
        return {each["ParameterKey"]: each["ParameterValue"] for each in self._described().get("Parameters", [])}

    def age(self) -> timedelta:
        """Return the time since the stack was created."""
        made: datetime = self._described()["CreationTime"]
        return datetime.now(UTC) - made

    def resources(self) -> Iterator[dict[str, Any]]:
        """Yield the summary of every resource of the stack."""
        for page in self.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=self.stack):
            yield from page["StackResourceSummaries"]

    def _described(self) -> dict[str, Any]:
        try:
            answer = self.client("cloudformation").describe_stacks(StackName=self.stack)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ValidationError":  # a missing permission has another code
                raise
            message = f"The stack {self.stack} does not exist: {error}. `make deploy STAGE={self.name}` creates it."
            raise StackMissing(message) from error
        described: dict[str, Any] = answer["Stacks"][0]
        return described


def run(action: Callable[[Stage], None], stage: str) -> None:
    """Run an action on a stage of samconfig.toml. If it fails, exit with code 1 and a message."""
    try:
        action(Stage.open(stage))
    except DeploymentError as error:
        sys.exit(str(error))
    except (BotoCoreError, ClientError) as error:
        sys.exit(f"AWS rejected the request, or could not be reached: {fault_of(error) or error}")


def _region() -> str | None:
    """Return the region of the environment or the profile; boto3 alone ignores AWS_REGION."""
    return os.environ.get("AWS_REGION") or boto3.Session().region_name


def _checked(session: boto3.Session) -> boto3.Session:
    if session.get_credentials() is None:
        message = (
            "There are no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, "
            "or run `aws configure`, which writes ~/.aws."
        )
        raise DeploymentError(message)
    if not session.region_name:
        message = "There is no AWS region: set AWS_REGION, such as eu-central-1, or run `aws configure`."
        raise DeploymentError(message)
    session.client("sts").get_caller_identity()
    return session

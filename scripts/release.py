"""Deploy the package of `make package` to a stage, or roll back to the previous release.

    make deploy STAGE=dev
    make rollback STAGE=dev

A release is the template as CloudFormation got it, which refers to its code in the bucket where SAM stores packages.
Every deployment saves its release in that bucket, under releases/STACK/. So a rollback builds nothing: it deploys
exactly what ran before. It keeps the parameters, except for the processor of the package. Data is never rolled back: if
the older release has another table or bucket, the rollback fails and nothing is changed.
"""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError, WaiterError
from stage import ROOT, DeploymentError, Stage, run

BUILT: Final = ROOT / ".aws-sam" / "build" / "template.yaml"
DATA: Final = frozenset({"AWS::DynamoDB::Table", "AWS::S3::Bucket"})
HARMLESS: Final = frozenset({"Metadata", "Tags"})
"""What a rollback may change of these resources, because it does not affect data."""
ARCHITECTURE: Final = "Architecture"
"""The only parameter that belongs to a package, and therefore to its release."""
NEVER_WORKED: Final = frozenset({"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"})
"""The states of a stack after a failed first deployment. CloudFormation cannot deploy to such a stack."""
FIRST_FAILED: Final = "docs/deployment.md#when-the-first-deployment-fails says what to delete before the next."
_SAMS_OWN_STACK: Final = "aws-sam-cli-managed-default"


@dataclass(frozen=True, slots=True)
class Release:
    """A deployed template, and the processor of its package, or None if the template has no such parameter."""

    template: str
    architecture: str | None


class Releases:
    """The releases of one stack, oldest first."""

    def __init__(self, stage: Stage) -> None:
        """Find the bucket, which the first deployment by SAM creates. Raises DeploymentError if there is none."""
        try:
            (sams,) = stage.client("cloudformation").describe_stacks(StackName=_SAMS_OWN_STACK)["Stacks"]
        except ClientError as error:
            message = f"The bucket of SAM, which stores the releases, was not found; `make deploy` creates it: {error}"
            raise DeploymentError(message) from error
        outputs = {each["OutputKey"]: each["OutputValue"] for each in sams.get("Outputs", [])}
        if "SourceBucket" not in outputs:
            message = (
                f"The stack {_SAMS_OWN_STACK} is {sams['StackStatus']} and has no bucket: delete it, deploy again."
            )
            raise DeploymentError(message)
        self._bucket: Final = outputs["SourceBucket"]
        self._s3 = stage.client("s3")
        self._prefix = f"releases/{stage.stack}/"

    def address(self, key: str) -> str:
        """Return the URL of a release for CloudFormation."""
        return f"{self._s3.meta.endpoint_url}/{self._bucket}/{key}"

    def keys(self) -> list[str]:
        """Return the keys of all releases."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
        return sorted(entry["Key"] for page in pages for entry in page.get("Contents", []))

    def read(self, key: str) -> Release:
        """Return a release."""
        found = self._s3.get_object(Bucket=self._bucket, Key=key)
        return Release(found["Body"].read().decode(), found["Metadata"].get("architecture"))

    def keep(self, release: Release) -> None:
        """Save a release, unless it is already the newest one."""
        keys = self.keys()
        if keys and self.read(keys[-1]) == release:
            return
        self._s3.put_object(
            Bucket=self._bucket,
            Key=f"{self._prefix}{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}.yaml",
            Body=release.template.encode(),
            ContentType="application/yaml",
            Metadata={"architecture": release.architecture} if release.architecture else {},
        )

    def before(self, release: Release) -> str:
        """Return the key of the release before this one. Raises DeploymentError if there is none."""
        keys = self.keys()
        for number in range(len(keys) - 1, 0, -1):
            if self.read(keys[number]) == release:
                return keys[number - 1]
        message = "There is no release before the deployed one; nothing was changed."
        raise DeploymentError(message)


def deploy(stage: Stage, parameters: Sequence[str]) -> None:
    """Deploy the package of `make package`, save it as a release, and print the address of the API.

    `parameters` of the template, each as NAME=VALUE, take precedence over those of samconfig.toml; all others keep
    their values.
    """
    if not BUILT.exists():
        message = f"There is no package: run `make package` first, which creates {BUILT.relative_to(ROOT)}."
        raise DeploymentError(message)
    status = stage.status()
    if status in NEVER_WORKED:
        message = f"The first deployment of {stage.stack} failed (status {status}): {FIRST_FAILED}"
        raise DeploymentError(message)
    before = _deployed(stage) if status else None  # even if it was deployed by hand
    command = [
        *(str(Path(sys.executable).with_name("sam")), "deploy", "--template-file", str(BUILT)),
        *("--config-file", str(ROOT / "samconfig.toml"), "--config-env", stage.name),
        *("--no-confirm-changeset", "--no-fail-on-empty-changeset"),
        "--parameter-overrides",
        *(_quoted(parameter) for parameter in (*shlex.split(stage.parameter_overrides), *parameters)),
    ]
    if subprocess.run(command, cwd=ROOT, env=_environment(stage), check=False).returncode != 0:  # noqa: S603 — SAM, our stage
        ending = "the stack is unchanged." if before else f"if its stack exists now, {FIRST_FAILED}"
        message = f"SAM could not deploy {stage.stack}; {ending}"
        raise DeploymentError(message)
    releases = Releases(stage)
    if before:
        releases.keep(before)
    releases.keep(_deployed(stage))
    sys.stdout.write(f"The API is at {stage.address()}\n")


def rollback(stage: Stage) -> None:
    """Deploy the release before the deployed one."""
    stage.outputs()  # raises if there is no stack
    releases = Releases(stage)
    key = releases.before(_deployed(stage))
    architecture = releases.read(key).architecture
    cloudformation = stage.client("cloudformation")
    name = f"rollback-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    here = {"StackName": stage.stack, "ChangeSetName": name}
    cloudformation.create_change_set(
        **here,
        TemplateURL=releases.address(key),
        Parameters=list(_parameters(stage, releases.address(key), architecture)),
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    try:
        cloudformation.get_waiter("change_set_create_complete").wait(**here, WaiterConfig={"Delay": 2})
    except WaiterError as error:
        reason = cloudformation.describe_change_set(**here).get("StatusReason", "no reason is given")
        cloudformation.delete_change_set(**here)
        message = f"CloudFormation rejected {key}: {reason}"
        raise DeploymentError(message) from error
    touched = [
        f"{change['LogicalResourceId']} ({change['Action']})"
        for page in cloudformation.get_paginator("describe_change_set").paginate(**here)
        for change in (each["ResourceChange"] for each in page["Changes"])
        if change["ResourceType"] in DATA and (change["Action"] != "Modify" or not HARMLESS.issuperset(change["Scope"]))
    ]
    if touched:
        cloudformation.delete_change_set(**here)
        message = f"{key} would change {', '.join(touched)}, and data is never rolled back: deploy a fixed release."
        raise DeploymentError(message)
    cloudformation.execute_change_set(**here)
    try:
        cloudformation.get_waiter("stack_update_complete").wait(StackName=stage.stack, WaiterConfig={"Delay": 5})
    except WaiterError as error:
        message = f"CloudFormation could not roll back {stage.stack}, and restored its previous state: see its events."
        raise DeploymentError(message) from error
    sys.stdout.write(f"{stage.stack} is rolled back to {key}\nThe API is at {stage.address()}\n")


def _deployed(stage: Stage) -> Release:
    cloudformation = stage.client("cloudformation")
    template = str(cloudformation.get_template(StackName=stage.stack, TemplateStage="Original")["TemplateBody"])
    return Release(template, stage.parameters().get(ARCHITECTURE))


def _quoted(parameter: str) -> str:
    """Return NAME=VALUE with a quoted value: SAM would split an unquoted one at blanks, and reject an empty one."""
    name, separator, value = parameter.partition("=")
    if not separator:
        message = f"{parameter} is not a parameter: write NAME=VALUE, with quotes around a value that has blanks."
        raise DeploymentError(message)
    escaped = value.replace('"', r"\"")
    return f'{name}="{escaped}"'


def _environment(stage: Stage) -> dict[str, str]:
    """Return the environment for SAM, with credentials instead of a profile: SAM would cache a profile in ~/.aws."""
    kept = {name: value for name, value in os.environ.items() if name not in {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"}}
    credentials = stage.session.get_credentials()
    assert credentials is not None  # noqa: S101 — for the type checker; Stage.open has checked them
    frozen = credentials.get_frozen_credentials()
    return kept | {
        "AWS_ACCESS_KEY_ID": str(frozen.access_key),
        "AWS_SECRET_ACCESS_KEY": str(frozen.secret_key),
        "AWS_SESSION_TOKEN": frozen.token or "",
        "AWS_DEFAULT_REGION": str(stage.session.region_name),
        "SAM_CLI_TELEMETRY": "0",
    }


def _parameters(stage: Stage, address: str, architecture: str | None) -> Iterator[dict[str, Any]]:
    """Yield the parameters of the stack that the release has: each keeps its value, except the processor."""
    there = stage.parameters()
    for parameter in stage.client("cloudformation").get_template_summary(TemplateURL=address)["Parameters"]:
        name = parameter["ParameterKey"]
        if name == ARCHITECTURE and architecture:
            yield {"ParameterKey": name, "ParameterValue": architecture}
        elif name in there:
            yield {"ParameterKey": name, "UsePreviousValue": True}


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["deploy", stage, *parameters]:
            run(lambda found: deploy(found, parameters), stage)
        case ["rollback", stage]:
            run(rollback, stage)
        case _:
            sys.exit("usage: release.py deploy STAGE [PARAMETER=VALUE…], release.py rollback STAGE")

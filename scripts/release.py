"""Deploy the package of `make package` to a stage, or the release before the one that is deployed.

    make deploy STAGE=dev
    make rollback STAGE=dev

A release is the template as CloudFormation took it, which names its code in the bucket that SAM keeps its packages in.
Every deployment leaves its release in that bucket, under releases/STACK/, so that a rollback builds nothing: it puts
back, bit for bit, what ran before. Parameters stay as they are. Data are never rolled back: where the older release has
another table or bucket, the rollback is refused and nothing is changed.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import WaiterError
from stage import ROOT, DeploymentError, Stage, run

BUILT: Final = ROOT / ".aws-sam" / "build" / "template.yaml"
DATA: Final = frozenset({"AWS::DynamoDB::Table", "AWS::S3::Bucket"})
HARMLESS: Final = frozenset({"Metadata", "Tags"})
"""What a rollback may change of them, since data know nothing of it."""
_SAMS_OWN_STACK: Final = "aws-sam-cli-managed-default"


class Releases:
    """The releases of one stack, oldest first."""

    def __init__(self, stage: Stage) -> None:
        """Find the bucket, which the first deployment by SAM has made."""
        cloudformation = stage.client("cloudformation")
        outputs = cloudformation.describe_stacks(StackName=_SAMS_OWN_STACK)["Stacks"][0]["Outputs"]
        self._bucket: Final = next(each["OutputValue"] for each in outputs if each["OutputKey"] == "SourceBucket")
        self._s3 = stage.client("s3")
        self._prefix = f"releases/{stage.stack}/"

    def address(self, key: str) -> str:
        """Return where CloudFormation finds a release."""
        return f"{self._s3.meta.endpoint_url}/{self._bucket}/{key}"

    def keys(self) -> list[str]:
        """Return the keys of all releases."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
        return sorted(entry["Key"] for page in pages for entry in page.get("Contents", []))

    def read(self, key: str) -> str:
        """Return a release."""
        return str(self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read().decode())

    def keep(self, template: str) -> None:
        """Add a release, unless it is the newest already."""
        keys = self.keys()
        if keys and self.read(keys[-1]) == template:
            return
        key = f"{self._prefix}{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}.yaml"
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=template.encode(), ContentType="application/yaml")

    def before(self, template: str) -> str:
        """Return the key of the release before the one of this template. Raises DeploymentError where there is none."""
        keys = self.keys()
        for number in range(len(keys) - 1, 0, -1):
            if self.read(keys[number]) == template:
                return keys[number - 1]
        message = "There is no release before the one that is deployed; nothing was changed."
        raise DeploymentError(message)


def deploy(stage: Stage, parameters: Sequence[str]) -> None:
    """Deploy what `make package` has built, keep it as a release, and say where the API is.

    Parameters of the template, each as NAME=VALUE, go before those of samconfig.toml; others keep the value they have.
    """
    if not BUILT.exists():
        message = f"There is no package: run `make package` first, which makes {BUILT.relative_to(ROOT)}."
        raise DeploymentError(message)
    if stage.exists():
        Releases(stage).keep(_deployed(stage))  # also what somebody deployed by hand
    environment = os.environ | {"AWS_DEFAULT_REGION": stage.session.region_name, "SAM_CLI_TELEMETRY": "0"}
    command = [
        *(str(Path(sys.executable).with_name("sam")), "deploy", "--template-file", str(BUILT)),
        *("--config-file", str(ROOT / "samconfig.toml"), "--config-env", stage.name),
        *("--no-confirm-changeset", "--no-fail-on-empty-changeset"),
        *("--parameter-overrides", *stage.parameter_overrides.split(), *parameters),
    ]
    if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode != 0:  # noqa: S603 — SAM, our stage
        message = f"SAM could not deploy {stage.stack}; the stack is as it was before."
        raise DeploymentError(message)
    Releases(stage).keep(_deployed(stage))
    sys.stdout.write(f"The API is at {stage.outputs()['ApiUrl']}\n")


def rollback(stage: Stage) -> None:
    """Deploy the release before the one that is deployed."""
    stage.outputs()  # raises where there is no stack
    releases = Releases(stage)
    key = releases.before(_deployed(stage))
    cloudformation = stage.client("cloudformation")
    name = f"rollback-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    here = {"StackName": stage.stack, "ChangeSetName": name}
    cloudformation.create_change_set(
        **here,
        TemplateURL=releases.address(key),
        Parameters=list(_kept_parameters(stage, releases.address(key))),
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    try:
        cloudformation.get_waiter("change_set_create_complete").wait(**here, WaiterConfig={"Delay": 2})
    except WaiterError as error:
        reason = cloudformation.describe_change_set(**here).get("StatusReason", "no reason is given")
        cloudformation.delete_change_set(**here)
        message = f"CloudFormation does not take {key}: {reason}"
        raise DeploymentError(message) from error
    touched = [
        f"{change['LogicalResourceId']} ({change['Action']})"
        for page in cloudformation.get_paginator("describe_change_set").paginate(**here)
        for change in (each["ResourceChange"] for each in page["Changes"])
        if change["ResourceType"] in DATA and (change["Action"] != "Modify" or not HARMLESS.issuperset(change["Scope"]))
    ]
    if touched:
        cloudformation.delete_change_set(**here)
        message = f"{key} would change {', '.join(touched)}, and data are never rolled back: deploy a mended release."
        raise DeploymentError(message)
    cloudformation.execute_change_set(**here)
    try:
        cloudformation.get_waiter("stack_update_complete").wait(StackName=stage.stack, WaiterConfig={"Delay": 5})
    except WaiterError as error:
        message = f"CloudFormation could not roll {stage.stack} back, and has put it as it was: see its events."
        raise DeploymentError(message) from error
    sys.stdout.write(f"{stage.stack} is what it was before: {key}\nThe API is at {stage.outputs()['ApiUrl']}\n")


def _deployed(stage: Stage) -> str:
    cloudformation = stage.client("cloudformation")
    return str(cloudformation.get_template(StackName=stage.stack, TemplateStage="Original")["TemplateBody"])


def _kept_parameters(stage: Stage, address: str) -> Iterator[dict[str, Any]]:
    """Yield those parameters of the stack that the release knows, each to keep its value."""
    there = stage.parameters()
    for parameter in stage.client("cloudformation").get_template_summary(TemplateURL=address)["Parameters"]:
        if parameter["ParameterKey"] in there:
            yield {"ParameterKey": parameter["ParameterKey"], "UsePreviousValue": True}


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["deploy", stage, *parameters]:
            run(lambda found: deploy(found, parameters), stage)
        case ["rollback", stage]:
            run(rollback, stage)
        case _:
            sys.exit("usage: release.py deploy STAGE [PARAMETER=VALUE…], release.py rollback STAGE")

"""Deployments and rollbacks by the scripts, against an emulator; the queue stands for what releases may change."""

from pathlib import Path
from uuid import uuid4

import pytest

from tests.integration.deployment_scripts import Deployment, make_deployment
from tests.integration.emulator import Emulator

NO_KEYS = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
NO_REGION = {"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}
TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Stage: {{ Type: String }}
  Seconds: {{ Type: Number, Default: 7 }}
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Metadata: {{ Written: {delay} }} # data know nothing of it
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      BillingMode: PAY_PER_REQUEST
      DeletionProtectionEnabled: {protected}
      AttributeDefinitions: [{{ AttributeName: vin, AttributeType: S }}]
      KeySchema: [{{ AttributeName: vin, KeyType: HASH }}]
  Queue:
    Type: AWS::SQS::Queue
    Properties: {{ DelaySeconds: {delay}, VisibilityTimeout: !Ref Seconds }}
Outputs:
  ApiUrl: {{ Value: https://api.example }}
"""


def template(delay: int, *, protected: bool = False) -> str:
    return TEMPLATE.format(delay=delay, protected=str(protected).lower())


def deploy(deployment: Deployment, content: str, *parameters: str) -> None:
    deployment.package(content)
    ran = deployment.run("release.py", "deploy", "try", *parameters)
    assert ran.code == 0, ran.output + ran.talk


def queue(deployment: Deployment) -> tuple[str, str]:
    """Return the delay of the queue, which a release sets, and its time-out, which a parameter sets."""
    attributes = deployment.client("sqs").get_queue_attributes(
        QueueUrl=deployment.resource("Queue"), AttributeNames=["All"]
    )["Attributes"]
    return attributes["DelaySeconds"], attributes["VisibilityTimeout"]


@pytest.fixture
def deployment(tmp_path: Path, emulator: Emulator) -> Deployment:
    return make_deployment(tmp_path, emulator, f"try-{uuid4()}")


@pytest.mark.parametrize(
    ("environment", "missing"),
    ((NO_KEYS, "There are no AWS credentials: set "), (NO_REGION, "There is no AWS region: set ")),
)
def test_what_is_missing_is_said(deployment: Deployment, environment: dict[str, str], missing: str) -> None:
    ran = deployment.run("release.py", "deploy", "try", environment=environment)
    assert (ran.code, ran.output) == (1, "")
    assert ran.talk.startswith(missing)
    assert len(ran.talk.splitlines()) == 1


def test_unknown_stage_is_refused(deployment: Deployment) -> None:
    ran = deployment.run("release.py", "deploy", "prud")
    assert (ran.code, ran.talk) == (1, "There is no stage 'prud' in samconfig.toml; it has try.")


def test_missing_package_is_said(deployment: Deployment) -> None:
    assert deployment.run("release.py", "deploy", "try").talk.startswith("There is no package: run `make package`")


@pytest.mark.parametrize("script", ("release.py", "verify.py"))
def test_missing_stack_is_said(deployment: Deployment, script: str) -> None:
    ran = deployment.run("release.py", "rollback", "try") if script == "release.py" else deployment.run(script, "try")  # type: ignore[arg-type]  # one of the two
    assert ran.code == 1
    assert ran.talk.startswith(f"The stack {deployment.stack} is not there")


def test_deployment_ends_with_address(deployment: Deployment) -> None:
    deployment.package(template(1))
    assert deployment.run("release.py", "deploy", "try").output.splitlines()[-1] == "The API is at https://api.example"


def test_failed_deployment_is_told(deployment: Deployment) -> None:
    deployment.package(template(1).replace("AWS::SQS::Queue", "AWS::SQS::Queu"))
    ran = deployment.run("release.py", "deploy", "try")
    assert (ran.code, "SAM could not deploy" in ran.talk) == (1, True)


def test_rollback_goes_back_step_by_step(deployment: Deployment) -> None:
    for delay in (1, 2, 3):
        deploy(deployment, template(delay))
    seen = []
    for _ in range(2):
        assert deployment.run("release.py", "rollback", "try").code == 0
        seen.append(queue(deployment)[0])
    assert seen == ["2", "1"]


def test_rollback_of_first_release_is_refused(deployment: Deployment) -> None:
    deploy(deployment, template(1))
    deploy(deployment, template(1))  # the same again is no further release
    ran = deployment.run("release.py", "rollback", "try")
    assert (ran.code, ran.talk) == (
        1,
        "There is no release before the one that is deployed; nothing was changed.",
    )


def test_rollback_keeps_parameters(deployment: Deployment) -> None:
    deploy(deployment, template(1))
    deploy(deployment, template(2), "Seconds=9")
    assert deployment.run("release.py", "rollback", "try").code == 0
    assert queue(deployment) == ("1", "9")


def test_deployment_keeps_parameters(deployment: Deployment) -> None:
    deploy(deployment, template(1), "Seconds=9")
    deploy(deployment, template(2))
    assert queue(deployment) == ("2", "9")


def test_rollback_of_data_is_refused(deployment: Deployment) -> None:
    deploy(deployment, template(1))
    deploy(deployment, template(2, protected=True))
    ran = deployment.run("release.py", "rollback", "try")
    assert (ran.code, "would change Table (Modify), and data are never rolled back" in ran.talk) == (1, True)
    assert queue(deployment)[0] == "2"


def test_rollback_knows_what_others_deployed(deployment: Deployment) -> None:
    deploy(deployment, template(1))
    cloudformation = deployment.client("cloudformation")
    first = str(cloudformation.get_template(StackName=deployment.stack, TemplateStage="Original")["TemplateBody"])
    cloudformation.update_stack(
        StackName=deployment.stack,
        TemplateBody=first.replace("DelaySeconds: 1", "DelaySeconds: 2"),
        Parameters=[{"ParameterKey": "Stage", "UsePreviousValue": True}],
    )
    cloudformation.get_waiter("stack_update_complete").wait(StackName=deployment.stack)
    deploy(deployment, template(3))
    assert deployment.run("release.py", "rollback", "try").code == 0
    assert queue(deployment)[0] == "2"

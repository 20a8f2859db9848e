"""What `make verify` finds, by the real script: of a healthy stage nothing, and of each thing that is broken, that."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from tests.support.deployment_scripts import Deployment, Ran, make_deployment
from tests.support.emulator import Emulator
from tests.support.server_process import serving

TOKEN = "a-token-of-the-identity-provider"  # noqa: S105 — of no provider
TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  AuthMode: { Type: String, Default: JWT }
  Monitoring: { Type: String, Default: "true" }
Resources:
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties: &alarm
      Namespace: AWS/Lambda
      MetricName: Errors
      Statistic: Sum
      Period: 300
      EvaluationPeriods: 1
      Threshold: 0
      ComparisonOperator: GreaterThanThreshold
      TreatMissingData: notBreaching
  Waiting:
    Type: AWS::CloudWatch::Alarm
    Properties: { <<: *alarm, TreatMissingData: breaching }
  Logs:
    Type: AWS::Logs::LogGroup
    Properties: { RetentionInDays: 30 }
  Schedule:
    Type: AWS::Scheduler::Schedule
    Properties:
      Name: !Ref AWS::StackName
      ScheduleExpression: rate(1 day)
      FlexibleTimeWindow: { Mode: "OFF" }
      Target:
        Arn: arn:aws:lambda:eu-central-1:000000000000:function:none
        RoleArn: arn:aws:iam::000000000000:role/none
Outputs:
  ApiUrl: { Value: https://api.example }
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stack that watches, and the address of a registry that stands for the deployed one."""

    deployment: Deployment
    address: str

    def verify(self, token: str = TOKEN) -> Ran:
        return self.deployment.run("verify.py", "try", environment={"API_URL": self.address, "API_TOKEN": token})

    def wrong(self) -> list[str]:
        return re.findall(r"^failed  (.*?):", self.verify().output, re.MULTILINE)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("data"), environment={"VEHICLES_TOKEN": TOKEN}) as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture
def stage(tmp_path: Path, emulator: Emulator, address: str) -> Stage:
    deployment = make_deployment(tmp_path, emulator, f"try-{uuid4()}")
    cloudformation = deployment.client("cloudformation")
    cloudformation.create_stack(StackName=deployment.stack, TemplateBody=TEMPLATE)
    cloudformation.get_waiter("stack_create_complete").wait(StackName=deployment.stack)
    return Stage(deployment, address)


def test_healthy_stage_passes(stage: Stage) -> None:
    ran = stage.verify()
    assert (ran.code, stage.wrong()) == (0, []), ran


def test_everything_is_looked_at(stage: Stage) -> None:
    checks = [re.sub(r" \S*try-\S+$", "", line[8:]) for line in stage.verify().output.splitlines()]
    assert checks == [
        "the API answers",
        "the table can be read",
        "the bucket can be read",
        "an invalid vehicle is rejected",
        "an unknown path is rejected",
        "unauthorized calls are rejected",
        "there are alarms",
        "alarm",
        "alarm",
        "log group",
        "schedule",
    ]


def test_ringing_alarm_fails(stage: Stage) -> None:
    alarm = stage.deployment.resource("Alarm")
    stage.deployment.client("cloudwatch").set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="too many")
    assert stage.wrong() == [f"alarm {alarm}"]
    assert stage.verify().code == 1


def test_new_alarm_may_wait_for_data(stage: Stage) -> None:
    alarm = stage.deployment.resource("Waiting")
    stage.deployment.client("cloudwatch").set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="no data")
    assert stage.wrong() == []


def test_deleted_alarm_fails(stage: Stage) -> None:
    alarm = stage.deployment.resource("Alarm")
    stage.deployment.client("cloudwatch").delete_alarms(AlarmNames=[alarm])
    assert stage.wrong() == [f"alarm {alarm}"]


def test_silenced_alarm_fails(stage: Stage) -> None:
    alarm = stage.deployment.resource("Alarm")
    stage.deployment.client("cloudwatch").disable_alarm_actions(AlarmNames=[alarm])
    assert stage.wrong() == [f"alarm {alarm}"]


def test_logs_without_end_fail(stage: Stage) -> None:
    group = stage.deployment.resource("Logs")
    stage.deployment.client("logs").delete_retention_policy(logGroupName=group)
    assert stage.wrong() == [f"log group {group}"]


def test_sleeping_schedule_fails(stage: Stage) -> None:
    scheduler, name = stage.deployment.client("scheduler"), stage.deployment.stack
    now = scheduler.get_schedule(Name=name)
    kept = {each: now[each] for each in ("Name", "ScheduleExpression", "FlexibleTimeWindow", "Target")}
    scheduler.update_schedule(**kept, State="DISABLED")
    assert stage.wrong() == [f"schedule {name}"]


def test_missing_token_is_reported(stage: Stage) -> None:
    ran = stage.verify(token="")
    assert (ran.code, ran.output) == (1, "")
    assert ran.talk.startswith("The API requires a token (AuthMode is JWT): set API_TOKEN ")


def test_open_api_fails(stage: Stage, tmp_path: Path) -> None:
    with serving(tmp_path / "open") as server:
        wide_open = Stage(stage.deployment, f"http://127.0.0.1:{server.port}")
        assert wide_open.wrong() == ["unauthorized calls are rejected"]

"""Deployments by the script, against an emulator; the queue stands for what a release may change."""

from pathlib import Path
from uuid import uuid4

import pytest

from tests.support.deployment_scripts import Deployment, Script, make_deployment
from tests.support.emulator import Emulator

NO_KEYS = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
SSO = """sso_session = company
sso_account_id = 111122223333
sso_role_name = fleet
[sso-session company]
sso_region = eu-central-1
sso_start_url = https://company.example/start"""
MFA = """role_arn = arn:aws:iam::111122223333:role/fleet
source_profile = base
mfa_serial = arn:aws:iam::111122223333:mfa/me
[profile base]
aws_access_key_id = KEY
aws_secret_access_key = secret"""
NO_REGION = {"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}
TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Stage: {{ Type: String }}
  Seconds: {{ Type: Number, Default: 7 }}
  Said: {{ Type: String, Default: "" }}
  Architecture: {{ Type: String, Default: arm64 }}
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties: {{ DelaySeconds: {delay}, VisibilityTimeout: !Ref Seconds }}
Outputs:
  ApiUrl: {{ Value: https://api.example }}
"""


def template(delay: int) -> str:
    return TEMPLATE.format(delay=delay)


def deploy(deployment: Deployment, content: str, *parameters: str) -> None:
    deployment.package(content)
    ran = deployment.run("deploy.py", "try", *parameters)
    assert ran.code == 0, ran.output + ran.talk


def queue(deployment: Deployment) -> tuple[str, str]:
    """Return the delay of the queue, which a release sets, and its timeout, which a parameter sets."""
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
def test_what_is_missing_is_reported(deployment: Deployment, environment: dict[str, str], missing: str) -> None:
    ran = deployment.run("deploy.py", "try", environment=environment)
    assert (ran.code, ran.output) == (1, "")
    assert ran.talk.startswith(missing)
    assert len(ran.talk.splitlines()) == 1


@pytest.mark.parametrize(
    ("profile", "remedy"),
    (
        (SSO, "run `aws sso login --profile work`"),
        ("credential_process = echo hello", "`aws sts get-caller-identity --profile work`"),
        ("credential_process = false", "`aws sts get-caller-identity --profile work`"),
        (MFA, 'eval "$(aws configure export-credentials --profile work --format env)"'),
    ),
)
@pytest.mark.parametrize("script", ("deploy.py", "verify.py"))
def test_missing_credentials_are_explained(
    deployment: Deployment, tmp_path: Path, script: Script, profile: str, remedy: str
) -> None:
    config = tmp_path / "config"
    config.write_text(f"[profile work]\nregion = eu-central-1\n{profile}\n")
    environment = {"AWS_CONFIG_FILE": str(config), "AWS_PROFILE": "work", **NO_KEYS}
    ran = deployment.run(script, "try", environment=environment)
    assert (ran.code, remedy in ran.talk, len(ran.talk.splitlines())) == (1, True, 1), ran.talk


def test_unknown_stage_is_refused(deployment: Deployment) -> None:
    ran = deployment.run("deploy.py", "prud")
    assert (ran.code, ran.talk) == (1, "There is no stage 'prud' in samconfig.toml; it has try.")


def test_missing_package_is_reported(deployment: Deployment) -> None:
    assert deployment.run("deploy.py", "try").talk.startswith("There is no package: run `make package`")


def test_missing_stack_is_reported(deployment: Deployment) -> None:
    ran = deployment.run("verify.py", "try")
    assert (ran.code, ran.talk.startswith(f"The stack {deployment.stack} does not exist")) == (1, True)


def test_deployment_ends_with_address(deployment: Deployment) -> None:
    deployment.package(template(1))
    assert deployment.run("deploy.py", "try").output.splitlines()[-1] == "The API is at https://api.example"


def test_failed_deployment_is_reported(deployment: Deployment) -> None:
    deployment.package(template(1).replace("AWS::SQS::Queue", "AWS::SQS::Queu"))
    ran = deployment.run("deploy.py", "try")
    assert (ran.code, "SAM could not deploy" in ran.talk) == (1, True)


def test_deployment_keeps_parameters(deployment: Deployment) -> None:
    deploy(deployment, template(1), "Seconds=9")
    deploy(deployment, template(2))
    assert queue(deployment) == ("2", "9")


def parameters(deployment: Deployment) -> dict[str, str]:
    """Return the parameters that the stack has."""
    (stack,) = deployment.client("cloudformation").describe_stacks(StackName=deployment.stack)["Stacks"]
    return {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}


def test_parameters_arrive_as_they_are(deployment: Deployment) -> None:
    deploy(deployment, template(1), "Said=before")
    values = ("cron(0 3 * * ? *)", 'so "quoted" it is', "Stage=other Seconds=1", "")
    for delay, value in enumerate(values, 2):
        deploy(deployment, template(delay), f"Said={value}")
        assert parameters(deployment) == {"Stage": "try", "Seconds": "7", "Architecture": "arm64", "Said": value}


def test_parameter_without_value_is_refused(deployment: Deployment) -> None:
    deployment.package(template(1))
    ran = deployment.run("deploy.py", "try", "Said")
    assert (ran.code, ran.talk.startswith("Said is not a parameter: ")) == (1, True)


def test_failed_first_deployment_is_explained(deployment: Deployment) -> None:
    broken = template(9999)  # no queue may delay for as long
    deployment.client("cloudformation").create_stack(
        StackName=deployment.stack,
        TemplateBody=broken,
        Parameters=[{"ParameterKey": "Stage", "ParameterValue": "try"}],
    )
    deployment.package(template(1))
    ran = deployment.run("deploy.py", "try")
    assert ran.code == 1
    assert ran.talk.startswith(f"The first deployment of {deployment.stack} failed (status ROLLBACK_COMPLETE)")


def test_stack_without_address_is_reported(deployment: Deployment) -> None:
    deployment.package(template(1).partition("Outputs:")[0])
    ran = deployment.run("deploy.py", "try")
    assert (ran.code, ran.talk.splitlines()[-1]) == (
        1,
        f"The stack {deployment.stack} (CREATE_COMPLETE) has no output ApiUrl: see its events.",
    )


def test_role_of_profile_needs_no_writable_home(deployment: Deployment, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / ".aws").mkdir(parents=True)
    (home / ".aws" / "cli").write_text("no folder, so that nobody can keep credentials under it")
    (home / ".aws" / "config").write_text(
        "[profile deployer]\nregion = eu-central-1\nrole_arn = arn:aws:iam::000000000000:role/deployer\n"
        "source_profile = keys\n[profile keys]\naws_access_key_id = test\naws_secret_access_key = test\n"
    )
    deployment.package(template(1))
    files = {"AWS_CONFIG_FILE": str(home / ".aws" / "config"), "AWS_SHARED_CREDENTIALS_FILE": str(home / "none")}
    ran = deployment.run(
        "deploy.py", "try", environment={"HOME": str(home), "AWS_PROFILE": "deployer", **files, **NO_KEYS}
    )
    assert ran.code == 0, ran.talk

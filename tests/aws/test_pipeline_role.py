"""The role of the pipeline: it may do what a deployment needs, and nothing to another stage.

Each statement is seen to matter: without it a deployment lacks something, and without its limits it reaches further.
"""

import copy
import json
import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, Final

import pytest

from tests.support.processes import run
from tests.support.stack_template import NO_TRANSLATOR, PYTHON, ROOT, Stack, Template

READ: Final = (
    "import json, pathlib; from samtranslator.yaml_helper import yaml_parse; "
    "print(json.dumps(yaml_parse(pathlib.Path('pipeline-role.yaml').read_text())))"
)
REGION: Final = "eu-central-1"
ACCOUNT: Final = "111122223333"
HERE: Final = f"{REGION}:{ACCOUNT}"
# What a deployment and its check call: the actions on each resource of the stage to which {stage} and so on belong.
CALLS_BY_RESOURCE: Final = {
    f"arn:aws:cloudformation:{HERE}:stack/{{stage}}/1": "cloudformation:CreateChangeSet",
    "arn:aws:s3:::aws-sam-cli-managed-default-samclisourcebucket-1/{stage}/1": "s3:GetObject s3:PutObject",
    f"arn:aws:s3:::{{bucket}}-{ACCOUNT}-{REGION}": """
        s3:CreateBucket s3:GetLifecycleConfiguration s3:GetBucketPolicy s3:ListBucket s3:ListTagsForResource
        s3:PutEncryptionConfiguration s3:PutBucketVersioning s3:TagResource s3:UntagResource s3:DeleteBucketPolicy
    """,
    f"arn:aws:dynamodb:{HERE}:table/{{table}}": """
        dynamodb:CreateTable dynamodb:DescribeContinuousBackups dynamodb:GetResourcePolicy dynamodb:ListTagsOfResource
        dynamodb:TagResource dynamodb:UntagResource dynamodb:UpdateContinuousBackups dynamodb:UpdateTable
    """,
    f"arn:aws:dynamodb:{HERE}:table/{{table}}/index/byVinEnd": "dynamodb:DescribeContributorInsights",
    f"arn:aws:lambda:{HERE}:function:{{stage}}-VehicleLambda-1": "lambda:UpdateFunctionCode",
    f"arn:aws:iam::{ACCOUNT}:role/{{stage}}-VehicleRole-1": """
        iam:CreateRole iam:DeleteRole iam:DeleteRolePolicy iam:GetRole iam:GetRolePolicy iam:ListAttachedRolePolicies
        iam:ListRolePolicies iam:PassRole iam:PutRolePermissionsBoundary iam:PutRolePolicy iam:TagRole iam:UntagRole
        iam:UpdateAssumeRolePolicy iam:UpdateRole
    """,
    f"arn:aws:apigateway:{REGION}::/apis/{{api}}": "apigateway:PATCH",
    f"arn:aws:apigateway:{REGION}::/apis/{{api}}/routes/1": "apigateway:DELETE",
    f"arn:aws:apigateway:{REGION}::/tags/arn:aws:apigateway:{REGION}::/apis/{{api}}": "apigateway:POST",
    f"arn:aws:execute-api:{HERE}:{{api}}/$default/GET/vehicles": "execute-api:Invoke",
    f"arn:aws:logs:{HERE}:log-group:/aws/lambda/{{stage}}-VehicleLambda-1": "logs:PutRetentionPolicy",
    f"arn:aws:logs:{HERE}:log-group:/aws/vendedlogs/{{stage}}-access": "logs:CreateLogGroup",
    f"arn:aws:cloudwatch:{HERE}:alarm:{{stage}}-Alarm-1": "cloudwatch:PutMetricAlarm",
    f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/{{stage}}": "cloudwatch:PutDashboard",
    f"arn:aws:scheduler:{HERE}:schedule/default/{{stage}}-Schedule-1": "scheduler:UpdateSchedule",
    f"arn:aws:sns:{HERE}:{{stage}}-Topic-1": "sns:SetTopicAttributes",
    f"arn:aws:sqs:{HERE}:{{stage}}-Queue-1": "sqs:SetQueueAttributes",
}
CALLS: Final = tuple((action, resource) for resource, names in CALLS_BY_RESOURCE.items() for action in names.split())
WITHOUT_RESOURCE: Final = """
    cloudformation:GetTemplateSummary cloudformation:ValidateTemplate cloudwatch:DescribeAlarms logs:CreateLogDelivery
    logs:DeleteLogDelivery logs:DescribeLogGroups logs:DescribeResourcePolicies logs:GetLogDelivery
    logs:ListLogDeliveries logs:PutResourcePolicy logs:UpdateLogDelivery sns:GetSubscriptionAttributes sns:Unsubscribe
"""
CONDITIONS: Final = {
    "BoundedRoles": {"StringEquals": {"iam:PermissionsBoundary": "Boundary"}},
    "ServiceRole": {"StringEquals": {"iam:AWSServiceName": "ops.apigateway.amazonaws.com"}},
    "PassRoles": {"StringEquals": {"iam:PassedToService": ["lambda.amazonaws.com", "scheduler.amazonaws.com"]}},
}
DEV: Final = {"stage": "vehicles-dev", "table": "vehicle-demo", "bucket": "vehicle-summary", "api": "aaaaaaaaaa"}
PROD: Final = {"stage": "vehicles-prod", "table": "vehicle-prod", "bucket": "vehicle-summary-prod", "api": "bbbbbbbbbb"}
# What no stage has for itself: (action, resource, whether it is allowed).
SHARED: Final = (
    ("cloudformation:CreateChangeSet", f"arn:aws:cloudformation:{HERE}:stack/aws-sam-cli-managed-default/1", False),
    ("cloudformation:DescribeStacks", f"arn:aws:cloudformation:{HERE}:stack/aws-sam-cli-managed-default/1", True),
    ("cloudformation:DescribeStacks", f"arn:aws:cloudformation:{HERE}:stack/vehicles-prod/1", False),
    ("s3:PutBucketPolicy", "arn:aws:s3:::aws-sam-cli-managed-default-samclisourcebucket-1", False),
    ("apigateway:POST", "arn:aws:apigateway:eu-central-1::/apis", False),
    ("dynamodb:GetItem", f"arn:aws:dynamodb:{HERE}:table/vehicle-demo", False),
    ("s3:GetObject", "arn:aws:s3:::vehicle-summary-111122223333-eu-central-1/summaries/1", False),
    ("iam:CreateRole", "arn:aws:iam::111122223333:role/someone", False),
    (
        "iam:CreateServiceLinkedRole",
        "arn:aws:iam::111122223333:role/aws-service-role/ops.apigateway.amazonaws.com/AWSServiceRoleForAPIGateway",
        True,
    ),
    ("iam:CreateServiceLinkedRole", "arn:aws:iam::111122223333:role/aws-service-role/another.amazonaws.com/1", False),
    (
        "cloudformation:CreateChangeSet",
        f"arn:aws:cloudformation:{REGION}:aws:transform/Serverless-2016-10-31",
        True,
    ),
    *((action, "*", True) for action in WITHOUT_RESOURCE.split()),
)
TASKS_OF_FUNCTIONS: Final = (
    ("dynamodb:PutItem", f"arn:aws:dynamodb:{HERE}:table/{{table}}"),
    ("dynamodb:Query", f"arn:aws:dynamodb:{HERE}:table/{{table}}/index/byVinEnd"),
    ("s3:PutObject", "arn:aws:s3:::{bucket}-111122223333-eu-central-1/summaries/1"),
    ("sqs:SendMessage", f"arn:aws:sqs:{HERE}:{{stage}}-Queue-1"),
    ("sns:Publish", f"arn:aws:sns:{HERE}:{{stage}}-Topic-1"),
    ("logs:PutLogEvents", f"arn:aws:logs:{HERE}:log-group:/aws/lambda/{{stage}}-VehicleLambda-1:log-stream:1"),
    ("lambda:InvokeFunction", f"arn:aws:lambda:{HERE}:function:{{stage}}-SummaryLambda-1"),
)


@pytest.fixture(scope="module")
def template() -> Template:
    if not PYTHON.exists():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(NO_TRANSLATOR)
    result: Template = json.loads(run(PYTHON, "-c", READ, cwd=ROOT).stdout)
    return {"Rules": {}, **result}


def statements(template: Template) -> list[dict[str, Any]]:
    (policy,) = template["Resources"]["PipelineRole"]["Properties"]["Policies"]
    found: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return found


def stack_of(template: Template) -> Stack:
    return Stack(template, ApiId=DEV["api"], ProjectPath="fleet/vehicles")


def role_of(template: Template) -> list[dict[str, Any]]:
    """Return the statements of the role for the stage dev."""
    found: list[dict[str, Any]] = stack_of(template)["PipelineRole"]["Policies"][0]["PolicyDocument"]["Statement"]
    return found


def allowed(resolved: list[dict[str, Any]], action: str, resource: str) -> bool:
    """Return whether statements allow an action, whatever their conditions."""
    return any(
        any(fnmatchcase(action, each) for each in listed(statement["Action"]))
        and any(fnmatchcase(resource, each) for each in listed(statement["Resource"]))
        for statement in resolved
    )


def listed(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


def faults(template: Template) -> Iterator[str]:
    """Yield what the role of the stage dev lacks, and what it may do to the stage prod."""
    role = role_of(template)
    for action, resource in CALLS:
        for stage in (DEV, PROD):
            if allowed(role, action, resource.format(**stage)) is not (stage is DEV):
                yield f"{action} {resource.format(**stage)}"
    for action, resource, expected in SHARED:
        if allowed(role, action, resource) is not expected:
            yield f"{action} {resource}"


def test_role_reaches_only_its_stage(template: Template) -> None:
    assert list(faults(template)) == []


def test_every_statement_is_limited(template: Template) -> None:
    for number, statement in enumerate(statements(template)):
        if statement["Resource"] != "*":
            changed = copy.deepcopy(template)
            statements(changed)[number]["Resource"] = "*"
            assert list(faults(changed)), statement["Sid"]


@pytest.mark.parametrize("part", ("Action", "Resource"))
def test_every_entry_is_needed(template: Template, part: str) -> None:
    for number, statement in enumerate(statements(template)):
        for entry in listed(statement[part]):
            changed = copy.deepcopy(template)
            statements(changed)[number][part] = [each for each in listed(statement[part]) if each != entry]
            assert list(faults(changed)), (statement["Sid"], entry)


def test_conditions_are_those_that_limit(template: Template) -> None:
    found = {each["Sid"]: each["Condition"] for each in role_of(template) if "Condition" in each}
    assert found == CONDITIONS


def test_roles_of_stack_are_bounded(template: Template) -> None:
    bounded = {"StringEquals": {"iam:PermissionsBoundary": "Boundary"}}
    unbounded = [each for each in role_of(template) if each.get("Condition") != bounded]
    escalations = ("iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:DeleteRolePermissionsBoundary")
    own = "arn:aws:iam::111122223333:role/vehicles-dev-VehicleRole-1"
    assert [action for action in escalations if allowed(unbounded, action, own)] == []


def test_boundary_covers_only_its_stage(template: Template) -> None:
    boundary = stack_of(template)["Boundary"]["PolicyDocument"]["Statement"]
    for action, resource in TASKS_OF_FUNCTIONS:
        assert [allowed(boundary, action, resource.format(**stage)) for stage in (DEV, PROD)] == [True, False], action


def test_only_named_branch_takes_the_role(template: Template) -> None:
    text, _ = template["Resources"]["PipelineRole"]["Properties"]["AssumeRolePolicyDocument"]["Fn::Sub"]
    (trust,) = json.loads(text)["Statement"]
    assert trust["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert trust["Condition"] == {
        "StringEquals": {"${GitLabHost}:aud": "https://${GitLabHost}"},
        "StringLike": {"${GitLabHost}:sub": "project_path:${ProjectPath}:${Ref}"},
    }

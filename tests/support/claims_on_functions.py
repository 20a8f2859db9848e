"""What holds of the functions in the template: what they run, how long, with which rights, and when by themselves."""

import inspect
import re
from typing import Any, Final

from tests.support.stack_template import Change, Stack, Template, allow, claim, drop, put
from vehicles.adapters.aws.client import FUNCTION_TIMEOUT
from vehicles.entrypoints import lambdas

FUNCTION: Final = "AWS::Lambda::Function"
ROLE: Final = "AWS::IAM::Role"
SCHEDULE: Final = "AWS::Scheduler::Schedule"
VERSION: Final = "AWS::Lambda::Version"
TAGGED: Final = (
    "AWS::ApiGatewayV2::Api",
    "AWS::DynamoDB::Table",
    "AWS::IAM::Role",
    "AWS::Lambda::Function",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
)
GATEWAY_WAITS: Final = 30
LONGEST_DESCRIPTION: Final = 256
"""Characters in the description of a version, as Lambda's PublishVersion takes them."""


def _tags(properties: dict[str, Any]) -> dict[str, str]:
    tags = properties.get("Tags", {})
    return tags if isinstance(tags, dict) else {tag["Key"]: tag["Value"] for tag in tags}


def _parameter(name: str, **changes: object) -> Any:  # noqa: ANN401 — a change
    def change(template: Template) -> None:
        template["Parameters"][name] = template["Parameters"].get(name, {}) | changes

    return change


def _version(change: Change) -> Change:
    """Return a change of the version that SAM makes, whose name tells which package it is of."""

    def change_it(template: Template) -> None:
        change(next(each for each in template["Resources"].values() if each["Type"] == VERSION))

    return change_it


# --- what they run ---


@claim(breaking=put("RefuseLambda.Handler", "vehicles.entrypoints.lambdas.refused"))
def handlers_are_there(stack: Stack) -> None:
    names = [function["Handler"].rpartition(".") for function in stack.of_type(FUNCTION).values()]
    assert {module for module, _, _ in names} == {lambdas.__name__}
    for _, _, name in names:
        assert callable(getattr(lambdas, name, None))
        assert list(inspect.signature(getattr(lambdas, name)).parameters) == ["event", "context"]


@claim(breaking=put("VehicleLambda.Runtime", "python3.12"))
def functions_run_python_of_tests(stack: Stack) -> None:
    assert {function["Runtime"] for function in stack.of_type(FUNCTION).values()} == {"python3.13"}


@claim(breaking=put("SummaryLambda.Architectures", ["x86_64"]))
def processor_is_arm_unless_asked(stack: Stack) -> None:
    assert [each["Architectures"] for each in stack.of_type(FUNCTION).values()] == [["arm64"]] * 3
    others = stack.with_parameters(Architecture="x86_64").of_type(FUNCTION).values()
    assert [each["Architectures"] for each in others] == [["x86_64"]] * 3


@claim(breaking=put("VehicleLambda.Environment.Variables.VEHICLES_TABLE", "vehicle-demo"))
def functions_use_table_and_bucket_of_stack(stack: Stack) -> None:
    other = stack.with_parameters(TableName="vehicle-prod", BucketPrefix="reports")
    expected = (other["VehicleTable"]["TableName"], other["SummaryBucket"]["BucketName"])
    assert expected == ("vehicle-prod", "reports-111122223333-eu-central-1")
    for function in other.of_type(FUNCTION).values():
        variables = function["Environment"]["Variables"]
        assert (variables["VEHICLES_TABLE"], variables["VEHICLES_BUCKET"]) == expected
        assert variables["VEHICLES_BACKEND"] == "aws"


@claim(breaking=put("VehicleLambda.Timeout", 3))
def api_has_time_that_sdk_may_take(stack: Stack) -> None:
    assert stack["VehicleLambda"]["Timeout"] == FUNCTION_TIMEOUT


@claim(breaking=put("RefuseLambda.Timeout", 60))
def functions_end_before_gateway_gives_up(stack: Stack) -> None:
    assert stack["VehicleLambda"]["Timeout"] < GATEWAY_WAITS
    assert stack["RefuseLambda"]["Timeout"] < GATEWAY_WAITS


@claim(breaking=put("SummaryLambda.ReservedConcurrentExecutions", 1))
def new_accounts_can_deploy(stack: Stack) -> None:
    reserving = [name for name, each in stack.of_type(FUNCTION).items() if "ReservedConcurrentExecutions" in each]
    assert reserving == []  # such an account has ten in all, and may reserve none of them


# --- from what they start, where that is asked for ---


@claim(breaking=put("VehicleLambda.SnapStart", {"ApplyOn": "PublishedVersions"}))
def snapshots_are_made_only_if_asked(stack: Stack) -> None:
    def applied(of: Stack) -> dict[str, str]:
        return {
            name: each["SnapStart"]["ApplyOn"] for name, each in of.of_type(FUNCTION).items() if "SnapStart" in each
        }

    assert applied(stack) == {"VehicleLambda": "None"}
    assert applied(stack.with_parameters(SnapStart="true")) == {"VehicleLambda": "PublishedVersions"}


@claim(breaking=put("VehicleIntegration.IntegrationUri", {"Fn::GetAtt": ["VehicleLambda", "Arn"]}))
def api_calls_version_only_if_asked(stack: Stack) -> None:
    assert stack["VehicleIntegration"]["IntegrationUri"] == "VehicleLambda.Arn"
    snapped = stack.with_parameters(SnapStart="true")
    assert snapped["VehicleIntegration"]["IntegrationUri"] == "VehicleLambdaAliaslive"
    (version,) = snapped.of_type(VERSION)
    assert snapped["VehicleLambdaAliaslive"]["FunctionVersion"] == f"{version}.Version"


@claim(breaking=put("VehiclePermission.FunctionName", {"Ref": "VehicleLambda"}))
def api_may_call_what_it_calls(stack: Stack) -> None:
    for snap_start in ("false", "true"):
        asked = stack.with_parameters(SnapStart=snap_start)
        called = asked["VehicleIntegration"]["IntegrationUri"].removesuffix(".Arn")
        assert asked["VehiclePermission"]["FunctionName"] == called


@claim(breaking=lambda template: template["Resources"]["VehicleIntegration"].pop("DependsOn"))
def api_may_call_before_it_calls(stack: Stack) -> None:
    assert stack.resources["VehicleIntegration"].get("DependsOn") == "VehiclePermission"


@claim(breaking=_version(lambda version: version["Properties"].update(Description="the package")))
def version_follows_every_parameter(stack: Stack) -> None:
    def described(**parameters: str) -> tuple[object, object]:
        snapped = stack.with_parameters(**{"SnapStart": "true", **parameters})
        (version,) = snapped.of_type(VERSION).values()
        return snapped["VehicleLambda"] | {"Tags": None}, version["Description"]

    function, description = described()
    for name, about in stack.template["Parameters"].items():
        values = [value for value in about.get("AllowedValues", ["another"]) if value != about["Default"]]
        changed, changed_description = described(**{name: "false" if name == "SnapStart" else values[0]})
        assert (changed != function) == (changed_description != description), name


@claim(breaking=_parameter("TableName", AllowedPattern="^[a-zA-Z0-9_.-]{3,255}$"))
def version_can_be_described_at_length(stack: Stack) -> None:
    def longest(about: dict[str, Any]) -> str:
        if "AllowedValues" in about:
            return max(map(str, about["AllowedValues"]), key=len)
        bounds = [int(bound) for bound in re.findall(r"(\d+)\}", about.get("AllowedPattern", ""))]
        return "x" * (max(bounds, default=0) + 2)  # those of which the pattern asks for a first and a last one

    parameters = {name: longest(about) for name, about in stack.template["Parameters"].items()}
    (version,) = stack.with_parameters(**parameters | {"SnapStart": "true"}).of_type(VERSION).values()
    assert len(version["Description"]) <= LONGEST_DESCRIPTION


@claim(breaking=_version(lambda version: version.update(DeletionPolicy="Retain")))
def versions_go_when_they_are_replaced(stack: Stack) -> None:
    (version,) = [about for about in stack.resources.values() if about["Type"] == VERSION]
    assert (version["DeletionPolicy"], version["UpdateReplacePolicy"]) == ("Delete", "Delete")


# --- what they may do; to which data, tests/integration/test_rights.py tells ---


@claim(breaking=put("SummaryLambda.Role", {"Fn::GetAtt": ["VehicleRole", "Arn"]}))
def every_function_has_role_of_its_own(stack: Stack) -> None:
    roles = {name: function["Role"] for name, function in stack.of_type(FUNCTION).items()}
    assert roles == {name: f"{name.replace('Lambda', 'Role')}.Arn" for name in roles}


@claim(breaking=allow("SummaryRole", "s3:PutObject", "*"))
def no_right_is_to_everything(stack: Stack) -> None:
    rights = [right for role in stack.of_type(ROLE) for right in stack.statements(role)]
    assert not [(action, resource) for action, resource in rights if resource == "*" or "*" in action]


@claim(breaking=put("VehicleRole.ManagedPolicyArns", ["arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"]))
def roles_hold_no_policies_of_others(stack: Stack) -> None:
    assert not [name for name, role in stack.of_type(ROLE).items() if role.get("ManagedPolicyArns")]


@claim(breaking=allow("RefuseRole", "xray:PutTraceSegments", "*"))
def tracing_comes_with_its_rights_only(stack: Stack) -> None:
    def rights(of: Stack) -> set[str]:
        return {action for role in of.of_type(ROLE) for action, _ in of.statements(role) if action.startswith("xray:")}

    def modes(of: Stack) -> set[str]:
        return {function["TracingConfig"]["Mode"] for function in of.of_type(FUNCTION).values()}

    traced = stack.with_parameters(Tracing="true")
    assert (modes(stack), rights(stack)) == ({"PassThrough"}, set())
    assert (modes(traced), rights(traced)) == ({"Active"}, {"xray:PutTelemetryRecords", "xray:PutTraceSegments"})


@claim(breaking=put("VehicleRole.AssumeRolePolicyDocument.Statement.0.Principal", {"AWS": "*"}))
def only_lambda_takes_on_roles_of_functions(stack: Stack) -> None:
    for function in stack.of_type(FUNCTION).values():
        (statement,) = stack[function["Role"].removesuffix(".Arn")]["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}


@claim(breaking=drop("ScheduleRole.AssumeRolePolicyDocument"))
def only_schedules_of_account_take_on_theirs(stack: Stack) -> None:
    document = stack["ScheduleRole"].get("AssumeRolePolicyDocument", {"Statement": [{}]})
    (statement,) = document["Statement"]
    assert statement.get("Principal") == {"Service": "scheduler.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "111122223333"}}


@claim(breaking=allow("ScheduleRole", "lambda:InvokeFunction", {"Fn::GetAtt": ["VehicleLambda", "Arn"]}))
def schedules_start_the_summary_only(stack: Stack) -> None:
    expected = {("lambda:InvokeFunction", "SummaryLambda.Arn"), ("sqs:SendMessage", "SummaryFailures.Arn")}
    assert set(stack.statements("ScheduleRole")) == expected


# --- when they run by themselves ---


@claim(breaking=put("SummaryLambdaWeekly.ScheduleExpression", "rate(7 days)"))
def summary_is_weekly_unless_asked(stack: Stack) -> None:
    assert stack["SummaryLambdaWeekly"]["ScheduleExpression"] == "cron(0 3 ? * MON *)"
    daily = stack.with_parameters(SummarySchedule="cron(0 3 * * ? *)")
    assert daily["SummaryLambdaWeekly"]["ScheduleExpression"] == "cron(0 3 * * ? *)"


@claim(breaking=drop("SummaryLambdaWeekly.ScheduleExpressionTimezone"))
def schedule_has_time_zone(stack: Stack) -> None:
    berlin = stack.with_parameters(SummaryTimeZone="Europe/Berlin")
    zones = [each["SummaryLambdaWeekly"].get("ScheduleExpressionTimezone") for each in (stack, berlin)]
    assert zones == ["UTC", "Europe/Berlin"]


@claim(breaking=put("SummaryLambdaWeekly.Target.RetryPolicy.MaximumRetryAttempts", 0))
def schedule_tries_again(stack: Stack) -> None:
    for schedule in stack.of_type(SCHEDULE).values():
        assert schedule["Target"]["RetryPolicy"]["MaximumRetryAttempts"] > 0


@claim(breaking=drop("SummaryLambdaWeekly.Target.DeadLetterConfig"))
def schedule_that_fails_leaves_message(stack: Stack) -> None:
    assert stack["SummaryLambdaWeekly"]["Target"].get("DeadLetterConfig") == {"Arn": "SummaryFailures.Arn"}


@claim(breaking=put("SummaryLambdaEventInvokeConfig.DestinationConfig", {}))
def summary_that_fails_leaves_message(stack: Stack) -> None:
    configuration = stack["SummaryLambdaEventInvokeConfig"]
    assert configuration["FunctionName"] == "SummaryLambda"
    assert configuration["DestinationConfig"] == {"OnFailure": {"Destination": "SummaryFailures.Arn"}}
    assert ("sqs:SendMessage", "SummaryFailures.Arn") in set(stack.statements("SummaryRole"))


@claim(breaking=put("SummaryLambdaEventInvokeConfig.MaximumRetryAttempts", 0))
def summary_is_tried_three_times(stack: Stack) -> None:
    assert stack["SummaryLambdaEventInvokeConfig"]["MaximumRetryAttempts"] == 2


@claim(breaking=drop("SummaryTopic.Subscription"))
def summary_is_mailed_where_wanted(stack: Stack) -> None:
    assert not {action for action, _ in stack.statements("SummaryRole") if action.startswith("sns:")}
    mailed = stack.with_parameters(SummaryEmail="manager@example.org")
    assert mailed["SummaryTopic"].get("Subscription") == [{"Protocol": "email", "Endpoint": "manager@example.org"}]
    assert ("sns:Publish", "SummaryTopic") in set(mailed.statements("SummaryRole"))
    assert mailed["SummaryLambda"]["Environment"]["Variables"]["VEHICLES_TOPIC"] == "SummaryTopic"


@claim(breaking=allow("VehicleRole", "sns:Publish", {"Ref": "SummaryTopic"}))
def only_the_summary_mails(stack: Stack) -> None:
    mailed = stack.with_parameters(SummaryEmail="manager@example.org")
    rights = {(role, right) for role in mailed.of_type("AWS::IAM::Role") for right in mailed.statements(role)}
    found = {(role, *right) for role, right in rights if right[0].startswith("sns:") or right[1] == "SummaryTopic"}
    assert found == {("SummaryRole", "sns:Publish", "SummaryTopic")}


@claim(breaking=drop("SummaryTopic.KmsMasterKeyId"))
def mails_are_encrypted_at_rest(stack: Stack) -> None:
    mailed = stack.with_parameters(SummaryEmail="manager@example.org")
    assert mailed["SummaryTopic"].get("KmsMasterKeyId") == "alias/aws/sns"


# --- how it is deployed ---


@claim(breaking=put("SummaryLambdaAge.Name", "age"))
def stages_stand_side_by_side(stack: Stack) -> None:
    def names(**parameters: str) -> set[str]:
        resources = stack.with_parameters(AlarmEmail="a@example.org", **parameters).resources.values()
        return {
            value
            for resource in resources
            for name, value in resource["Properties"].items()
            if name.endswith("Name") and isinstance(value, str) and value not in stack.resources
        } - {"$default"}

    prod = {"TableName": "vehicle-prod", "BucketPrefix": "vehicle-summary-prod"}
    both = names() & names(**{"AWS::StackName": "vehicles-prod"}, **prod)
    within = {"byVinEnd", "Errors", "Throttles", "5xx", "ApproximateNumberOfMessagesVisible", "SummaryAgeDays", "live"}
    assert both <= within


@claim(breaking=put("SummaryFailures.Tags", []))
def what_costs_is_tagged(stack: Stack) -> None:
    prod = stack.with_parameters(Stage="prod")
    for kind in TAGGED:
        for properties in prod.of_type(kind).values():
            assert {"application": "vehicles", "stage": "prod"}.items() <= _tags(properties).items()


@claim(breaking=_parameter("JwtIssuer", AllowedPattern=None))
def parameters_are_safe_and_explained(stack: Stack) -> None:
    for parameter in stack.template["Parameters"].values():
        assert "Default" in parameter
        assert parameter["Description"].endswith(".")
        bounds = ("AllowedPattern", "AllowedValues", "MaxValue")
        assert any(parameter.get(bound) for bound in bounds)
        assert "AllowedPattern" not in parameter or "ConstraintDescription" in parameter
        assert re.fullmatch(r"\^.*\$", parameter.get("AllowedPattern", "^$"))


@claim(breaking=_parameter("TableName", AllowedPattern="^.*$"))
def parameters_refuse_what_cannot_be(stack: Stack) -> None:
    wrong = {
        "AlarmEmail": "operator",
        "SummaryEmail": "manager",
        "BucketPrefix": "Vehicle_Summary",
        "JwtAudience": "one,other",
        "JwtIssuer": "http://issuer.example",
        "Stage": "Prod",
        "SummarySchedule": "every Monday",
        "SummaryTimeZone": "Europe Berlin",
        "TableName": "vehicle demo",
    }
    patterns = {
        name: each["AllowedPattern"] for name, each in stack.template["Parameters"].items() if "AllowedPattern" in each
    }
    assert patterns.keys() == wrong.keys()
    assert not [name for name, pattern in patterns.items() if re.fullmatch(pattern, wrong[name])]


@claim(breaking=_parameter("Unseen", Type="String"))
def parameters_are_grouped_for_people(stack: Stack) -> None:
    groups = stack.template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    grouped = [name for group in groups for name in group["Parameters"]]
    assert sorted(grouped) == sorted(stack.template["Parameters"])


@claim(breaking=lambda template: template["Outputs"].pop("ApiUrl"))
def outputs_name_what_clients_need(stack: Stack) -> None:
    outputs = {name: stack.resolved(output["Value"]) for name, output in stack.template["Outputs"].items()}
    assert outputs == {
        "ApiUrl": "https://HttpApi.execute-api.eu-central-1.amazonaws.com",
        "BucketName": "SummaryBucket",
        "RefuseLambdaName": "RefuseLambda",
        "SummaryLambdaName": "SummaryLambda",
        "SummaryTimeZone": "UTC",
        "TableName": "VehicleTable",
        "VehicleLambdaName": "VehicleLambda",
    }

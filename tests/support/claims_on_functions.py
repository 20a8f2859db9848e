"""What holds of the functions in the template: what they run, how long, with which permissions, on which schedule."""

import inspect
import re
from typing import Any, Final

from tests.support.stack_template import Stack, Template, allow, claim, drop, put
from vehicles.adapters.aws.client import FUNCTION_TIMEOUT
from vehicles.entrypoints import lambdas

FUNCTION: Final = "AWS::Lambda::Function"
ROLE: Final = "AWS::IAM::Role"
SCHEDULE: Final = "AWS::Scheduler::Schedule"
GATEWAY_WAITS: Final = 30


def _parameter(name: str, **changes: object) -> Any:  # noqa: ANN401 — a change
    def change(template: Template) -> None:
        template["Parameters"][name] = template["Parameters"].get(name, {}) | changes

    return change


# --- what they run ---


@claim(breaking=put("VehicleLambda.Handler", "vehicles.entrypoints.lambdas.apis"))
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
    assert [each["Architectures"] for each in stack.of_type(FUNCTION).values()] == [["arm64"]] * 2
    others = stack.with_parameters(Architecture="x86_64").of_type(FUNCTION).values()
    assert [each["Architectures"] for each in others] == [["x86_64"]] * 2


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
def function_has_time_that_sdk_may_take(stack: Stack) -> None:
    assert stack["VehicleLambda"]["Timeout"] == FUNCTION_TIMEOUT < GATEWAY_WAITS


@claim(breaking=put("SummaryLambda.ReservedConcurrentExecutions", 1))
def new_accounts_can_deploy(stack: Stack) -> None:
    reserving = [name for name, each in stack.of_type(FUNCTION).items() if "ReservedConcurrentExecutions" in each]
    assert reserving == []  # such an account has ten in all, and may reserve none of them


# --- what they may do; to which data, tests/aws/test_permissions.py says ---


@claim(breaking=put("SummaryLambda.Role", {"Fn::GetAtt": ["VehicleRole", "Arn"]}))
def every_function_has_role_of_its_own(stack: Stack) -> None:
    roles = {name: function["Role"] for name, function in stack.of_type(FUNCTION).items()}
    assert roles == {name: f"{name.replace('Lambda', 'Role')}.Arn" for name in roles}


@claim(breaking=allow("SummaryRole", "s3:PutObject", "*"))
def no_permission_is_for_everything(stack: Stack) -> None:
    permissions = [each for role in stack.of_type(ROLE) for each in stack.statements(role)]
    assert not [(action, resource) for action, resource in permissions if resource == "*" or "*" in action]


@claim(breaking=put("VehicleRole.ManagedPolicyArns", ["arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"]))
def roles_hold_no_policies_of_others(stack: Stack) -> None:
    assert not [name for name, role in stack.of_type(ROLE).items() if role.get("ManagedPolicyArns")]


@claim(breaking=drop("ScheduleRole.PermissionsBoundary"))
def every_role_may_have_a_boundary(stack: Stack) -> None:
    boundary = "arn:aws:iam::111122223333:policy/boundary"
    bounded = stack.with_parameters(PermissionsBoundary=boundary)
    assert [role.get("PermissionsBoundary") for role in bounded.of_type(ROLE).values()] == [boundary] * 3
    assert not [name for name, role in stack.of_type(ROLE).items() if "PermissionsBoundary" in role]


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


@claim(breaking=put("SummaryLambdaWeekly.Target.Input", "{}"))
def schedule_asks_for_due_week(stack: Stack) -> None:
    assert stack["SummaryLambdaWeekly"]["Target"]["Input"] == '{"week": "due"}'


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
    roles = mailed.of_type(ROLE)
    found = {(role, *each) for role in roles for each in mailed.statements(role) if "SummaryTopic" in each}
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
    within = {"byVinEnd", "Errors", "Throttles", "5xx", "ApproximateNumberOfMessagesVisible", "SummaryAgeDays"}
    assert both <= within


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
        "BasePath": "/fleet",
        "JwtAudience": "one,other",
        "JwtIssuer": "http://issuer.example",
        "PermissionsBoundary": "boundary",
        "SummarySchedule": "every Monday",
        "SummaryTimeZone": "Europe Berlin",
        "TableName": "vehicle demo",
    }
    patterns = {
        name: each["AllowedPattern"] for name, each in stack.template["Parameters"].items() if "AllowedPattern" in each
    }
    assert patterns.keys() == wrong.keys()
    assert not [name for name, pattern in patterns.items() if re.fullmatch(pattern, wrong[name])]


@claim(breaking=lambda template: template["Outputs"].pop("ApiUrl"))
def outputs_name_what_clients_need(stack: Stack) -> None:
    outputs = {name: stack.resolved(output["Value"]) for name, output in stack.template["Outputs"].items()}
    assert outputs == {
        "ApiUrl": "https://HttpApi.execute-api.eu-central-1.amazonaws.com",
        "BucketName": "SummaryBucket",
        "SummaryLambdaName": "SummaryLambda",
        "SummaryTimeZone": "UTC",
        "TableName": "VehicleTable",
        "VehicleLambdaName": "VehicleLambda",
    }

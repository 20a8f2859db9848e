"""What holds of logs and alarms in the template: what is kept, who is notified, and that it costs nothing."""

import json
from typing import Any, Final

from tests.support.stack_template import Stack, claim, drop, put

ALARM: Final = "AWS::CloudWatch::Alarm"
FILTER: Final = "AWS::Logs::MetricFilter"
WATCHED: Final = {
    "VehicleErrorsAlarm": ("AWS/Lambda", "Errors", "VehicleLambda"),
    "VehicleThrottlesAlarm": ("AWS/Lambda", "Throttles", "VehicleLambda"),
    "SummaryErrorsAlarm": ("AWS/Lambda", "Errors", "SummaryLambda"),
    "SummaryThrottlesAlarm": ("AWS/Lambda", "Throttles", "SummaryLambda"),
    "SummaryFailuresAlarm": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "SummaryFailures.QueueName"),
    "ServerErrorsAlarm": ("AWS/ApiGateway", "5xx", "HttpApi"),
    "SummaryMissingAlarm": ("Vehicles/vehicles", "SummaryAgeDays"),
}
HOUR: Final = 3600
FREE_ALARMS: Final = 10
LONGEST_RANGE: Final = 4
"""Periods without data that CloudWatch was seen to look at, instead of one, before it counts them as missing."""


def _notified(stack: Stack) -> set[tuple[Any, ...]]:
    alarms = stack.of_type(ALARM).values()
    return {tuple(alarm.get(name, ())) for alarm in alarms for name in ("AlarmActions", "OKActions")}


# --- logs ---


@claim(breaking=drop("AccessLogs.RetentionInDays"))
def logs_expire(stack: Stack) -> None:
    groups = stack.with_parameters(LogRetentionDays="7").of_type("AWS::Logs::LogGroup").values()
    assert {group.get("RetentionInDays") for group in groups} == {"7"}


@claim(breaking=put("SummaryLambda.LoggingConfig.LogGroup", {"Ref": "VehicleLogs"}))
def every_function_writes_its_own_log(stack: Stack) -> None:
    for name in ("Vehicle", "Summary"):
        logging = stack[f"{name}Lambda"]["LoggingConfig"]
        assert (logging["LogGroup"], logging["LogFormat"]) == (f"{name}Logs", "JSON")
        permissions = {each for each in stack.statements(f"{name}Role") if each[0].startswith("logs:")}
        assert permissions == {(f"logs:{action}", f"{name}Logs.Arn") for action in ("CreateLogStream", "PutLogEvents")}
    assert stack["HttpApiStage"]["AccessLogSettings"]["DestinationArn"] == "AccessLogs.Arn"


# --- alarms ---


@claim(breaking=put("SummaryThrottlesAlarm.Dimensions.0.Value", {"Ref": "VehicleLambda"}))
def alarms_watch_all_that_fails(stack: Stack) -> None:
    assert {
        name: (alarm["Namespace"], alarm["MetricName"], *(each["Value"] for each in alarm.get("Dimensions", ())))
        for name, alarm in stack.of_type(ALARM).items()
    } == WATCHED


@claim(breaking=put("VehicleErrorsAlarm.Threshold", 1))
def first_failure_raises_alarm(stack: Stack) -> None:
    for name, alarm in stack.of_type(ALARM).items():
        if name != "SummaryMissingAlarm":
            assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")
            assert (alarm["EvaluationPeriods"], alarm["TreatMissingData"]) == (1, "notBreaching")


@claim(breaking=put("SummaryMissingAlarm.Threshold", 15))
def eight_days_without_summary_raise_alarm(stack: Stack) -> None:
    alarm = stack["SummaryMissingAlarm"]
    metric = stack["SummaryAgeFilter"]["MetricTransformations"][0]
    assert (alarm["Namespace"], alarm["MetricName"]) == (metric["MetricNamespace"], metric["MetricName"])
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (8, "GreaterThanThreshold")
    assert (stack["SummaryAgeFilter"]["LogGroupName"], metric["MetricValue"]) == ("SummaryLogs", "$.ageDays")


@claim(breaking=put("SummaryMissingAlarm.TreatMissingData", "notBreaching"))
def nobody_looking_raises_alarm(stack: Stack) -> None:
    assert stack["SummaryMissingAlarm"]["TreatMissingData"] == "breaching"


@claim(breaking=put("SummaryMissingAlarm.Period", 43200))
def missing_summary_is_noticed_within_a_day(stack: Stack) -> None:
    alarm = stack["SummaryMissingAlarm"]
    assert json.loads(stack["SummaryLambdaAge"]["Target"]["Input"]) == {"check": "age"}
    assert stack["SummaryLambdaAge"]["ScheduleExpression"] == f"rate({alarm['Period'] // HOUR} hours)"
    assert LONGEST_RANGE * alarm["Period"] * alarm["EvaluationPeriods"] <= 24 * HOUR


@claim(breaking=drop("ServerErrorsAlarm.AlarmActions"))
def every_alarm_is_mailed_where_asked(stack: Stack) -> None:
    mailed = stack.with_parameters(AlarmEmail="operator@example.org")
    assert _notified(mailed) == {("AlarmTopic",)}
    assert mailed["AlarmTopic"]["Subscription"] == [{"Protocol": "email", "Endpoint": "operator@example.org"}]


@claim(breaking=put("SummaryErrorsAlarm.AlarmActions", [{"Ref": "AlarmTopic"}]))
def nobody_is_mailed_unless_asked(stack: Stack) -> None:
    assert _notified(stack) == {()}
    assert stack.of_type("AWS::SNS::Topic") == {}


# --- what it costs ---


@claim(breaking=put("Dashboard.DashboardBody", {"Fn::Sub": '{"widgets": [{"alarms": ["${VehicleErrorsAlarm.Arn}"]}]}'}))
def dashboard_shows_every_alarm(stack: Stack) -> None:
    body = json.loads(stack["Dashboard"]["DashboardBody"])
    shown = [alarm for widget in body["widgets"] for alarm in widget.get("properties", {}).get("alarms", [])]
    assert sorted(shown) == sorted(f"{name}.Arn" for name in stack.of_type(ALARM))


@claim(breaking=put("HttpApiStage.DefaultRouteSettings.DetailedMetricsEnabled", value=True))
def monitoring_is_free_for_one_stage(stack: Stack) -> None:
    assert 0 < len(stack.of_type(ALARM)) <= FREE_ALARMS
    assert len(stack.of_type(FILTER)) == 1
    assert stack["HttpApiStage"]["DefaultRouteSettings"]["DetailedMetricsEnabled"] is False


@claim(breaking=lambda template: template["Resources"]["Dashboard"].pop("Condition"))
def monitoring_can_be_left_out(stack: Stack) -> None:
    without = stack.with_parameters(Monitoring="false", AlarmEmail="operator@example.org")
    kinds = {resource["Type"] for resource in without.resources.values()}
    assert not kinds & {ALARM, FILTER, "AWS::CloudWatch::Dashboard", "AWS::SNS::Topic"}
    assert without["SummaryLambdaAge"]["State"] == "DISABLED"

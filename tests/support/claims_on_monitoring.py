"""What holds of logs, metrics and alarms in the template: what is kept, who is told, and that it costs nothing."""

import json
import re
from typing import Any, Final

from tests.support.stack_template import Stack, claim, drop, put

ALARM: Final = "AWS::CloudWatch::Alarm"
FILTER: Final = "AWS::Logs::MetricFilter"
FUNCTIONS: Final = ("VehicleLambda", "RefuseLambda", "SummaryLambda")
HOUR: Final = 3600
DAY: Final = 24 * HOUR
FREE_ALARMS: Final = 10
FREE_METRICS: Final = 10


def _alarms_on(stack: Stack, namespace: str, metric: str) -> dict[str, str]:
    """Return the alarms on a metric, by what they watch."""
    return {
        dimension["Value"]: alarm["AlarmName"]
        for alarm in stack.of_type(ALARM).values()
        if (alarm["Namespace"], alarm["MetricName"]) == (namespace, metric)
        for dimension in alarm["Dimensions"]
    }


def _notified(stack: Stack) -> set[tuple[Any, ...]]:
    return {tuple(alarm.get("AlarmActions", ())) for alarm in stack.of_type(ALARM).values()}


# --- logs ---


@claim(breaking=drop("AccessLogs.RetentionInDays"))
def logs_expire(stack: Stack) -> None:
    groups = stack.with_parameters(LogRetentionDays="7").of_type("AWS::Logs::LogGroup").values()
    assert {group.get("RetentionInDays") for group in groups} == {"7"}


@claim(breaking=put("RefuseLambda.LoggingConfig.LogGroup", {"Ref": "VehicleLogs"}))
def every_function_writes_its_own_log(stack: Stack) -> None:
    for name in FUNCTIONS:
        log = name.replace("Lambda", "Logs")
        logging = stack[name]["LoggingConfig"]
        assert (logging["LogGroup"], logging["LogFormat"]) == (log, "JSON")
        role = name.replace("Lambda", "Role")
        rights = {right for right in stack.statements(role) if right[0].startswith("logs:")}
        assert rights == {("logs:CreateLogStream", f"{log}.Arn"), ("logs:PutLogEvents", f"{log}.Arn")}


@claim(breaking=put("HttpApiStage.AccessLogSettings.DestinationArn", {"Fn::GetAtt": ["VehicleLogs", "Arn"]}))
def requests_are_logged_apart(stack: Stack) -> None:
    assert stack["HttpApiStage"]["AccessLogSettings"]["DestinationArn"] == "AccessLogs.Arn"


# --- alarms ---


@claim(breaking=drop("RefuseErrorsAlarm"))
def every_function_has_alarm_for_errors(stack: Stack) -> None:
    assert _alarms_on(stack, "AWS/Lambda", "Errors").keys() == set(FUNCTIONS)


@claim(breaking=put("SummaryThrottlesAlarm.Dimensions.0.Value", {"Ref": "VehicleLambda"}))
def every_function_has_alarm_for_throttles(stack: Stack) -> None:
    assert _alarms_on(stack, "AWS/Lambda", "Throttles").keys() == set(FUNCTIONS)


@claim(breaking=put("SummaryFailuresAlarm.MetricName", "NumberOfMessagesSent"))
def failures_waiting_raise_alarm(stack: Stack) -> None:
    assert "SummaryFailures.QueueName" in _alarms_on(stack, "AWS/SQS", "ApproximateNumberOfMessagesVisible")


@claim(breaking=put("ServerErrorsAlarm.MetricName", "4xx"))
def server_errors_raise_alarm(stack: Stack) -> None:
    assert "HttpApi" in _alarms_on(stack, "AWS/ApiGateway", "5xx")


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


@claim(breaking=put("SummaryMissingAlarm.TreatMissingData", "notBreaching"))
def nobody_looking_raises_alarm(stack: Stack) -> None:
    assert stack["SummaryMissingAlarm"]["TreatMissingData"] == "breaching"


@claim(breaking=put("SummaryLambdaAge.ScheduleExpression", "rate(1 day)"))
def age_is_told_twice_in_each_period(stack: Stack) -> None:
    hours = re.fullmatch(r"rate\((\d+) hours\)", stack["SummaryLambdaAge"]["ScheduleExpression"])
    assert hours is not None
    assert json.loads(stack["SummaryLambdaAge"]["Target"]["Input"]) == {"check": "age"}
    assert 2 * int(hours[1]) * HOUR <= stack["SummaryMissingAlarm"]["Period"]


@claim(breaking=put("SummaryMissingAlarm.EvaluationPeriods", 16))
def cloudwatch_can_look_back_as_far(stack: Stack) -> None:
    for alarm in stack.of_type(ALARM).values():  # PutMetricAlarm, Period
        assert alarm["Period"] * alarm["EvaluationPeriods"] <= (7 * DAY if alarm["Period"] >= HOUR else DAY)


@claim(breaking=drop("ServerErrorsAlarm.AlarmActions"))
def every_alarm_is_mailed_where_asked(stack: Stack) -> None:
    mailed = stack.with_parameters(AlarmEmail="operator@example.org")
    assert _notified(mailed) == {("AlarmTopic",)}
    assert mailed["AlarmTopic"]["Subscription"] == [{"Protocol": "email", "Endpoint": "operator@example.org"}]


@claim(breaking=put("SummaryErrorsAlarm.AlarmActions", [{"Ref": "AlarmTopic"}]))
def nobody_is_mailed_unless_asked(stack: Stack) -> None:
    assert _notified(stack) == {()}
    assert stack.of_type("AWS::SNS::Topic") == {}


# --- metrics and what they cost ---


@claim(breaking=put("UnavailableFilter.FilterPattern", "{ $.statusCode = 503 }"))
def metrics_ask_for_fields_that_are_logged(stack: Stack) -> None:
    logged = {"ageDays", "complete", "durationMs", "message", "operation", "status", "total"}
    for each in stack.of_type(FILTER).values():
        values = [transformation["MetricValue"] for transformation in each["MetricTransformations"]]
        assert set(re.findall(r"\$\.(\w+)", " ".join([each["FilterPattern"], *values]))) <= logged


@claim(breaking=put("VehiclesFilter.MetricTransformations.0.MetricNamespace", "Vehicles"))
def stages_have_metrics_of_their_own(stack: Stack) -> None:
    metrics = [each["MetricTransformations"][0] for each in stack.of_type(FILTER).values()]
    assert {metric["MetricNamespace"] for metric in metrics} == {"Vehicles/vehicles"}


@claim(breaking=put("Dashboard.DashboardBody", {"Fn::Sub": '{"widgets": [{"alarms": ["${VehicleErrorsAlarm.Arn}"]}]}'}))
def dashboard_shows_every_alarm(stack: Stack) -> None:
    body = json.loads(stack["Dashboard"]["DashboardBody"])
    shown = [alarm for widget in body["widgets"] for alarm in widget.get("properties", {}).get("alarms", [])]
    assert sorted(shown) == sorted(f"{name}.Arn" for name in stack.of_type(ALARM))


@claim(breaking=put("VehiclesFilter.MetricTransformations", []))
def monitoring_is_free_for_one_stage(stack: Stack) -> None:
    metrics = [metric for each in stack.of_type(FILTER).values() for metric in each["MetricTransformations"]]
    assert 0 < len(stack.of_type(ALARM)) <= FREE_ALARMS
    assert len(stack.of_type(FILTER)) == len(metrics) <= FREE_METRICS
    assert stack["HttpApiStage"]["DefaultRouteSettings"]["DetailedMetricsEnabled"] is False


@claim(breaking=lambda template: template["Resources"]["Dashboard"].pop("Condition"))
def monitoring_can_be_left_out(stack: Stack) -> None:
    without = stack.with_parameters(Monitoring="false", AlarmEmail="operator@example.org")
    kinds = {resource["Type"] for resource in without.resources.values()}
    assert not kinds & {ALARM, FILTER, "AWS::CloudWatch::Dashboard", "AWS::SNS::Topic"}
    assert without["SummaryLambdaAge"]["State"] == "DISABLED"

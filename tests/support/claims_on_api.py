"""What holds of the API in the template: its routes, who may call them, how often, and what its log tells."""

import json
import re
from typing import Final

from tests.support.stack_template import Stack, allow, claim, drop, put
from vehicles.entrypoints.http.routes import ROUTES

ROUTE: Final = "AWS::ApiGatewayV2::Route"
CATCH_ALL: Final = "$default"
NEEDS_DATA: Final = {f"{route.method} {route.path}" for route in ROUTES if "storage-unavailable" in route.problems}
"""The operations that may find the storage away are those that ask it for something."""

TOLD: Final = {
    "error.message",
    "httpMethod",
    "integration.requestId",
    "integrationErrorMessage",
    "requestId",
    "requestTime",
    "responseLatency",
    "responseLength",
    "routeKey",
    "status",
}
"""Of what API Gateway knows of a request: nothing that a client has written, which may hold a VIN, nor its address."""


def _functions(stack: Stack) -> dict[str, str]:
    """Return the function that each route reaches."""
    reached: dict[str, str] = {}
    for route in stack.of_type(ROUTE).values():
        integration = stack[route["Target"].removeprefix("integrations/")]
        reached[route["RouteKey"]] = integration["IntegrationUri"].removesuffix(".Arn")
    return reached


@claim(breaking=put("GetDocsRoute.AuthorizationType", "NONE"))
def every_route_asks_for_iam_by_default(stack: Stack) -> None:
    assert {route["AuthorizationType"] for route in stack.of_type(ROUTE).values()} == {"AWS_IAM"}


@claim(breaking=drop("DefaultRoute.AuthorizerId"))
def every_route_asks_for_token_with_jwt(stack: Stack) -> None:
    routes = stack.with_parameters(AuthMode="JWT").of_type(ROUTE).values()
    assert {(route["AuthorizationType"], route.get("AuthorizerId")) for route in routes} == {("JWT", "JwtAuthorizer")}


@claim(breaking=put("JwtAuthorizer.JwtConfiguration.Audience", []))
def tokens_are_of_issuer_and_for_audience(stack: Stack) -> None:
    parameters = {"AuthMode": "JWT", "JwtIssuer": "https://issuer.example", "JwtAudience": "registry"}
    configuration = stack.with_parameters(**parameters)["JwtAuthorizer"]["JwtConfiguration"]
    assert configuration == {"Issuer": "https://issuer.example", "Audience": ["registry"]}


@claim(breaking=lambda template: template["Rules"]["JwtNeedsIssuerAndAudience"]["Assertions"].pop())
def jwt_needs_issuer_and_audience(stack: Stack) -> None:
    assert stack.broken_rules() == []
    broken = stack.with_parameters(AuthMode="JWT").broken_rules()
    assert broken == ["AuthMode JWT needs JwtIssuer.", "AuthMode JWT needs JwtAudience."]


@claim(breaking=drop("ExplainVinRoute"))
def routes_are_those_of_contract(stack: Stack) -> None:
    described = {f"{route.method} {route.path}" for route in ROUTES if route.summary}
    heads = {key.replace("GET", "HEAD") for key in NEEDS_DATA if key.startswith("GET")}
    assert sorted(_functions(stack)) == sorted({*described, *heads, CATCH_ALL})


@claim(breaking=put("HeadSummaryRoute.Target", {"Fn::Sub": "integrations/${RefuseIntegration}"}))
def what_needs_data_reaches_vehicle_lambda(stack: Stack) -> None:
    heads = {key.replace("GET", "HEAD") for key in NEEDS_DATA if key.startswith("GET")}
    assert {key for key, function in _functions(stack).items() if function == "VehicleLambda"} == NEEDS_DATA | heads


@claim(breaking=put("DefaultRoute.Target", {"Fn::Sub": "integrations/${VehicleIntegration}"}))
def unknown_reaches_refuse_lambda(stack: Stack) -> None:
    assert _functions(stack)[CATCH_ALL] == "RefuseLambda"


@claim(breaking=allow("RefuseRole", "dynamodb:GetItem", {"Fn::GetAtt": ["VehicleTable", "Arn"]}))
def refuse_lambda_has_no_right_to_data(stack: Stack) -> None:
    assert {action.split(":")[0] for action, _ in stack.statements("RefuseRole")} == {"logs"}


@claim(breaking=drop("RefusePermission.SourceArn"))
def only_this_api_may_call_functions(stack: Stack) -> None:
    callers = [(each["Principal"], each.get("SourceArn")) for each in stack.of_type("AWS::Lambda::Permission").values()]
    arn = "arn:aws:execute-api:eu-central-1:111122223333:HttpApi/*"
    assert callers == [("apigateway.amazonaws.com", arn)] * 2


@claim(breaking=drop("VehicleIntegration.PayloadFormatVersion"))
def events_have_format_of_entry_points(stack: Stack) -> None:
    integrations = stack.of_type("AWS::ApiGatewayV2::Integration").values()
    assert {each.get("PayloadFormatVersion") for each in integrations} == {"2.0"}


@claim(breaking=drop("HttpApiStage.DefaultRouteSettings"))
def api_is_throttled(stack: Stack) -> None:
    settings = stack.with_parameters(ThrottleRate="7", ThrottleBurst="9")["HttpApiStage"].get("DefaultRouteSettings")
    assert settings is not None
    assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == ("7", "9")


@claim(breaking=put("HttpApiStage.AccessLogSettings.Format", '{"path":"$context.path"}'))
def access_log_tells_no_path_and_no_query(stack: Stack) -> None:
    line = stack["HttpApiStage"]["AccessLogSettings"]["Format"]
    assert set(re.findall(r"\$context\.([A-Za-z.]+)", line)) <= TOLD


@claim(breaking=put("HttpApiStage.AccessLogSettings.Format", "$context.requestId $context.status"))
def access_log_is_json(stack: Stack) -> None:
    line = stack["HttpApiStage"]["AccessLogSettings"]["Format"]
    assert line.startswith("{")
    assert {"requestId", "routeKey", "status"} <= json.loads(line).keys()

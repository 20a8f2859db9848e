"""What holds of the API in the template: its routes, who may call them, how often, and what its log contains."""

import json
import re
from typing import Final

from tests.support.stack_template import Stack, claim, drop, put
from vehicles.entrypoints.http.routes import ROUTES

ROUTE: Final = "AWS::ApiGatewayV2::Route"
CATCH_ALL: Final = "$default"
PUBLIC: Final = {
    *(f"ANY {path}" for path in ("/", "/docs", "/health", "/openapi.json")),
    *(f"ANY /{folder}/{{proxy+}}" for folder in ("console", "docs", "problems")),
    "OPTIONS /{proxy+}",
}
SHORT: Final = {"/console", "/console/"}
"""Short addresses of the console's page, for people who type them on one machine; no route of API Gateway is sure to
match them."""

LOGGED: Final = {
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


def _authorization(stack: Stack) -> dict[str, tuple[str, str | None]]:
    """Return what each route asks for."""
    routes = stack.of_type(ROUTE).values()
    return {route["RouteKey"]: (route["AuthorizationType"], route.get("AuthorizerId")) for route in routes}


def _route_key(stack: Stack, method: str, path: str) -> str:
    """Return the key of the route that API Gateway takes for a request."""
    for key in _authorization(stack).keys() - {CATCH_ALL}:
        verb, _, pattern = key.partition(" ")
        if verb in {"ANY", method} and re.fullmatch(re.escape(pattern).replace(r"\{proxy\+\}", ".+"), path):
            return key
    return CATCH_ALL


@claim(breaking=put("HealthRoute.RouteKey", "ANY /vehicles"))
def routes_are_public_ones_and_default(stack: Stack) -> None:
    assert _authorization(stack).keys() == {*PUBLIC, CATCH_ALL}


@claim(breaking=put("DefaultRoute.AuthorizationType", "NONE"))
def all_but_public_asks_for_iam(stack: Stack) -> None:
    assert _authorization(stack) == {**dict.fromkeys(PUBLIC, ("NONE", None)), CATCH_ALL: ("AWS_IAM", None)}


@claim(breaking=drop("DefaultRoute.AuthorizerId"))
def all_but_public_asks_for_token_with_jwt(stack: Stack) -> None:
    authorization = _authorization(stack.with_parameters(AuthMode="JWT"))
    assert authorization == {**dict.fromkeys(PUBLIC, ("NONE", None)), CATCH_ALL: ("JWT", "JwtAuthorizer")}


@claim(breaking=put("ProblemsRoute.RouteKey", "ANY /{proxy+}"))
def what_code_calls_public_is(stack: Stack) -> None:
    for route in ROUTES:
        for method in {route.method, "HEAD"} if route.path not in SHORT else ():
            assert (_route_key(stack, method, route.path) != CATCH_ALL) == route.public, (method, route.path)


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


@claim(breaking=drop("VehiclePermission.SourceArn"))
def only_this_api_may_call_function(stack: Stack) -> None:
    arn = "arn:aws:execute-api:eu-central-1:111122223333:HttpApi/*"
    permission = {"Action": "lambda:InvokeFunction", "FunctionName": "VehicleLambda"}
    permission |= {"Principal": "apigateway.amazonaws.com", "SourceArn": arn}
    assert list(stack.of_type("AWS::Lambda::Permission").values()) == [permission]
    assert stack.resources["VehicleIntegration"].get("DependsOn") == "VehiclePermission"


@claim(breaking=drop("VehicleIntegration.PayloadFormatVersion"))
def every_route_reaches_the_function(stack: Stack) -> None:
    assert {route["Target"] for route in stack.of_type(ROUTE).values()} == {"integrations/VehicleIntegration"}
    integration = stack["VehicleIntegration"]
    assert (integration["IntegrationUri"], integration.get("PayloadFormatVersion")) == ("VehicleLambda.Arn", "2.0")


@claim(breaking=drop("VehicleLambda.Environment.Variables.VEHICLES_BASE_PATH"))
def function_knows_base_path(stack: Stack) -> None:
    mapped = stack.with_parameters(BasePath="fleet/v1")["VehicleLambda"]["Environment"]["Variables"]
    assert mapped.get("VEHICLES_BASE_PATH") == "fleet/v1"


@claim(breaking=drop("HttpApiStage.DefaultRouteSettings"))
def api_is_throttled(stack: Stack) -> None:
    settings = stack.with_parameters(ThrottleRate="7", ThrottleBurst="9")["HttpApiStage"].get("DefaultRouteSettings")
    assert settings is not None
    assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == ("7", "9")


@claim(breaking=lambda template: template["Parameters"]["ThrottleRate"].update(Description="The limit of costs."))
def throttles_are_called_targets(stack: Stack) -> None:
    for name in ("ThrottleRate", "ThrottleBurst"):
        assert " target" in stack.template["Parameters"][name]["Description"]


@claim(breaking=put("HttpApiStage.AccessLogSettings.Format", '{"path":"$context.path"}'))
def access_log_has_no_path_and_no_query(stack: Stack) -> None:
    line = stack["HttpApiStage"]["AccessLogSettings"]["Format"]
    assert set(re.findall(r"\$context\.([A-Za-z.]+)", line)) <= LOGGED


@claim(breaking=put("HttpApiStage.AccessLogSettings.Format", "$context.requestId $context.status"))
def access_log_is_json(stack: Stack) -> None:
    line = stack["HttpApiStage"]["AccessLogSettings"]["Format"]
    assert line.startswith("{")
    assert {"requestId", "routeKey", "status"} <= json.loads(line).keys()

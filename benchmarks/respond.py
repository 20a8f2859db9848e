"""What the registry itself takes of a function's time: from a request to a response, without Lambda and its log."""

import os
from typing import Any

from vehicles.container import Container
from vehicles.entrypoints.http.api import Api
from vehicles.entrypoints.http.handlers import Services
from vehicles.entrypoints.http.messages import Request
from vehicles.entrypoints.lambdas import Context, Event, request_of
from vehicles.settings import Settings

_CONTAINER = Container(settings=Settings.read(os.environ, {}))
_API = Api(Services(_CONTAINER.registry, _CONTAINER.summaries, _CONTAINER.render_report()))


def prepare(event: Event, context: Context) -> Request:
    """Return the request of an event, outside of what is measured."""
    return request_of(event, context)


def handler(request: Request, context: Context) -> dict[str, Any]:  # noqa: ARG001 — called as functions are
    """Answer a request."""
    return {"statusCode": _API.respond(request).status}

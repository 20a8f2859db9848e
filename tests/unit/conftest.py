"""The ways on which the tests of the HTTP contract reach the API, and the functions of Lambda as new."""

from collections.abc import Iterator

import pytest

from tests.support.functions_anew import functions_anew
from tests.support.http_client import Client, directly, through_lambda


@pytest.fixture(scope="module", params=(directly, through_lambda))
def way(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run a module's tests once on each way."""
    Client.way = request.param
    yield
    Client.way = directly


@pytest.fixture
def functions() -> Iterator[None]:
    """Let the functions begin anew, with nothing but the memory to keep vehicles in."""
    with functions_anew(VEHICLES_BACKEND="memory"):
        yield

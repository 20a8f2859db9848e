"""The ways on which the tests of the HTTP contract reach the API, and the functions of Lambda as new."""

import logging
from collections.abc import Iterator

import pytest

from tests.unit.http_client import Client, directly, through_lambda
from vehicles.entrypoints import lambdas


@pytest.fixture(scope="module", params=(directly, through_lambda))
def way(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run a module's tests once on each way."""
    Client.way = request.param
    yield
    Client.way = directly


@pytest.fixture
def functions(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the functions begin anew, with nothing but the memory to keep vehicles in."""
    root, ours = logging.getLogger(), logging.getLogger("vehicles")
    kept = root.handlers[:], root.level, ours.level
    monkeypatch.setenv("VEHICLES_BACKEND", "memory")
    made = (lambdas._container, lambdas._api, lambdas._api_without_data)
    for each in made:
        each.cache_clear()
    yield
    for each in made:
        each.cache_clear()
    root.handlers[:] = kept[0]
    root.setLevel(kept[1])
    ours.setLevel(kept[2])

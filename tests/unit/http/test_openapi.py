"""The document of the API: complete, consistent, valid, and the one that is committed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
import pytest

from tests.support.http_client import Client, content
from vehicles.entrypoints.http.openapi import openapi_document
from vehicles.entrypoints.http.problem_types import PROBLEMS
from vehicles.entrypoints.http.routes import ROUTES

_COMMITTED: Final = Path(__file__).parents[3] / "openapi.json"
_DOCUMENT: Final = openapi_document()


def _walk(node: Any, *path: str) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:  # noqa: ANN401 — JSON
    if isinstance(node, dict):
        yield path, node
        for name, child in node.items():
            yield from _walk(child, *path, name)
    if isinstance(node, list):
        for place, child in enumerate(node):
            yield from _walk(child, *path, str(place))


def _at(reference: str) -> Any:  # noqa: ANN401 — JSON
    node: Any = _DOCUMENT
    for name in reference.removeprefix("#/").split("/"):
        node = node[name]
    return node


def _examples() -> Iterator[tuple[str, dict[str, Any], object]]:
    for path, node in _walk(_DOCUMENT):
        if "schema" not in node or path[-1] == "headers":
            continue
        where = "/".join(path)
        if "example" in node:
            yield where, node["schema"], node["example"]
        for example in node.get("examples", {}).values():
            yield where, node["schema"], (_at(example["$ref"]) if "$ref" in example else example)["value"]
    for path, node in _walk(_DOCUMENT["components"]["schemas"]):
        for example in node.get("examples", []) if isinstance(node.get("examples"), list) else []:
            yield "/".join(path), node, example


def test_committed_document_is_current() -> None:
    assert _COMMITTED.read_text() == json.dumps(_DOCUMENT, indent=2) + "\n"


def test_served_document_is_the_same() -> None:
    assert content(Client().send("GET", "/openapi.json")) == _DOCUMENT


def test_every_route_described() -> None:
    described = {(method.upper(), path) for path, methods in _DOCUMENT["paths"].items() for method in methods}
    assert described == {(route.method, route.path) for route in ROUTES if route.summary}


@pytest.mark.parametrize("reference", sorted({node["$ref"] for _, node in _walk(_DOCUMENT) if "$ref" in node}))
def test_every_reference_leads_somewhere(reference: str) -> None:
    assert _at(reference)


def test_every_problem_described() -> None:
    examples = _DOCUMENT["components"]["examples"].values()
    assert {example["value"]["type"] for example in examples} == {problem.type for problem in PROBLEMS.values()}


def test_operations_name_known_links() -> None:
    operations = {node["operationId"] for path, node in _walk(_DOCUMENT["paths"]) if "responses" in node}
    linked = {
        node["operationId"] for path, node in _walk(_DOCUMENT["paths"]) if "links" in path and "operationId" in node
    }
    assert (linked != set(), linked - operations) == (True, set())


@pytest.mark.parametrize("schema", ("Registration", "Replacement", "Change"))
def test_bodies_limit_axles(schema: str) -> None:
    axles = _DOCUMENT["components"]["schemas"][schema]["properties"]["noOfAxles"]
    assert (axles["type"], axles["minimum"], axles["maximum"]) == ("integer", 1, 99)


def test_links_have_expressions_as_bodies() -> None:
    bodies = [
        node["requestBody"] for path, node in _walk(_DOCUMENT["paths"]) if "links" in path and "requestBody" in node
    ]
    assert {type(body) for body in bodies} == {str}


# What generators of clients need, which `make thorough` tries: openapi-generator refuses two operations of one name, as
# it does a Link Object whose body is no expression; clients of openapi-python-client repeat arrays despite `explode`.


def test_operations_have_names_of_their_own() -> None:
    names = [node["operationId"] for path, node in _walk(_DOCUMENT["paths"]) if "responses" in node]
    assert len(names) == len(set(names))


def test_arrays_are_repeated_parameters() -> None:
    parameters = [node for path, node in _walk(_DOCUMENT["paths"]) if len(path) > 1 and path[-2] == "parameters"]
    assert parameters
    assert [each["name"] for each in parameters if not each.get("explode", True)] == []


@pytest.mark.parametrize(("where", "schema", "example"), tuple(_examples()))
def test_example_fits_schema(where: str, schema: dict[str, Any], example: object) -> None:
    whole = {**schema, "components": _DOCUMENT["components"]}
    errors = [error.message for error in jsonschema_rs.Draft202012Validator(whole).iter_errors(example)]
    assert (where, errors) == (where, [])


@pytest.mark.parametrize("schema", sorted(_DOCUMENT["components"]["schemas"]))
def test_schema_is_valid(schema: str) -> None:
    jsonschema_rs.meta.validate(_DOCUMENT["components"]["schemas"][schema])

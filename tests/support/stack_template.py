"""The template as CloudFormation sees it: translated, with parameters and conditions applied; and claims about it.

A claim comes with a change of the template that makes it false, so that no claim can hold whatever the template says.
"""

import copy
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.processes import run

ROOT: Final = Path(__file__).parents[2]
PYTHON: Final = ROOT / ".venv-sam" / "bin" / "python"
NO_TRANSLATOR: Final = "nothing here translates the template: `make sam` installs it"
PSEUDO: Final = {
    "AWS::AccountId": "111122223333",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
    "AWS::StackName": "vehicles",
    "AWS::URLSuffix": "amazonaws.com",
}
_NOTHING: Final = object()
_IN_SUB: Final = re.compile(r"\$\{([^!][^}]*)\}")

type Template = dict[str, Any]
type Change = Callable[[Template], object]


@cache
def _translation() -> str:
    if not PYTHON.exists():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(NO_TRANSLATOR)
    return run(PYTHON, ROOT / "scripts" / "translate_template.py").stdout


def translation() -> Template:
    """Return a translation of template.yaml that the caller may change."""
    template: Template = json.loads(_translation())
    return template


class Stack:
    """What would be deployed. A reference to a resource is its logical id, an attribute `Id.Attribute`."""

    def __init__(self, template: Template, **parameters: str) -> None:
        self.template = template
        self._parameters = {name: about.get("Default") for name, about in template["Parameters"].items()}
        assert parameters.keys() - PSEUDO.keys() <= self._parameters.keys()
        self._parameters |= PSEUDO | parameters
        self.resources: dict[str, dict[str, Any]] = {
            name: {**resource, "Properties": self.resolved(resource.get("Properties", {}))}
            for name, resource in template["Resources"].items()
            if "Condition" not in resource or self._condition(resource["Condition"])
        }

    def with_parameters(self, **parameters: str) -> "Stack":
        """Return the stack of the same template with other parameters."""
        return Stack(self.template, **parameters)

    def __getitem__(self, name: str) -> dict[str, Any]:
        """Return the properties of a resource."""
        properties: dict[str, Any] = self.resources[name]["Properties"]
        return properties

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the properties of all resources of a type, by their names."""
        return {name: self[name] for name, about in self.resources.items() if about["Type"] == kind}

    def statements(self, role: str) -> Iterator[tuple[str, str]]:
        """Yield what a role allows, as pairs of an action and a resource."""
        for policy in self[role].get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                assert statement["Effect"] == "Allow"
                for action in _listed(statement["Action"]):
                    for resource in _listed(statement["Resource"]):
                        yield action, resource

    def broken_rules(self) -> list[str]:
        """Return what the rules of the template say against the parameters."""
        return [
            assertion["AssertDescription"]
            for rule in self.template["Rules"].values()
            if self.resolved(rule["RuleCondition"])
            for assertion in rule["Assertions"]
            if not self.resolved(assertion["Assert"])
        ]

    def resolved(self, value: Any) -> Any:  # noqa: ANN401, C901, PLR0911 — any part; a case for each function
        """Return a part of the template with the parameters in the places that ask for them."""
        match value:
            case {"Ref": "AWS::NoValue"}:
                return _NOTHING
            case {"Ref": str(name)}:
                return self._parameters.get(name, name)
            case {"Fn::GetAtt": [name, attribute]}:
                return f"{name}.{attribute}"
            case {"Fn::Sub": str(text)}:
                return _IN_SUB.sub(lambda found: str(self._parameters.get(found[1], found[1])), text)
            case {"Fn::If": [condition, yes, no]}:
                return self.resolved(yes if self._condition(condition) else no)
            case {"Fn::Equals": [one, other]}:
                return self.resolved(one) == self.resolved(other)
            case {"Fn::Not": [one]}:
                return not self.resolved(one)
            case {"Fn::And": list(some)}:
                return all(map(self.resolved, some))
            case {"Condition": str(name), **others} if not others:
                return self._condition(name)
            case dict():
                pairs = ((name, self.resolved(each)) for name, each in value.items())
                return {name: each for name, each in pairs if each is not _NOTHING}
            case list():
                return [each for each in map(self.resolved, value) if each is not _NOTHING]
        return value

    def _condition(self, name: str) -> bool:
        return bool(self.resolved(self.template["Conditions"][name]))


@dataclass(frozen=True, slots=True)
class Claim:
    """What holds of the template, raising AssertionError where it does not; and a change that makes it false."""

    holds: Callable[[Stack], None]
    breaking: Change

    def broken_template(self) -> Template:
        """Return a template of which the claim must not hold."""
        template = translation()
        before = copy.deepcopy(template)
        self.breaking(template)
        assert template != before
        return template


CLAIMS: Final[dict[str, Claim]] = {}


def claim(breaking: Change) -> Callable[[Callable[[Stack], None]], Callable[[Stack], None]]:
    """Register a claim with the change that makes it false."""

    def register(holds: Callable[[Stack], None]) -> Callable[[Stack], None]:
        assert holds.__name__ not in CLAIMS
        CLAIMS[holds.__name__] = Claim(holds, breaking)
        return holds

    return register


def put(path: str, value: object) -> Change:
    """Return a change: `put("Table.SSESpecification.SSEEnabled", False)` sets a property of a resource."""
    resource, *way, last = path.split(".")

    def change(template: Template) -> None:
        target = template["Resources"][resource]["Properties"]
        for step in way:
            target = target[int(step)] if isinstance(target, list) else target[step]
        target[int(last) if isinstance(target, list) else last] = value

    return change


def drop(path: str) -> Change:
    """Return a change that removes a resource, or one property of it."""
    resource, *way = path.split(".")

    def change(template: Template) -> None:
        target = template["Resources"]
        for step in ([resource, "Properties", *way] if way else [resource])[:-1]:
            target = target[step]
        del target[way[-1] if way else resource]

    return change


def allow(role: str, action: str, resource: Mapping[str, Any] | str) -> Change:
    """Return a change that gives a role one more permission."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}

    def change(template: Template) -> None:
        policies = template["Resources"][role]["Properties"]["Policies"]
        policies[0]["PolicyDocument"]["Statement"].append(statement)

    return change


def _listed(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]

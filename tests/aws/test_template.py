"""The claims about the template: each holds, and each is seen to fail on a template that was changed for it."""

import json
import re
import tomllib

import pytest

from tests.support import claims_on_api, claims_on_functions, claims_on_monitoring, claims_on_storage
from tests.support.functions_anew import functions_anew
from tests.support.http_client import Invocation
from tests.support.stack_template import CLAIMS, ROOT, Stack, translation
from vehicles.entrypoints import lambdas

MODULES = (claims_on_api, claims_on_functions, claims_on_monitoring, claims_on_storage)


@pytest.mark.parametrize("name", CLAIMS)
def test_template_keeps_claim(name: str) -> None:
    CLAIMS[name].holds(Stack(translation()))


@pytest.mark.parametrize("name", CLAIMS)
def test_changed_template_breaks_claim(name: str) -> None:
    with pytest.raises(AssertionError):
        CLAIMS[name].holds(Stack(CLAIMS[name].broken_template()))


def test_no_claim_goes_unseen() -> None:
    assert {each.holds.__module__ for each in CLAIMS.values()} == {module.__name__ for module in MODULES}


def test_every_stage_is_tagged() -> None:
    stages = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    tags = {name: stage["deploy"]["parameters"]["tags"] for name, stage in stages.items() if name in {"dev", "prod"}}
    assert tags == {name: f"application=vehicles stage={name}" for name in ("dev", "prod")}


def test_age_filter_finds_logged_age(capsys: pytest.CaptureFixture[str]) -> None:
    pattern = Stack(translation())["SummaryAgeFilter"]["FilterPattern"]
    parts = re.fullmatch(r'\{ \(\$\.message = "([^"]+)"\) && \(\$\.(\w+) = \*\) \}', pattern)
    assert parts is not None
    with functions_anew(VEHICLES_BACKEND="memory"):
        lambdas.summary({"check": "age"}, Invocation())
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line[parts[2]] for line in lines if line["message"] == parts[1]] == [0.0]

"""What the image `local` runs, run here: the script that starts it, and its health check.

And what Compose and GitLab are told.
"""

import json
import os
import re
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # has no stubs here

from tests.support.processes import run
from tests.support.server_process import UNMEASURED, Client, ServerProcess, serving

ROOT = Path(__file__).parents[2]
SCRIPT = str(ROOT / "scripts" / "serve-container")
START = ("-c", f"import os; os.execv({SCRIPT!r}, [{SCRIPT!r}])")
PATH = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", **UNMEASURED}
GIVEN = "a-token-that-somebody-has-chosen"
HEALTHCHECKS: list[str] = re.findall(r"^HEALTHCHECK .*CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
PIPELINE: dict[str, Any] = yaml.safe_load((ROOT / ".gitlab-ci.yml").read_text())


def shown_token(server: ServerProcess) -> str | None:
    found = re.search(r"Authorization: Bearer (\S+)", server.log())
    return found and found[1]


def status(server: ServerProcess, token: str | None) -> int:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    with Client(server.port) as client:
        return client.send("GET", "/vehicles", headers=headers).status


def check_health(port: int) -> int:
    (command,) = HEALTHCHECKS
    python, *arguments = json.loads(command.replace("8000", str(port)))
    assert python == "python"
    return run(sys.executable, *arguments, check=False).returncode


def test_shown_token_outlives_container(tmp_path: Path) -> None:
    with serving(tmp_path, arguments=START, environment=PATH) as server:
        first = shown_token(server)
        assert (status(server, None), status(server, first), check_health(server.port)) == (401, 200, 0)
        assert (tmp_path / "token").stat().st_mode & 0o777 == 0o600
        server.signal(signal.SIGTERM)  # it must reach the server, not a shell before it
        assert (server.exit_code(), check_health(server.port)) == (0, 1)
    with serving(tmp_path, arguments=START, environment=PATH) as server:
        assert shown_token(server) == first


def test_given_token_is_not_shown(tmp_path: Path) -> None:
    with serving(tmp_path, arguments=START, environment={**PATH, "VEHICLES_TOKEN": GIVEN}) as server:
        assert (status(server, GIVEN), GIVEN in server.log()) == (200, False)


def test_local_service_is_on_loopback() -> None:
    assert [port.startswith("127.0.0.1:") for port in COMPOSE["services"]["local"]["ports"]] == [True]


# A service without a profile would start with every other one: `--profile local` would deploy.
PROFILES = {"deploy": "deploy", "local": "local", "verify": "tools", "vehicles": "tools"}


def test_service_is_apart_and_changes_nothing() -> None:
    services: dict[str, Any] = COMPOSE["services"]
    assert {name: described["profiles"] for name, described in services.items()} == {
        name: [profile] for name, profile in PROFILES.items()
    }
    assert all(described["read_only"] and described["cap_drop"] == ["ALL"] for described in services.values())


def test_registry_of_profile_local_is_used_by_command_line() -> None:
    local, vehicles = (COMPOSE["services"][name]["volumes"] for name in ("local", "vehicles"))
    assert local == ["registry:/data"] == [volume for volume in vehicles if isinstance(volume, str)]


def test_directory_of_credentials_need_not_exist() -> None:
    (mounted,) = COMPOSE["services"]["deploy"]["volumes"]
    assert (mounted["read_only"], mounted["bind"]) == (True, {"create_host_path": True})


def test_one_job_deploys_when_somebody_starts_it() -> None:
    deploying = {name: job for name, job in PIPELINE.items() if isinstance(job, dict) and "environment" in job}
    assert list(deploying) == ["deploy"]
    job = deploying["deploy"]
    assert job["rules"] == [{"if": "$STAGE", "when": "manual"}]
    assert (job["allow_failure"], job["interruptible"], job["retry"], job["resource_group"]) == (
        False,
        False,
        0,
        "$STAGE",
    )


def test_pipeline_runs_in_the_pinned_image_of_the_build() -> None:
    image = PIPELINE["default"]["image"]
    assert "@sha256:" in image
    assert image in (ROOT / "Dockerfile").read_text()


def test_plain_compose_deploys() -> None:
    assert "COMPOSE_PROFILES=deploy" in (ROOT / ".env").read_text().splitlines()


def test_no_container_holds_engine() -> None:
    assert "docker.sock" not in (ROOT / "docker-compose.yml").read_text()


@pytest.mark.parametrize("image", ("local", "deploy"))
def test_image_runs_without_root(image: str) -> None:
    stage = (ROOT / "Dockerfile").read_text().partition(f" AS {image}\n")[2].partition("\nFROM ")[0]
    assert re.findall(r"^USER (.*)$", stage, re.MULTILINE) == ["1000"]


def test_credentials_are_found_by_any_user() -> None:
    """Docker sets HOME to / for a user that the image does not know."""
    stage = (ROOT / "Dockerfile").read_text().partition(" AS deploy\n")[2].partition("\nFROM ")[0]
    (home,) = re.findall(r"^ENV .*\bHOME=(\S+)", stage, re.MULTILINE)
    mounted = [volume["target"] for volume in COMPOSE["services"]["deploy"]["volumes"]]
    assert mounted == [f"{home}/.aws"]

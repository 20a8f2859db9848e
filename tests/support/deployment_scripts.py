"""The scripts that deploy, run in a folder of their own: with a small template, against an emulator."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import boto3
import pytest

from tests.support.emulator import Emulator, aws_settings

ROOT: Final = Path(__file__).parents[2]
PYTHON: Final = ROOT / ".venv-sam" / "bin" / "python"
NO_SAM: Final = "AWS SAM is not here: `make sam` installs it"

type Script = Literal["deploy.py", "verify.py"]


@dataclass(frozen=True, slots=True)
class Ran:
    """What a script wrote, and how it ended."""

    code: int
    output: str
    talk: str


@dataclass(frozen=True, slots=True)
class Deployment:
    """A folder like the project's, with a stage `try` of which the stack has a name of its own."""

    folder: Path
    emulator: Emulator
    stack: str

    def package(self, template: str) -> None:
        """Let this template be what `make package` has built."""
        built = self.folder / ".aws-sam" / "build"
        built.mkdir(parents=True, exist_ok=True)
        (built / "template.yaml").write_text(template)

    def run(self, script: Script, *arguments: str, environment: Mapping[str, str] | None = None) -> Ran:
        """Run a script as make does; variables of no value are not set."""
        with aws_settings(self.emulator.address):
            variables = {"SAM_CLI_TELEMETRY": "0", **os.environ, **(environment or {})}
        ran = subprocess.run(
            [PYTHON, self.folder / "scripts" / script, *arguments],
            env={name: value for name, value in variables.items() if value},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        return Ran(ran.returncode, ran.stdout, ran.stderr.strip())

    def client(self, service: Literal["cloudformation", "cloudwatch", "logs", "scheduler", "sqs"]) -> Any:  # noqa: ANN401 — no stubs of these here
        with aws_settings(self.emulator.address):
            return boto3.Session().client(service)

    def resource(self, logical_id: str) -> str:
        """Return the name of something in the stack."""
        described = self.client("cloudformation").describe_stack_resource(
            StackName=self.stack, LogicalResourceId=logical_id
        )
        return str(described["StackResourceDetail"]["PhysicalResourceId"])


def make_deployment(folder: Path, emulator: Emulator, stack: str) -> Deployment:
    """Make the folder. Where SAM is not installed, skip loudly, or fail in a pipeline."""
    if not PYTHON.exists():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(NO_SAM)
    (folder / "scripts").mkdir()
    for script in ("stage.py", "deploy.py", "verify.py"):
        shutil.copy(ROOT / "scripts" / script, folder / "scripts")
    (folder / "src").symlink_to(ROOT / "src")
    (folder / "samconfig.toml").write_text(
        f'version = 0.1\n[try.deploy.parameters]\nstack_name = "{stack}"\nresolve_s3 = true\n'
        'parameter_overrides = "Stage=try"\n'
    )
    return Deployment(folder, emulator, stack)

"""Deploy the package of `make package` to a stage: `make deploy STAGE=dev`."""

import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from stage import ROOT, DeploymentError, Stage, run

BUILT: Final = ROOT / ".aws-sam" / "build" / "template.yaml"
NEVER_WORKED: Final = frozenset({"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"})
"""States of a stack that only a first deployment leaves, and onto which CloudFormation deploys nothing."""
FIRST_FAILED: Final = "docs/deployment.md#when-the-first-deployment-fails says what to delete before the next."


def deploy(stage: Stage, parameters: Sequence[str]) -> None:
    """Deploy what `make package` has built, and print the address of the API.

    Parameters of the template, each as NAME=VALUE, go before those of samconfig.toml; others keep the value they have.
    """
    if not BUILT.exists():
        message = f"There is no package: run `make package` first, which creates {BUILT.relative_to(ROOT)}."
        raise DeploymentError(message)
    status = stage.status()
    if status in NEVER_WORKED:
        message = f"The first deployment of {stage.stack} failed (status {status}): {FIRST_FAILED}"
        raise DeploymentError(message)
    command = [
        *(str(Path(sys.executable).with_name("sam")), "deploy", "--template-file", str(BUILT)),
        *("--config-file", str(ROOT / "samconfig.toml"), "--config-env", stage.name),
        *("--no-confirm-changeset", "--no-fail-on-empty-changeset"),
        "--parameter-overrides",
        *(_quoted(parameter) for parameter in (*shlex.split(stage.parameter_overrides), *parameters)),
    ]
    if subprocess.run(command, cwd=ROOT, env=_environment(stage), check=False).returncode != 0:  # noqa: S603 — SAM, our stage
        ending = (
            f"the stack is now {stage.status()}; after UPDATE_ROLLBACK_COMPLETE it is as it was before."
            if status
            else f"if its stack is there now, {FIRST_FAILED}"
        )
        message = f"SAM could not deploy {stage.stack}; {ending}"
        raise DeploymentError(message)
    sys.stdout.write(f"The API is at {stage.address()}\n")


def _quoted(parameter: str) -> str:
    """Return NAME=VALUE with a quoted value: SAM would split an unquoted one at blanks, and reject an empty one."""
    name, separator, value = parameter.partition("=")
    if not separator:
        message = f"{parameter} is not a parameter: write NAME=VALUE, with quotes around a value that has blanks."
        raise DeploymentError(message)
    escaped = value.replace('"', r"\"")
    return f'{name}="{escaped}"'


def _environment(stage: Stage) -> dict[str, str]:
    """Return the environment for SAM, with credentials instead of a profile: SAM would cache a profile in ~/.aws."""
    kept = {name: value for name, value in os.environ.items() if name not in {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"}}
    credentials = stage.session.get_credentials()
    assert credentials is not None  # noqa: S101 — for the type checker; Stage.open has checked them
    frozen = credentials.get_frozen_credentials()
    return kept | {
        "AWS_ACCESS_KEY_ID": str(frozen.access_key),
        "AWS_SECRET_ACCESS_KEY": str(frozen.secret_key),
        "AWS_SESSION_TOKEN": frozen.token or "",
        "AWS_DEFAULT_REGION": str(stage.session.region_name),
        "SAM_CLI_TELEMETRY": "0",
    }


if __name__ == "__main__":
    match sys.argv[1:]:
        case [stage, *parameters]:
            # The processor that the package was built for, as its image says.
            built_for = [f"Architecture={each}" for each in [os.environ.get("ARCHITECTURE")] if each]
            run(lambda found: deploy(found, [*built_for, *parameters]), stage)
        case _:
            sys.exit("usage: deploy.py STAGE [PARAMETER=VALUE…]")

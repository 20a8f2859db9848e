"""The registry where boto3 is not installed: all that runs on one machine does, and AWS says what it lacks."""

import os
import sys
from pathlib import Path
from subprocess import CompletedProcess
from typing import Final

from tests.support import processes
from tests.support.command_line import VIN
from vehicles.entrypoints.cli.terminal import Exit

# None in the place of a module is how Python itself marks one that cannot be imported.
WITHOUT: Final = "import sys; sys.modules |= dict.fromkeys(('boto3', 'botocore')); "
NEEDED: Final = "the backend aws needs boto3, which is not installed: pip install 'vehicle-registry[aws]'"


def run(code: str, *arguments: str) -> CompletedProcess[str]:
    others = {name: value for name, value in os.environ.items() if not name.startswith(("VEHICLES_", "AWS_"))}
    return processes.run(sys.executable, "-c", WITHOUT + code, *arguments, env=others, check=False)


def run_vehicles(*arguments: str) -> CompletedProcess[str]:
    return run("from vehicles.entrypoints.cli.main import main; main()", *arguments)


def test_aws_says_what_to_install() -> None:
    done = run_vehicles("--stack", "s", "list")
    assert (done.returncode, done.stderr) == (Exit.USAGE, f"vehicles: {NEEDED}\n")


def test_doctor_says_what_to_install() -> None:
    assert f"failed  region: {NEEDED}\n" in run_vehicles("--backend", "aws", "doctor").stdout


def test_one_machine_needs_no_boto3(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path))
    run_vehicles(*data, "register", VIN, "--axles", "3", "--fuel", "diesel")
    assert run_vehicles(*data, "list").stdout.count(VIN) == 1


def test_refusing_function_needs_no_boto3() -> None:
    assert run("import vehicles.entrypoints.lambdas").returncode == 0

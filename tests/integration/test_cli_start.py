"""How fast the command line starts, which is a matter of what each command imports."""

import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.support.command_line import OTHER_VIN, VIN, CommandLine
from vehicles.entrypoints.cli.main import vehicles

# Of pydantic what models need: dependency-injector imports the package itself to see its version.
HEAVY: Final = (
    *("asyncio", "boto3", "botocore", "dependency_injector", "filelock", "flask", "granian", "jinja2", "moto"),
    *("pydantic.main", "python_calamine", "sqlite3", "starlette", "werkzeug", "xlsxwriter", "yaml"),
)
# dependency-injector imports werkzeug and PyYAML where they are installed: here, since moto needs them.
CONTAINER: Final = frozenset({"asyncio", "dependency_injector", "werkzeug", "yaml"})
SQLITE: Final = CONTAINER | {"sqlite3"}
# All commands begin with what this imports, each in a process of its own.
PROGRAM: Final = f"""
import os, sys
from vehicles.entrypoints.cli.main import vehicles
for arguments in sys.argv[1:]:
    child = os.fork()
    if not child:
        try:
            vehicles(arguments.split())
        finally:
            print(arguments, *(name for name in {HEAVY} if name in sys.modules), sep="|", file=sys.stderr)
    os.waitpid(child, 0)
"""


def unmeasured() -> dict[str, str]:
    """Return an environment in which coverage does not import and slow down what is looked at."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("COV", "VEHICLES_"))}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data directory with a vehicle and a summary."""
    cli = CommandLine(tmp_path_factory.mktemp("fleet") / "data")
    cli.run("register", VIN, "--axles", "3", "--fuel", "diesel")
    cli.run("summarize")
    cli.run("backup", cli.data / "kept.zip")
    (cli.data / "fleet.csv").write_text(f"vin,noOfAxles,fuelType\n{VIN},3,diesel\n", encoding="utf-8")
    return cli.data


COMMANDS: Final = (
    ("--help", ()),
    ("--version", ()),
    ("serve --host 192.0.2.7", ()),  # which is refused before there is a server
    (f"explain {VIN}", ()),
    (f"explain {VIN} --json", {"pydantic.main"}),
    ("sample 5", ()),
    ("openapi", {"pydantic.main"}),
    (f"register {VIN} --axles 3 --fuel diesel", SQLITE),
    (f"get {VIN}", SQLITE),
    ("list", SQLITE),
    (f"change {VIN} --axles 2", SQLITE),
    (f"delete {OTHER_VIN}", SQLITE),
    ("import fleet.csv", SQLITE),
    ("export", SQLITE),
    ("export other.xlsx", SQLITE | {"xlsxwriter"}),
    ("template template.xlsx", {"xlsxwriter"}),
    ("fleet", SQLITE),
    ("fleet --json", SQLITE | {"pydantic.main"}),
    ("summary", SQLITE),
    ("summary --json", SQLITE),
    ("summary --format csv", SQLITE),
    ("summary --format html", SQLITE | {"jinja2"}),
    ("summarize --again", SQLITE | {"filelock", "jinja2"}),
    ("backup other.zip --overwrite", SQLITE),
    ("restore kept.zip --data restored", SQLITE | {"filelock", "jinja2"}),
    ("doctor", SQLITE | {"jinja2"}),  # which compares the pages with the summaries
    ("list --backend memory", CONTAINER),
)


def test_command_imports_what_it_needs(data: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, *(arguments for arguments, _ in COMMANDS)]
    environment = unmeasured() | {"VEHICLES_DATA": str(data)}
    done = subprocess.run(command, env=environment, cwd=data, capture_output=True, text=True, timeout=60, check=False)
    lines = (line.split("|") for line in done.stderr.splitlines())
    imported = {arguments: {*modules} for arguments, *modules in lines}
    assert {arguments: imported.get(arguments) for arguments, _ in COMMANDS} == {
        arguments: {*needed} for arguments, needed in COMMANDS
    }


def test_every_command_is_looked_at() -> None:
    assert {arguments.split()[0] for arguments, _ in COMMANDS} == {"--help", "--version", *vehicles.commands}


def test_help_is_fast() -> None:
    def processor_seconds() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "vehicles.entrypoints.cli.main", "--help"]
        subprocess.run(command, env=unmeasured(), stdout=subprocess.DEVNULL, timeout=60, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    # The promise is 0.15 s by the clock. A clock says little on a busy machine, and modules may not be compiled yet.
    assert min(processor_seconds() for _ in range(7)) < 0.5

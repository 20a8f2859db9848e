import os
import re
import runpy
import signal
import subprocess
import sys
from http import HTTPStatus
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.support.processes import SECONDS, read_line, running
from tests.support.server_process import UNMEASURED, clean_environment, serving
from vehicles.entrypoints.cli.main import vehicles
from vehicles.entrypoints.cli.terminal import Exit
from vehicles.entrypoints.http.routes import ROUTES, Route
from vehicles.settings import NAMES, variable_of

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
ADDRESS = "http://127.0.0.1:8000"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]
TRANSCRIPTS = [page for page in PAGES if "```console" in page.read_text(encoding="utf-8")]


def commands_of(page: Path) -> list[tuple[str, str]]:
    """Return each command of the transcripts of a page with the output that it shows."""
    blocks = re.findall(r"^```console\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    found = []
    for part in re.split(r"^\$ ", "\n".join(blocks), flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        found.append((command, output.strip()))
    return found


def pattern_of(output: str) -> str:
    """Return a regular expression for an output in which … stands for anything."""
    return re.escape(output).replace("…", ".*?")


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, id=page.name, marks=pytest.mark.slow if page.name == "fleet-files.md" else ())
        for page in TRANSCRIPTS
    ],
)
def test_transcripts_are_true(page: Path, tmp_path: Path) -> None:
    (tmp_path / ".curlrc").write_text("silent\nshow-error\n")
    data = tmp_path / "data"
    with serving(data) as server:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = (
            clean_environment() | UNMEASURED | {"HOME": str(tmp_path), "VEHICLES_DATA": str(data), "PATH": path}
        )
        for command, expected in commands_of(page):
            ran = subprocess.run(
                ["/bin/bash", "-c", command.replace(ADDRESS, f"http://127.0.0.1:{server.port}")],
                cwd=tmp_path,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=SECONDS,
                check=False,
            )
            assert re.fullmatch(pattern_of(expected), ran.stdout.strip(), re.DOTALL), f"$ {command}\n{ran.stdout}"


@pytest.mark.parametrize("target", ("serve", "test"))
def test_readme_command_is_a_task(target: str) -> None:
    assert f"```sh\nmake {target}\n```" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(rf"^{target}: install.* ## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def test_make_serve_answers(tmp_path: Path) -> None:
    settings = {"VEHICLES_DATA": str(tmp_path), "VEHICLES_PORT": "0"}
    made = subprocess.Popen(
        ["/usr/bin/env", "make", "serve"],
        cwd=ROOT,
        env=clean_environment() | UNMEASURED | settings,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # so that the server is ended together with make
    )
    with running(made) as process:
        try:
            while (found := re.search(r"(http://127\.0\.0\.1:\d+)/docs", line := read_line(process.stderr))) is None:
                assert line, "make ended"
            with urlopen(f"{found[1]}/health", timeout=SECONDS) as answer:  # noqa: S310 — the address is the server's
                assert answer.status == HTTPStatus.OK
        finally:
            os.killpg(process.pid, signal.SIGTERM)


def test_there_are_transcripts() -> None:
    assert {"README.md", "api.md", "backup.md", "command-line.md", "fleet-files.md"} == {
        page.name for page in TRANSCRIPTS
    }


def test_problems_page_is_current() -> None:
    page = runpy.run_path(str(ROOT / "scripts" / "problems_page.py"))["page"]()
    assert (DOCS / "problems.md").read_text(encoding="utf-8") == page


@pytest.mark.parametrize("route", [each for each in ROUTES if each.summary], ids=lambda route: route.operation)
def test_api_page_names_every_route(route: Route) -> None:
    assert re.search(rf"`{route.method} {re.escape(route.path)}[`?]", (DOCS / "api.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize("command", sorted(vehicles.commands))
def test_page_names_every_command(command: str) -> None:
    assert f"`{command}`" in (DOCS / "command-line.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("field", NAMES)
def test_page_names_every_setting(field: str) -> None:
    assert f"| `{variable_of(field)}` |" in (DOCS / "settings.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", Exit)
def test_page_names_every_exit_code(code: Exit) -> None:
    assert f"\n| {int(code)} | " in (DOCS / "command-line.md").read_text(encoding="utf-8")


def codes_in(module: str) -> set[str]:
    """Return the stable codes that a source file writes down."""
    source = (ROOT / "src" / "vehicles" / module).read_text(encoding="utf-8")
    return set(re.findall(r'"((?:vin|field|body|parameter|query|header|week|row)\.[a-zA-Z_]+)"', source))


@pytest.mark.parametrize("module", ("domain/vin/number.py", "domain/vin/check_digit.py", "domain/vin/explanation.py"))
def test_vin_page_names_every_code(module: str) -> None:
    codes = codes_in(module)
    assert codes
    page = (DOCS / "vin.md").read_text(encoding="utf-8")
    assert {code for code in codes if f"`{code}`" not in page} == set()


@pytest.mark.parametrize(
    "module",
    (
        "entrypoints/http/request_body.py",
        "entrypoints/http/parameters.py",
        "entrypoints/http/messages.py",
        "domain/summary/week.py",
    ),
)
def test_problems_page_names_every_code(module: str) -> None:
    codes = codes_in(module) - {"parameter.limit", "parameter.noOfAxles"}
    assert codes
    page = (DOCS / "problems.md").read_text(encoding="utf-8")
    assert {code for code in codes if f"`{code}`" not in page} == set()


def test_fleet_files_page_names_every_code() -> None:
    page = (DOCS / "fleet-files.md").read_text(encoding="utf-8")
    codes = codes_in("entrypoints/fleet_files/rows.py") | codes_in("domain/fleet_import.py")
    assert {code for code in codes if f"`{code}`" not in page} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_operations_page_explains_every_alarm() -> None:
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    page = (DOCS / "operations.md").read_text(encoding="utf-8")
    alarms = re.findall(r"AlarmName: !Sub \$\{AWS::StackName\}-(\S+)$", template, re.MULTILINE)
    assert len(alarms) == template.count("Type: AWS::CloudWatch::Alarm")
    assert re.findall(r"^### (\S+)$", page, re.MULTILINE) == alarms


def test_deployment_page_names_parameters() -> None:
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    page = (DOCS / "deployment.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\b([A-Z][A-Za-z]+)=", " ".join(re.findall(r'PARAMETERS="([^"]*)"', page))))
    assert named
    assert {name for name in named if f"\n  {name}:\n    Type: " not in template} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_call_real_tasks(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    tasks = set(re.findall(r"^([a-z0-9-]+):", makefile, re.MULTILINE))
    lines = re.findall(r"^(?:[A-Z_]+=\S+ )*make (.*)$|`make ([^`]*)`", page.read_text(encoding="utf-8"), re.MULTILINE)
    called = {word for line in lines for word in re.sub(r"[A-Z_]+=('[^']*'|\"[^\"]*\"|\S+)", "", "".join(line)).split()}
    assert called - tasks == set()

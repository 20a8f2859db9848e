import os
import re
import runpy
import signal
import subprocess
import sys
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.request import urlopen

import pytest

from tests.support.processes import SECONDS, read_line, running
from tests.support.server_process import UNMEASURED, clean_environment, serving
from vehicles.entrypoints.cli.main import vehicles
from vehicles.entrypoints.cli.terminal import Exit
from vehicles.entrypoints.http.routes import ROUTES
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
def test_readme_shows_the_task(target: str) -> None:
    assert f"```sh\nmake {target}\n```" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(rf"^{target}: install.* ## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def test_there_are_transcripts() -> None:
    found = [page.name for page in TRANSCRIPTS]
    assert found == ["README.md", "api.md", "backup.md", "command-line.md", "fleet-files.md", "summary.md"]


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


def test_problems_page_is_current() -> None:
    page = runpy.run_path(str(ROOT / "scripts" / "problems_page.py"))["page"]()
    assert (DOCS / "problems.md").read_text(encoding="utf-8") == page


def codes_in(*modules: str) -> set[str]:
    """Return the stable codes that source files write down, as patterns of what a page shows."""
    code = r'"((?:vin|field|body|parameter|query|header|week|row)\.[a-zA-Z_]+)"'
    paths = [path for module in modules for path in (ROOT / "src" / "vehicles").glob(module)]
    sources = [path.read_text(encoding="utf-8") for path in paths]
    return {f"`{re.escape(found)}`" for source in sources for found in re.findall(code, source)}


NAMED: Final = {
    "routes": ("api.md", {rf"`{each.method} {re.escape(each.path)}[`?]" for each in ROUTES if each.summary}),
    "commands": ("command-line.md", {f"`{command}`" for command in vehicles.commands}),
    "exit codes": ("command-line.md", {rf"(?m)^\| {int(code)} \| " for code in Exit}),
    "settings": ("settings.md", {rf"\| `{variable_of(field)}` \|" for field in NAMES}),
    "codes of VINs": (
        "vin.md",
        codes_in("domain/vin/number.py", "domain/vin/check_digit.py", "domain/vin/explanation.py"),
    ),
    "codes of problems": (
        "problems.md",
        codes_in(
            "entrypoints/http/request_body.py",
            "entrypoints/http/parameters.py",
            "entrypoints/http/messages.py",
            "domain/summary/week.py",
        )
        - {r"`parameter\.limit`", r"`parameter\.noOfAxles`"},
    ),
    "codes of rows": ("fleet-files.md", codes_in("entrypoints/fleet_files/*.py", "domain/fleet_import.py")),
}


@pytest.mark.parametrize(("page", "names"), NAMED.values(), ids=NAMED)
def test_page_names_each(page: str, names: set[str]) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    assert names
    assert {name for name in names if not re.search(name, text)} == set()


def test_links_lead_somewhere() -> None:
    links = [(page, link) for page in PAGES for link in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8"))]
    assert [(page, link) for page, link in links if not (page.parent / link).exists()] == []


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


def test_permissions_page_names_every_operation() -> None:
    page = (DOCS / "permissions.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([A-Z]+/[a-z]+)`", page))
    operations = {(route.method, route.path) for route in ROUTES if not route.public}
    heads = {("HEAD", path) for method, path in operations if method == "GET"}
    assert named == {method + path for method, path in operations | heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_call_real_tasks(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    tasks = set(re.findall(r"^([a-z0-9-]+):", makefile, re.MULTILINE))
    lines = re.findall(r"^(?:[A-Z_]+=\S+ )*make (.*)$|`make ([^`]*)`", page.read_text(encoding="utf-8"), re.MULTILINE)
    called = {word for line in lines for word in re.sub(r"[A-Z_]+=('[^']*'|\"[^\"]*\"|\S+)", "", "".join(line)).split()}
    assert called - tasks == set()

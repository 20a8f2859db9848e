"""The running server does what the document that it serves says: schemathesis tries it, with all its checks."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31

from tests.support.server_process import HOST, UNMEASURED, serving

_HERE: Final = Path(__file__).parent
_ROOT: Final = _HERE.parents[1]
_PROGRAM: Final = Path(sys.executable).with_name("schemathesis")
_SERVE: Final = """
from vehicles.container import open_container
from vehicles.entrypoints.server.run import serve
from vehicles.settings import Settings

settings = Settings.read({}, {"backend": "memory", "port": "0"})
with open_container(settings) as container:
    container.summaries().summarize()
    serve(container, settings)
"""
_SECONDS: Final = 900  # a minute where nothing else runs; only what hangs takes as long


@dataclass(frozen=True)
class Run:
    report: dict[str, Any]
    output: str


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("unused"), arguments=("-c", _SERVE), environment=UNMEASURED) as server:
        yield f"http://{HOST}:{server.port}"


@pytest.fixture(scope="module")
def run(address: str, tmp_path_factory: pytest.TempPathFactory) -> Run:
    directory = tmp_path_factory.mktemp("schemathesis")
    report = directory / "report.json"
    done = subprocess.run(
        (
            *(str(_PROGRAM), "--config-file", str(_HERE / "schemathesis.toml")),
            *("run", f"{address}/openapi.json", "--no-color"),
            *("--report", "json", "--report-json-path", str(report)),
        ),
        env=os.environ | UNMEASURED | {"PYTHONPATH": str(_ROOT)},  # where the hooks are
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert report.exists(), done.stdout + done.stderr
    return Run(json.loads(report.read_text()), done.stdout)


def test_document_follows_openapi() -> None:
    document = json.loads((_ROOT / "openapi.json").read_text())
    assert [error.message for error in jsonschema_rs.validator_for(OPENAPI_31).iter_errors(document)] == []


def test_document_tells_truth(run: Run) -> None:
    assert (run.report["exit_code"], run.report["failures"], run.report["errors"]) == (0, [], []), run.output


def test_every_operation_tried(run: Run) -> None:
    operations = run.report["operations"]
    assert operations["tested"] == operations["total"]


def test_every_phase_succeeds(run: Run) -> None:
    assert {name: phase["status"] for name, phase in run.report["phases"].items()} == dict.fromkeys(
        ("examples", "coverage", "fuzzing", "stateful"), "success"
    )


def test_links_are_followed(run: Run) -> None:
    found = re.search(r"API Links: +(\d+) covered", run.output)
    assert found
    assert int(found[1]) > 0

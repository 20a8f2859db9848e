"""What the pages show to schedulers, crontabs and units of systemd, and how these run it."""

import os
import re
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.support.processes import run

INSTALLED: Final = "/opt/vehicles/.venv/bin/vehicles"
PROGRAM: Final = str(Path(sys.executable).parent / "vehicles")
_DOCS: Final = Path(__file__).parents[2] / "docs"


def block(page: str, language: str, place: int = 0) -> str:
    """Return a block of code of a page."""
    text = (_DOCS / page).read_text(encoding="utf-8")
    blocks: list[str] = re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return blocks[place]


def cron_line(page: str) -> tuple[list[str], str]:
    """Return when a page has cron run something, and its command as cron reads it."""
    *fields, command = block(page, "crontab").strip().split(maxsplit=5)
    return fields, command.replace(r"\%", "%")


def service_line(page: str) -> str:
    """Return the command of a page's service, and its environment, as systemd reads them."""
    service = block(page, "ini")
    (command,) = re.findall(r"^ExecStart=(.*)$", service, re.MULTILINE)
    (assignments,) = re.findall(r"^Environment=(.*)$", service, re.MULTILINE)
    return f"export {assignments}; {command.replace('%%', '%')}"


def run_as_scheduled(command: str, places: Mapping[str, Path], home: Path) -> None:
    """Run a command with nothing but what a scheduler gives it, with places of ours instead of those of the page."""
    for documented, ours in {INSTALLED: PROGRAM, **places}.items():
        command = command.replace(documented, shlex.quote(str(ours)))
    zone = {name: value for name, value in os.environ.items() if name == "TZ"}  # else that of the machine
    run("/bin/sh", "-c", command, env={"PATH": "/usr/bin:/bin", "HOME": str(home), "LC_ALL": "C", **zone})

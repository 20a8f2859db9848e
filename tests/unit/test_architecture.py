"""What the contracts of import-linter cannot say of the architecture."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
SOURCES: Final = ROOT / "src" / "vehicles"
PAGE: Final = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
MAX_LINES: Final = 300
MAX_MODULES: Final = 12


def imported_by(path: Path) -> Iterator[str]:
    """Yield the names that a module imports, at its top or within."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("folder", ("domain", "ports"))
def test_only_the_standard_library_is_imported(folder: str) -> None:
    allowed = {*sys.stdlib_module_names, "vehicles"}
    modules = list((SOURCES / folder).rglob("*.py"))
    foreign = {
        f"{path.name}: {name}"
        for path in modules
        for name in imported_by(path)
        if name.partition(".")[0] not in allowed
    }
    assert (len(modules) > 1, foreign) == (True, set())


def test_modules_are_short() -> None:
    # Contract suites are tests, and as long as the promise; a table is as long as its facts.
    exempt = {*(SOURCES / "testing").iterdir(), SOURCES / "domain" / "vin" / "manufacturer_rows.py"}
    modules = [path for path in SOURCES.rglob("*.py") if path not in exempt]
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in modules}
    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}


def test_folders_are_small() -> None:
    folders = [path.parent for path in SOURCES.rglob("*.py") if path.name != "__init__.py"]
    assert {folder.name for folder in folders if folders.count(folder) > MAX_MODULES} == set()


def test_page_names_files_that_are_there() -> None:
    # A path in backticks begins at src/vehicles, in one of its folders, or at the root.
    named = set(re.findall(r"`([\w/]+(?:/|\.py))`", PAGE))
    places = [ROOT, SOURCES, *(path for path in SOURCES.rglob("*") if path.is_dir())]
    assert len(named) > 20
    assert {name for name in named if not any((place / name).exists() for place in places)} == set()

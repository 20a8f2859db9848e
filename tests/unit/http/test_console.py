"""The files of the console: all are served, all texts are there in both languages, and they stay small."""

import json
import re
from pathlib import Path
from typing import Final

import pytest

from tests.support.http_client import Client
from vehicles.domain.vehicle import FuelType
from vehicles.entrypoints.http.pages import CONSOLE_FILES

FOLDER: Final = Path(__file__).parents[3] / "src" / "vehicles" / "entrypoints" / "console"
FILES: Final = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file()}
OWN: Final = sorted(name for name in FILES if not name.startswith("vendor/"))
MODULES: Final = [name for name in OWN if name.endswith(".js")]


def text_of(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def messages() -> dict[str, list[str]]:
    """Return the texts by their keys; they are written as JSON. What the API says in English has only a German text."""
    table: dict[str, str | list[str]] = {}
    for name in ("messages.js", "more_messages.js"):
        table |= json.loads("{" + text_of(name).partition("MESSAGES = {")[2].partition("\n};")[0] + "}")
    return {key: ["{detail}", texts] if isinstance(texts, str) else texts for key, texts in table.items()}


def test_every_file_served() -> None:
    assert set(CONSOLE_FILES) == FILES - {"vendor/LICENSE", "vendor/LICENSE.preact"}


def test_console_is_small() -> None:
    assert sum((FOLDER / name).stat().st_size for name in CONSOLE_FILES) <= 150 * 1024
    assert sum(len(text_of(name).splitlines()) for name in OWN) <= 3500


def test_texts_in_both_languages() -> None:
    assert {key for key, texts in messages().items() if len(texts) != 2 or not all(texts)} == set()


def test_languages_have_same_placeholders() -> None:
    # The errors of the API are in English already.
    texts_of = {key: texts for key, texts in messages().items() if not key.startswith("code.")}
    places = {key: [set(re.findall(r"\{\w+\}", text)) for text in texts] for key, texts in texts_of.items()}
    assert {key: found for key, found in places.items() if found[0] != found[1]} == {}


def test_languages_have_same_forms() -> None:
    assert {key for key, texts in messages().items() if texts[0].count("|") != texts[1].count("|")} == set()


def test_every_fuel_type_named() -> None:
    assert {key.removeprefix("fuel.") for key in messages() if key.startswith("fuel.")} == set(FuelType)


def test_used_texts_exist() -> None:
    used = {key for name in MODULES for key in re.findall(r'\bt\("([^"]+)"', text_of(name))}
    assert (len(used) > 50, used - messages().keys()) == (True, set())


def loaded() -> list[str]:
    """Return the modules in the order in which they are loaded."""
    names = text_of("load.js").partition("MODULES = [")[2].partition("\n];")[0]
    return [f"{name}.js" for name in re.findall(r'"([\w/.]+)"', names)]


def test_page_loads_modules() -> None:
    assert sorted([*loaded(), "load.js"]) == [name for name in CONSOLE_FILES if name.endswith(".js")]


@pytest.mark.parametrize("name", loaded())
def test_imports_loaded_before_module(name: str) -> None:
    imported = set(re.findall(r'from "\./([^"]+)"', text_of(name)))
    assert imported <= set(loaded()[: loaded().index(name)])


@pytest.mark.parametrize("path", [f"/console/{name}" for name in CONSOLE_FILES])
def test_policy_allows_no_inline_code(path: str) -> None:
    policy = Client().send("GET", path).headers["Content-Security-Policy"]
    assert ("default-src 'none'" in policy, "unsafe" in policy) == (True, False)


def test_page_names_files_by_tag() -> None:
    client = Client()
    page = client.send("GET", "/console/")
    named = re.findall(r'(?:href|src)="(\w+/[\w.]+)"', page.body.decode())
    kept = {name: client.send("GET", f"/console/{name}").headers["Cache-Control"] for name in named}
    assert (len(kept), set(kept.values())) == (5, {"public, max-age=31536000, immutable"})
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", ("load.js", "index.html", "vendor/preact.js", ""))
def test_other_tag_is_not_kept(name: str) -> None:
    """An older page, or one of another version during a deployment, gets the file as it is now, for once."""
    assert kept_at(f"/console/{'0' * 16}/{name}") == (404 if name == "" else 200, "no-store")


@pytest.mark.parametrize("name", ("index.html", "manufacturers.json"))
def test_changing_file_is_not_kept(name: str) -> None:
    tag = Client().send("GET", "/console/").body.decode().partition('src="')[2].partition("/")[0]
    assert kept_at(f"/console/{tag}/{name}") == (200, "no-store")


def kept_at(path: str) -> tuple[int, str]:
    response = Client().send("GET", path)
    return response.status, response.headers["Cache-Control"]

"""The library as a program uses it: the examples of its page, and the names that it gives."""

import ast
import doctest
import sys
from pathlib import Path
from typing import Final

import pytest

import vehicles
from tests.support.processes import run
from vehicles import ConfigurationError, FuelType, InvalidVin, OnConflict, Vin, open_registry

ROOT: Final = Path(__file__).parents[2]
TRUCK: Final = Vin.parse("WMAH05ZZ04M012345")


@pytest.mark.parametrize(("page", "fewest"), (("README.md", 2), ("docs/library.md", 20)))
def test_examples_of_the_page_hold(page: str, fewest: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    results = doctest.testfile(str(ROOT / page), module_relative=False)
    assert (results.failed, results.attempted >= fewest) == (0, True)


def test_every_name_is_there() -> None:
    assert [name for name in vehicles.__all__ if getattr(vehicles, name, None) is None] == []
    assert {*vehicles.__all__} <= {*dir(vehicles)}


def test_types_know_every_name() -> None:
    tree = ast.parse(Path(vehicles.__file__).read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    imported = {alias.name for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert {*vehicles.__all__} == imported | {"__version__"}


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'vehicles' has no attribute 'Car'"):
        vehicles.Car  # type: ignore[attr-defined]  # noqa: B018 — it is looked for


def test_import_alone_loads_nothing_heavy() -> None:
    code = (
        "import sys; there = {*sys.modules}; import vehicles; "
        "heavy = {'pydantic', 'dependency_injector', 'sqlite3', 'boto3'}; "
        "print(*sorted(heavy & {*sys.modules} - there))"  # what measures coverage is there before
    )
    assert run(sys.executable, "-c", code).stdout == "\n"


def test_memory_forgets() -> None:
    with open_registry() as registry:
        registry.register(TRUCK, 2, FuelType.DIESEL)
    with open_registry(":memory:") as registry:
        assert registry.list().vehicles == ()


def test_reports_lie_beside_the_file(tmp_path: Path) -> None:
    with open_registry(tmp_path / "fleet.sqlite3") as registry:
        registry.summaries.summarize()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "fleet.reports",
        "fleet.sqlite3",
        "fleet.sqlite3-lock",
    ]


def test_policy_is_enforced(tmp_path: Path) -> None:
    wrong = Vin.of("1M8GDM9A1KP042788")
    with open_registry(tmp_path / "fleet.sqlite3") as registry, pytest.raises(InvalidVin):
        registry.register(wrong, 2, FuelType.DIESEL)
    with open_registry(tmp_path / "fleet.sqlite3", vin_policy="advisory") as registry:
        assert registry.register(wrong, 2, FuelType.DIESEL).vehicle.vin == wrong


def test_import_updates(tmp_path: Path) -> None:
    path = tmp_path / "fleet.csv"
    path.write_text("vin,noOfAxles,fuelType\nWMAH05ZZ04M012345,4,electric\n")
    with open_registry() as registry:
        registry.register(TRUCK, 2, FuelType.DIESEL)
        tally = registry.import_file(path, on_conflict=OnConflict.UPDATE)
        assert (tally.changed, registry.get(TRUCK).vehicle.no_of_axles) == (1, 4)


def test_file_and_table_contradict(tmp_path: Path) -> None:
    with (
        pytest.raises(ConfigurationError, match="is on this machine"),
        open_registry(tmp_path / "fleet.sqlite3", table="vehicle-demo"),
    ):
        pass


@pytest.mark.parametrize("place", ("", ".", "/"))
def test_directory_is_no_place(place: str) -> None:
    with pytest.raises(ConfigurationError, match="is a directory; name a file in it"), open_registry(place):
        pass


def test_page_of_nothing_is_a_mistake() -> None:
    with open_registry() as registry, pytest.raises(ValueError, match="limit is 0"):
        registry.list(limit=0)


def test_wrong_setting_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="time-zone"), open_registry(time_zone="Mars/Olympus"):
        pass

"""The container: which adapters it picks, and that it closes what it opens."""

import os
import sys
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from tests.support.processes import run
from vehicles.adapters.filesystem import DirectoryReportStore
from vehicles.adapters.memory import InMemoryReportStore, InMemoryVehicleRepository
from vehicles.adapters.sqlite.repository import SQLiteVehicleRepository
from vehicles.container import check_storage, open_container
from vehicles.domain.deadline import BATCH_TIME_LIMIT, TIME_LIMIT
from vehicles.domain.errors import StorageMisconfigured, StorageUnavailable
from vehicles.domain.vin.number import Vin, VinPolicy
from vehicles.settings import Backend, Settings
from vehicles.testing.racing import racing

if TYPE_CHECKING:
    from collections.abc import Callable

VIN = Vin.of("WMAH05ZZ04M012345")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


@pytest.mark.parametrize(
    ("backend", "adapters"),
    (
        (Backend.SQLITE, (SQLiteVehicleRepository, DirectoryReportStore)),
        (Backend.MEMORY, (InMemoryVehicleRepository, InMemoryReportStore)),
    ),
)
def test_backend_picks_adapters(backend: Backend, adapters: tuple[type, type], settings: Settings) -> None:
    with open_container(replace(settings, backend=backend)) as container:
        assert (type(container.repository()), type(container.reports())) == adapters


def test_unused_container_leaves_no_trace(settings: Settings) -> None:
    with open_container(settings):
        pass
    assert not settings.data.exists()


@pytest.mark.parametrize(
    ("backend", "names"),
    ((Backend.MEMORY, ["storage"]), (Backend.SQLITE, ["data directory", "database", "reports"])),
)
def test_backend_picks_checks(backend: Backend, names: list[str], settings: Settings) -> None:
    checks = list(check_storage(replace(settings, backend=backend)))
    assert ([check.name for check in checks], all(check.ok for check in checks)) == (names, True)
    assert not settings.data.exists()


def test_data_directory_is_private(settings: Settings) -> None:
    with open_container(settings) as container:
        container.repository()
    assert (settings.data.stat().st_mode & 0o777, (settings.data / "registry.sqlite3").is_file()) == (0o700, True)


def test_summary_is_kept_in_a_folder_of_its_own(settings: Settings) -> None:
    with open_container(settings) as container:
        container.summaries().summarize()
    assert (settings.data / "reports" / "summaries").is_dir()


def test_leaving_closes_repository(settings: Settings) -> None:
    with open_container(settings) as container:
        repository = container.repository()
    with pytest.raises(StorageUnavailable):
        repository.get(VIN)


def test_unusable_data_directory_is_unavailable_storage(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with open_container(Settings(data=tmp_path / "file" / "below")) as container, pytest.raises(StorageMisconfigured):
        container.registry()


def test_services_follow_the_settings() -> None:
    zone = ZoneInfo("Europe/Berlin")
    settings = Settings(backend=Backend.MEMORY, vin_policy=VinPolicy.ADVISORY, time_zone=zone)
    with open_container(settings) as container:
        registry, summaries = container.registry(), container.summaries()
        assert (registry.policy, summaries.zone, registry.clock().tzinfo) == (VinPolicy.ADVISORY, zone, UTC)
        assert registry.repository is summaries.repository


@pytest.mark.parametrize(("batch", "limit"), ((False, TIME_LIMIT), (True, BATCH_TIME_LIMIT)))
def test_batches_have_more_time(batch: bool, limit: timedelta) -> None:  # noqa: FBT001 — the setting
    with open_container(Settings(backend=Backend.MEMORY), batch=batch) as container:
        assert {container.registry().time_limit, container.summaries().time_limit} == {limit}


def test_versions_are_never_the_same() -> None:
    with open_container(Settings(backend=Backend.MEMORY)) as container:
        versions = {container.registry().new_version() for _ in range(10_000)}
    assert (len(versions), min(map(len, versions)) >= 12) == (10_000, True)


def test_threads_get_one_registry() -> None:
    with open_container(Settings(backend=Backend.MEMORY)) as container:
        asked: list[Callable[[], object]] = [container.registry, container.repository, container.summaries] * 20
        assert len({*map(id, racing(asked))}) == 3


def test_import_opens_nothing(tmp_path: Path) -> None:
    code = "import sys, vehicles.container; print([m for m in ('sqlite3', 'platformdirs') if m in sys.modules])"
    unmeasured = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    environment = unmeasured | {"VEHICLES_DATA": str(tmp_path / "data"), "VEHICLES_PORT": "wrong"}
    done = run(sys.executable, "-c", code, env=environment, cwd=tmp_path)
    assert (done.stdout, list(tmp_path.iterdir())) == ("[]\n", [])

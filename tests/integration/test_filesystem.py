"""The report store in a directory: its contract, and what lies in the directory."""

import errno
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any, override

import pytest
from filelock import FileLock

from tests.support.processes import finish, read_line, running
from tests.support.server_process import UNMEASURED
from tests.support.summaries_contract import SummariesContract
from vehicles.adapters.filesystem import DirectoryReportStore
from vehicles.adapters.report_formats.files import copies_of
from vehicles.domain.errors import StorageUnavailable
from vehicles.domain.summary.report import ReportFormat
from vehicles.ports.report_store import key_of
from vehicles.testing.report_store import (
    DOCUMENT,
    KEY,
    REPORT,
    WEEK,
    ReportStoreContract,
    copies_in,
    put,
    report_of,
    stored_in,
)

# What other processes do, without the imports of the contract, which would be slow.
SCRIPT = """
import sys
from collections import Counter
from zoneinfo import ZoneInfo
from vehicles.adapters.filesystem import DirectoryReportStore
from vehicles.domain.errors import ReportChanged
from vehicles.domain.summary.counts import Summary
from vehicles.domain.summary.report import WeeklyReport
from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import FuelType
WEEK = IsoWeek(2026, 47)
def report_of(total):
    counts = Counter({FuelType.DIESEL: total}), Counter({2: total}), Counter({"WMA": total}), Counter({WEEK: total})
    return WeeklyReport.of(Summary(WEEK, ZoneInfo("UTC"), *counts), complete=True, earlier=None)
store = DirectoryReportStore(sys.argv[1])
"""
SAVE_FOREVER = f"""{SCRIPT}
store.save(report_of(1), expected=None)
print("ready", flush=True)
total = 1
while True:
    total += 1
    store.save(report_of(total), expected=store.load(WEEK).version)
"""
COUNT_TEN = f"""{SCRIPT}
done = 0
while done < 10:
    there = store.load(WEEK)
    try:
        store.save(report_of(there.report.summary.total + 1), expected=there.version)
    except ReportChanged:
        continue
    done += 1
"""
SAVED = [".lock", *sorted(key_of(WEEK, each) for each in ReportFormat)]


class FolderFiles(MutableMapping[str, bytes]):
    """The files in a folder by their paths, without those that begin with a dot."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @override
    def __getitem__(self, key: str) -> bytes:
        try:
            return (self._folder / key).read_bytes()
        except FileNotFoundError:
            raise KeyError(key) from None

    @override
    def __setitem__(self, key: str, content: bytes) -> None:
        (self._folder / key).parent.mkdir(parents=True, exist_ok=True)
        (self._folder / key).write_bytes(content)

    @override
    def __delitem__(self, key: str) -> None:
        (self._folder / key).unlink()

    @override
    def __iter__(self) -> Iterator[str]:
        return (path for path in files(self._folder) if not Path(path).name.startswith("."))

    @override
    def __len__(self) -> int:
        return sum(1 for _ in self)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "several" / "folders" / "reports"


class TestDirectoryReportStore(ReportStoreContract):
    @pytest.fixture
    def store(self, folder: Path) -> DirectoryReportStore:
        return DirectoryReportStore(folder)

    @pytest.fixture
    def files(self, folder: Path) -> MutableMapping[str, bytes]:
        return FolderFiles(folder)


class TestDirectorySummaries(SummariesContract):
    @pytest.fixture
    def store(self, folder: Path) -> DirectoryReportStore:
        return DirectoryReportStore(folder)


def start(script: str, folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", script, str(folder)]
    return subprocess.Popen(command, env=os.environ | UNMEASURED, stdout=subprocess.PIPE)


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_files_and_folders_are_private(tmp_path: Path, folder: Path) -> None:
    put(DirectoryReportStore(folder), REPORT)
    assert files(folder) == SAVED
    modes = {(path.is_dir(), path.stat().st_mode & 0o777) for path in tmp_path.rglob("*")}
    assert modes == {(True, 0o700), (False, 0o600)}


def test_version_is_the_hash(folder: Path) -> None:
    assert put(DirectoryReportStore(folder), REPORT).version == hashlib.sha256(DOCUMENT).hexdigest()


def test_reading_makes_nothing(folder: Path) -> None:
    store = DirectoryReportStore(folder)
    assert (store.load(WEEK), store.weeks(), folder.exists()) == (None, [], False)


def test_save_lists_one_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed: list[Path] = []
    walk = Path.walk

    def watched(path: Path, **options: Any) -> Iterator[tuple[Path, list[str], list[str]]]:  # noqa: ANN401 — handed on
        listed.append(path)
        return walk(path, **options)

    monkeypatch.setattr(Path, "walk", watched)
    put(DirectoryReportStore(folder), REPORT)
    assert set(listed) == {folder / KEY.removesuffix("/summary.json")}


def test_present_folder_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    put(DirectoryReportStore(tmp_path / "open"), REPORT)
    assert (tmp_path / "open").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("name", (".summary.json", "README", "Summary.json", "summary json", ".git/summary.json"))
def test_foreign_files_are_no_weeks(folder: Path, name: str) -> None:
    path = (folder / KEY).parent / name
    path.parent.mkdir(parents=True)
    path.touch()
    assert DirectoryReportStore(folder).weeks() == []


def test_next_save_clears_leftovers(folder: Path) -> None:
    leftover = (folder / KEY).parent / ".unfinished-abc"
    leftover.parent.mkdir(parents=True)
    leftover.write_bytes(DOCUMENT[:100])
    store = DirectoryReportStore(folder)
    assert store.weeks() == []
    put(store, REPORT)
    assert files(folder) == SAVED


@pytest.mark.parametrize("seconds", (0.05, 0.2))
def test_killed_writer_leaves_whole_report(folder: Path, seconds: float) -> None:
    with running(start(SAVE_FOREVER, folder)) as writer:
        read_line(writer.stdout)
        time.sleep(seconds)
    store = DirectoryReportStore(folder, busy_timeout=0.1)  # the writer holds no lock
    stored = stored_in(store)
    assert stored.report is not None
    store.restore_copies(stored)
    assert copies_in(FolderFiles(folder)) == copies_of(stored.report)
    put(store, REPORT)
    assert files(folder) == SAVED


def test_processes_exclude_each_other(folder: Path) -> None:
    store = DirectoryReportStore(folder)
    put(store, report_of(0))
    counters = [start(COUNT_TEN, folder) for _ in range(3)]
    for counter in counters:
        finish(counter)
    assert [counter.returncode for counter in counters] == [0] * 3
    stored = stored_in(store)
    assert stored.report == report_of(30)


def test_stores_of_one_folder_exclude_each_other(folder: Path) -> None:
    store = DirectoryReportStore(folder, busy_timeout=0.1)
    put(store, REPORT)
    with FileLock(folder / ".lock"), pytest.raises(StorageUnavailable, match="keep the reports locked"):
        put(store, report_of(7))


def test_reader_needs_no_lock(folder: Path) -> None:
    store = DirectoryReportStore(folder, busy_timeout=0.1)
    stored = put(store, REPORT)
    with FileLock(folder / ".lock"):
        assert store.load(WEEK) == stored
        store.restore_copies(stored)  # which are right


def test_saves_where_folders_cannot_be_opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "O_DIRECTORY")  # as on Windows
    put(DirectoryReportStore(folder), REPORT)
    assert files(folder) == SAVED


def test_file_as_folder_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = DirectoryReportStore(tmp_path / "file")
    assert store.load(WEEK) is None
    with pytest.raises(StorageUnavailable):
        store.weeks()
    with pytest.raises(StorageUnavailable) as caught:
        put(store, REPORT)
    assert str(tmp_path) not in str(caught.value)


def test_folder_as_report_is_unavailable(folder: Path) -> None:
    (folder / KEY).mkdir(parents=True)
    store = DirectoryReportStore(folder)
    with pytest.raises(StorageUnavailable):
        store.load(WEEK)
    with pytest.raises(StorageUnavailable):
        store.save(REPORT, expected=None)
    assert files(folder) == [".lock"]


def test_failed_write_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "the disk fails")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(StorageUnavailable):
        put(DirectoryReportStore(folder), REPORT)
    assert files(folder) == [".lock"]


def test_relative_folder_stays_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store = DirectoryReportStore("reports")
    monkeypatch.chdir(os.sep)
    put(store, REPORT)
    assert (tmp_path / "reports" / KEY).exists()

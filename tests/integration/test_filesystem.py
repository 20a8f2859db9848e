"""The report store in a directory: its contract, and what lies in the directory."""

import fcntl
import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.report_store_contract import JSON, KEY, ReportStoreContract
from tests.support.server_process import UNMEASURED
from tests.support.summaries_contract import SummariesContract
from vehicles.adapters.filesystem import DirectoryReportStore
from vehicles.domain.errors import ReportNotFound, StorageUnavailable
from vehicles.ports.report_store import ReportStore

WRITE_FOREVER = """
import sys
from tests.support.summaries_contract import SummariesContract
from vehicles.adapters.filesystem import DirectoryReportStore
store = DirectoryReportStore(sys.argv[1])
contents = [letter * 2_000_000 for letter in (b"a", b"b")]
print("ready", flush=True)
while True:
    for content in contents:
        store.write("a/report.json", content, media_type="application/json")
"""
COUNT_TWENTY_FIVE = """
import sys
from tests.support.summaries_contract import SummariesContract
from vehicles.adapters.filesystem import DirectoryReportStore
from vehicles.domain.errors import ReportChanged
store = DirectoryReportStore(sys.argv[1])
done = 0
while done < 25:
    there = store.read("count.json")
    more = str(int(there.content) + 1).encode()
    try:
        store.write_if("count.json", more, media_type="application/json", expected=there.tag)
    except ReportChanged:
        continue
    done += 1
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "several" / "folders" / "reports"


class TestDirectoryReportStore(ReportStoreContract):
    @pytest.fixture
    def store(self, folder: Path) -> ReportStore:
        return DirectoryReportStore(folder)


class TestDirectorySummaries(SummariesContract):
    @pytest.fixture
    def store(self, folder: Path) -> ReportStore:
        return DirectoryReportStore(folder)


def start(script: str, folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", script, str(folder)]
    return subprocess.Popen(command, env=os.environ | UNMEASURED, stdout=subprocess.PIPE)


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_key_is_the_path(folder: Path) -> None:
    DirectoryReportStore(folder).write(KEY, b"{}", media_type=JSON)
    assert (folder / KEY).read_bytes() == b"{}"


def test_tag_is_the_hash(folder: Path) -> None:
    tag = DirectoryReportStore(folder).write(KEY, b"{}", media_type=JSON)
    assert tag == hashlib.sha256(b"{}").hexdigest()


def test_constructor_makes_nothing(folder: Path) -> None:
    DirectoryReportStore(folder)
    assert not folder.exists()


def test_reading_makes_nothing(folder: Path) -> None:
    with pytest.raises(ReportNotFound):
        DirectoryReportStore(folder).read(KEY)
    assert not folder.exists()


def test_listing_makes_nothing(folder: Path) -> None:
    list(DirectoryReportStore(folder).keys())
    assert not folder.exists()


def test_write_leaves_report_and_lock(folder: Path) -> None:
    DirectoryReportStore(folder).write("a/report.json", b"{}", media_type=JSON)
    assert files(folder) == [".lock", "a/report.json"]


def test_new_folders_are_private(tmp_path: Path, folder: Path) -> None:
    DirectoryReportStore(folder).write(KEY, b"{}", media_type=JSON)
    made = [path for path in tmp_path.rglob("*") if path.is_dir()]
    assert {path.stat().st_mode & 0o777 for path in made} == {0o700}


def test_report_is_private(folder: Path) -> None:
    DirectoryReportStore(folder).write(KEY, b"{}", media_type=JSON)
    assert (folder / KEY).stat().st_mode & 0o777 == 0o600


def test_present_folder_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    DirectoryReportStore(tmp_path / "open").write("x.json", b"{}", media_type=JSON)
    assert (tmp_path / "open").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("name", (".hidden.json", "README", "Upper.json", "a b.json", ".git/x.json"))
def test_foreign_files_are_no_keys(folder: Path, name: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True)
    path.touch()
    assert list(DirectoryReportStore(folder).keys()) == []


def test_leftover_is_no_key(folder: Path) -> None:
    (folder / "a").mkdir(parents=True)
    (folder / "a" / ".unfinished-abc").write_bytes(b"half of it")
    assert list(DirectoryReportStore(folder).keys()) == []


def test_next_write_clears_leftovers(folder: Path) -> None:
    (folder / "a").mkdir(parents=True)
    (folder / "a" / ".unfinished-abc").write_bytes(b"half of it")
    DirectoryReportStore(folder).write("a/report.json", b"{}", media_type=JSON)
    assert files(folder) == [".lock", "a/report.json"]


def test_killed_writer_leaves_whole_report(folder: Path) -> None:
    with start(WRITE_FOREVER, folder) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(0.3)
        writer.send_signal(signal.SIGKILL)
    content = DirectoryReportStore(folder).read("a/report.json").content
    assert content in {letter * 2_000_000 for letter in (b"a", b"b")}


def test_killed_writer_holds_no_lock(folder: Path) -> None:
    with start(WRITE_FOREVER, folder) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(0.1)
        writer.send_signal(signal.SIGKILL)
    DirectoryReportStore(folder, busy_timeout=0.1).write("a/report.json", b"{}", media_type=JSON)
    assert files(folder) == [".lock", "a/report.json"]


def test_processes_exclude_each_other(folder: Path) -> None:
    store = DirectoryReportStore(folder)
    store.write("count.json", b"0", media_type=JSON)
    counters = [start(COUNT_TWENTY_FIVE, folder) for _ in range(4)]
    for counter in counters:
        counter.communicate(timeout=60)
    assert [counter.returncode for counter in counters] == [0] * 4
    assert store.read("count.json").content == b"100"


def test_stores_of_one_folder_exclude_each_other(folder: Path) -> None:
    store = DirectoryReportStore(folder, busy_timeout=0.1)
    store.write(KEY, b"{}", media_type=JSON)
    with (folder / ".lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(StorageUnavailable, match="being written by others"):
            store.write(KEY, b"[]", media_type=JSON)


def test_reading_needs_no_lock(folder: Path) -> None:
    store = DirectoryReportStore(folder)
    store.write(KEY, b"{}", media_type=JSON)
    with (folder / ".lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert store.read(KEY).content == b"{}"


def test_file_as_folder_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageUnavailable):
        DirectoryReportStore(tmp_path / "file").write(KEY, b"{}", media_type=JSON)


def test_file_as_folder_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ReportNotFound):
        DirectoryReportStore(tmp_path / "file").read(KEY)


def test_file_as_folder_is_not_listed(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageUnavailable):
        DirectoryReportStore(tmp_path / "file").keys()


def test_folder_as_report_is_unavailable(folder: Path) -> None:
    (folder / KEY).mkdir(parents=True)
    with pytest.raises(StorageUnavailable):
        DirectoryReportStore(folder).read(KEY)


def test_failed_write_leaves_nothing_behind(folder: Path) -> None:
    (folder / "x.json").mkdir(parents=True)
    with pytest.raises(StorageUnavailable):
        DirectoryReportStore(folder).write("x.json", b"{}", media_type=JSON)
    assert files(folder) == [".lock"]


def test_reason_names_no_path(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageUnavailable) as caught:
        DirectoryReportStore(tmp_path / "file").write(KEY, b"{}", media_type=JSON)
    assert str(tmp_path) not in str(caught.value)


def test_relative_folder_stays_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store = DirectoryReportStore("reports")
    monkeypatch.chdir(os.sep)
    store.write("x.json", b"{}", media_type=JSON)
    assert (tmp_path / "reports" / "x.json").exists()

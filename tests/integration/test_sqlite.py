"""The vehicle repository on SQLite: its contract, the file behind it, and what can befall that."""

import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext
from functools import partial
from itertools import count, product
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from tests.support.processes import finish, read_line, running
from tests.support.server_process import UNMEASURED
from vehicles.adapters.sqlite.database import SQLiteDatabase
from vehicles.adapters.sqlite.repository import APPLICATION_ID, MIGRATIONS, SQLiteVehicleRepository, page_query
from vehicles.domain.errors import (
    StorageCorrupted,
    StorageError,
    StorageMisconfigured,
    StorageUnavailable,
)
from vehicles.domain.vehicle import EVERY_VEHICLE, FuelType, VehicleFilter
from vehicles.ports.checks import Check
from vehicles.ports.vehicle_repository import StoredVehicle, VehicleRepository
from vehicles.testing.racing import SECONDS, racing, started
from vehicles.testing.vehicle_repository import TIMESTAMP, VehicleRepositoryContract, numbered_vin, stored, walk

NOBODY = 65534
ROOT = Path(__file__).parents[2]

# What other processes do. Each says when it is ready, and begins when it is told to.
SCRIPT = """
import os, sys, time
from datetime import UTC, datetime
from vehicles.adapters.sqlite.repository import SQLiteVehicleRepository
from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin.number import Vin
from vehicles.ports.vehicle_repository import StoredVehicle
def stored(number):  # the VINs of the contract, whose imports would be slow
    vin = Vin.of(f"{('WMA', 'YV2', 'XLR')[number % 3]}H05ZZ94M{number:06d}")
    return StoredVehicle(Vehicle(vin, 2, FuelType.DIESEL, datetime.now(UTC)), "1")
path, *arguments = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
"""
ADD_HUNDRED = f"""{SCRIPT}
first = int(arguments[0])
with SQLiteVehicleRepository(path, busy_timeout=60) as repository:
    print(sum(repository.add_many([stored(number)])[0] for number in range(first, first + 100)))
"""
ADD_FOREVER = f"""{SCRIPT}
repository = SQLiteVehicleRepository(path)
for number in range(1_000_000):
    repository.add(stored(number))
    print(number, flush=True)
"""
FORK = f"""{SCRIPT}
repository = SQLiteVehicleRepository(path)
repository.add(stored(0))
read, write = os.pipe()
child = os.fork()
if not child:
    repository.add(stored(1))
    os.write(write, b"1")
    time.sleep(0.3)
    repository.add(stored(2))
    os._exit(0)
os.read(read, 1)
repository.close()
sys.exit(os.waitpid(child, 0)[1])
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vehicles.db"


@pytest.fixture
def repository(path: Path) -> Iterator[SQLiteVehicleRepository]:
    with SQLiteVehicleRepository(path, busy_timeout=0.2) as repository:
        yield repository


@pytest.fixture
def database(path: Path) -> Iterator[SQLiteDatabase]:
    """The database beneath a repository."""
    opened = SQLiteDatabase(path, application_id=APPLICATION_ID, migrations=MIGRATIONS, busy_timeout=0.2)
    yield opened
    opened.close()


class TestSQLiteVehicleRepository(VehicleRepositoryContract):
    @classmethod
    def make(cls, folder: Path, cleanup: ExitStack) -> VehicleRepository:
        return cleanup.enter_context(SQLiteVehicleRepository(folder / "vehicles.db", busy_timeout=60))


def plain(path: Path) -> closing[sqlite3.Connection]:
    """A connection past the adapter."""
    return closing(sqlite3.connect(path, autocommit=True))


def ask(path: Path, statement: str) -> list[Any]:
    with plain(path) as connection:
        return connection.execute(statement).fetchall()


def start(script: str, path: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, str(path), *arguments]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ | UNMEASURED
    )


def begin(*processes: subprocess.Popen[str]) -> None:
    """Wait until all processes are ready, then let them begin."""
    for process in processes:
        assert read_line(process.stdout) == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()


def run_together(script: str, path: Path, *arguments: tuple[str, ...]) -> list[tuple[int, str]]:
    """Let processes begin at the same time; return how each ended and what it wrote."""
    processes = [start(script, path, *each) for each in arguments]
    begin(*processes)
    written = [finish(process)[0] for process in processes]
    return [(process.returncode, output) for process, output in zip(processes, written, strict=True)]


@contextmanager
def as_nobody() -> Iterator[None]:
    """Be somebody whom file modes bind; root is not."""
    user = os.geteuid()
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)


def bound_by_modes() -> Any:  # noqa: ANN401 — one of two kinds of context
    return as_nobody() if os.geteuid() == 0 else nullcontext()


# --- the file ---


def test_row_is_plain(path: Path, repository: SQLiteVehicleRepository) -> None:
    repository.add(stored(7, "a version"))
    expected = ("YV2H05ZZ94M000007", 4, "diesel", "2026-11-23T10:15:30.123456Z", "a version", None)
    assert ask(path, "SELECT * FROM vehicle") == [expected]


@pytest.mark.usefixtures("repository")
def test_file_knows_its_version(path: Path) -> None:
    assert ask(path, "SELECT * FROM pragma_user_version, pragma_application_id") == [(3, 0x56454849)]
    assert ask(path, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize(
    "change",
    (
        "vin = 'WMAH05ZZ94M01234'",
        "vin = 'wmah05zz94m012345'",
        "vin = 'WMAH05ZZ04MO12345'",
        "vin = NULL",
        "no_of_axles = 0",
        "no_of_axles = 100",
        "no_of_axles = 'two'",
        "fuel_type = 'Diesel'",
        "fuel_type = ''",
        "registered_at = '2026-11-23T10:15:30Z'",
        "registered_at = '2026-11-23T10:15:30.123456+00:00'",
        "version = NULL",
    ),
)
def test_table_refuses_nonsense(path: Path, repository: SQLiteVehicleRepository, change: str) -> None:
    repository.add(stored())
    with plain(path) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute(f"UPDATE vehicle SET {change}")  # noqa: S608 — written above


@pytest.mark.parametrize("chosen", tuple(product((False, True), repeat=4)))
@pytest.mark.parametrize("after", (None, numbered_vin(5)))
@pytest.mark.parametrize("others", ((), ("H05", TIMESTAMP, TIMESTAMP)))
def test_page_walks_an_index(
    database: SQLiteDatabase,
    chosen: tuple[bool, ...],
    others: tuple[Any, ...],
    after: Any,  # noqa: ANN401 — a VIN or None
) -> None:
    values = (frozenset({FuelType.DIESEL}), 2, "WMA", "012345")
    given = [value if use else None for value, use in zip(values, chosen, strict=True)]
    wanted = VehicleFilter(*given, *others)  # type: ignore[arg-type]  # each in its place
    statement, parameters = page_query(wanted, 100, after)
    (plan,) = database.read(f"EXPLAIN QUERY PLAN {statement}", parameters)  # one step: no sort
    fuel, axles, _, end = chosen
    if end:
        expected = "INDEX vehicle_by_end (<expr>=? AND vin>? AND vin<?)"
    elif fuel and axles:
        expected = "INDEX vehicle_by_fuel_type_and_no_of_axles (fuel_type=? AND no_of_axles=? AND vin>? AND vin<?)"
    elif fuel:
        expected = "INDEX vehicle_by_fuel_type (fuel_type=? AND vin>? AND vin<?)"
    elif axles:
        expected = "INDEX vehicle_by_no_of_axles (no_of_axles=? AND vin>? AND vin<?)"
    else:
        expected = "PRIMARY KEY (vin>? AND vin<?)"
    assert plan[3] == f"SEARCH vehicle USING {expected}"


@pytest.mark.parametrize(
    ("axles", "expected"),
    ((None, "PRIMARY KEY (vin>? AND vin<?)"), (2, "INDEX vehicle_by_no_of_axles (no_of_axles=? AND vin>? AND vin<?)")),
)
def test_several_fuel_types_need_no_sort(database: SQLiteDatabase, axles: int | None, expected: str) -> None:
    statement, parameters = page_query(VehicleFilter(frozenset(FuelType), axles), 100, None)
    (plan,) = database.read(f"EXPLAIN QUERY PLAN {statement}", parameters)
    assert plan[3] == f"SEARCH vehicle USING {expected}"


# --- checks ---


def test_check_finds_all_in_order(path: Path, repository: SQLiteVehicleRepository) -> None:
    repository.add(stored())
    assert list(SQLiteVehicleRepository.check(path)) == [
        Check("data directory", ok=True, detail="readable and writable"),
        Check("database", ok=True, detail=f"opens; {path}"),
        Check("schema version", ok=True, detail="3"),
        Check("vehicles", ok=True, detail="1"),
        Check("integrity", ok=True, detail="ok"),
    ]


def test_check_creates_nothing(tmp_path: Path) -> None:
    assert list(SQLiteVehicleRepository.check(tmp_path / "a" / "vehicles.db")) == [
        Check("data directory", ok=True, detail=f"does not exist yet; can be created in {tmp_path}"),
        Check("database", ok=True, detail="does not exist yet; the first vehicle creates it"),
    ]
    assert list(tmp_path.iterdir()) == []


def test_check_migrates_nothing(path: Path) -> None:
    ask(path, f"PRAGMA application_id = {APPLICATION_ID}")
    list(SQLiteVehicleRepository.check(path))
    assert ask(path, "SELECT user_version, (SELECT count(*) FROM sqlite_schema) FROM pragma_user_version") == [(0, 0)]


# --- opening and closing ---


def test_new_files_and_folders_are_private(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        with SQLiteVehicleRepository(tmp_path / "a" / "b" / "vehicles.db"):
            modes = {(made.is_dir(), stat.S_IMODE(made.stat().st_mode)) for made in tmp_path.rglob("*")}
    finally:
        os.umask(mask)
    assert modes == {(True, 0o700), (False, 0o600)}


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux tells the path of a descriptor")
def test_new_folders_are_flushed_with_their_parents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[Path] = []

    def fsync(handle: int, flush: Callable[[int], None] = os.fsync) -> None:
        flushed.append(Path(f"/proc/self/fd/{handle}").readlink())
        flush(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    SQLiteVehicleRepository(tmp_path / "a" / "b" / "vehicles.db").close()
    assert flushed == [tmp_path, tmp_path / "a", tmp_path / "a" / "b"]


@pytest.mark.parametrize("name", ("with space.db", "a?mode=memory", "50%25.db", "#hash", "\N{ARTICULATED LORRY}.db"))
def test_close_leaves_one_file_of_any_name(tmp_path: Path, name: str) -> None:
    with SQLiteVehicleRepository(tmp_path / name) as repository:
        repository.add(stored())
    assert {file.name for file in tmp_path.iterdir()} == {name, f"{name}-lock"}


def test_closed_repository_is_unavailable(path: Path) -> None:
    repository = SQLiteVehicleRepository(path)
    repository.close()
    repository.close()  # is harmless
    with pytest.raises(StorageUnavailable, match="was closed"):
        repository.get(numbered_vin(0))


def test_threads_open_one_new_file(path: Path) -> None:
    def open_and_add(number: int) -> None:
        with SQLiteVehicleRepository(path, busy_timeout=60) as repository:
            repository.add(stored(number))

    racing(partial(open_and_add, number) for number in range(16))
    assert ask(path, "SELECT count(*) FROM vehicle") == [(16,)]


def test_migrations_run_in_order(path: Path) -> None:
    first, second = "CREATE TABLE one (a)", "ALTER TABLE one ADD COLUMN b"
    SQLiteDatabase(path, application_id=1, migrations=(first,), busy_timeout=1).close()
    SQLiteDatabase(path, application_id=1, migrations=(first, second), busy_timeout=1).close()
    assert ask(
        path, "SELECT user_version, (SELECT count(*) FROM pragma_table_info('one')) FROM pragma_user_version"
    ) == [(2, 2)]


def test_failed_migration_leaves_nothing(path: Path) -> None:
    broken = ("CREATE TABLE one (a); CREATE TABLE one (a);",)
    with pytest.raises(StorageCorrupted):
        SQLiteDatabase(path, application_id=1, migrations=broken, busy_timeout=1)
    assert [file.name for file in path.parent.iterdir()] == [f"{path.name}-lock"]


# --- files that are not ours, or damaged ---


@pytest.mark.parametrize(
    "statement", ("CREATE TABLE other (a)", "PRAGMA user_version = 1", "PRAGMA application_id = 252006673")
)
def test_foreign_database_is_left_alone(tmp_path: Path, path: Path, statement: str) -> None:
    ask(path, statement)
    before = path.read_bytes()
    with pytest.raises(StorageCorrupted, match="belongs to another program"):
        SQLiteVehicleRepository(path)
    left = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert left == {path.name: before, f"{path.name}-lock": b""}


@pytest.mark.parametrize("put_back", (False, True))
def test_removed_file_takes_nothing(path: Path, *, put_back: bool) -> None:
    with SQLiteVehicleRepository(path) as repository:
        path.rename(path.with_suffix(".away"))
        if put_back:
            SQLiteVehicleRepository(path.with_suffix(".new")).close()
            path.with_suffix(".new").rename(path)
        with pytest.raises(StorageUnavailable, match="moved, removed or replaced"):
            repository.add(stored())
        assert path.exists() is put_back


def test_overwritten_pages_are_corrupted(path: Path) -> None:
    with SQLiteVehicleRepository(path) as repository:
        repository.add_many([stored(number) for number in range(1000)])
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    assert [check.name for check in SQLiteVehicleRepository.check(path) if not check.ok] == ["database"]
    with SQLiteVehicleRepository(path) as repository, pytest.raises(StorageCorrupted):
        walk(repository)


def test_missing_table_is_corrupted(path: Path, repository: SQLiteVehicleRepository) -> None:
    ask(path, "DROP TABLE vehicle")
    with pytest.raises(StorageCorrupted):
        repository.get(numbered_vin(0))


@pytest.mark.parametrize(
    "change",
    (
        "vin = 'WMAH05ZZ94M0000AB'",
        "vin = '" + "1" * 17 + "'",
        "no_of_axles = 0",
        "fuel_type = 'steam'",
        "registered_at = '2026-13-45T10:15:30.123456Z'",
        "registered_at = '2026-11-23T10:15:30.123456'",
        "registered_at = '2026-11-23T10:15:30.123456+01:00'",
        "registered_at = CAST(x'ff' AS TEXT)",
    ),
)
def test_impossible_row_is_corrupted(path: Path, repository: SQLiteVehicleRepository, change: str) -> None:
    repository.add(stored())
    with plain(path) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(f"UPDATE vehicle SET {change}")  # noqa: S608 — written above
    with pytest.raises(StorageCorrupted):
        repository.page(EVERY_VEHICLE, limit=1)


# --- trouble ---


def test_folder_and_file_are_not_exchangeable(tmp_path: Path, path: Path) -> None:
    path.touch()
    with pytest.raises(StorageMisconfigured, match="cannot be created"):
        SQLiteVehicleRepository(path / "vehicles.db")
    with pytest.raises(StorageMisconfigured, match="cannot be opened"):
        SQLiteVehicleRepository(tmp_path)


def test_read_only_folder_is_misconfigured() -> None:
    with tempfile.TemporaryDirectory() as name:  # the folders of pytest let no one else in
        Path(name).chmod(0o555)
        with bound_by_modes(), pytest.raises(StorageMisconfigured, match="cannot be created"):
            SQLiteVehicleRepository(Path(name, "vehicles.db"))
        Path(name).chmod(0o700)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let somebody else be writing."""
    with plain(path) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


def test_locked_new_file_is_unavailable(path: Path) -> None:
    ask(path, f"PRAGMA application_id = {APPLICATION_ID}")  # and not one migration
    with locked(path), pytest.raises(StorageUnavailable, match="keep the database locked"):
        SQLiteVehicleRepository(path, busy_timeout=0.1)


def test_locked_database_is_waited_for(path: Path, repository: SQLiteVehicleRepository) -> None:
    began = time.monotonic()
    with locked(path):
        assert walk(repository) == []  # it can be read meanwhile
        with pytest.raises(StorageUnavailable, match="keep the database locked") as caught:
            repository.add(stored())
    assert time.monotonic() - began >= 0.15
    assert str(numbered_vin(0)) not in f"{caught.value} {caught.value.__cause__}"
    repository.add(stored())
    assert repository.get(numbered_vin(0)) == stored()


def test_every_waiting_thread_is_refused(path: Path, repository: SQLiteVehicleRepository) -> None:
    def attempt(number: int) -> type[StorageError] | None:
        try:
            repository.add(stored(number))
        except StorageError as error:
            return type(error)
        return None

    with locked(path):
        got = racing(partial(attempt, number) for number in range(8))
    assert got == [StorageUnavailable] * 8


def test_import_starves_no_writer(path: Path) -> None:
    with SQLiteVehicleRepository(path, busy_timeout=2) as repository:
        done = Event()

        def write_until_done(first: int) -> None:
            for number in count(first, 100):
                if done.is_set():
                    return
                repository.add_many([stored(each) for each in range(number, number + 100)])

        imports = started(lambda: racing(partial(write_until_done, 100_000 * (1 + number)) for number in range(7)))
        try:
            for number in range(50):
                repository.add(stored(number))  # raises StorageUnavailable where its turn does not come
        finally:
            done.set()
        assert imports.result(SECONDS) == [None] * 7


@pytest.mark.parametrize("size", (1, 2, 3, 7, 8))
def test_batches_hold_every_vehicle_once(path: Path, size: int) -> None:
    with SQLiteVehicleRepository(path, batch_size=size) as repository:
        repository.add_many([stored(number) for number in range(7)])
        assert sorted(str(vehicle.vin) for vehicle in repository.partition(0, 1)) == sorted(
            str(numbered_vin(number)) for number in range(7)
        )


def test_failed_batch_leaves_nothing(repository: SQLiteVehicleRepository) -> None:
    """A fault of our own is not hidden behind an error of the storage."""
    wrong = StoredVehicle(stored(1).vehicle, None)  # type: ignore[arg-type]  # that is the fault
    with pytest.raises(sqlite3.IntegrityError):
        repository.add_many([stored(0), wrong])
    assert walk(repository) == []


# --- the database beneath ---


def insert(connection: sqlite3.Connection, number: int = 0) -> None:
    values = (str(numbered_vin(number)), 4, "diesel", "2026-11-23T10:15:30.123456Z", "1")
    connection.execute("INSERT INTO vehicle VALUES (?, ?, ?, ?, ?, NULL)", values)


def insert_and_fail(connection: sqlite3.Connection) -> None:
    insert(connection)
    raise LookupError


def fill_disk(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA max_page_count = 1")  # SQLite makes it the present size
    for number in range(2000):
        insert(connection, number)


def count_in(database: SQLiteDatabase) -> int:
    return int(database.read("SELECT count(*) FROM vehicle")[0][0])


def test_settings_are_in_force(database: SQLiteDatabase) -> None:
    """On each connection: a read within a write takes a second one."""
    settings = {"journal_mode": "wal", "synchronous": 2, "fullfsync": 1, "busy_timeout": 100}
    for pragma, value in (settings | {"journal_size_limit": 4194304}).items():
        statement = f"PRAGMA {pragma}"
        found = database.write(lambda used: (used.execute(statement).fetchall(), database.read(statement)))  # noqa: B023 — called at once
        assert found == ([(value,)], [(value,)]), pragma


def test_close_during_use_closes_later(tmp_path: Path, path: Path, database: SQLiteDatabase) -> None:
    database.write(lambda _: database.close())
    assert {file.name for file in tmp_path.iterdir()} == {path.name, f"{path.name}-lock"}


def test_relative_path_stays_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with SQLiteVehicleRepository("vehicles.db") as repository:
        monkeypatch.chdir(os.sep)
        repository.add(stored())
        assert ask(tmp_path / "vehicles.db", "SELECT count(*) FROM vehicle") == [(1,)]


def test_full_disk_takes_nothing(database: SQLiteDatabase) -> None:
    with pytest.raises(StorageUnavailable, match="is full"):
        database.write(fill_disk)
    assert count_in(database) == 0
    database.write(lambda connection: [*map(partial(insert, connection), range(2000))])
    assert count_in(database) == 2000


def test_waiting_thread_gives_up(database: SQLiteDatabase) -> None:
    begun, done = Event(), Event()

    def wait(_: sqlite3.Connection) -> None:
        begun.set()
        done.wait(SECONDS)

    other = started(lambda: database.write(wait))
    assert begun.wait(SECONDS)
    with pytest.raises(StorageUnavailable, match="keep the database locked"):
        database.write(insert)
    done.set()
    other.result(SECONDS)
    assert count_in(database) == 0


def test_failed_work_fails_only_its_caller(path: Path) -> None:
    database = SQLiteDatabase(path, application_id=APPLICATION_ID, migrations=MIGRATIONS, busy_timeout=60)
    with locked(path):  # so that all of them wait for the same lock
        fails = started(lambda: database.write(insert_and_fail))
        adds = [started(partial(database.write, partial(insert, number=number))) for number in range(1, 7)]
        time.sleep(0.05)
    with pytest.raises(LookupError):
        fails.result(SECONDS)
    assert [each.result(SECONDS) for each in adds] == [None] * 6
    assert count_in(database) == 6
    database.close()


# --- processes ---


def test_each_vin_of_processes_has_one_winner(path: Path) -> None:
    ended = run_together(ADD_HUNDRED, path, ("0",), ("0",), ("100",), ("100",))
    assert sum(int(output) for _, output in ended) == 200
    assert ask(path, "SELECT count(*) FROM vehicle") == [(200,)]


def test_killed_writer_keeps_acknowledged(path: Path) -> None:
    with running(start(ADD_FOREVER, path)) as writer:
        begin(writer)
        acknowledged = [int(read_line(writer.stdout)) for _ in range(200)]
        writer.kill()
        acknowledged += [int(line) for line in finish(writer)[0].split("\n")[:-1]]
    assert ask(path, "PRAGMA integrity_check") == [("ok",)]
    with SQLiteVehicleRepository(path) as repository:
        kept = {vehicle.vin for vehicle in walk(repository)}
    assert {numbered_vin(number) for number in acknowledged} <= kept


def test_forked_process_loses_nothing(path: Path) -> None:
    assert run_together(FORK, path, ()) == [(0, "")]
    with SQLiteVehicleRepository(path) as repository:
        assert {vehicle.vin for vehicle in walk(repository)} == {numbered_vin(number) for number in range(3)}

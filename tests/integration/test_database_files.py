"""A database file that is not what it should be: everything refuses it alike, with the resolution, and leaves it."""

import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.support import http_client
from tests.support.command_line import HEADER, VIN, CommandLine
from vehicles.adapters.filesystem import DirectoryReportStore
from vehicles.adapters.sqlite.repository import MIGRATIONS, SQLiteVehicleRepository
from vehicles.entrypoints.cli.terminal import Exit
from vehicles.testing.vehicle_repository import stored

NOBODY = 65534
DATABASE = "registry.sqlite3"
FLEET = HEADER + "".join(f"WDB{number:014d},2,diesel\n" for number in range(500))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of a registry of 500 vehicles."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "fleet.csv").write_text(FLEET)
    CommandLine(folder / "data").run("import", folder / "fleet.csv")
    return folder / "data"


@pytest.fixture
def command_line(made: Path, tmp_path: Path) -> CommandLine:
    """The command line on a copy of it."""
    shutil.copytree(made, tmp_path / "data")
    return CommandLine(tmp_path / "data")


def empty(database: Path) -> None:
    os.truncate(database, 0)


def empty_with_log(database: Path) -> None:
    """As a full disk or a broken copy leaves it: the vehicles are in the log only."""
    with closing(sqlite3.connect(database, autocommit=True)) as connection:
        connection.execute("DELETE FROM vehicle WHERE vin LIKE '%7'")
        log = database.with_name(f"{DATABASE}-wal").read_bytes()
        assert log
    os.truncate(database, 0)
    database.with_name(f"{DATABASE}-wal").write_bytes(log)


def log_alone(database: Path) -> None:
    empty_with_log(database)
    database.unlink()


def truncated(database: Path) -> None:
    os.truncate(database, database.stat().st_size // 2 // 4096 * 4096)


def cut_off(database: Path) -> None:
    os.truncate(database, database.stat().st_size - 100)


def without_disk(database: Path) -> None:
    """As a link to a disk that is not mounted."""
    database.unlink()
    database.symlink_to(database.parent / "disk" / DATABASE)


def foreign(database: Path) -> None:
    database.unlink()
    with closing(sqlite3.connect(database, autocommit=True)) as connection:
        connection.execute("CREATE TABLE other (a)")


def no_database(database: Path) -> None:
    database.write_bytes(b"What one writes in files. " * 1000)


def newer(database: Path) -> None:
    with closing(sqlite3.connect(database, autocommit=True)) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")


def without_schema(database: Path) -> None:
    """As a copy that was made without its log by a program that had only begun to write."""
    database.unlink()
    with closing(sqlite3.connect(database, autocommit=True)) as connection:
        connection.execute("PRAGMA application_id = 0")
        connection.execute("VACUUM")


def restore_interrupted(database: Path) -> None:
    (database.parent / ".restoring").mkdir()


SPOILT: dict[Callable[[Path], None], str] = {
    empty: "is empty, which the registry never leaves behind. Restore a backup with `vehicles restore`",
    empty_with_log: "is empty, which the registry never leaves behind. Restore a backup with `vehicles restore`",
    log_alone: "is missing, but its log still exists. Restore a backup with `vehicles restore`",
    cut_off: "is damaged. Restore a backup with `vehicles restore`",
    without_disk: "which does not exist. Nothing was changed",
    truncated: "is damaged. Restore a backup with `vehicles restore`",
    foreign: "belongs to another program. Choose another directory, or: Restore a backup with `vehicles restore`",
    no_database: "is not a database. Choose another directory, or: Restore a backup with `vehicles restore`",
    newer: "was written by a newer version of the registry. Use that version, or a newer one",
    without_schema: "belongs to another program. Choose another directory",
    restore_interrupted: "A restore was interrupted. Run `vehicles restore` again",
}


def contents(folder: Path) -> dict[str, bytes]:
    """Return all files but the lock, and SQLite's index of a log, which any reader may make."""
    return {
        file.name: file.read_bytes()
        for file in folder.iterdir()
        if file.is_file() and not file.name.endswith(("-lock", "-shm"))
    }


REGISTER = ("register", VIN, "--axles", "2", "--fuel", "diesel")
EACH_COMMAND = (
    ("list",),
    REGISTER,
    ("export",),
    ("backup", "FILE"),
    ("summarize",),
    ("serve", "--port", "0"),
    ("doctor",),
)


@pytest.mark.parametrize("spoil", SPOILT)
@pytest.mark.parametrize("arguments", EACH_COMMAND, ids=lambda arguments: arguments[0])
def test_everything_refuses_it_and_leaves_it(
    command_line: CommandLine, spoil: Callable[[Path], None], arguments: tuple[str, ...], tmp_path: Path
) -> None:
    spoil(command_line.data / DATABASE)
    before = contents(command_line.data)
    ran = command_line.run(*(str(tmp_path / "backup.zip") if each == "FILE" else each for each in arguments))
    assert SPOILT[spoil] in ran.output
    assert ran.exit_code == (Exit.REFUSED if arguments == ("doctor",) else Exit.STORAGE)
    assert contents(command_line.data) == before
    assert not (tmp_path / "backup.zip").exists()


def test_copy_without_its_log_is_recognised(tmp_path: Path) -> None:
    copy = CommandLine(tmp_path / "copy")
    copy.data.mkdir()
    with SQLiteVehicleRepository(tmp_path / DATABASE) as repository:
        repository.add(stored())
        (copy.data / DATABASE).write_bytes((tmp_path / DATABASE).read_bytes())
    # The vehicle is in the log, which was not copied; that it is the registry's is in the file from its beginning.
    assert copy.fleet() == []


# --- media that cannot be written ---


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Let nobody write a folder and what is in it, as on media that cannot be written; root could otherwise."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)
        for path in (folder, *folder.rglob("*")):
            path.chmod(path.stat().st_mode | stat.S_IWUSR)


@pytest.fixture
def medium() -> Iterator[CommandLine]:
    """The command line on a registry with a summary, on a medium that cannot be written."""
    with tempfile.TemporaryDirectory() as name:  # the folders of pytest let nobody else in
        Path(name).chmod(0o755)
        made = CommandLine(Path(name, "data"))
        made.run("register", VIN, "--axles", "2", "--fuel", "diesel")
        made.run("summarize")
        made.run("backup", Path(name, "backup.zip"))  # imports what nobody else may read here
        with read_only(made.data):
            yield made


def test_read_only_registry_is_read(medium: CommandLine) -> None:
    for arguments in (("list",), ("get", VIN), ("export",), ("summary",), ("doctor",)):
        ran = medium.run(*arguments)
        assert ran.exit_code == Exit.DONE, ran.output
    with tempfile.TemporaryDirectory() as name:
        assert medium.json("backup", Path(name, "backup.zip"))["vehicles"] == 1


def test_change_says_it_is_read_only(medium: CommandLine) -> None:
    for arguments in (REGISTER, ("change", VIN, "--axles", "3"), ("delete", VIN)):
        ran = medium.run(*arguments)
        assert (ran.exit_code, "is read-only" in ran.output, "Try again" in ran.output) == (Exit.STORAGE, True, False)


def test_api_says_it_is_read_only(medium: CommandLine) -> None:
    with SQLiteVehicleRepository(medium.data / DATABASE) as repository:
        client = http_client.Client(repository)
        written = client.send("POST", "/vehicle", http_client.truck())
        deleted = client.send("DELETE", f"/vehicle?vin={VIN}")
        assert [written.status, deleted.status, client.send("GET", "/vehicles").status] == [403, 403, 200]


def test_api_makes_no_summary_on_read_only_media(medium: CommandLine) -> None:
    with SQLiteVehicleRepository(medium.data / DATABASE) as repository:
        client = http_client.Client(repository, reports=DirectoryReportStore(medium.data / "reports"))
        made = client.send("POST", "/summaries")
        assert (http_client.rejection(made), client.send("GET", "/summaries").status) == ((403, "read-only", []), 200)


def test_summary_on_read_only_media_is_misconfigured(medium: CommandLine) -> None:
    ran = medium.run("summarize", "--again")
    assert (ran.exit_code, "Try again" in ran.output) == (Exit.STORAGE, False)

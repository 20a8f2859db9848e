"""Backups of a registry on one machine: one ZIP file that holds the vehicles and the reports.

registry.sqlite3      the database, as one transaction saw it
reports/…             the files of the report folder

Each backup is read back and verified before it is reported as complete, and before it is restored.
"""

import errno
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Final

from vehicles.adapters.filesystem import DirectoryReportStore
from vehicles.adapters.folders import locked, make_folder, sync_folder
from vehicles.adapters.sqlite.file import RESTORING, lock_of, require_usable
from vehicles.adapters.sqlite.repository import SQLiteVehicleRepository
from vehicles.domain.errors import StorageCorrupted, StorageMisconfigured, StorageUnavailable

_DATABASE: Final = "registry.sqlite3"
_REPORTS: Final = "reports"
_TOP: Final = (_DATABASE, _REPORTS)
_UNFINISHED: Final = ".unfinished-backup-"


@dataclass(frozen=True, slots=True)
class BackupContent:
    """What a backup holds, and its faults: damaged reports, or rows that are not vehicles."""

    vehicles: int
    summaries: int
    faults: tuple[str, ...]


def back_up(database: Path, reports: Path, target: Path, *, overwrite: bool = False) -> BackupContent:
    """Write a consistent copy of the vehicles and the reports, also while they are used, and return what it holds.

    The target appears when it is complete, verified and on the disk. Faults of the registry are copied unchanged.
    Raises FileExistsError if the target exists, StorageMisconfigured if there is no registry, other StorageErrors, and
    OSError if the target cannot be written.
    """
    if target.exists() and not overwrite:
        raise FileExistsError(errno.EEXIST, "there is such a file, which --overwrite would replace", str(target))
    if not database.exists():
        require_usable(database, missing=True)
        raise StorageMisconfigured("There is no registry to back up")
    with tempfile.TemporaryDirectory(prefix=_UNFINISHED, dir=target.absolute().parent) as name:
        folder, archive = Path(name), Path(name, "backup.zip")
        with SQLiteVehicleRepository(database) as repository:
            repository.copy_to(folder / _DATABASE)
        with zipfile.ZipFile(archive, "x", zipfile.ZIP_DEFLATED) as zipped:
            zipped.write(folder / _DATABASE, _DATABASE)
            for report in _files_of(reports):
                zipped.write(report, PurePosixPath(_REPORTS, report.relative_to(reports).as_posix()))
        content = _unpacked(archive, folder / "unpacked")
        archive.chmod(0o600)
        with archive.open("rb") as file:
            os.fsync(file.fileno())
        archive.replace(target)
    sync_folder(target.absolute().parent)
    return content


def restore(source: Path, database: Path, reports: Path) -> tuple[BackupContent, Path | None]:
    """Replace a registry by a backup. Return what the backup holds, and the folder that keeps the replaced files.

    After an interruption the registry cannot be opened until a restore completes. Raises StorageUnavailable if the
    registry is in use, StorageCorrupted if the source is not a backup or is damaged, and OSError.
    """
    make_folder(database.parent)
    with _alone(database), tempfile.TemporaryDirectory(prefix=_UNFINISHED, dir=database.parent) as name:
        unpacked, restoring = Path(name, "unpacked"), database.parent / RESTORING
        content = _unpacked(source, unpacked)
        _settle(unpacked)
        present = [database, *(database.with_name(f"{database.name}-{end}") for end in ("wal", "shm")), reports]
        present = [path for path in present if path.exists()]
        restoring.mkdir(exist_ok=True)  # from here on, the registry cannot be opened
        sync_folder(database.parent)
        kept = _keep(present, database.parent) if present else None
        for path, new in ((reports, unpacked / _REPORTS), (database, unpacked / _DATABASE)):
            if new.exists():
                new.replace(path)
        sync_folder(database.parent)
        restoring.rmdir()
        sync_folder(database.parent)
    return content, kept


def _keep(present: list[Path], folder: Path) -> Path:
    """Move the present files to a new folder."""
    kept = folder / f"replaced-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
    kept.mkdir(mode=0o700)
    for path in present:
        path.replace(kept / path.name)
    sync_folder(kept)
    return kept


@contextmanager
def _alone(database: Path) -> Iterator[None]:
    try:
        with locked(lock_of(database), shared=False, seconds=0):
            yield
    except TimeoutError as error:
        raise StorageUnavailable(
            f"The registry is in use (something holds {lock_of(database).name}): stop the server and other commands"
        ) from error


def _files_of(reports: Path) -> list[Path]:
    """Return the reports and their copies, without locks and unfinished files."""
    return sorted(folder / name for folder, _, names in reports.walk() for name in names if not name.startswith("."))


def _unpacked(archive: Path, folder: Path) -> BackupContent:
    """Unpack a backup and verify all of it. Raises StorageCorrupted if it is not a backup, or is damaged."""
    folder.mkdir(mode=0o700)
    try:
        with zipfile.ZipFile(archive) as zipped:
            _require_backup(zipped, folder)
            zipped.extractall(folder)  # which compares the checksum of each file
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError) as error:
        raise StorageCorrupted(
            f"{archive.name} is not a backup, or is damaged ({error})", "Use another backup"
        ) from error
    database = folder / _DATABASE
    checks = {check.name: check for check in SQLiteVehicleRepository.check(database)}
    for name in ("database", "schema version", "integrity"):
        if name in checks and not checks[name].ok:
            raise StorageCorrupted(
                f"The database of the backup does not pass the check of its {name}", "Use another backup"
            )
    store = DirectoryReportStore(folder / _REPORTS)
    faults = [] if checks["vehicles"].ok else [f"vehicles: {checks['vehicles'].detail}"]
    vehicles = int(checks["vehicles"].detail.partition(",")[0])
    return BackupContent(vehicles, len(store.weeks()), (*faults, *store.faults()))


def _require_backup(zipped: zipfile.ZipFile, folder: Path) -> None:
    """Raise ValueError if an archive holds anything that a backup does not, or more than fits on the disk."""
    names = [PurePosixPath(name) for name in zipped.namelist()]
    strange = [name for name in names if name.is_absolute() or ".." in name.parts or name.parts[0] not in _TOP]
    if PurePosixPath(_DATABASE) not in names or strange:
        raise ValueError(f"it holds {strange[0]}" if strange else f"it holds no {_DATABASE}")
    size, free = sum(each.file_size for each in zipped.infolist()), shutil.disk_usage(folder).free
    if size > free:
        raise ValueError(f"it takes {size:,} bytes, and the disk has {free:,}")


def _settle(folder: Path) -> None:
    """Restrict all files of a folder to their owner, and flush them to the disk."""
    for each, _, names in folder.walk():
        each.chmod(0o700)
        for name in names:
            with (each / name).open("rb") as file:
                (each / name).chmod(0o600)
                os.fsync(file.fileno())
        sync_folder(each)

"""Backups of a registry on one machine: one ZIP file that holds the vehicles and the reports.

registry.sqlite3                                  the database, as one transaction saw it
reports/summaries/year=…/week=…/summary.json      the reports; a restore makes their copies anew

Each backup is read back and verified before it is reported as complete, and before it is restored.
"""

import errno
import os
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from vehicles.adapters.filesystem import DirectoryReportStore
from vehicles.adapters.folders import locked, make_folder, sync_folder
from vehicles.adapters.sqlite.file import RESTORING, lock_of, require_usable, resolved
from vehicles.adapters.sqlite.repository import SQLiteVehicleRepository
from vehicles.domain.errors import StorageCorrupted, StorageMisconfigured
from vehicles.ports.report_store import key_of

_DATABASE: Final = "registry.sqlite3"
_REPORTS: Final = "reports"
_NAME: Final = re.compile(rf"{re.escape(_DATABASE)}|{_REPORTS}/summaries/year=[0-9]{{4}}/week=[0-9]{{2}}/summary\.json")
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
    Raises StorageMisconfigured if there is no registry, other StorageErrors, and OSError if the target exists, is part
    of the registry, or cannot be written.
    """
    database = resolved(database)
    _require_target(target, database, reports, overwrite=overwrite)
    if not database.exists():
        require_usable(database, missing=True)
        raise StorageMisconfigured("There is no registry to back up")
    with tempfile.TemporaryDirectory(prefix=_UNFINISHED, dir=target.absolute().parent) as name:
        folder, archive = Path(name), Path(name, target.name)
        with SQLiteVehicleRepository(database) as repository:
            repository.copy_to(folder / _DATABASE)
        with zipfile.ZipFile(archive, "x", zipfile.ZIP_DEFLATED) as zipped:
            zipped.write(folder / _DATABASE, _DATABASE)
            for week in DirectoryReportStore(reports).weeks():
                zipped.writestr(f"{_REPORTS}/{key_of(week)}", (reports / key_of(week)).read_bytes())
        content = _unpacked(archive, folder / "unpacked", "The registry")
        archive.chmod(0o600)
        with archive.open("rb") as file:
            os.fsync(file.fileno())
        if overwrite:
            archive.replace(target)
        else:
            os.link(archive, target)  # which replaces nothing
    sync_folder(target.absolute().parent)
    return content


def restore(source: Path, database: Path, reports: Path) -> tuple[BackupContent, Path | None]:
    """Replace a registry by a backup. Return what the backup holds, and the folder that keeps the replaced files.

    After an interruption the registry cannot be opened until a restore completes. Raises StorageCorrupted if the source
    is not a backup or is damaged, and OSError, also if the registry is in use.
    """
    database = resolved(database)
    make_folder(database.parent)
    with _alone(database), tempfile.TemporaryDirectory(prefix=_UNFINISHED, dir=database.parent) as name:
        unpacked = Path(name, "unpacked")
        content = _unpacked(source, unpacked, "The backup")
        _restore_copies(DirectoryReportStore(unpacked / _REPORTS))
        _settle(unpacked)
        kept = _exchange(unpacked, Path(name), database, reports)
    return content, kept


def _require_target(target: Path, database: Path, reports: Path, *, overwrite: bool) -> None:
    """Raise OSError if a backup cannot be written to a place, or would replace anything but a backup."""
    place = target.resolve()
    if not place.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "the folder does not exist", str(target.parent))
    is_ours = place.parent == database.parent and place.name.startswith(database.name)
    if is_ours or place.is_relative_to(reports.resolve()) or (place.exists() and not place.is_file()):
        raise OSError(errno.EINVAL, "a backup cannot be written there: choose another file", str(target))
    if target.exists() and not overwrite:
        raise FileExistsError(errno.EEXIST, "the file already exists; use --overwrite to replace it", str(target))


def _exchange(unpacked: Path, trash: Path, database: Path, reports: Path) -> Path | None:
    """Move the registry aside and the unpacked files into its place. Return the folder of the replaced files.

    While the folder RESTORING exists, the registry cannot be opened. It already holds files if an earlier restore was
    interrupted: then those are the replaced ones, and what stands in their place came from that restore.
    """
    folder = database.parent
    aside = folder / RESTORING
    aside.mkdir(mode=0o700, exist_ok=True)
    sync_folder(folder)
    log_files = [database.with_name(f"{database.name}-{end}") for end in ("wal", "shm", "journal")]
    moves = [
        (path, trash / path.name if (aside / path.name).exists() else aside / path.name)
        for path in (reports, database, *log_files)
        if path.exists()
    ]
    new = ((unpacked / _REPORTS, reports), (unpacked / _DATABASE, database))
    done: list[tuple[Path, Path]] = []
    try:
        for source, target in (*moves, *(each for each in new if each[0].exists())):
            source.replace(target)
            done.append((source, target))
    except OSError:
        for source, target in reversed(done):
            target.replace(source)
        if not any(aside.iterdir()):
            aside.rmdir()
        raise
    sync_folder(aside)
    sync_folder(folder)
    if not any(aside.iterdir()):
        aside.rmdir()
        return None
    kept = folder / f"replaced-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
    aside.rename(kept)
    sync_folder(folder)
    return kept


@contextmanager
def _alone(database: Path) -> Iterator[None]:
    """Hold the lock of a database exclusively. Raises OSError if the database is in use."""
    lock = lock_of(database)
    try:
        with locked(lock, shared=False, seconds=0):
            yield
    except TimeoutError as error:
        reason = "the registry is in use: stop the server and other commands first"
        raise OSError(errno.EBUSY, reason, str(lock)) from error


def _unpacked(archive: Path, folder: Path, subject: str) -> BackupContent:
    """Unpack a backup and verify all of it. Raises StorageCorrupted if it is not a backup, or is damaged."""
    folder.mkdir(mode=0o700)
    try:
        with zipfile.ZipFile(archive) as zipped:
            _require_backup(zipped, folder)
            zipped.extractall(folder)  # which compares the checksum of each file
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError) as error:
        reason = f"{archive.name} is not a backup, or is damaged ({error})"
        raise StorageCorrupted(reason, "Use another backup") from error
    database = folder / _DATABASE
    checks = {check.name: check for check in SQLiteVehicleRepository.check(database)}
    for name in ("database", "integrity"):
        if name in checks and not checks[name].ok:
            detail = checks[name].detail.removesuffix(f"; {database}")
            raise StorageCorrupted(f"{subject} cannot be used ({detail})", "Use another backup")
    faults = [] if checks["vehicles"].ok else [f"vehicles: {checks['vehicles'].detail}"]
    vehicles = int(checks["vehicles"].detail.partition(",")[0])
    store = DirectoryReportStore(folder / _REPORTS)
    weeks = store.weeks()
    for week in weeks:
        stored = store.load(week)
        if stored is None or stored.report is None:
            faults.append(f"the summary of {week} is damaged")
    return BackupContent(vehicles, len(weeks), tuple(faults))


def _require_backup(zipped: zipfile.ZipFile, folder: Path) -> None:
    """Raise ValueError if an archive holds anything that a backup does not, and OSError if it does not fit the disk."""
    entries = zipped.infolist()
    strange = [each.filename for each in entries if not _NAME.fullmatch(each.filename)]
    names = {each.filename for each in entries}
    if strange or _DATABASE not in names or len(names) < len(entries):
        raise ValueError(f"it holds {strange[0]!a:.60}" if strange else f"it does not hold one {_DATABASE}")
    if any(each.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for each in entries):
        raise ValueError("it is compressed in a way that no backup is")
    size, free = sum(each.file_size for each in entries), shutil.disk_usage(folder).free
    if size > free:
        raise OSError(
            errno.ENOSPC, f"the backup takes {size:,} bytes, and {free:,} are free", str(folder.parent.parent)
        )


def _restore_copies(store: DirectoryReportStore) -> None:
    for week in store.weeks():
        stored = store.load(week)
        if stored is not None:
            store.restore_copies(stored)


def _settle(folder: Path) -> None:
    """Restrict all files of a folder to their owner, and flush them to the disk."""
    for each, _, names in folder.walk():
        each.chmod(0o700)
        for name in names:
            with (each / name).open("rb") as file:
                (each / name).chmod(0o600)
                os.fsync(file.fileno())
        sync_folder(each)

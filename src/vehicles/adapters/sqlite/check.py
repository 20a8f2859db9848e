"""The health checks of an SQLite file and its folder. They change and create nothing."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from vehicles.ports.checks import Check


def check_database(
    path: Path, *, application_id: int, newest_version: int, check_rows: Callable[[sqlite3.Connection], Check]
) -> Iterator[Check]:
    """Yield the checks of the folder and the file, up to the first failure that prevents the next check."""
    yield _check_folder(path.parent)
    if not os.path.exists(path):  # noqa: PTH110 — Path.exists raises if a parent folder cannot be read
        yield Check("database", ok=True, detail="does not exist yet; the first vehicle creates it")
        return
    # A read-only connection would leave a log file behind. A read-write connection removes the log file when it closes,
    # so it must not be used if a crash has left one.
    mode = "ro" if os.path.exists(f"{path}-wal") else "rw"  # noqa: PTH110 — as above
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode={mode}", uri=True)) as connection:
            connection.execute("PRAGMA query_only = ON")

            def ask(question: str) -> str:
                return str(connection.execute(question).fetchone()[0])

            ours = ask("PRAGMA application_id") == str(application_id)
            yield Check("database", ok=ours, detail=f"{'opens' if ours else 'belongs to another program'}; {path}")
            if not ours:
                return
            journal = ask("PRAGMA journal_mode")
            yield Check("journal mode", ok=journal == "wal", detail=journal)
            version = int(ask("PRAGMA user_version"))
            known = version <= newest_version
            detail = str(version) if known else f"{version}, which a newer version of the registry wrote"
            yield Check("schema version", ok=known, detail=detail)
            yield check_rows(connection)
            integrity = ask("PRAGMA integrity_check(1)")
            yield Check("integrity", ok=integrity == "ok", detail=integrity)
    except sqlite3.Error as error:
        yield Check("database", ok=False, detail=f"{error}; {path}")


def _check_folder(folder: Path) -> Check:
    there = next(path for path in (folder, *folder.parents) if os.path.exists(path))  # noqa: PTH110 — as above
    ok = there.is_dir() and os.access(there, os.R_OK | os.W_OK | os.X_OK)
    detail = "readable and writable" if ok else "not a directory that can be read and written"
    if there != folder:
        detail = f"does not exist yet; {'can' if ok else 'cannot'} be created in {there}"
    return Check("data directory", ok, detail)

"""What all commands share: the exit codes, the global options, and how errors end.

Nothing heavy is imported before a command needs it, so that `vehicles --help` answers at once.
"""

from __future__ import annotations

import errno
import json
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any, Final, override

import click

from vehicles.domain.errors import (
    RegistryError,
    ReportNotFound,
    StorageError,
    VehicleAlreadyRegistered,
    VehicleNotFound,
    VersionMismatch,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from vehicles.container import Container
    from vehicles.settings import Settings


class Exit(IntEnum):
    """How a command ended; the numbers never change their meaning."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    NOT_FOUND = 3
    CONFLICT = 4
    STORAGE = 5
    INTERRUPTED = 130
    NO_READER = 141


EXIT_MEANINGS: Final[Mapping[Exit, str]] = {
    Exit.DONE: "done",
    Exit.REFUSED: "refused or not valid, wholly or in some rows; something is wrong",
    Exit.USAGE: "wrong usage or a wrong setting",
    Exit.NOT_FOUND: "not found",
    Exit.CONFLICT: "already registered, or changed in the meantime",
    Exit.STORAGE: "the storage is away, busy, full, damaged or not set up",
    Exit.INTERRUPTED: "interrupted",
    Exit.NO_READER: "nobody reads the output any more",
}

_EXIT_OF: Final[Mapping[type[RegistryError], Exit]] = {
    VehicleNotFound: Exit.NOT_FOUND,
    ReportNotFound: Exit.NOT_FOUND,
    VehicleAlreadyRegistered: Exit.CONFLICT,
    VersionMismatch: Exit.CONFLICT,
    StorageError: Exit.STORAGE,
    RegistryError: Exit.REFUSED,
}


class Failure(click.ClickException):
    """The end of a command: one line on standard error and an exit code."""

    def __init__(self, message: str, code: Exit) -> None:
        """Take the line and the code."""
        super().__init__(message)
        self.exit_code = code  # type: ignore[misc]  # click declares it for the whole class

    @override
    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"vehicles: {click.style(self.message, fg='red')}", err=True, color=self.show_color)


@dataclass
class Session:
    """One run of the command line; `flags` are the settings given as options, by name."""

    flags: dict[str, str] = field(default_factory=dict)
    as_json: bool = False

    @cached_property
    def settings(self) -> Settings:
        """The settings, read from the environment and the flags when they are first asked for."""
        from vehicles.settings import ConfigurationError, Settings  # noqa: PLC0415 — pydantic is slow to import

        try:
            return Settings.read(os.environ, self.flags)
        except ConfigurationError as error:
            raise Failure(str(error), Exit.USAGE) from error

    def storage_place(self) -> str:
        """Return where the storage is and which setting says so, to stand behind a failure of it."""
        from vehicles.settings import Backend  # noqa: PLC0415 — as above

        if self.settings.backend is not Backend.SQLITE:
            return ""
        return f" (the data directory is {self.settings.data}, {self.settings.origin('data')})"

    @contextmanager
    def container(self, *, batch: bool = True) -> Iterator[Container]:
        """Yield the container for the settings, with the batch client unless HTTP requests wait for it."""
        settings = self.settings
        from vehicles.container import open_container  # noqa: PLC0415 — dependency-injector is slow to import
        from vehicles.settings import ConfigurationError  # noqa: PLC0415 — pydantic is slow to import

        try:
            with open_container(settings, batch=batch) as container:
                yield container
        except ConfigurationError as error:
            raise Failure(str(error), Exit.USAGE) from error


class VehiclesGroup(click.Group):
    """The top of the command line: turns what went wrong into one line and an exit code."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which they were added."""
        return list(self.commands)

    @override
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # Looked for now, since a command that is wrong is never parsed to its end.
        ctx.ensure_object(Session).as_json = "--json" in args
        return super().parse_args(ctx, args)

    @override
    def invoke(self, ctx: click.Context) -> Any:
        if os.environ.get("NO_COLOR"):
            ctx.color = False
        try:
            return self._invoke(ctx)
        except click.ClickException as error:
            if not ctx.ensure_object(Session).as_json:
                raise
            code = Exit(error.exit_code)
            talk(as_json({"error": {"code": code.name.lower(), "message": error.format_message()}}))
            ctx.exit(code)

    def _invoke(self, ctx: click.Context) -> object:
        try:
            result: object = super().invoke(ctx)
            click.echo(nl=False)  # writes what waits, here, where it can still be said that it failed
        except StorageError as error:
            message = f"{error}{ctx.ensure_object(Session).storage_place()}"
            raise Failure(message, exit_of(error)) from error
        except RegistryError as error:
            raise Failure(str(error), exit_of(error)) from error
        except KeyboardInterrupt:
            raise Failure("interrupted", Exit.INTERRUPTED) from None
        except OSError as error:
            _write_or_forget()
            if error.errno == errno.EPIPE:
                ctx.exit(Exit.NO_READER)
            place = f"{error.filename}: " if error.filename else ""
            reason = "standard output is closed" if error.errno == errno.EBADF else error.strerror or str(error)
            raise Failure(f"{place}{reason}", Exit.STORAGE) from error
        return result


class VehiclesCommand(click.Command):
    """A command that takes `--json`, and the global options also behind its name."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 — handed on to click as they are
        """Take what click.Command takes."""
        super().__init__(*arguments, **options)
        self.params += [
            click.Option(["--json", "as_json"], is_flag=True, help="Write JSON for programs."),
            *global_options(hidden=True),
        ]


def command(name: str) -> Callable[[Callable[..., None]], click.Command]:
    """Make a command of a function whose first argument is the session."""

    def decorate(function: Callable[..., None]) -> click.Command:
        return click.command(name, cls=VehiclesCommand)(click.pass_obj(function))

    return decorate


def global_options(*, hidden: bool) -> list[click.Parameter]:
    """Return the options that set a setting for one run."""
    described = {
        "backend": ("[sqlite|memory|aws]", "Where vehicles are kept."),
        "data": ("DIRECTORY", "The directory of the database and the reports."),
        "table": ("NAME", "The DynamoDB table of the backend aws."),
        "bucket": ("NAME", "The S3 bucket of the backend aws."),
        "stack": ("NAME", "The deployed stack whose table and bucket to use; means the backend aws."),
        "vin_policy": ("[strict|advisory]", "What a wrong check digit means where a law demands a right one."),
    }
    return [
        click.Option(
            [f"--{name.replace('_', '-')}"],
            metavar=metavar,
            help=f"{text} [VEHICLES_{name.upper()}]",
            expose_value=False,
            callback=remember_flag,
            hidden=hidden,
        )
        for name, (metavar, text) in described.items()
    ]


def remember_flag(ctx: click.Context, parameter: click.Parameter, value: str | None) -> None:
    """Keep the value of an option that is a setting."""
    if value is not None and parameter.name:
        ctx.ensure_object(Session).flags[parameter.name] = value


def exit_of(error: RegistryError) -> Exit:
    """Return the exit code of the nearest ancestor that has one."""
    return next(_EXIT_OF[kind] for kind in type(error).__mro__ if kind in _EXIT_OF)


def talk(line: str) -> None:
    """Say something to the person at the terminal."""
    click.echo(line, err=True)


def write_json(value: object, *, indent: int | None = None) -> None:
    """Write a value as JSON: on one line unless indented."""
    click.echo(as_json(value, indent=indent))


def as_json(value: object, *, indent: int | None = None) -> str:
    """Return a value as JSON: on one line unless indented."""
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _write_or_forget() -> None:
    """Write what waits to be written, or let it go nowhere, lest Python complain about it at its end."""
    try:
        click.echo(nl=False)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

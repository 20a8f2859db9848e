"""What all commands share: exit codes, global options, and error handling.

Heavy modules are imported when a command needs them, so that `vehicles --help` is fast.
"""

import errno
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any, Self, override

import click

from vehicles.domain.errors import (
    RegistryError,
    ReportNotFound,
    StorageError,
    VehicleAlreadyRegistered,
    VehicleNotFound,
    VersionMismatch,
)
from vehicles.entrypoints.fleet_files.excel import MissingExtra, UnwritableFile

if TYPE_CHECKING:
    from vehicles.container import Container
    from vehicles.settings import Settings


class Exit(IntEnum):
    """The exit codes of the commands. A number never changes its meaning."""

    meaning: str

    DONE = 0, "done"
    REFUSED = 1, "the input or some of its rows are not valid, or a check failed"
    USAGE = 2, "a usage error or an invalid setting"
    NOT_FOUND = 3, "not found"
    CONFLICT = 4, "already registered, or changed in the meantime"
    STORAGE = 5, "the storage is unreachable, busy, full, damaged or not set up"
    INTERRUPTED = 130, "interrupted"
    BROKEN_PIPE = 141, "broken pipe: the reader of the output has ended"

    def __new__(cls, code: int, meaning: str) -> Self:
        member = int.__new__(cls, code)
        member._value_, member.meaning = code, meaning
        return member


class Failure(click.ClickException):
    """Ends a command with one line on standard error and an exit code."""

    def __init__(self, message: str, code: Exit) -> None:
        super().__init__(message)
        self.exit_code = code  # type: ignore[misc]  # click declares it as a class variable

    @override
    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"vehicles: {click.style(self.message, fg='red')}", err=True, color=self.show_color)


@dataclass
class Session:
    """One run of the command line. `flags` has the settings given as options, by name."""

    flags: dict[str, str] = field(default_factory=dict)
    as_json: bool = False

    @cached_property
    def settings(self) -> "Settings":
        """The settings, read from the environment and the flags on first use. Raises Failure."""
        with configuration_errors():
            from vehicles.settings import Settings  # noqa: PLC0415 — not every command reads them

            return Settings.read(os.environ, self.flags)

    @contextmanager
    def container(self, *, batch: bool = True) -> Iterator["Container"]:
        """Yield the container, by default with the batch client of AWS. Raises Failure if a setting is wrong."""
        settings = self.settings
        from vehicles.container import open_container  # noqa: PLC0415 — dependency-injector is slow to import

        with configuration_errors(), open_container(settings, batch=batch) as container:
            yield container


@contextmanager
def configuration_errors() -> Iterator[None]:
    """Raise Failure instead of ConfigurationError."""
    from vehicles.settings import ConfigurationError  # noqa: PLC0415 — not every command reads them

    try:
        yield
    except ConfigurationError as error:
        raise Failure(str(error), Exit.USAGE) from error


class VehiclesGroup(click.Group):
    """The top of the command line. It turns every error into one line and an exit code."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    @override
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # Checked here, because parsing stops at the first wrong argument.
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
            code = Exit(error.exit_code)  # type: ignore[call-arg]  # looks up a member
            write_json({"error": {"code": code.name.lower(), "message": error.format_message()}}, err=True)
            ctx.exit(code)

    def _invoke(self, ctx: click.Context) -> object:
        try:
            result: object = super().invoke(ctx)
            click.echo(nl=False)  # flushes, while a failure can still be reported
        except RegistryError as error:
            message = str(error)
            if isinstance(error, StorageError):
                settings = ctx.ensure_object(Session).settings
                if settings.backend == "sqlite":
                    message += f" (the data directory is {settings.data}, {settings.origin('data')})"
            raise Failure(message, exit_of(error)) from error
        except MissingExtra as error:
            raise Failure(str(error), Exit.USAGE) from error
        except UnwritableFile as error:
            raise Failure(str(error), Exit.REFUSED) from error
        except KeyboardInterrupt:
            raise Failure("interrupted", Exit.INTERRUPTED) from None
        except OSError as error:
            try:
                click.echo(nl=False)
            except OSError:  # discard the buffered output: Python would flush it at exit, and fail again
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            if error.errno == errno.EPIPE:
                ctx.exit(Exit.BROKEN_PIPE)
            place = f"{error.filename}: " if error.filename else ""
            reason = "standard output is closed" if error.errno == errno.EBADF else error.strerror or str(error)
            raise Failure(f"{place}{reason}", Exit.STORAGE) from error
        return result


def command(name: str) -> Callable[[Callable[..., None]], click.Command]:
    """Make a command of a function whose first argument is the session.

    The command accepts `--json`, and the global options after its name.
    """

    def decorate(function: Callable[..., None]) -> click.Command:
        made = click.command(name)(click.pass_obj(function))
        made.params.append(click.Option(["--json", "as_json"], is_flag=True, help="Write JSON for programs."))
        made.params += global_options(hidden=True)
        return made

    return decorate


def global_options(*, hidden: bool) -> list[click.Parameter]:
    """Return the options that override a setting for one run."""
    described = {
        "backend": ("[sqlite|memory|aws]", "Where vehicles are stored."),
        "data": ("DIRECTORY", "The directory of the database and the reports."),
        "table": ("NAME", "The DynamoDB table of the backend aws."),
        "bucket": ("NAME", "The S3 bucket of the backend aws."),
        "stack": ("NAME", "The deployed stack whose table and bucket to use; implies the backend aws."),
        "vin_policy": ("[strict|advisory]", "Reject or accept a VIN whose legally required check digit is wrong."),
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
    """Store the value of an option that overrides a setting."""
    if value is not None and parameter.name:
        ctx.ensure_object(Session).flags[parameter.name] = value


def exit_of(error: RegistryError) -> Exit:
    match error:
        case VehicleNotFound() | ReportNotFound():
            return Exit.NOT_FOUND
        case VehicleAlreadyRegistered() | VersionMismatch():
            return Exit.CONFLICT
        case StorageError():
            return Exit.STORAGE
        case _:
            return Exit.REFUSED


def echo_err(line: str) -> None:
    click.echo(line, err=True)


def write_json(value: object, *, indent: int | None = None, err: bool = False) -> None:
    """Write a value as JSON, on one line unless `indent` is given."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=indent), err=err)

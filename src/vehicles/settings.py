"""The settings, read once from the environment and the flags of the command line. Flags take precedence.

Each setting has the origin of its value, for `vehicles doctor`.
They are a plain dataclass: a model of pydantic would take a fifth of the time of a command.
"""

import re
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

from vehicles.domain.vin.number import VinPolicy

PREFIX: Final = "VEHICLES_"
MIN_TOKEN_LENGTH: Final = 16
DATABASE: Final = "registry.sqlite3"
_APPLICATION: Final = "vehicles"
_MAX_PORT: Final = 65535
_ORIGIN: Final = r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?"


class Backend(StrEnum):
    """Where vehicles and reports are stored."""

    SQLITE = "sqlite"
    """A file and a directory on this machine."""

    MEMORY = "memory"
    """The memory of the process: all data is lost when it ends."""

    AWS = "aws"
    """A DynamoDB table and an S3 bucket."""


class ConfigurationError(Exception):
    """A setting is wrong. The message is one line: the variable or flag, its value, and what is allowed."""


def _user_data_directory() -> Path:
    try:
        import platformdirs  # noqa: PLC0415 — not installed in the functions on AWS
    except ModuleNotFoundError:
        return Path.cwd() / _APPLICATION
    return platformdirs.user_data_path(_APPLICATION, appauthor=False)


def _matching(pattern: str) -> Callable[[str], str]:
    """Accept a string only if all of it matches: `int` also accepts signs and other scripts, and Path accepts ""."""

    def read(text: str) -> str:
        if not re.fullmatch(pattern, text, re.ASCII):
            raise ValueError(f"does not match {pattern}")
        return text

    return read


def _read_port(text: str) -> int:
    port = int(_matching("[0-9]+")(text))
    if port > _MAX_PORT:
        raise ValueError(f"above {_MAX_PORT}")
    return port


@dataclass(frozen=True, slots=True)
class _Rule:
    """What is allowed as the value of a setting, in words, and what reads it from a string or raises ValueError."""

    allowed: str
    read: Callable[[str], Any]


_RULES: Final = {
    "backend": _Rule("sqlite, memory or aws", Backend),
    "data": _Rule("the path of a directory", lambda text: Path(_matching("(?s).+")(text)).absolute()),
    "table": _Rule(
        "the name of a DynamoDB table: 3 to 255 letters, digits, dots, hyphens and underscores",
        _matching("[A-Za-z0-9_.-]{3,255}"),
    ),
    "bucket": _Rule(
        "the name of an S3 bucket: 3 to 63 lower-case letters, digits, dots and hyphens",
        _matching("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"),
    ),
    "stack": _Rule(
        "the name of a CloudFormation stack: up to 128 letters, digits and hyphens, a letter first",
        _matching("[A-Za-z][A-Za-z0-9-]{0,127}"),
    ),
    "topic": _Rule("the ARN of an SNS topic", _matching("arn:[!-~]{1,500}")),
    "vin_policy": _Rule("strict or advisory", VinPolicy),
    "time_zone": _Rule("a name of the IANA time zone database, such as Europe/Berlin", ZoneInfo),
    "host": _Rule("a host name or an address, such as 127.0.0.1", _matching("[!-~]+")),
    "port": _Rule(f"a whole number from 0 to {_MAX_PORT}", _read_port),
    "summarize": _Rule("off, weekly or daily", _matching("off|weekly|daily")),
    "allowed_origins": _Rule(
        "origins separated by commas, such as https://fleet.example,http://localhost:5173: lower case, no path",
        lambda text: tuple(_matching(rf"{_ORIGIN}(?:, *{_ORIGIN})*")(text).replace(" ", "").split(",")),
    ),
    "token": _Rule(f"at least {MIN_TOKEN_LENGTH} visible ASCII characters", _matching(f"[!-~]{{{MIN_TOKEN_LENGTH},}}")),
}

NAMES: Final = tuple(_RULES)
"""The settings, by the names of their fields."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of a value: the built-in default, a variable, a flag or the outputs of a stack."""

    kind: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings. Only `Settings.read` checks the values."""

    backend: Backend = Backend.SQLITE
    data: Path = field(default_factory=_user_data_directory)
    table: str = "vehicle-demo"
    bucket: str | None = None
    stack: str | None = None
    topic: str | None = None
    vin_policy: VinPolicy = VinPolicy.STRICT
    time_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    host: str = "127.0.0.1"
    port: int = 8000
    summarize: str = "off"
    allowed_origins: tuple[str, ...] = ()
    token: str | None = field(default=None, repr=False)
    origins: Mapping[str, Origin] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, environment: Mapping[str, str], flags: Mapping[str, str]) -> Self:
        """Return the settings from the environment and the flags. The keys of `flags` are the names of the fields.

        An empty variable counts as not set. A stack implies the backend aws.
        Raises ConfigurationError for the first wrong value.
        """
        texts: dict[str, str] = {}
        origins: dict[str, Origin] = {}
        for name in NAMES:
            variable = variable_of(name)
            if name in flags:
                texts[name], origins[name] = flags[name], Origin("flag", f"--{name.replace('_', '-')}")
            elif environment.get(variable):
                texts[name], origins[name] = environment[variable], Origin("environment", variable)
        if "stack" in texts and "backend" not in texts:
            texts["backend"], origins["backend"] = Backend.AWS, origins["stack"]
        settings = cls(
            **{name: _read(name, texts[name], origins[name]) for name in NAMES if name in texts}, origins=origins
        )
        if settings.stack is not None and settings.backend is not Backend.AWS:
            wrong = origins["backend"].name
            raise ConfigurationError(
                f"{origins['stack'].name} requires the backend aws, but {wrong} is {settings.backend}"
            )
        return settings

    def completed(self, table: str, bucket: str, time_zone: str | None) -> Self:
        """Return the settings with the outputs of the stack in place of all defaults. Old stacks have no time zone."""
        outputs = {"table": table, "bucket": bucket, "time_zone": ZoneInfo(time_zone) if time_zone else self.time_zone}
        found: dict[str, Any] = {name: value for name, value in outputs.items() if name not in self.origins}
        origins = {name: Origin("stack", str(self.stack)) for name in found if name != "time_zone" or time_zone}
        return replace(self, **found, origins={**self.origins, **origins})

    @property
    def database(self) -> Path:
        """The SQLite file of the vehicles."""
        return self.data / DATABASE

    @property
    def report_folder(self) -> Path:
        """The folder of the reports. It contains nothing else."""
        return self.data / "reports"

    def origin(self, name: str) -> Origin:
        """Return the origin of the value of a field."""
        return self.origins.get(name, Origin("default"))

    def shown(self, name: str) -> str:
        """Return the value of a field for display. A secret is only shown as set or not set."""
        value = getattr(self, name)
        if value is None or value == ():
            return "not set"
        if isinstance(value, tuple):
            return ", ".join(value)
        return "set" if name == "token" else str(value)

    def require_bucket(self) -> str:
        """Return the bucket. Raises ConfigurationError if it is not set."""
        if self.bucket is None:
            raise ConfigurationError(
                f"no bucket for the summaries is set: set {variable_of('bucket')}, or give --bucket or --stack"
            )
        return self.bucket

    def require_token_where_public(self) -> None:
        """Raise ConfigurationError if other machines can reach the server and no token is set."""
        if self.token is None and not is_loopback(self.host):
            raise ConfigurationError(
                f"{self.host} can be reached from other machines: "
                f"set {variable_of('token')} to a secret of {_RULES['token'].allowed} first"
            )


def variable_of(name: str) -> str:
    """Return the environment variable of a field."""
    return PREFIX + name.upper()


def unknown_variables(environment: Mapping[str, str]) -> AbstractSet[str]:
    """Return the variables that look like settings but are not; most are typing errors."""
    known = {variable_of(name) for name in NAMES}
    return {variable for variable in environment if variable.startswith(PREFIX)} - known


def is_loopback(host: str) -> bool:
    """Return whether a host name or address always means this machine. IPv6 addresses may have brackets."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower().removesuffix(".") == "localhost"


def _read(name: str, text: str, origin: Origin) -> Any:  # noqa: ANN401 — each setting has a type of its own
    """Return the value of a setting. Raises ConfigurationError if it is wrong; the error does not show a secret."""
    rule = _RULES[name]
    try:
        return rule.read(text)
    except (ValueError, LookupError, OSError):  # the last two for an unknown time zone
        wrong = f"{origin.name}: the value is wrong" if name == "token" else f"{origin.name} is {text!a}"
        raise ConfigurationError(f"{wrong}; it must be {rule.allowed}") from None

"""The settings, read once from the environment and the flags of the command line. Flags take precedence.

Each setting has the origin of its value, for `vehicles doctor`.
"""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
)

from vehicles.domain.vin.number import VinPolicy

PREFIX: Final = "VEHICLES_"
MIN_TOKEN_LENGTH: Final = 16
DATABASE: Final = "registry.sqlite3"
_APPLICATION: Final = "vehicles"


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


def _matching(pattern: str) -> BeforeValidator:
    """Accept a text only if all of it matches: `int` also accepts signs and other scripts, and Path accepts ""."""

    def check(value: object) -> object:
        if isinstance(value, str) and not re.fullmatch(pattern, value, re.ASCII):
            raise ValueError(f"does not match {pattern}")
        return value

    return BeforeValidator(check)


_RULES: Final = {
    "backend": "sqlite, memory or aws",
    "data": "the path of a directory",
    "table": "the name of a DynamoDB table: 3 to 255 letters, digits, dots, hyphens and underscores",
    "bucket": "the name of an S3 bucket: 3 to 63 lower-case letters, digits, dots and hyphens",
    "stack": "the name of a CloudFormation stack: up to 128 letters, digits and hyphens, a letter first",
    "topic": "the ARN of an SNS topic",
    "vin_policy": "strict or advisory",
    "time_zone": "a name of the IANA time zone database, such as Europe/Berlin",
    "host": "a host name or an address, such as 127.0.0.1",
    "port": "a whole number from 0 to 65535",
    "token": f"at least {MIN_TOKEN_LENGTH} visible ASCII characters",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of a value: the built-in default, a variable, a flag or the outputs of a stack."""

    kind: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".rstrip()


class Settings(BaseModel):
    """All settings, frozen. Create them with `Settings.read`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    backend: Backend = Backend.SQLITE
    data: Annotated[Path, _matching("(?s).+"), AfterValidator(Path.absolute)] = Field(
        default_factory=_user_data_directory
    )
    table: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{3,255}$")] = "vehicle-demo"
    bucket: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")] | None = None
    stack: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,127}$")] | None = None
    topic: Annotated[str, Field(pattern=r"^arn:[!-~]{1,500}$")] | None = None
    vin_policy: VinPolicy = VinPolicy.STRICT
    time_zone: ZoneInfo = Field(default_factory=lambda: ZoneInfo("UTC"))
    host: Annotated[str, Field(pattern=r"^[!-~]+$")] = "127.0.0.1"
    port: Annotated[int, _matching("[0-9]+"), Field(ge=0, le=65535)] = 8000
    token: Annotated[SecretStr, _matching(rf"[!-~]{{{MIN_TOKEN_LENGTH},}}")] | None = None

    _origins: Mapping[str, Origin] = PrivateAttr(default_factory=dict)

    @classmethod
    def read(cls, environment: Mapping[str, str], flags: Mapping[str, str]) -> Self:
        """Return the settings from the environment and the flags. The keys of `flags` are the names of the fields.

        An empty variable counts as not set. A stack implies the backend aws.
        Raises ConfigurationError for the first wrong value.
        """
        values: dict[str, str] = {}
        origins: dict[str, Origin] = {}
        for name in cls.model_fields:
            variable = variable_of(name)
            if name in flags:
                values[name], origins[name] = flags[name], Origin("flag", f"--{name.replace('_', '-')}")
            elif environment.get(variable):
                values[name], origins[name] = environment[variable], Origin("environment", variable)
        if "stack" in values and "backend" not in values:
            values["backend"], origins["backend"] = Backend.AWS, origins["stack"]
        try:
            settings = cls.model_validate(values)
        except ValidationError as error:
            wrong = str(error.errors()[0]["loc"][0])
            raise ConfigurationError(_sentence(wrong, values[wrong], origins[wrong])) from None
        if settings.stack is not None and settings.backend is not Backend.AWS:
            wrong = origins["backend"].name
            raise ConfigurationError(
                f"{origins['stack'].name} requires the backend aws, but {wrong} is {settings.backend}"
            )
        settings._origins = origins  # noqa: SLF001 — of this class
        return settings

    def completed(self, table: str, bucket: str, time_zone: str | None) -> Self:
        """Return the settings with the outputs of the stack in place of all defaults. Old stacks have no time zone."""
        outputs = {"table": table, "bucket": bucket, "time_zone": ZoneInfo(time_zone) if time_zone else self.time_zone}
        found = {name: value for name, value in outputs.items() if name not in self._origins}
        settings = self.model_copy(update=found)
        origins = {name: Origin("stack", str(self.stack)) for name in found if name != "time_zone" or time_zone}
        settings._origins = {**self._origins, **origins}  # noqa: SLF001 — of this class
        return settings

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
        return self._origins.get(name, Origin("default"))

    def shown(self, name: str) -> str:
        """Return the value of a field for display. A secret is only shown as set or not set."""
        value = getattr(self, name)
        if value is None:
            return "not set"
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
                f"set {variable_of('token')} to a secret of {_RULES['token']} first"
            )


def variable_of(name: str) -> str:
    """Return the environment variable of a field."""
    return PREFIX + name.upper()


def unknown_variables(environment: Mapping[str, str]) -> AbstractSet[str]:
    """Return the variables that look like settings but are not; most are typing errors."""
    known = {variable_of(name) for name in Settings.model_fields}
    return {variable for variable in environment if variable.startswith(PREFIX)} - known


def is_loopback(host: str) -> bool:
    """Return whether a host name or address always means this machine. IPv6 addresses may have brackets."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower().removesuffix(".") == "localhost"


def _sentence(name: str, value: str, origin: Origin) -> str:
    if name == "token":
        return f"{origin.name}: the value is wrong; allowed is {_RULES[name]}"
    return f"{origin.name} is {value!a}; allowed is {_RULES[name]}"

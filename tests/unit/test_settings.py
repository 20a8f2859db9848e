"""The settings: where each value comes from, and one line for a wrong one."""

import re
import sys
from dataclasses import fields
from pathlib import Path
from zoneinfo import ZoneInfo

import platformdirs
import pytest

from vehicles.domain.vin.number import VinPolicy
from vehicles.settings import NAMES, Backend, ConfigurationError, Settings, unknown_variables, variable_of

TOKEN = "correct-horse-battery"  # noqa: S105 — of a test


@pytest.mark.parametrize(
    ("name", "value"),
    (
        ("backend", Backend.SQLITE),
        ("table", "vehicle-demo"),
        ("bucket", None),
        ("stack", None),
        ("data", platformdirs.user_data_path("vehicles", appauthor=False)),
        ("vin_policy", VinPolicy.STRICT),
        ("time_zone", ZoneInfo("UTC")),
        ("host", "127.0.0.1"),
        ("port", 8000),
        ("summarize", "off"),
        ("token", None),
    ),
)
def test_default_of_setting(name: str, value: object) -> None:
    assert getattr(Settings.read({}, {}), name) == value


@pytest.mark.parametrize(
    ("name", "text", "value"),
    (
        ("backend", "memory", Backend.MEMORY),
        ("backend", "aws", Backend.AWS),
        ("table", "Vehicle_1.test", "Vehicle_1.test"),
        ("table", "t" * 255, "t" * 255),
        ("bucket", "vehicle-summary-1", "vehicle-summary-1"),
        ("stack", "vehicles-dev", "vehicles-dev"),
        ("data", "/srv/fleet", Path("/srv/fleet")),
        ("vin_policy", "advisory", VinPolicy.ADVISORY),
        ("time_zone", "Europe/Berlin", ZoneInfo("Europe/Berlin")),
        ("host", "::1", "::1"),
        ("port", "0", 0),
        ("port", "65535", 65535),
    ),
)
def test_variable_sets_value(name: str, text: str, value: object) -> None:
    assert getattr(Settings.read({variable_of(name): text}, {}), name) == value


def test_every_field_has_a_rule() -> None:
    assert tuple(field.name for field in fields(Settings) if field.name != "origins") == NAMES


def test_flag_wins_over_variable() -> None:
    assert Settings.read({"VEHICLES_PORT": "1"}, {"port": "2"}).port == 2


def test_empty_variable_counts_as_unset() -> None:
    assert Settings.read({"VEHICLES_PORT": ""}, {}).port == 8000


def test_data_is_made_absolute() -> None:
    assert Settings.read({}, {"data": "fleet"}).data == Path.cwd() / "fleet"


@pytest.mark.parametrize(
    ("environment", "flags", "origin"),
    (
        ({}, {}, "default"),
        ({"VEHICLES_VIN_POLICY": "strict"}, {}, "environment VEHICLES_VIN_POLICY"),
        ({"VEHICLES_VIN_POLICY": "strict"}, {"vin_policy": "strict"}, "flag --vin-policy"),
    ),
)
def test_origin_is_known(environment: dict[str, str], flags: dict[str, str], origin: str) -> None:
    assert str(Settings.read(environment, flags).origin("vin_policy")) == origin


@pytest.mark.parametrize(
    ("name", "text"),
    (
        ("backend", "postgres"),
        ("backend", "SQLITE"),
        ("table", "ab"),
        ("table", "t" * 256),
        ("table", "arn:aws:dynamodb"),
        ("table", "name\n"),
        ("bucket", "Summaries"),
        ("bucket", "-summaries"),
        ("bucket", "s3://summaries"),
        ("stack", "1st"),
        ("stack", "two words"),
        ("vin_policy", "lax"),
        ("time_zone", "Europe/Atlantis"),
        ("time_zone", "../../etc/passwd"),
        ("time_zone", "+01:00"),
        ("host", "two words"),
        ("port", "x"),
        ("port", "-1"),
        ("port", "65536"),
        ("port", " 80"),
        ("port", "8_0"),
        ("port", "٨٠"),
        ("port", "80.0"),
    ),
)
def test_wrong_value_is_named(name: str, text: str) -> None:
    with pytest.raises(ConfigurationError, match="^" + re.escape(f"{variable_of(name)} is {text!a}; it must be ")):
        Settings.read({variable_of(name): text}, {})


@pytest.mark.parametrize("name", ("data", "host", "port", "backend", "table", "bucket", "stack", "vin_policy"))
def test_empty_flag_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^--{name.replace('_', '-')} is ''; it must be "):
        Settings.read({}, {name: ""})


def test_wrong_value_makes_one_harmless_line() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.read({}, {"backend": "\x1b[2J\nnext"})
    assert str(caught.value).isprintable()


def test_stack_means_aws() -> None:
    settings = Settings.read({}, {"stack": "vehicles-dev"})
    assert (settings.backend, str(settings.origin("backend"))) == (Backend.AWS, "flag --stack")


def test_stack_beside_other_backend_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"^--stack requires the backend aws, but VEHICLES_BACKEND is sqlite$"):
        Settings.read({"VEHICLES_BACKEND": "sqlite"}, {"stack": "vehicles-dev"})


def test_stack_completes_settings() -> None:
    settings = Settings.read({}, {"stack": "vehicles-dev"}).completed("vehicle-dev", "summaries-dev", "Europe/Berlin")
    shown = (settings.table, settings.bucket, str(settings.time_zone))
    assert shown == ("vehicle-dev", "summaries-dev", "Europe/Berlin")


def test_older_stack_leaves_time_zone() -> None:
    named = Settings.read({"VEHICLES_TIME_ZONE": "Asia/Tokyo"}, {"stack": "vehicles-dev"})
    settings = named.completed("vehicle-dev", "summaries-dev", None)
    assert (str(settings.time_zone), str(settings.origin("time_zone"))) == (
        "Asia/Tokyo",
        "environment VEHICLES_TIME_ZONE",
    )


def test_stack_is_shown_as_origin() -> None:
    settings = Settings.read({}, {"stack": "vehicles-dev"}).completed("vehicle-dev", "summaries-dev", None)
    assert str(settings.origin("table")) == "stack vehicles-dev"


def test_named_table_wins_over_stack() -> None:
    named = Settings.read({"VEHICLES_TABLE": "mine"}, {"stack": "vehicles-dev"})
    settings = named.completed("vehicle-dev", "summaries-dev", None)
    assert (settings.table, str(settings.origin("table"))) == ("mine", "environment VEHICLES_TABLE")


def test_missing_bucket_says_how_to_name_it() -> None:
    with pytest.raises(ConfigurationError, match=r"set VEHICLES_BUCKET, or give --bucket or --stack$"):
        Settings(backend=Backend.AWS).require_bucket()


def test_data_directory_needs_no_platformdirs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "platformdirs", None)  # as where only the cloud is at home
    monkeypatch.chdir(tmp_path)
    assert Settings().data == tmp_path / "vehicles"


@pytest.mark.parametrize("token", ("short", "f" * 15, "with blanks in between", "schlüsselschlüssel"))
def test_weak_token_is_refused_and_not_shown(token: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^VEHICLES_TOKEN: the value is wrong; ") as caught:
        Settings.read({"VEHICLES_TOKEN": token}, {})
    assert token not in str(caught.value)


def test_token_is_read() -> None:
    assert Settings.read({"VEHICLES_TOKEN": TOKEN}, {}).token == TOKEN


def test_token_is_not_in_repr() -> None:
    assert TOKEN not in repr(Settings.read({"VEHICLES_TOKEN": TOKEN}, {}))


@pytest.mark.parametrize(("environment", "shown"), (({}, "not set"), ({"VEHICLES_TOKEN": TOKEN}, "set")))
def test_token_is_shown_as_set_or_not(environment: dict[str, str], shown: str) -> None:
    assert Settings.read(environment, {}).shown("token") == shown


@pytest.mark.parametrize("host", ("127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost"))
def test_loopback_needs_no_token(host: str) -> None:
    Settings(host=host).require_token_where_public()


@pytest.mark.parametrize("host", ("0.0.0.0", "::", "192.0.2.7", "example.org"))  # noqa: S104 — refused is the point
def test_public_host_needs_token(host: str) -> None:
    with pytest.raises(ConfigurationError, match="set VEHICLES_TOKEN"):
        Settings(host=host).require_token_where_public()


def test_public_host_with_token_passes() -> None:
    Settings.read({"VEHICLES_TOKEN": TOKEN}, {"host": "0.0.0.0"}).require_token_where_public()  # noqa: S104 — with a token


def test_unknown_variables_are_found() -> None:
    environment = {"VEHICLES_DATABASE": "x", "VEHICLES_DATA": "y", "HOME": "z"}
    assert unknown_variables(environment) == {"VEHICLES_DATABASE"}

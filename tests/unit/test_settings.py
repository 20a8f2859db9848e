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


def test_defaults_are_those_of_one_machine() -> None:
    settings = Settings.read({"VEHICLES_PORT": ""}, {})  # an empty variable counts as none
    assert settings == Settings(
        backend=Backend.SQLITE,
        table="vehicle-demo",
        bucket=None,
        stack=None,
        data=platformdirs.user_data_path("vehicles", appauthor=False),
        vin_policy=VinPolicy.STRICT,
        time_zone=ZoneInfo("UTC"),
        host="127.0.0.1",
        port=8000,
        summarize="off",
        allowed_origins=(),
        token=None,
        origins=settings.origins,
    )


@pytest.mark.parametrize(
    ("name", "text", "value"),
    (
        ("backend", "memory", Backend.MEMORY),
        ("backend", "aws", Backend.AWS),
        ("data", "/srv/fleet", Path("/srv/fleet")),
        ("vin_policy", "advisory", VinPolicy.ADVISORY),
        ("time_zone", "Europe/Berlin", ZoneInfo("Europe/Berlin")),
        *(("table", text, text) for text in ("Vehicle_1.test", "t" * 255)),
        *((name, text, text) for name, text in (("bucket", "vehicle-summary-1"), ("stack", "vehicles-dev"))),
        *((name, text, text) for name, text in (("host", "::1"), ("token", TOKEN))),
        *(("port", text, int(text)) for text in ("0", "65535")),
        ("allowed_origins", "https://a.example", ("https://a.example",)),
        ("allowed_origins", "http://[::1]:80, http://b:8080", ("http://[::1]:80", "http://b:8080")),
    ),
)
def test_variable_sets_value(name: str, text: str, value: object) -> None:
    assert getattr(Settings.read({variable_of(name): text}, {}), name) == value


def test_every_field_has_a_rule() -> None:
    assert tuple(field.name for field in fields(Settings) if field.name != "origins") == NAMES


def test_data_is_made_absolute() -> None:
    assert Settings.read({}, {"data": "fleet"}).data == Path.cwd() / "fleet"


@pytest.mark.parametrize(
    ("environment", "flags", "origin"),
    (
        ({}, {}, "default"),
        ({"VEHICLES_VIN_POLICY": "strict"}, {}, "environment VEHICLES_VIN_POLICY"),
        ({"VEHICLES_VIN_POLICY": "advisory"}, {"vin_policy": "strict"}, "flag --vin-policy"),
    ),
)
def test_origin_is_known(environment: dict[str, str], flags: dict[str, str], origin: str) -> None:
    settings = Settings.read(environment, flags)
    assert (settings.vin_policy, str(settings.origin("vin_policy"))) == (VinPolicy.STRICT, origin)


@pytest.mark.parametrize(
    ("name", "texts"),
    (
        ("backend", ("postgres", "SQLITE")),
        ("table", ("ab", "t" * 256, "arn:aws:dynamodb", "name\n")),
        ("bucket", ("Summaries", "-summaries", "s3://summaries")),
        ("stack", ("1st", "two words")),
        ("vin_policy", ("lax",)),
        ("time_zone", ("Europe/Atlantis", "../../etc/passwd", "+01:00")),
        ("host", ("two words",)),
        ("port", ("x", "-1", "65536", " 80", "8_0", "٨٠", "80.0")),
        ("allowed_origins", ("*", "null", "fleet.example", "https://a/", "https://A.example", "https://a,", "ftp://a")),
    ),
)
def test_wrong_value_is_named(name: str, texts: tuple[str, ...]) -> None:
    for text in texts:
        with pytest.raises(ConfigurationError, match="^" + re.escape(f"{variable_of(name)} is {text!a}; it must be ")):
            Settings.read({variable_of(name): text}, {})


@pytest.mark.parametrize("name", ("data", "host", "port", "backend", "table", "bucket", "stack", "vin_policy"))
def test_empty_flag_is_rejected(name: str) -> None:
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


def test_stack_completes_what_is_not_named() -> None:
    named = Settings.read({"VEHICLES_TABLE": "mine"}, {"stack": "vehicles-dev"})
    settings = named.completed("vehicle-dev", "summaries-dev", "Europe/Berlin")
    assert (settings.table, str(settings.origin("table"))) == ("mine", "environment VEHICLES_TABLE")
    assert (settings.bucket, str(settings.origin("bucket"))) == ("summaries-dev", "stack vehicles-dev")
    assert str(settings.time_zone) == "Europe/Berlin"


def test_older_stack_leaves_time_zone() -> None:
    named = Settings.read({"VEHICLES_TIME_ZONE": "Asia/Tokyo"}, {"stack": "vehicles-dev"})
    settings = named.completed("vehicle-dev", "summaries-dev", None)
    assert str(settings.time_zone) == "Asia/Tokyo"
    assert str(settings.origin("time_zone")) == "environment VEHICLES_TIME_ZONE"


def test_missing_bucket_says_how_to_name_it() -> None:
    with pytest.raises(ConfigurationError, match=r"set VEHICLES_BUCKET, or give --bucket or --stack$"):
        Settings(backend=Backend.AWS).require_bucket()


def test_data_directory_needs_no_platformdirs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "platformdirs", None)  # as where only the cloud is at home
    monkeypatch.chdir(tmp_path)
    assert Settings().data == tmp_path / "vehicles"


@pytest.mark.parametrize("token", ("short", "f" * 15, "with blanks in between", "schlüsselschlüssel"))
def test_weak_token_is_rejected_and_not_shown(token: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^VEHICLES_TOKEN: the value is wrong; ") as caught:
        Settings.read({"VEHICLES_TOKEN": token}, {})
    assert token not in str(caught.value)


@pytest.mark.parametrize(("text", "shown"), (("", "not set"), ("http://a,http://b:1", "http://a, http://b:1")))
def test_allowed_origins_are_shown(text: str, shown: str) -> None:
    assert Settings.read({"VEHICLES_ALLOWED_ORIGINS": text}, {}).shown("allowed_origins") == shown


@pytest.mark.parametrize(("environment", "shown"), (({}, "not set"), ({"VEHICLES_TOKEN": TOKEN}, "set")))
def test_token_is_shown_as_set_or_not(environment: dict[str, str], shown: str) -> None:
    settings = Settings.read(environment, {})
    assert (settings.shown("token"), TOKEN in repr(settings)) == (shown, False)


@pytest.mark.parametrize("host", ("127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost"))
def test_loopback_needs_no_token(host: str) -> None:
    Settings(host=host).require_token_where_public()


@pytest.mark.parametrize("host", ("0.0.0.0", "::", "192.0.2.7", "example.org"))  # noqa: S104 — refused is the point
def test_public_host_needs_token(host: str) -> None:
    with pytest.raises(ConfigurationError, match="set VEHICLES_TOKEN"):
        Settings(host=host).require_token_where_public()
    Settings(host=host, token=TOKEN).require_token_where_public()


def test_unknown_variables_are_found() -> None:
    environment = {"VEHICLES_DATABASE": "x", "VEHICLES_DATA": "y", "HOME": "z"}
    assert unknown_variables(environment) == {"VEHICLES_DATABASE"}

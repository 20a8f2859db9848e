"""Credentials as people have them: each kind works, or `vehicles` ends with one sentence that says what to do."""

import hashlib
import json
import os
import socket
import subprocess
from pathlib import Path
from typing import Final

import pytest
from botocore.exceptions import LoginRefreshRequired, LoginTokenLoadError

from tests.support.command_line import VIN, CommandLine
from tests.support.emulator import aws_settings
from tests.support.failing_service import Behaviour, answer, read_request, serving
from vehicles.adapters.aws.credentials import fault_of
from vehicles.entrypoints.cli.terminal import Exit
from vehicles.testing.racing import started

EXPORT: Final = 'eval "$(aws configure export-credentials --profile work --format env)"'
SSO: Final = """[profile work]
sso_session = company
sso_account_id = 111122223333
sso_role_name = fleet
[sso-session company]
sso_region = eu-central-1
sso_start_url = https://company.example/start
"""
LEGACY_SSO: Final = """[profile work]
sso_region = eu-central-1
sso_start_url = https://company.example/start
sso_account_id = 111122223333
sso_role_name = fleet
"""
ROLE: Final = """[profile work]
role_arn = arn:aws:iam::111122223333:role/fleet
source_profile = base
{more}
[profile base]
aws_access_key_id = KEY
aws_secret_access_key = secret
"""
MFA: Final = ROLE.format(more="mfa_serial = arn:aws:iam::111122223333:mfa/me")
LOGIN: Final = "[profile work]\nlogin_session = arn:aws:iam::111122223333:user/me\n"
KEYS: Final = "[profile work]\naws_access_key_id = KEY\naws_secret_access_key = secret\n"
TABLE: Final = {"VEHICLES_BACKEND": "aws", "VEHICLES_TABLE": "table"}
LOG_IN: Final = "run `aws sso login --profile work`"
IDENTITY: Final = "`aws sts get-caller-identity --profile work`"
OF_PROCESS: Final = "the credential_process itself"
GARBAGE: Final = (
    "hello",
    "[]",
    "{}",
    '{"Version": 2}',
    '{"Version": 1, "AccessKeyId": "KEY"}',
    '{"Version": 1, "AccessKeyId": "KEY", "SecretAccessKey": "s", "Expiration": "soon"}',
    '{"Version": 1, "AccessKeyId": "K", "SecretAccessKey": "s", "Expiration": "2020-01-01T00:00Z"}',
)
DENYING: Final = answer(400, "AccessDeniedException")
"""The service is asked, with credentials, as this shows."""


def of_process(command: str) -> str:
    return f"[profile work]\ncredential_process = {command}\n"


def refuse_json(status: int, code: str) -> Behaviour:
    """Refuse as services do that speak JSON over REST, such as that of SSO."""

    def respond(connection: socket.socket) -> None:
        read_request(connection)
        body = json.dumps({"__type": code})
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        connection.sendall((head + body).encode())

    return respond


type Ending = tuple[int, str]
"""An exit code, and what was written to standard error."""


def checked(code: int, message: str) -> Ending:
    assert "Traceback" not in message
    assert "something is not set up" not in message
    return code, message


def ending(folder: Path, config: str, behave: Behaviour = DENYING) -> Ending:
    """Return how `vehicles get` ends where the file of settings is this one."""
    (folder / "config").write_text(config)
    no_keys = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_PROFILE": "work"}
    with serving(behave) as address, aws_settings(address, AWS_CONFIG_FILE=str(folder / "config"), **no_keys):
        result = CommandLine(folder / "data", TABLE).run("get", VIN)
    return checked(result.exit_code, result.stderr)


def ending_apart(home: Path, config: str, behave: Behaviour = DENYING) -> Ending:
    """As `ending`, in a process of its own, whose home has the file, and whose standard input stays open and silent."""
    (home / ".aws").mkdir(exist_ok=True)
    (home / ".aws" / "config").write_text(config)
    with serving(behave) as address, aws_settings(address):
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            del os.environ[name]
        line = CommandLine(home / "data", {**TABLE, "AWS_PROFILE": "work", "HOME": str(home)})
        with line.start("get", VIN, stdin=subprocess.PIPE) as process:
            assert process.stderr is not None
            message = started(process.stderr.read).result(60).decode()
            return checked(process.wait(timeout=60), message)


def keep_sso_token(home: Path, key: str, expires: str) -> None:
    cache = home / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True)
    token = {"accessToken": "token", "expiresAt": expires, "startUrl": "https://company.example/start"}
    (cache / f"{hashlib.sha1(key.encode()).hexdigest()}.json").write_text(json.dumps(token))  # noqa: S324 — the SDK's name


CASES: Final[dict[str, tuple[str, str]]] = {
    "SSO without a login": (SSO, LOG_IN),
    "older SSO without a login": (LEGACY_SSO, LOG_IN),
    "login": (LOGIN, EXPORT),
    "process that fails": (of_process("false"), IDENTITY),
    "process that is not there": (of_process("/no/such/program"), IDENTITY),
    "no such profile": (KEYS.replace("work", "home"), "there is no profile work"),
    "broken file": ("[profile work\n", "`aws configure list`"),
    "half of a key": (KEYS.partition("aws_secret")[0], "`aws configure list --profile work`"),
    "role of nobody": ("[profile work]\nrole_arn = arn:aws:iam::1:role/x\n", "`aws configure list --profile work`"),
    "role of an absent profile": (
        "[profile work]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = base\n",
        "correct it in ~/.aws/config",
    ),
    "no credentials": ("[profile work]\nregion = eu-central-1\n", "there are no valid credentials: set AWS_PROFILE"),
    **{f"process that writes {text}": (of_process(f"echo '{text}'"), OF_PROCESS) for text in GARBAGE},
}


@pytest.mark.parametrize(("config", "resolution"), CASES.values(), ids=CASES)
def test_missing_credentials_are_explained(tmp_path: Path, config: str, resolution: str) -> None:
    code, message = ending(tmp_path, config)
    assert (code, resolution in message) == (Exit.STORAGE, True), message


@pytest.mark.parametrize(
    ("config", "key", "expires", "behave"),
    (
        (SSO, "company", "2020-01-01T00:00:00Z", DENYING),
        (LEGACY_SSO, "https://company.example/start", "2020-01-01T00:00:00Z", DENYING),
        (SSO, "company", "2199-01-01T00:00:00Z", refuse_json(401, "UnauthorizedException")),
    ),
    ids=("expired", "older and expired", "revoked"),
)
def test_ended_sso_login_is_explained(tmp_path: Path, config: str, key: str, expires: str, behave: Behaviour) -> None:
    keep_sso_token(tmp_path, key, expires)
    code, message = ending_apart(tmp_path, config, behave)
    assert (code, LOG_IN in message) == (Exit.STORAGE, True), message


def test_code_of_mfa_is_not_waited_for(tmp_path: Path) -> None:
    code, message = ending_apart(tmp_path, MFA)
    assert (code, EXPORT in message) == (Exit.STORAGE, True), message


@pytest.mark.parametrize(
    ("error", "resolution"),
    (
        ("ExpiredTokenException", "`aws sso login --profile work`"),
        ("UnrecognizedClientException", IDENTITY),
        ("InvalidSignatureException", "the clock of this machine is wrong"),
    ),
)
def test_refused_keys_are_explained(tmp_path: Path, error: str, resolution: str) -> None:
    code, message = ending(tmp_path, KEYS, answer(400, error))
    assert (code, resolution in message) == (Exit.STORAGE, True), message


@pytest.mark.parametrize(
    "config", (KEYS, of_process("""echo '{"Version": 1, "AccessKeyId": "KEY", "SecretAccessKey": "secret"}'"""))
)
def test_keys_of_a_profile_work(tmp_path: Path, config: str) -> None:
    assert "lack a permission" in ending(tmp_path, config)[1]


def test_error_output_of_a_process_is_kept_back(tmp_path: Path) -> None:
    assert "a-secret" not in ending(tmp_path, of_process("sh -c 'echo a-secret >&2; exit 1'"))[1]


@pytest.mark.parametrize("error", (LoginRefreshRequired(), LoginTokenLoadError(error_msg="no token")))
def test_expired_login_is_explained(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "work")
    assert fault_of(error) == "the login is missing or has expired: run `aws login --profile work`"


def test_other_errors_are_not_of_credentials() -> None:
    assert fault_of(ValueError("of something else")) is None

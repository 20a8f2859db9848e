"""Explains errors of credentials in a sentence that says what to do.

It imports only the SDK, because the deployment scripts use it too. docs/credentials.md is the page for users.
Messages of the SDK are not repeated: they may contain the error output of a `credential_process`.
"""

import getpass
import os
import sys
from collections.abc import Mapping
from threading import current_thread, main_thread
from traceback import walk_tb
from typing import Final

import boto3
from botocore import exceptions as sdk


class MfaCodeNeeded(sdk.BotoCoreError):
    """A role requires an MFA code, and nobody can type it."""

    fmt = "A role requires an MFA code, and nobody can type it."


_EXPORT: Final = 'eval "$(aws configure export-credentials{profile} --format env)"'
_NOT_KNOWN: Final = "the credentials are unknown: `aws sts get-caller-identity{profile}` shows whose they are"
_WRONG_KEY: Final = "the secret key does not belong to the access key, or the clock of this machine is wrong"
_EXPIRED: Final = (
    "the credentials have expired: get new ones with `aws sso login{profile}` or `aws login{profile}`, or from where "
    "you got these"
)
_OF_ERRORS: Final[Mapping[str, str]] = {
    "NoCredentialsError": (
        "there are no valid credentials: set AWS_PROFILE, or run `aws configure`, `aws sso login` or `aws login`"
    ),
    "ProfileNotFound": "there is no profile{name}: `aws configure list-profiles` lists the existing ones",
    "SSOError": "the SSO login is missing or has expired: run `aws sso login{profile}`",
    "TokenRetrievalError": "the SSO login is missing or has expired: run `aws sso login{profile}`",
    "LoginInsufficientPermissions": (
        "the login lacks the permission signin:CreateOAuth2Token: ask the administrator of the account"
    ),
    "LoginError": "the login is missing or has expired: run `aws login{profile}`",
    "MissingDependencyException": (
        f"credentials of `aws login` need a package: run `pip install 'botocore[crt]'`, or `{_EXPORT}`"
    ),
    "MfaCodeNeeded": f"a role requires an MFA code, which nobody can type here: run `{_EXPORT}` first",
    "RefreshWithMFAUnsupportedError": f"the MFA session has expired: run `{_EXPORT}`",
    "ConfigParseError": "~/.aws/config or ~/.aws/credentials cannot be read: `aws configure list` says where",
    "PartialCredentialsError": "the credentials are incomplete: `aws configure list{profile}` shows what is missing",
    "InvalidConfigError": "the profile{name} is incomplete or wrong: correct it in ~/.aws/config",
    "UnknownCredentialError": "the profile{name} is incomplete or wrong: correct it in ~/.aws/config",
    "CredentialRetrievalError": (
        "the credentials cannot be retrieved: run `aws sts get-caller-identity{profile}`, or the "
        "credential_process itself, to see why"
    ),
}
"""By the name of the class or its nearest ancestor, because older versions of the SDK lack some classes."""
_OF_CODES: Final[Mapping[str, str]] = {
    "ExpiredToken": _EXPIRED,
    "ExpiredTokenException": _EXPIRED,
    "InvalidAccessKeyId": _NOT_KNOWN,
    "InvalidClientTokenId": _NOT_KNOWN,
    "InvalidSignatureException": _WRONG_KEY,
    "RequestTimeTooSkewed": "the clock of this machine is wrong",
    "SignatureDoesNotMatch": _WRONG_KEY,
    "UnrecognizedClientException": _NOT_KNOWN,
}


def make_session(region: str | None = None) -> boto3.Session:
    """Return a session that prompts for an MFA code only on a terminal: a server would wait forever."""
    session = boto3.Session(region_name=region)
    providers = session._session.get_component("credential_provider")  # noqa: SLF001 — boto3 shows it nowhere else
    providers.get_provider("assume-role")._prompter = _ask  # noqa: SLF001 — botocore takes it only where it makes all itself
    return session


def fault_of(error: Exception) -> str | None:
    """Return what is wrong with the credentials, or None if the error has another cause."""
    if isinstance(error, sdk.ClientError):
        sentence = _OF_CODES.get(error.response.get("Error", {}).get("Code", ""))
    else:
        sentence = next((_OF_ERRORS[kind.__name__] for kind in type(error).mro() if kind.__name__ in _OF_ERRORS), None)
        if sentence is None and not isinstance(error, sdk.BotoCoreError) and _is_of_credentials(error):
            # For example a credential_process that does not exist, or does not write credentials.
            sentence = _OF_ERRORS["CredentialRetrievalError"]
    if sentence is None:
        return None
    name = os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE")
    return sentence.format(profile=f" --profile {name}" if name else "", name=f" {name}" if name else "")


def _is_of_credentials(error: Exception) -> bool:
    """Return whether an error was raised while the SDK looked for credentials."""
    modules = {frame.f_globals.get("__name__") for frame, _ in walk_tb(error.__traceback__)}
    return not modules.isdisjoint({"botocore.credentials", "botocore.tokens"})


def _ask(prompt: str) -> str:
    if sys.stdin is None or not sys.stdin.isatty() or current_thread() is not main_thread():
        raise MfaCodeNeeded
    return getpass.getpass(prompt)

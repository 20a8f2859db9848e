"""Shared by the AWS adapters: boto3 clients, timeouts, and the translation of SDK errors.

The standard settings of AWS choose the region and the credentials: AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL and so on.
AWS_REGION takes precedence over AWS_DEFAULT_REGION and the profile, as in the other SDKs; boto3 alone ignores it.
docs/decisions/2026-11-lambda.md explains the settings of the clients.
The adapters create no tables, buckets or permissions: the deployment does.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Final

import boto3
from botocore import exceptions as sdk
from botocore.config import Config
from botocore.parsers import ResponseParserError

from vehicles.adapters.aws.credentials import fault_of, make_session
from vehicles.adapters.aws.responses import check_responses
from vehicles.domain.errors import StorageError, StorageMisconfigured, StorageUnavailable

FUNCTION_TIMEOUT: Final = 29.0
"""The timeout of a function in seconds, as in template.yaml. API Gateway waits for 30."""

REQUEST_TIMEOUT: Final = 10.0
"""Within these seconds the interactive client lets every request end, but an import or an export."""

CONNECT_TIMEOUT: Final = 0.75
READ_TIMEOUT: Final = 1.75
TOTAL_ATTEMPTS: Final = 2
"""For one request of the interactive client: the first attempt and one retry, after at most a second if AWS
throttles."""

BATCH_READ_TIMEOUT: Final = 20.0
BATCH_ATTEMPTS: Final = 5
"""For the batch client, which does work that no HTTP request waits for: a summary, an import."""

CONNECTIONS: Final = 32
UTC_CLOCK: Final = partial(datetime.now, UTC)

_USER_AGENT: Final = f"vehicles Boto3/{boto3.__version__}"

THROTTLED: Final = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceeded",  # the reasons of a cancelled transaction have no suffix "Exception"
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "Throttling",
        "ThrottlingError",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_BUSY: Final = frozenset(
    {
        "BadDigest",  # the request was damaged in transit
        "OperationAborted",
        "RequestTimeout",
        "RequestTimeoutException",
        "TransactionConflict",
        "TransactionInProgressException",
        "XAmzContentChecksumMismatch",
    }
)
_SENTENCES: Final = {
    "AccessDenied": "the credentials lack a permission",
    "AccessDeniedException": "the credentials lack a permission",
    "NoSuchBucket": "the bucket does not exist",
    "ResourceNotFoundException": "the table or its index does not exist",
    "ValidationException": "the table does not have the expected key schema",
}


def read_region() -> str:
    """Return the region of the standard settings of AWS. Raises StorageMisconfigured if there is none."""
    with translating_setup("AWS"):
        region = make_session(_region()).region_name
    if not region:
        raise StorageMisconfigured("no region: set AWS_REGION, or a region in the profile")
    return region


def make_config(*, batch: bool = False) -> Config:
    """Return the settings of a client: timeouts, retries, connections.

    The batch client waits rather than fails. The interactive client stays within the timeout of a function.
    """
    return Config(
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=BATCH_READ_TIMEOUT if batch else READ_TIMEOUT,
        # Adaptive: if AWS throttles, the SDK finds the accepted rate, and limits all threads to it.
        retries=(
            {"mode": "adaptive", "total_max_attempts": BATCH_ATTEMPTS}
            if batch
            else {"mode": "standard", "total_max_attempts": TOTAL_ATTEMPTS}
        ),
        max_pool_connections=CONNECTIONS,
        # These two save most of the time of a call: building the user agent, and validating our own parameters.
        user_agent=_USER_AGENT,
        parameter_validation=False,
    )


def make_client(service: str, *, batch: bool = False, config: Config | None = None) -> Any:  # noqa: ANN401 — the types of the SDK do not say which one
    """Return a client of a service, such as S3, with the timeouts and retries of `make_config`.

    The settings in `config` take precedence. Raises StorageMisconfigured.
    """
    own = make_config(batch=batch).merge(config or Config())
    with translating_setup(service):
        client = make_session(_region()).client(service.lower(), config=own)  # type: ignore[call-overload]  # any service
    check_responses(client)
    return client


def code_of(error: sdk.ClientError) -> str:
    """Return the error code of AWS; for a cancelled transaction of one item, the code of its reason."""
    for reason in error.response.get("CancellationReasons", []):
        return reason.get("Code", "")
    return error.response.get("Error", {}).get("Code", "")


@contextmanager
def translating(service: str) -> Iterator[None]:
    """Translate the errors of the SDK into StorageErrors.

    The messages have the code and the operation, but not the message of AWS, which may repeat data of the request.
    """
    try:
        yield
    except sdk.ClientError as error:
        raise _translated(service, error) from error
    except sdk.FlexibleChecksumError as error:
        raise StorageUnavailable(f"{service} returned data that does not match its checksum") from error
    except (sdk.ConnectionError, sdk.HTTPClientError, sdk.IncompleteReadError, ResponseParserError) as error:
        raise StorageUnavailable(f"{service} did not answer ({type(error).__name__})") from error
    except Exception as error:
        fault = fault_of(error)
        if fault is None and not isinstance(error, sdk.BotoCoreError):
            raise
        fault = fault or ("no region is set" if isinstance(error, sdk.NoRegionError) else "something is not set up")
        raise StorageMisconfigured(f"{service} is unusable: {fault} ({type(error).__name__})") from error


@contextmanager
def translating_setup(service: str) -> Iterator[None]:
    """Translate the errors of creating a client into StorageMisconfigured."""
    try:
        with translating(service):
            yield
    except ValueError as error:  # an endpoint that is not a URL
        raise StorageMisconfigured(
            f"{service} is unusable: an AWS setting is wrong ({type(error).__name__})"
        ) from error


def _translated(service: str, error: sdk.ClientError) -> StorageError:
    code = code_of(error)
    what = f"{error.operation_name} ({code})"
    if code in THROTTLED:
        return StorageUnavailable(f"{service} throttles {what}")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if status == HTTPStatus.BAD_GATEWAY:
        return StorageUnavailable(f"{service} gave no valid answer to {error.operation_name}")
    if code in _BUSY or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return StorageUnavailable(f"{service} failed to execute {what}")
    return StorageMisconfigured(
        f"{service} rejected {what}: {fault_of(error) or _SENTENCES.get(code, 'something is not set up')}"
    )


def _region() -> str | None:
    return os.environ.get("AWS_REGION") or None

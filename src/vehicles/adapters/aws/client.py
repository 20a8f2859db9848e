"""What the AWS adapters share: boto3 clients, how long a request may take, and what the errors of the SDK mean.

AWS's own settings say where and as whom: AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL and all the others.
AWS_REGION goes before AWS_DEFAULT_REGION and the profile, as in AWS's other SDKs; boto3 alone does not read it.
Why the clients have these settings: docs/decisions/2026-11-cold-start.md.
Nothing here creates a table, a bucket or a permission: that is the deployment's business.
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

FUNCTION_TIMEOUT: Final = 10.0
"""Seconds that a function has for one request; template.yaml says the same. API Gateway would wait for 30."""

CONNECT_TIMEOUT: Final = 0.75
READ_TIMEOUT: Final = 1.75
TOTAL_ATTEMPTS: Final = 2
"""For one request of the interactive client: the first attempt and one retry, after at most a second where AWS
throttles."""

BATCH_READ_TIMEOUT: Final = 20.0
BATCH_ATTEMPTS: Final = 5
"""For the batch client, whose work no HTTP request waits for: a summary, an import."""

CONNECTIONS: Final = 32
UTC_CLOCK: Final = partial(datetime.now, UTC)

_USER_AGENT: Final = f"vehicles Boto3/{boto3.__version__}"

THROTTLED: Final = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceeded",  # a reason of a cancelled transaction has no Exception at its end
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
        "BadDigest",  # damaged on the way, and refused for it
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
    "NoSuchBucket": "the bucket is not there",
    "ResourceNotFoundException": "the table or its index is not there",
    "ValidationException": "the table is not as the registry needs it",
}


def read_region() -> str:
    """Return the region that AWS's own settings name. Raises StorageMisconfigured where there is none."""
    with translating_setup("AWS"):
        region = make_session(_region()).region_name
    if not region:
        raise StorageMisconfigured("none is set: set AWS_REGION, or a region in the profile")
    return region


def make_config(*, batch: bool = False) -> Config:
    """Return the settings of a client: timeouts, retries, connections.

    The batch client rather waits than fails. The interactive one keeps to what a function has for one request.
    """
    return Config(
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=BATCH_READ_TIMEOUT if batch else READ_TIMEOUT,
        # Adaptive: where AWS throttles, the SDK finds the rate that it accepts, and all threads keep to it.
        retries=(
            {"mode": "adaptive", "total_max_attempts": BATCH_ATTEMPTS}
            if batch
            else {"mode": "standard", "total_max_attempts": TOTAL_ATTEMPTS}
        ),
        max_pool_connections=CONNECTIONS,
        # These save most of a call: no user agent put together anew each time, no look at what we wrote ourselves.
        user_agent=_USER_AGENT,
        parameter_validation=False,
    )


def make_client(service: str, *, batch: bool = False, config: Config | None = None) -> Any:  # noqa: ANN401 — which one, the SDK's types do not tell
    """Return a client of a service, such as S3, with the timeouts and retries of `make_config`.

    What `config` sets goes before those. Raises StorageMisconfigured.
    """
    own = make_config(batch=batch).merge(config or Config())
    with translating_setup(service):
        client = make_session(_region()).client(service.lower(), config=own)  # type: ignore[call-overload]  # any service
    check_responses(client)
    return client


def code_of(error: sdk.ClientError) -> str:
    """Return the code of what AWS refused; of a cancelled transaction of one item, the code of its reason."""
    for reason in error.response.get("CancellationReasons", []):
        return reason.get("Code", "")
    return error.response.get("Error", {}).get("Code", "")


@contextmanager
def translating(service: str) -> Iterator[None]:
    """Raise the errors of the SDK as errors of ours.

    Their sentences name the code and the operation, never a message of AWS's, which may repeat what was sent.
    """
    try:
        yield
    except sdk.ClientError as error:
        raise _of_refusal(service, error) from error
    except sdk.FlexibleChecksumError as error:
        raise StorageUnavailable(f"{service} sent what does not fit its checksum") from error
    except (sdk.ConnectionError, sdk.HTTPClientError, sdk.IncompleteReadError, ResponseParserError) as error:
        raise StorageUnavailable(f"{service} did not answer ({type(error).__name__})") from error
    except Exception as error:
        fault = fault_of(error)
        if fault is None and not isinstance(error, sdk.BotoCoreError):
            raise
        fault = fault or ("no region is set" if isinstance(error, sdk.NoRegionError) else "something is not set up")
        raise StorageMisconfigured(f"{service} cannot be asked: {fault} ({type(error).__name__})") from error


@contextmanager
def translating_setup(service: str) -> Iterator[None]:
    """Raise what goes wrong while a client is made as StorageMisconfigured."""
    try:
        with translating(service):
            yield
    except ValueError as error:  # of an endpoint that is no URL
        raise StorageMisconfigured(
            f"{service} cannot be asked: a setting of AWS's is not valid ({type(error).__name__})"
        ) from error


def _of_refusal(service: str, error: sdk.ClientError) -> StorageError:
    code = code_of(error)
    what = f"{error.operation_name} ({code})"
    if code in THROTTLED:
        return StorageUnavailable(f"{service} is asked too much and throttles {what}")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if status == HTTPStatus.BAD_GATEWAY:
        return StorageUnavailable(f"{service} gave no valid answer to {error.operation_name}")
    if code in _BUSY or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return StorageUnavailable(f"{service} could not do {what}")
    return StorageMisconfigured(
        f"{service} refused {what}: {fault_of(error) or _SENTENCES.get(code, 'something is not set up')}"
    )


def _region() -> str | None:
    return os.environ.get("AWS_REGION") or None

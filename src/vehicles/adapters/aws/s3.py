"""The report store in an S3 bucket, for any number of machines."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from hashlib import md5
from typing import TYPE_CHECKING, Any, Final, final
from uuid import uuid4

from botocore.exceptions import ClientError

from vehicles.adapters.aws.client import UTC_CLOCK, code_of, make_client, translating
from vehicles.adapters.report_formats.files import ReportFiles
from vehicles.domain.deadline import TIME_LIMIT, Deadline
from vehicles.domain.errors import ReportChanged
from vehicles.ports.checks import Check
from vehicles.ports.vehicle_repository import Version

if TYPE_CHECKING:
    from botocore.config import Config
    from types_boto3_s3 import S3Client

_SERVICE: Final = "S3"
_WRITER: Final = "writer"
_NOT_THERE: Final = frozenset({"NoSuchKey", "404"})  # the answer to HEAD has no body to say more
_NOT_AS_EXPECTED: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409", *_NOT_THERE})


def make_s3_client(*, batch: bool = False, config: "Config | None" = None) -> "S3Client":
    client: S3Client = make_client(_SERVICE, batch=batch, config=config)
    return client


@final
class S3ReportStore(ReportFiles):
    """A report is an object under its key, with its media type and a SHA-256 that S3 checks when it is written.

    The version is the object's ETag. In a bucket that encrypts with a key of its owner's (SSE-KMS) that is no checksum
    of the content, so that the copies are written again whenever a finished week is asked for again.
    Safe with any number of threads.
    Listing asks for no further page after `time_limit`. It then raises StorageUnavailable.
    """

    def __init__(
        self,
        client: "S3Client",
        bucket: str,
        *,
        clock: Callable[[], datetime] = UTC_CLOCK,
        time_limit: timedelta = TIME_LIMIT,
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._clock = clock
        self._time_limit = time_limit

    def _read(self, key: str) -> tuple[bytes, Version] | None:
        with translating(_SERVICE):
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=key, ChecksumMode="ENABLED")
                with closing(answer["Body"]) as body:
                    return body.read(), Version(answer["ETag"])
            except ClientError as error:
                if code_of(error) in _NOT_THERE:
                    return None
                raise

    def _write(self, key: str, content: bytes, media_type: str, *, expected: Version | None) -> Version:
        """See `ReportFiles`.

        A write whose reply was lost is repeated by the SDK and then meets its own work. So each write leaves its own
        mark at the object, and who finds it there has won.
        """
        writer = str(uuid4())
        condition: dict[str, Any] = {"IfNoneMatch": "*"} if expected is None else {"IfMatch": expected}
        with translating(_SERVICE):
            try:
                answer = self._client.put_object(
                    Bucket=self._bucket,
                    Key=key,
                    Body=content,
                    ContentType=media_type,
                    ChecksumAlgorithm="SHA256",
                    Metadata={_WRITER: writer},
                    **condition,
                )
                return Version(answer["ETag"])
            except ClientError as error:
                if code_of(error) not in _NOT_AS_EXPECTED:
                    raise
            version = self._version_by(key, writer)
        if version is None:
            raise ReportChanged(key)
        return version

    def _versions(self, prefix: str) -> dict[str, Version]:
        deadline = Deadline.after(self._time_limit, self._clock)
        versions: dict[str, Version] = {}
        with translating(_SERVICE):
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix):
                versions |= {each["Key"]: Version(each["ETag"]) for each in page.get("Contents", [])}
                if page["IsTruncated"]:
                    deadline.check()
        return versions

    def check(self) -> Iterator[Check]:
        """Yield whether the bucket can be read."""

        def look() -> str:
            return f"{self._bucket} can be read{'' if self.weeks() else '; no summary is there yet'}"

        yield Check.of("bucket", look)

    def _version_of(self, content: bytes) -> Version:
        """Return the ETag of an object that S3 encrypts with its own key."""
        return Version(f'"{md5(content, usedforsecurity=False).hexdigest()}"')

    def _version_by(self, key: str, writer: str) -> Version | None:
        """Return the version of the object if it is this writer's."""
        try:
            answer = self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if code_of(error) in _NOT_THERE:
                return None
            raise
        return Version(answer["ETag"]) if answer["Metadata"].get(_WRITER) == writer else None

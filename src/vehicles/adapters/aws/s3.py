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
_NOT_THERE: Final = frozenset({"NoSuchKey", "404"})  # the response to HEAD has no body with an error code
_NOT_AS_EXPECTED: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409", *_NOT_THERE})


def make_s3_client(*, batch: bool = False, config: "Config | None" = None) -> "S3Client":
    client: S3Client = make_client(_SERVICE, batch=batch, config=config)
    return client


@final
class S3ReportStore(ReportFiles):
    """Reports as objects of a bucket. Thread-safe.

    An object has its media type, and a SHA-256 that S3 checks when it is written. The version is the ETag. In a bucket
    with customer-managed encryption (SSE-KMS) the ETag is not a checksum of the content, so `restore_copies` always
    writes the copies again.
    Listing requests no further page after `time_limit`, and then raises StorageUnavailable.
    """

    def __init__(
        self,
        client: "S3Client",
        bucket: str,
        *,
        clock: Callable[[], datetime] = UTC_CLOCK,
        time_limit: timedelta = TIME_LIMIT,
    ) -> None:
        self.client = client
        self._bucket = bucket
        self._clock = clock
        self.time_limit = time_limit

    def _read(self, key: str) -> tuple[bytes, Version] | None:
        with translating(_SERVICE):
            try:
                answer = self.client.get_object(Bucket=self._bucket, Key=key, ChecksumMode="ENABLED")
                with closing(answer["Body"]) as body:
                    return body.read(), Version(answer["ETag"])
            except ClientError as error:
                if code_of(error) in _NOT_THERE:
                    return None
                raise

    def _write(self, key: str, content: bytes, media_type: str, *, expected: Version | None) -> Version:
        """See `ReportFiles`.

        If a reply is lost, the SDK repeats the write, whose condition then fails on its own first attempt. So each
        write adds a unique id to the metadata of the object. If the object has that id, the write was successful.
        """
        writer = str(uuid4())
        condition: dict[str, Any] = {"IfNoneMatch": "*"} if expected is None else {"IfMatch": expected}
        with translating(_SERVICE):
            try:
                answer = self.client.put_object(
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
        deadline = Deadline.after(self.time_limit, self._clock)
        versions: dict[str, Version] = {}
        with translating(_SERVICE):
            for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix):
                versions |= {each["Key"]: Version(each["ETag"]) for each in page.get("Contents", [])}
                if page["IsTruncated"]:
                    deadline.check()
        return versions

    def check(self) -> Iterator[Check]:
        """Check that the bucket can be read."""

        def look() -> str:
            return f"{self._bucket} can be read{'' if self.weeks() else '; it has no summary yet'}"

        yield Check.of("bucket", look)

    def _version_of(self, content: bytes) -> Version:
        """Return the ETag of an object with default encryption (SSE-S3)."""
        return Version(f'"{md5(content, usedforsecurity=False).hexdigest()}"')

    def _version_by(self, key: str, writer: str) -> Version | None:
        """Return the version of the object if this writer wrote it, else None."""
        try:
            answer = self.client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if code_of(error) in _NOT_THERE:
                return None
            raise
        return Version(answer["ETag"]) if answer["Metadata"].get(_WRITER) == writer else None

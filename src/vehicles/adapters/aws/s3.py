"""The report store in an S3 bucket, for any number of machines."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, final
from uuid import uuid4

from botocore.exceptions import ClientError

from vehicles.adapters.aws.client import code_of, keep_to_budget, make_client, translating, translating_setup
from vehicles.domain.errors import ReportChanged, ReportNotFound
from vehicles.domain.summary.report_manifest import LATEST_KEY
from vehicles.ports.checks import Check
from vehicles.ports.report_store import Report, ReportStore, Tag, check_key

if TYPE_CHECKING:
    from botocore.config import Config
    from types_boto3_s3 import S3Client

_SERVICE: Final = "S3"
_WRITER: Final = "writer"
_NOT_THERE: Final = frozenset({"NoSuchKey", "404"})  # the answer to HEAD has no body to say more
_NOT_AS_EXPECTED: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409", *_NOT_THERE})


def make_s3_client(*, batch: bool = False, config: "Config | None" = None) -> "S3Client":
    """Return a client as `make_client` does. Raises StorageMisconfigured."""
    with translating_setup(_SERVICE):
        client: S3Client = make_client("s3", batch=batch, config=config)
    keep_to_budget(client)
    return client


@final
class S3ReportStore(ReportStore):
    """A report is an object under its key, with its media type and a SHA-256 that S3 checks when it is written.

    The tag is the object's ETag. Of a bucket that encrypts with a key of its owner's (SSE-KMS) each write has another
    one, also of equal contents; so a writer may be told that a report changed that was written again as it was.
    Safe with any number of threads.
    """

    def __init__(self, client: "S3Client", bucket: str) -> None:
        """Take a client and the name of the bucket."""
        self._client = client
        self._bucket = bucket

    def read(self, key: str) -> Report:
        """See the port. Raises StorageCorrupted where the content does not fit its checksum."""
        check_key(key)
        with translating(_SERVICE):
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=key, ChecksumMode="ENABLED")
            except ClientError as error:
                if code_of(error) in _NOT_THERE:
                    raise ReportNotFound(key) from None
                raise
            return Report(answer["Body"].read(), Tag(answer["ETag"]))

    def write(self, key: str, content: bytes, *, media_type: str) -> Tag:
        """See the port."""
        check_key(key)
        with translating(_SERVICE):
            return self._put(key, content, media_type, {})

    def write_if(self, key: str, content: bytes, *, media_type: str, expected: Tag | None) -> Tag:
        """See the port.

        A write whose reply was lost is repeated by the SDK and then meets its own work. So each write leaves its own
        mark at the object, and who finds it there has won.
        """
        check_key(key)
        writer = str(uuid4())
        condition = {"IfNoneMatch": "*"} if expected is None else {"IfMatch": expected}
        with translating(_SERVICE):
            try:
                return self._put(key, content, media_type, {**condition, "Metadata": {_WRITER: writer}})
            except ClientError as error:
                if code_of(error) not in _NOT_AS_EXPECTED:
                    raise
            tag = self._tag_by(key, writer)
        if tag is None:
            raise ReportChanged(key)
        return tag

    def keys(self, prefix: str = "") -> Iterator[str]:
        """See the port."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        with translating(_SERVICE):
            for page in pages:
                yield from (each["Key"] for each in page.get("Contents", []))

    def check(self) -> Iterator[Check]:
        """Yield whether the bucket can be read."""

        def look() -> str:
            try:
                self.read(LATEST_KEY)
            except ReportNotFound:
                return f"{self._bucket} can be read; no summary is there yet"
            return f"{self._bucket} can be read"

        yield Check.of("bucket", look)

    def _put(self, key: str, content: bytes, media_type: str, parameters: dict[str, Any]) -> Tag:
        answer = self._client.put_object(
            Bucket=self._bucket,
            Key=key,
            Body=content,
            ContentType=media_type,
            ChecksumAlgorithm="SHA256",
            **parameters,
        )
        return Tag(answer["ETag"])

    def _tag_by(self, key: str, writer: str) -> Tag | None:
        """Return the tag of the report if it is this writer's."""
        try:
            answer = self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if code_of(error) in _NOT_THERE:
                return None
            raise
        return Tag(answer["ETag"]) if answer["Metadata"].get(_WRITER) == writer else None

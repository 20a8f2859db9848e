"""The objects of a bucket as a mapping: what the report stores' contract looks into."""

from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING, override

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


class BucketFiles(MutableMapping[str, bytes]):
    """The objects of a bucket by their keys."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    @override
    def __getitem__(self, key: str) -> bytes:
        try:
            return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except self._client.exceptions.NoSuchKey:
            raise KeyError(key) from None

    @override
    def __setitem__(self, key: str, content: bytes) -> None:
        self._client.put_object(Bucket=self._bucket, Key=key, Body=content)

    @override
    def __delitem__(self, key: str) -> None:
        self._client.delete_object(Bucket=self._bucket, Key=key)

    @override
    def __iter__(self) -> Iterator[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket)
        return (each["Key"] for page in pages for each in page.get("Contents", []))

    @override
    def __len__(self) -> int:
        return sum(1 for _ in self)

"""What S3 refuses because its checksum does not fit; moto would accept it."""

from types import SimpleNamespace

import botocore.endpoint
import pytest
from botocore.awsrequest import AWSPreparedRequest

from tests.support.emulator import Emulator, make_bucket
from vehicles.adapters.aws.s3 import S3ReportStore
from vehicles.domain.errors import StorageUnavailable
from vehicles.testing.report_store import DOCUMENT, REPORT


def test_damaged_content_is_not_written(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=lambda _: None))
    own = emulator.s3()
    store = S3ReportStore(own, make_bucket(own))

    def damage(request: AWSPreparedRequest, **_: object) -> None:
        request.body = DOCUMENT[::-1]

    own.meta.events.register("before-send.s3.PutObject", damage)
    with pytest.raises(StorageUnavailable, match="S3 failed to execute PutObject"):
        store.save(REPORT, expected=None)
    assert store.weeks() == []

"""The SDK of AWS, quicker to make clients of."""

from collections.abc import Iterator
from functools import cache

import pytest
from botocore.loaders import create_loader


@pytest.fixture(scope="session", autouse=True)
def sdk_reads_once() -> Iterator[None]:
    """Have all clients share what each would read anew from the SDK's files: five sixths of what making one takes."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("botocore.session.create_loader", cache(create_loader))
        yield

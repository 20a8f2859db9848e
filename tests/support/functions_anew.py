"""The functions of Lambda as a new process of theirs finds them."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from vehicles.container import Container
from vehicles.entrypoints import lambdas


def container_of(*, batch: bool) -> Container:
    """Return the container that the functions use."""
    return lambdas._container(batch=batch)


@contextmanager
def functions_anew(**environment: str) -> Iterator[None]:
    """Let the functions begin anew in this environment, and leave the logs of this process as they were."""
    root, ours = logging.getLogger(), logging.getLogger("vehicles")
    kept = root.handlers[:], root.level, ours.level
    made = (lambdas._container, lambdas._api)
    with patch.dict(os.environ, environment):
        for each in made:
            each.cache_clear()
        try:
            yield
        finally:
            for each in made:
                each.cache_clear()
            root.handlers[:] = kept[0]
            root.setLevel(kept[1])
            ours.setLevel(kept[2])

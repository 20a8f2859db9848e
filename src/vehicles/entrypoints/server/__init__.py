"""The HTTP contract as an ASGI application, and the local server that runs it.

Any ASGI server can run `vehicles.entrypoints.server:app`. It reads the settings from the environment: docs/running.md.
"""

import os

from vehicles.container import open_container
from vehicles.entrypoints.server.app import Application
from vehicles.settings import Settings

__all__ = ["app"]

app = Application(lambda: open_container(Settings.read(os.environ, {})))

"""Settings of all tests."""

import os
import signal

from hypothesis import settings

settings.register_profile("default", deadline=None, max_examples=50)
# A pipeline fails for the commit's sake and never by chance: the same examples each time, and more of them.
settings.register_profile("ci", deadline=None, derandomize=True, max_examples=100, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")

# What a shell starts in the background ignores SIGINT, and behind nohup SIGHUP; so would all that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

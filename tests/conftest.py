"""Settings of all tests."""

import os
import signal

from hypothesis import settings

# Ten examples find again what fifty had found; more of them are for the pipeline, and many more for `make thorough`.
# A pipeline fails for the commit's sake and never by chance: the same examples each time.
settings.register_profile("quick", deadline=None, derandomize="CI" in os.environ, max_examples=10)
settings.register_profile("ci", deadline=None, derandomize=True, max_examples=50, print_blob=True)
settings.register_profile("thorough", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

# What a shell starts in the background ignores SIGINT, and behind nohup SIGHUP; so would all that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

"""The hooks are no tests: schemathesis imports them, in an environment of its own."""

collect_ignore = ["hooks.py"]

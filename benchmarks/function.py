"""What stands in for Lambda: `function.py JOB` starts a function in this process and calls it.

JOB is a file of JSON: `folders` to import from, the `handler`, what to send `before` anything is measured, the `events`
to send again and again, how many `calls`, which `status` they must have, what of the package's economies to `undo`.
It prints, as JSON, the processor's time in milliseconds: `cold`, from the start of the process to the first answer;
`first`, of that the first call; and `call`, of one of those that follow; and `memory`, the resident one in MiB after
the first answer.

It imports little, since whatever is here already, a function need not import.
"""

import gc
import sys
from time import process_time


class Context:
    """What Lambda tells of an invocation."""

    aws_request_id = "8f507cfc-xmpl-4697-b07a-ac58fc914c95"
    function_name = "vehicles"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:vehicles"


def measure(  # noqa: PLR0913, PLR0917 — a job, by its names
    folders: "list[str]",
    handler: str,
    before: "list[object]",
    events: "list[object]",
    calls: int,
    status: int,
    undo: str,
) -> "dict[str, float | None]":
    """Start the function, call it, and return what that cost."""
    sys.path[:0] = folders
    if undo:
        from benchmarks.undone import UNDOING  # noqa: PLC0415 — imports what it changes

        if undo != "collector":
            gc.disable()  # as the function will
        UNDOING[undo]()
    module, _, name = handler.rpartition(".")
    function = __import__(module, fromlist=[name])
    handle = getattr(function, name)
    if prepare := getattr(function, "prepare", None):  # not a function of Lambda, but a part of one
        before, events = [[prepare(event, Context) for event in each] for each in (before, events)]
    for event in before:
        handle(event, Context)
    begin = process_time()
    replies = [handle(events[0], Context)]
    end = process_time()
    with open("/proc/self/status") as about:  # noqa: PTH123 — pathlib would be an import
        memory = next(int(line.split()[1]) for line in about if line.startswith("VmRSS"))
    start = process_time()
    for number in range(1, calls):
        replies.append(handle(events[number % len(events)], Context))  # noqa: PERF401 — as quick, and plain
    spent = process_time() - start
    assert {reply["statusCode"] for reply in replies} == {status}, replies[-1]  # noqa: S101 — must never be left out
    per_call = spent / (calls - 1) * 1000 if calls > 1 else None
    return {"cold": end * 1000, "first": (end - begin) * 1000, "call": per_call, "memory": memory / 1024}


if __name__ == "__main__":
    import json  # what every function imports

    with open(sys.argv[1], "rb") as job:  # noqa: PTH123 — as above
        print(json.dumps(measure(**json.load(job))))  # noqa: T201 — the result

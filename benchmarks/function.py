"""An emulator of Lambda: `function.py JOB` starts a function in this process and calls it.

JOB is JSON: the `folder` to import from, the `handler`, the `first` event, and the `tasks` by name, each with
its event, the number of calls to measure, and the expected status.
It prints milliseconds of CPU time as JSON: `cold`, from the start of the process to the first response, and a call of
each task, after one that is not measured.
It imports only what every function imports, since a function would not pay for what is imported already.
"""

import json
import sys
from time import process_time


class Context:
    """What Lambda says of an invocation."""

    aws_request_id = "8f507cfc-xmpl-4697-b07a-ac58fc914c95"
    function_name = "vehicles"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:vehicles"


job = json.loads(sys.argv[1])
sys.path.insert(0, job["folder"])
module, _, name = job["handler"].rpartition(".")
handle = getattr(__import__(module, fromlist=[name]), name)
handle(job["first"], Context)
found = {"cold": process_time() * 1000}
for task, (event, calls, status) in job["tasks"].items():
    replies = [handle(event, Context)]
    start = process_time()
    replies += [handle(event, Context) for _ in range(calls)]
    found[task] = (process_time() - start) / max(calls, 1) * 1000
    assert {reply["statusCode"] for reply in replies} == {status}, replies[-1]  # noqa: S101 — never left out
print(json.dumps(found))  # noqa: T201 — the result

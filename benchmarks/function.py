"""An emulator of Lambda: `function.py JOB` starts a function in this process and calls it.

JOB is a file of JSON: the `folder` to import from, the `handler`, the `first` event, and `tasks`: by its name an event,
how many calls are measured, and the status that they must have.
It prints, as JSON, milliseconds of CPU time: `cold`, from the start of the process to the first answer, and a call of
each task, after one that is not measured.
It imports no more than any function does, since whatever is here already, a function need not import.
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


with open(sys.argv[1], "rb") as file:  # noqa: PTH123 — pathlib would be an import
    job = json.load(file)
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

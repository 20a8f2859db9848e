"""Print docs/problems.md, from the problem types of the API."""

import sys

from vehicles.entrypoints.http.problem_types import PROBLEMS
from vehicles.entrypoints.http.problems import MAX_ERRORS

HEAD = f"""\
# Problems

Every error response is problem details (RFC 9457), of the media type `application/problem+json`:

```json
{{
  "type": "/problems/invalid-vehicle",
  "title": "The vehicle is not valid",
  "status": 422,
  "detail": "The body has 1 error; see errors.",
  "instance": "urn:uuid:91bc6db4-a3eb-4309-9919-84d264aa80fa",
  "errors": [
    {{
      "pointer": "/noOfAxles",
      "code": "field.range",
      "detail": "noOfAxles must be a whole number from 1 to 99, without quotation marks"
    }}
  ]
}}
```

`type` is stable, and is the path of a page of the API that explains it; `detail` is for people and may change.
`instance` identifies the request: the same id is in the header `X-Request-Id` and in the log.
`errors` lists every field, parameter or header that is wrong, up to {MAX_ERRORS} entries.
Each entry has its place (`pointer` into the body, `parameter` of the query, or `header`) and a stable `code`.
For a VIN it may have `positions`, counted from 1, and `suggestions` of what was probably meant.

## Types
"""

CODES = """
## Codes

| code | where | what is wrong |
|---|---|---|
| `body.type` | body | it is JSON, but not an object |
| `field.missing` | body | the field is required |
| `field.unknown` | body | there is no such field |
| `field.read_only` | body | only the registry sets the field |
| `field.duplicate` | body | the field is given more than once |
| `field.type` | body | the value has the wrong type |
| `field.range` | body | the number is too small or too large |
| `field.choice` | body | the value is not one of the allowed values |
| `vin.…` | body, parameter | see [the VIN](vin.md) |
| `query.form` | query | it cannot be decoded, or has too many parameters |
| `parameter.missing` | parameter | the parameter is required |
| `parameter.unknown` | parameter | there is no such parameter |
| `parameter.repeated` | parameter | it is given more than once |
| `parameter.limit` | parameter | it is not a whole number from 1 to 1000 |
| `parameter.noOfAxles` | parameter | it is not a whole number from 1 to 99 |
| `parameter.fuelType` | parameter | it is not a fuel type, or several separated by commas |
| `parameter.format` | parameter | it is not a format of the response |
| `filter.wmi` | parameter | it is not three characters of a VIN |
| `parameter.registeredSince`, `parameter.registeredBefore` | parameter | it is not a time with an offset |
| `filter.vin_ends_with` | parameter | it is not six characters of a VIN |
| `filter.vin_contains` | parameter | it is not 3 to 17 characters of a VIN |
| `week.form` | parameter | it is not written as 2026-W47 |
| `week.unknown` | parameter | the year has no such week |
| `header.idempotency_key` | header | it is not 1 to 255 visible ASCII characters |
| `header.entity_tags` | header | it is not a list of entity tags in quotation marks |
"""


def page() -> str:
    """Return the page."""
    rows = [
        f"\n### {kind.name}\n\n{kind.status}: {kind.title}.\n\nCause: {kind.cause}\n\nResolution: {kind.resolution}\n"
        for kind in PROBLEMS.values()
    ]
    return HEAD + "".join(rows) + CODES


if __name__ == "__main__":
    sys.stdout.write(page())

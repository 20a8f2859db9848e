"""Print docs/summary.schema.json: the JSON Schema of `summary.json`, from the response model of the API."""

import json
import sys

from pydantic import TypeAdapter

from vehicles.entrypoints.http.openapi import PlainSchema
from vehicles.entrypoints.http.summary_schema import SummaryBody


def schema() -> str:
    """Return the JSON Schema."""
    described = TypeAdapter(SummaryBody).json_schema(schema_generator=PlainSchema)
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The weekly summary of a fleet",
        "description": "Breakdowns by fuel type, axles, manufacturer and country add up to the total.",
    }
    return json.dumps(described | head, indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema())

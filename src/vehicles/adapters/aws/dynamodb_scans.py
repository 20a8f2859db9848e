"""Pages of a scan, parsed by the JSON parser of the standard library.

botocore converts DynamoDB's JSON to Python objects attribute by attribute, which takes most of the time of a scan. So
our clients return unparsed pages, and this module parses them into the same structure as botocore.
docs/decisions/2026-11-summary.md has the measurements.
"""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from vehicles.adapters.aws.dynamodb_items import Item
from vehicles.domain.errors import StorageUnavailable

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_UNREAD: Final = "UnreadPage"


def leave_pages_unread(client: "DynamoDBClient") -> None:
    """Make the client return the pages of its scans unparsed.

    The event is internal to botocore, and a test checks that it exists. Without it, botocore parses the pages, slower.
    """
    client.meta.events.register("before-parse.dynamodb.Scan", take_page)


def page_of(answer: Mapping[str, Any]) -> tuple[Sequence[Item], Item | None]:
    """Return the items in the response to a scan, and the `LastEvaluatedKey`, or None at the end.

    Binary attributes stay base64 text. Raises StorageUnavailable if the response is not a page.
    """
    try:
        page = json.loads(answer[_UNREAD]) if _UNREAD in answer else answer
        if isinstance(page["Items"], list):
            return page["Items"], page.get("LastEvaluatedKey")
    except (KeyError, TypeError, ValueError):
        pass
    raise StorageUnavailable("DynamoDB returned something other than a page")


def take_page(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    """Move a page past botocore's parser, which still parses responses without items: errors and counts.

    Each attempt has its own response, so a retry does not return a page twice.
    """
    if response_dict["status_code"] == HTTPStatus.OK and b'"Items"' in response_dict["body"]:
        customized_response_dict[_UNREAD] = response_dict["body"]
        response_dict["body"] = b""

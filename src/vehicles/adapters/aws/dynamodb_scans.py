"""Pages of a scan, read by the JSON parser of the standard library.

botocore makes Python objects of DynamoDB's JSON one attribute at a time, by the model of the service: most of the time
of a scan. So our clients hand out pages unread, and they are parsed here, in the form that botocore gives them.
docs/decisions/2026-11-scale.md has the figures.
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
    """Have the client hand out the pages of its scans as they come.

    The event is botocore's own, and not on its public list: a test pins it. Without it pages are read as ever, slower.
    """
    client.meta.events.register("before-parse.dynamodb.Scan", take_page)


def page_of(answer: Mapping[str, Any]) -> tuple[Sequence[Item], Item | None]:
    """Return the items of what a client returns for a scan, and the key that the page ends with; None at the end.

    Binary attributes stay text in base64. Raises StorageUnavailable.
    """
    try:
        page = json.loads(answer[_UNREAD]) if _UNREAD in answer else answer
        if isinstance(page["Items"], list):
            return page["Items"], page.get("LastEvaluatedKey")
    except (KeyError, TypeError, ValueError):
        pass
    raise StorageUnavailable("DynamoDB answered with something else than a page")


def take_page(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    """Move a page past botocore's parser; what has no items, an error or a mere count, is left to that.

    Each attempt has a response of its own, so that a page that is asked for again is there once.
    """
    if response_dict["status_code"] == HTTPStatus.OK and b'"Items"' in response_dict["body"]:
        customized_response_dict[_UNREAD] = response_dict["body"]
        response_dict["body"] = b""

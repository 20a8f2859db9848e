"""Checks that a response comes from AWS and belongs to the operation. Anything else is a failed call, never an answer.

botocore treats a body that it cannot parse as an empty success: an HTML page with status 200 would mean that a vehicle
does not exist, or that it was registered. So each response is checked before botocore parses it. A damaged response, or
one that does not fit the operation, counts as status 502, and the SDK retries the call.
docs/decisions/2026-11-storage-faults.md shows the outcome of each fault.

The JSON of DynamoDB already has the structure that botocore returns, except that binary attributes stay base64 text. So
it is parsed once, here, and bypasses botocore's parser, which takes most of the time of a scan:
docs/decisions/2026-11-summary.md has the measurements.
The event before-parse is internal to botocore: tests notice if it changes.
"""

import json
from http import HTTPStatus
from typing import Any, Final
from xml.etree import ElementTree as ET
from zlib import crc32

from botocore.client import BaseClient
from botocore.model import OperationModel

_PARSED: Final = frozenset({"BatchGetItem", "DescribeTable", "GetItem", "Query", "Scan", "TransactWriteItems"})
"""The operations whose responses bypass the parser of botocore."""

_FIGURES: Final = frozenset({"ConsumedCapacity", "ItemCollectionMetrics"})
"""Members of a response that carry no answer."""

_WITH_ETAG: Final = frozenset({"GetObject", "HeadObject", "PutObject"})

# By operation: the root element, and an element at any depth inside it.
_ELEMENTS: Final = {
    "DescribeStacks": ("DescribeStacksResponse", "StackStatus"),
    "ListObjectsV2": ("ListBucketResult", "IsTruncated"),
    "Publish": ("PublishResponse", "MessageId"),
}


def check_responses(client: BaseClient) -> None:
    """Make a client retry calls without a valid response, and ignore the server's wish for a longer backoff.

    A server may ask for up to five seconds of backoff, which exceeds the time limit of a call.
    """
    service = client.meta.service_model.service_id.hyphenize()
    client.meta.events.register_first(f"before-parse.{service}", check_response)
    client.meta.events.register_first(f"needs-retry.{service}", _take_status)


def check_response(
    operation_model: OperationModel,
    response_dict: dict[str, Any],
    customized_response_dict: dict[str, Any],
    **_: object,
) -> None:
    """Turn a response that fails the checks into status 502; it is a handler of the event before-parse."""
    status, headers, body = (response_dict[name] for name in ("status_code", "headers", "body"))
    headers.pop("x-amz-retry-after", None)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return
    has_failed = status >= HTTPStatus.MULTIPLE_CHOICES
    try:
        if operation_model.service_model.protocol != "json":
            _check_xml(operation_model, headers, body, has_failed=has_failed)
        else:
            document = _read_json(operation_model.name, headers, body, has_failed=has_failed)
            if operation_model.name in _PARSED and not has_failed:  # botocore parses errors
                customized_response_dict |= document
                response_dict["body"] = b""
    except (ET.ParseError, RecursionError, ValueError):
        if not isinstance(body, bytes):  # a stream, which keeps its connection
            body.close()
        response_dict |= {"status_code": HTTPStatus.BAD_GATEWAY, "body": b""}


def _take_status(response: tuple[Any, Any] | None, **_: object) -> None:
    """Let the SDK decide by the status that the check has set."""
    if response is not None:
        http, parsed = response
        http.status_code = parsed["ResponseMetadata"]["HTTPStatusCode"]


def _read_json(operation: str, headers: Any, body: bytes, *, has_failed: bool) -> dict[str, Any]:  # noqa: ANN401 — botocore's own mapping
    _check_length(headers, body)
    checksum = headers.pop("x-amz-crc32", None)  # otherwise botocore computes it again
    _require(checksum is None or int(checksum) == crc32(body))
    document: dict[str, Any] = json.loads(body)
    _require(_is_error(document) if has_failed else _is_answer(operation, document))
    return document


def _is_error(document: object) -> bool:
    match document:
        case {"__type": str()}:
            return True
    return False


def _is_answer(operation: str, document: object) -> bool:
    match operation, document:
        case "Query" | "Scan", {"Items": list(items), "Count": int(count), **others}:
            are_items = count == len(items) and all(isinstance(item, dict) for item in items)
            return are_items and _is_key(others.get("LastEvaluatedKey", {}))
        case "Scan", {"Count": int(count), "ScannedCount": int(read), **others} if "Items" not in others:
            return 0 <= count <= read and _is_key(others.get("LastEvaluatedKey", {}))  # it only counts
        case ("GetItem", {"Item": dict()}) | ("DescribeTable", {"Table": {"ItemCount": int()}}):
            return True
        case "GetItem" | "TransactWriteItems", dict(members):
            return members.keys() <= _FIGURES
        case "BatchGetItem", {"Responses": dict(found), "UnprocessedKeys": dict(left)}:
            return all(isinstance(items, list) for items in found.values()) and all(map(_has_keys, left.values()))
    return operation not in _PARSED and isinstance(document, dict)


def _has_keys(unprocessed: object) -> bool:
    match unprocessed:
        case {"Keys": list(keys)}:
            return all(map(_is_key, keys))
    return False


def _is_key(key: object) -> bool:
    """Tell whether the attributes are strings, as those of all our keys are. botocore fails to send others back."""
    return isinstance(key, dict) and all(
        isinstance(value, dict) and value.keys() == {"S"} and isinstance(value["S"], str) for value in key.values()
    )


def _check_xml(operation: OperationModel, headers: Any, body: Any, *, has_failed: bool) -> None:  # noqa: ANN401 — a stream or bytes
    if operation.name in _WITH_ETAG and not has_failed:
        _require("ETag" in headers and (operation.name != "PutObject" or not body))
    elif operation.name in _ELEMENTS or (has_failed and operation.http["method"] != "HEAD"):  # which has no body
        _check_length(headers, body)
        root, inside = ("", "Code") if has_failed else _ELEMENTS[operation.name]
        document = ET.fromstring(body)  # noqa: S314 — as botocore parses it after this
        _require(document.tag.endswith(root) and document.find(f".//{{*}}{inside}") is not None)


def _check_length(headers: Any, body: bytes) -> None:  # noqa: ANN401 — as above
    _require(len(body) >= int(headers.get("Content-Length", 0)))


def _require(holds: bool) -> None:  # noqa: FBT001 — what must hold
    if not holds:
        raise ValueError

"""Print docs/costs.md: what the registry costs on AWS, worked out from published prices and from what it calls."""
# ruff: noqa: E501 — a sentence of the page is a line

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Final

PUBLISHED: Final = "September 2026"
REGION: Final = "us-east-1"
MILLION: Final = 1_000_000
GIGABYTE: Final = 10**9


@dataclass(frozen=True, slots=True)
class Price:
    """What AWS asks for one unit, in dollars; `per` units make the price as it is published."""

    of: str
    published: str
    per: int
    unit: str
    free: str

    @property
    def each(self) -> Fraction:
        """Return the dollars for one unit."""
        return Fraction(self.published) / self.per


PRICES: Final[Mapping[str, Price]] = {
    "request": Price("HTTP API", "1.00", MILLION, "requests", "1 million a month, for a new account's first year"),
    "call": Price("Lambda", "0.20", MILLION, "calls", "1 million a month"),
    "compute": Price("Lambda on arm64", "0.0000133334", 1, "GB-second", "400,000 a month"),
    "snapshot": Price("Lambda SnapStart, keeping", "0.0000015046", 1, "GB-second", "none"),
    "restore": Price("Lambda SnapStart, starting", "0.0001397998", 1, "GB", "none"),
    "write": Price("DynamoDB on demand", "0.625", MILLION, "write units of 1 KB", "none on demand"),
    "read": Price("DynamoDB on demand", "0.125", MILLION, "read units of 4 KB", "none on demand"),
    "table": Price("DynamoDB storage", "0.25", 1, "GB and month", "25 GB"),
    "recovery": Price("DynamoDB point-in-time recovery", "0.20", 1, "GB and month", "none"),
    "put": Price("S3", "0.005", 1000, "writes", "none"),
    "get": Price("S3", "0.0004", 1000, "reads", "none"),
    "log": Price("CloudWatch Logs", "0.50", 1, "GB taken in", "5 GB a month"),
    "out": Price("Transfer to the internet", "0.09", 1, "GB", "100 GB a month"),
    "alarm": Price("CloudWatch alarm", "0.10", 1, "alarm and month", "10 alarms"),
    "metric": Price("CloudWatch metric of one's own", "0.30", 1, "metric and month", "10 metrics"),
    "dashboard": Price("CloudWatch dashboard", "3.00", 1, "dashboard and month", "3 dashboards"),
}

ITEM_BYTES: Final = 118
"""The longest item there is, names of the attributes included (adapters/aws/dynamodb_items.py); a test weighs one."""
OVERHEAD_BYTES: Final = 100
"""What DynamoDB adds to each item of a table and of an index when it weighs the storage."""
MEMORY_GB: Final = Fraction(1, 2)
SECONDS: Final = Fraction(1, 50)
"""What a warm call is assumed to take, most of it waiting for DynamoDB."""
LOG_BYTES: Final = 600
"""What a request is assumed to write: a line of the access log and one of the function."""
SUMMARY_MEMORY_GB: Final = 1
SCANNED_A_SECOND: Final = 100_000
"""Vehicles that the summary is assumed to read in a second; docs/scaling.md says what bounds it."""
ALARMS: Final = 9
METRICS: Final = 5
"""How many the template makes for a stage that is watched; a test counts them."""
MOST_PASSED: Final = 8000
"""Vehicles that one request for a list reads at most (adapters/aws/dynamodb.py: MAX_ITEMS_READ, MAX_REQUESTS)."""
PAGE_BYTES: Final = 100 * 110
"""What a page of 100 vehicles weighs as JSON, or less."""


def read_units(bytes_read: int) -> int:
    """Return the units of a strongly consistent read."""
    return ceil(Fraction(bytes_read, 4096))


def cost(usage: Mapping[str, int | Fraction]) -> Fraction:
    """Return the dollars for so many units of each price."""
    return sum((PRICES[name].each * units for name, units in usage.items()), Fraction(0))


_ANY_REQUEST: Final[Mapping[str, int | Fraction]] = {
    "request": 1,
    "call": 1,
    "compute": MEMORY_GB * SECONDS,
    "log": Fraction(LOG_BYTES, GIGABYTE),
}

REQUESTS: Final[Sequence[tuple[str, str, Mapping[str, int | Fraction]]]] = (
    ("register a vehicle", "2 write units for the transaction, 1 for the index", {"write": 3}),
    ("read one", "1 read unit", {"read": 1}),
    ("change one", "1 read unit, 2 write units for the transaction, 1 for the index", {"read": 1, "write": 3}),
    ("delete one", "2 write units for the transaction, 1 for the index", {"write": 3}),
    (
        "list a page of 100",
        f"{read_units(100 * ITEM_BYTES)} read units, 11 kB sent",
        {"read": read_units(100 * ITEM_BYTES), "out": Fraction(PAGE_BYTES, GIGABYTE)},
    ),
    ("find one by its last six characters", "1 read unit of the index, 1 of the table", {"read": 2}),
    ("read the latest summary", "3 reads of S3, 10 kB sent", {"get": 3, "out": Fraction(10_000, GIGABYTE)}),
    ("list the weeks that have one", "1 listing of S3", {"put": 1}),
    ("explain a VIN, or be refused", "nothing stored is touched", {}),
)
DEAREST: Final[Mapping[str, int | Fraction]] = {"read": read_units(MOST_PASSED * ITEM_BYTES)}
"""A list by fuel type, axles or maker that finds nothing."""


def request_cost(usage: Mapping[str, int | Fraction]) -> Fraction:
    """Return the dollars for a million requests of one kind."""
    return MILLION * cost({**_ANY_REQUEST, **usage})


def storage_cost(vehicles: int) -> Fraction:
    """Return the dollars a month for what is stored: table, index and the backup of the table."""
    stored = Fraction(vehicles * (ITEM_BYTES + OVERHEAD_BYTES), GIGABYTE)
    return cost({"table": 2 * stored, "recovery": stored})


def summary_cost(vehicles: int) -> Fraction:
    """Return the dollars for one summary of so many vehicles."""
    return cost(
        {
            "read": read_units(vehicles * ITEM_BYTES),
            "call": 1,
            "compute": SUMMARY_MEMORY_GB * Fraction(vehicles, SCANNED_A_SECOND),
            "put": 6,  # the JSON, two copies, three listings, which cost as much
            "get": 8,
        }
    )


def snapshot_cost() -> Fraction:
    """Return the dollars a month for the snapshot of one version of the API's function."""
    return cost({"snapshot": MEMORY_GB * 30 * 24 * 3600})


def restore_cost() -> Fraction:
    """Return the dollars for a thousand starts from a snapshot."""
    return 1000 * cost({"restore": MEMORY_GB})


def dollars(amount: Fraction) -> str:
    """Return an amount for people: cents where there are some, else as many digits as say something."""
    if amount >= Fraction(1, 10):
        return f"${float(amount):,.2f}"
    return f"${float(amount):.2g}" if amount >= Fraction(1, 10_000) else "less than $0.0001"


def page() -> str:
    """Return the whole page."""
    prices = "".join(
        f"| {price.of} | ${price.published} per {f'{price.per:,} ' if price.per > 1 else ''}{price.unit} | {price.free} |\n"
        for price in PRICES.values()
    )
    requests = "".join(f"| {does} | {uses} | {dollars(request_cost(usage))} |\n" for does, uses, usage in REQUESTS)
    fleets = "".join(
        f"| {vehicles:,} | {dollars(storage_cost(vehicles))} | {dollars(summary_cost(vehicles))} |\n"
        for vehicles in (1000, MILLION, 100 * MILLION, 1000 * MILLION)
    )
    alarms = dollars(PRICES["alarm"].each)
    return f"""\
# What it costs on AWS

Written by `make docs` from `scripts/costs.py`, which holds the prices and the arithmetic.
Prices are those that AWS published for {REGION}, without tax, as of {PUBLISHED}; look again before you rely on them, and other regions differ by up to a third.
Those of storage, backup, reads of S3, transfer, alarms and dashboards have been the same for years, and were not looked up again.

## In short

A fleet of a few thousand vehicles with some thousand requests a day costs some cents a month; nothing runs while nobody asks.
Ten thousand registrations cost {dollars(request_cost(REQUESTS[0][2]) / 100)}, and a million vehicles {dollars(storage_cost(MILLION))} a month.
The throttle of the API (`ThrottleRate`, 50 requests a second) bounds what a flood of authorised requests can cost: {dollars(50 * 3600 * request_cost(REQUESTS[0][2]) / MILLION)} an hour of registrations, {dollars(50 * 3600 * request_cost(DEAREST) / MILLION)} of lists that look for what is not there.

## A million requests

Each request also pays the API, one call of a function of 512 MB for 20 ms, and 600 bytes of logs; these are assumptions, and the function's share is small either way.

| to | takes | a million cost |
|---|---|---|
{requests}
A filter by fuel type, axles or maker reads along the table: it pays a read unit for about {4096 // ITEM_BYTES} vehicles that it passes, whether they fit or not.

## What is stored, and the weekly summary

A vehicle is an item of at most {ITEM_BYTES} bytes, to which DynamoDB adds {OVERHEAD_BYTES}, once in the table and once in its index; the backup (point-in-time recovery) weighs the table alone.
A summary reads the whole table once, strongly consistent, and writes a few small objects.

| vehicles | storage and backup, a month | one summary |
|---|---|---|
{fleets}
A summary every day instead of every week costs seven times as much.
Twenty-five gigabytes of DynamoDB storage are free, which is table and index of about {int(25 * GIGABYTE / (2 * (ITEM_BYTES + OVERHEAD_BYTES)) / MILLION)} million vehicles.

## What has a price by the month

- Alarms beyond ten in the account cost {alarms} each, metrics from logs beyond ten {dollars(PRICES["metric"].each)}, dashboards beyond three {dollars(PRICES["dashboard"].each)}; a stage has {ALARMS}, {METRICS} and one: with several stages in one account, set `Monitoring` to `false` for those that nobody watches.
- Logs are kept for `LogRetentionDays`; what they cost is taking them in.
- The table is encrypted with the key that AWS manages for DynamoDB in the account, which has no price by the month; DynamoDB's calls to KMS cost $0.03 per 10,000 beyond 20,000 a month in the account, and it keeps what it got for five minutes for each caller, so that one that is always busy makes about {30 * 24 * 60 // 5:,} a month.
- The bucket that SAM keeps packages in holds about 18 MB per release, which is a cent a month for some twenty.

## What is off, because it costs

| parameter | costs |
|---|---|
| `Tracing` | X-Ray: $5.00 per million traces beyond 100,000 a month |
| `AlarmEmail`, `SummaryEmail` | nothing for the first 1,000 mails a month, $2 per 100,000 beyond |
| `SnapStart` | {dollars(snapshot_cost())} a month for the snapshot of the API's function, of which there is one, and {dollars(restore_cost())} per 1,000 starts from it, to save some tenths of a second of each; every deployment makes a new one, which costs three hours at least |

## Prices

| what | price | free |
|---|---|---|
{prices}"""


if __name__ == "__main__":
    sys.stdout.write(page())

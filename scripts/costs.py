"""Print docs/costs.md: the costs of the registry on AWS, calculated from published prices and from its requests."""
# ruff: noqa: E501 — one sentence of the page per line

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
    """A published price in dollars, for `per` units."""

    of: str
    published: str
    per: int
    unit: str
    free: str

    @property
    def each(self) -> Fraction:
        """Return the price of one unit, in dollars."""
        return Fraction(self.published) / self.per


PRICES: Final[Mapping[str, Price]] = {
    "request": Price(
        "HTTP API",
        "1.00",
        MILLION,
        "requests",
        "1 million a month, in the first year of an account from before July 2025",
    ),
    "call": Price("Lambda", "0.20", MILLION, "calls", "1 million a month"),
    "compute": Price("Lambda on arm64", "0.0000133334", 1, "GB-second", "400,000 a month"),
    "write": Price("DynamoDB on demand", "0.625", MILLION, "write units of 1 KB", "none on demand"),
    "read": Price("DynamoDB on demand", "0.125", MILLION, "read units of 4 KB", "none on demand"),
    "table": Price("DynamoDB storage", "0.25", 1, "GB and month", "25 GB"),
    "recovery": Price("DynamoDB point-in-time recovery", "0.20", 1, "GB and month", "none"),
    "put": Price("S3", "0.005", 1000, "writes", "none"),
    "get": Price("S3", "0.0004", 1000, "reads", "none"),
    "log": Price("CloudWatch Logs", "0.50", 1, "GB taken in", "5 GB a month"),
    "out": Price("Transfer to the internet", "0.09", 1, "GB", "100 GB a month"),
    "alarm": Price("CloudWatch alarm", "0.10", 1, "alarm and month", "10 alarms"),
    "metric": Price("CloudWatch custom metric", "0.30", 1, "metric and month", "10 metrics"),
    "dashboard": Price("CloudWatch dashboard", "3.00", 1, "dashboard and month", "3 dashboards"),
}

ITEM_BYTES: Final = 118
"""The maximum size of an item, including attribute names (adapters/aws/dynamodb_items.py); a test measures it."""
OVERHEAD_BYTES: Final = 100
"""What DynamoDB adds to the storage size of each item of a table and of an index."""
MEMORY_GB: Final = Fraction(1, 2)
SECONDS: Final = Fraction(1, 50)
"""The assumed duration of a warm call, most of it waiting for DynamoDB."""
LOG_BYTES: Final = 600
"""The assumed size of the logs of a request: a line of the access log and one of the function."""
SUMMARY_MEMORY_GB: Final = 1
SCANNED_A_SECOND: Final = 100_000
"""The assumed number of vehicles that a summary reads per second; docs/scaling.md explains what limits it."""
ALARMS: Final = 7
METRICS: Final = 1
"""The numbers that the template creates for a monitored stage; a test counts them."""
MAX_VEHICLES_READ: Final = 8000
"""The maximum number of vehicles that one list request reads (adapters/aws/dynamodb.py: MAX_ITEMS_READ, MAX_REQUESTS)."""
PAGE_SIZE: Final = 2**20
"""The maximum number of bytes that one request of a scan reads."""
PAGE_BYTES: Final = 100 * 110
"""The maximum size of a page of 100 vehicles as JSON."""


def read_units(bytes_read: int) -> int:
    """Return the read units of a strongly consistent read."""
    return ceil(Fraction(bytes_read, 4096))


def cost(usage: Mapping[str, int | Fraction]) -> Fraction:
    """Return the costs of a usage in dollars: the number of units per price."""
    return sum((PRICES[name].each * units for name, units in usage.items()), Fraction(0))


_ANY_REQUEST: Final[Mapping[str, int | Fraction]] = {
    "request": 1,
    "call": 1,
    "compute": MEMORY_GB * SECONDS,
    "log": Fraction(LOG_BYTES, GIGABYTE),
}

MOST_EXPENSIVE: Final[Mapping[str, int | Fraction]] = {"read": read_units(MAX_VEHICLES_READ * ITEM_BYTES)}
"""A list by anything but the end of the VIN that finds nothing."""

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
    (
        "a page of any other filter, at most",
        f"{MOST_EXPENSIVE['read']} read units for {MAX_VEHICLES_READ:,} vehicles, whether they match or not",
        MOST_EXPENSIVE,
    ),
    ("read the latest summary", "3 reads of S3, 10 kB sent", {"get": 3, "out": Fraction(10_000, GIGABYTE)}),
    (
        "read the figures of the fleet, at most",
        f"{2 * read_units(PAGE_SIZE)} read units for two pages of 1 MB, 3 reads of S3",
        {"read": 2 * read_units(PAGE_SIZE), "get": 3},
    ),
    ("list the weeks that have one", "1 listing of S3", {"put": 1}),
    ("explain a VIN, or get an error response", "no storage is used", {}),
)


def request_cost(usage: Mapping[str, int | Fraction]) -> Fraction:
    """Return the costs of a million requests of one kind, in dollars."""
    return MILLION * cost({**_ANY_REQUEST, **usage})


def storage_cost(vehicles: int) -> Fraction:
    """Return the monthly costs of the storage in dollars: table, index and the backup of the table."""
    stored = Fraction(vehicles * (ITEM_BYTES + OVERHEAD_BYTES), GIGABYTE)
    return cost({"table": 2 * stored, "recovery": stored})


def summary_cost(vehicles: int) -> Fraction:
    """Return the costs of one summary of a fleet, in dollars."""
    return cost(
        {
            "read": read_units(vehicles * ITEM_BYTES),
            "call": 1,
            "compute": SUMMARY_MEMORY_GB * Fraction(vehicles, SCANNED_A_SECOND),
            "put": 6,  # the JSON, two copies, three listings, which cost as much
            "get": 8,
        }
    )


def dollars(amount: Fraction) -> str:
    """Return an amount for people: with cents, or two significant digits if it is small."""
    if amount >= Fraction(1, 10):
        return f"${float(amount):,.2f}"
    return f"${float(amount):.2g}" if amount >= Fraction(1, 10_000) else "less than $0.0001"


def page() -> str:
    """Return the page."""
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

`make docs` writes this page from `scripts/costs.py`, which has the prices and the calculation.
The prices are those that AWS published for {REGION}, without tax, as of {PUBLISHED}.
Check them before you rely on them; other regions differ by up to a third.
The prices of storage, backup, S3 reads, transfer, alarms and dashboards have not changed for years, and were not checked again.

## In short

A fleet of a few thousand vehicles with a few thousand requests a day costs a few cents a month; without requests only the summary and the check of its age run.
Ten thousand registrations cost {dollars(request_cost(REQUESTS[0][2]) / 100)}, and a million vehicles {dollars(storage_cost(MILLION))} a month.
A flood of authorized requests at the rate of `ThrottleRate`, 50 a second, costs {dollars(50 * 3600 * request_cost(REQUESTS[0][2]) / MILLION)} an hour if they are registrations, and {dollars(50 * 3600 * request_cost(MOST_EXPENSIVE) / MILLION)} if they are lists filtered by something that no vehicle matches.
That rate is a target: API Gateway may exceed it, and may count each route by itself, so it limits no bill.
A [budget](operations.md#a-budget) warns you of a high one.

## The free tier

Each account has the amounts in the column "free" below every month, whatever its age, except where the column says otherwise.
An account opened since July 2025 has no free first year. It begins with $100 of credits, and can earn up to $100 more by trying out services, such as budgets.
On the *free plan* AWS closes the account after six months, or as soon as the credits are spent; a registry that is to stay needs the *paid plan*, where credits last for a year.

## A million requests

Each price includes the API, one call of a function with 512 MB for 20 ms, and 600 bytes of logs.
These are assumptions, but the share of the function is small in any case.

| request | uses | price of a million |
|---|---|---|
{requests}
Every filter but the last six characters (fuel type, axles, manufacturer, part of the VIN, time of registration) scans the table: it costs a read unit per {4096 // ITEM_BYTES} vehicles, whether they match or not.
So to find one vehicle among 200,000 by a part of its VIN takes up to {ceil(Fraction(200_000, MAX_VEHICLES_READ))} pages and costs {dollars(cost({"read": read_units(200_000 * ITEM_BYTES)}))}; the last six characters find it at once.
The figures of the fleet count up to about {2 * PAGE_SIZE // ITEM_BYTES // 1000 * 1000:,} vehicles one by one, at a read unit per {4096 // ITEM_BYTES}; a larger fleet is estimated, which costs no more.

## Storage, and the weekly summary

A vehicle is an item of at most {ITEM_BYTES} bytes, plus {OVERHEAD_BYTES} bytes that DynamoDB adds, once in the table and once in its index.
The backup (point-in-time recovery) covers only the table.
A summary reads the whole table once, strongly consistent, and writes a few small objects.

| vehicles | storage and backup, a month | one summary |
|---|---|---|
{fleets}
A summary every day instead of every week costs seven times as much.
25 GB of DynamoDB storage are free: table and index of about {int(25 * GIGABYTE / (2 * (ITEM_BYTES + OVERHEAD_BYTES)) / MILLION)} million vehicles.

## Monthly prices

- Alarms beyond ten in the account cost {alarms} each, metrics from logs beyond ten {dollars(PRICES["metric"].each)}, dashboards beyond three {dollars(PRICES["dashboard"].each)}.
  A stage has {ALARMS} alarms, {METRICS} metric and one dashboard: with several stages in one account, set `Monitoring` to `false` for those that nobody monitors.
- Logs are kept for `LogRetentionDays`; what you pay for is mostly their ingestion.
- The table is encrypted with a key that DynamoDB owns, which costs nothing; with a KMS key, every call to KMS would be charged.
- The bucket in which SAM stores packages grows by about 15 MB per release: twenty releases cost about a cent a month.

## Off by default, because it costs

| parameter | costs |
|---|---|
| `AlarmEmail`, `SummaryEmail` | nothing for the first 1,000 emails a month, $2 per 100,000 beyond |

## Prices

| what | price | free |
|---|---|---|
{prices}"""


if __name__ == "__main__":
    sys.stdout.write(page())

"""The weekly summary: the week, the counts, the report, and the service that makes them."""

"""The formats of a weekly report: JSON, CSV, HTML."""

"""Fleets in files."""

"""The vehicle repository in one SQLite file."""

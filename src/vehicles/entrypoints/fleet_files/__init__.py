"""Reading and writing fleet files."""

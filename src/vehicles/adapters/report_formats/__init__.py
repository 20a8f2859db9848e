"""A weekly report as people look at it."""

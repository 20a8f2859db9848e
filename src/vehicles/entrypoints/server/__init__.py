"""The HTTP contract behind sockets of one machine."""

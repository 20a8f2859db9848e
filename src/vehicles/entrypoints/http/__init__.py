"""The HTTP contract, over plain values: independent of sockets and of AWS."""

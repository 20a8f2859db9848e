"""The HTTP contract, over plain values that know neither sockets nor AWS."""

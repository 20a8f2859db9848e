"""The rules of the registry: pure, without I/O, clock or framework."""

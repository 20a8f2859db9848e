"""The rules of the registry: pure Python, without I/O, clock or framework."""

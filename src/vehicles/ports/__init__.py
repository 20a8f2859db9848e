"""The ports: the interfaces that the domain requires, with their contracts."""

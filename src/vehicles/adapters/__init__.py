"""The adapters: implementations of the ports, by technology."""

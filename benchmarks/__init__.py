"""What the registry costs, measured beside what people would use instead: `make bench`, docs/performance.md."""

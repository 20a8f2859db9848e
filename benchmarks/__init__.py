"""What the registry costs, compared with what people would use instead: `make bench`, docs/performance.md."""

"""Entry points: they translate, and contain no rules."""

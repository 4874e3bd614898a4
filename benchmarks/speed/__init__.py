"""How fast the mock is, beside others that serve the same endpoint: one command, one table."""

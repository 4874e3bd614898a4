"""Every real client against the mock: `python -m examples.acceptance`."""

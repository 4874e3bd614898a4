"""Measurements: what Pixelpact, and others beside it, find on a server with planted faults."""

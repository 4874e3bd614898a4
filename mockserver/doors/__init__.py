"""Ways in to the mock."""

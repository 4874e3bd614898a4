"""Two readings of one API compared: what changed between them, how bad each change is, and what to do about it."""

"""Requests to send: documented, on a boundary, broken on purpose, and explored."""

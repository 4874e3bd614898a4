"""Where shared examples are kept, as it may be shown: a Redis by its URL, never with the password that it may hold."""

from __future__ import annotations

from urllib.parse import urlsplit

from pixelpact.errors import PixelpactError

EXPECTED = "expected redis://HOST:PORT/NUMBER (or rediss://)"
USUAL_PORT = 6379


class BadDatabase(PixelpactError):
    """A database of examples that is not named as one. What was received is not told, as it may hold a password."""


def place(url: str) -> str:
    """A URL of a Redis, less user, password and options. Raises BadDatabase."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        # Its message may quote a part of the password.
        raise BadDatabase(EXPECTED) from None
    number = parts.path.strip("/") or "0"
    if parts.scheme not in ("redis", "rediss") or not parts.hostname or not (number.isascii() and number.isdigit()):
        raise BadDatabase(EXPECTED)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}:{USUAL_PORT if port is None else port}/{number}"

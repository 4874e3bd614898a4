"""What may be judged: the mock, or a server by its base URL; never, yet, a server that charges."""

from __future__ import annotations

import os
import re
from urllib.parse import urlsplit

from ..errors import PixelpactError

MOCK = "mock"
# Each accepted request costs money there; the suite explores without a budget.
PAID_HOSTS = {"api.aimlapi.com"}


class BadTarget(PixelpactError):
    """The target is neither the mock nor a base URL that may be judged."""


def base_url(target: str) -> str:
    """The base URL that a target stands for, without `/v1`. Raises BadTarget."""
    host = _host(target)
    if target == "live" or host in PAID_HOSTS:
        raise BadTarget(
            f"{target} charges for every picture, and this suite has no budget yet: judge the mock or a test server"
        )
    if host is None:
        raise BadTarget(
            f"--target: expected mock or a base URL such as http://127.0.0.1:8080, received {_shown(target)!r}"
        )
    return target.rstrip("/").removesuffix("/v1")


def api_key() -> str:
    """The key to judge with: the mock, and any test server, takes the default."""
    return os.environ.get("PIXELPACT_API_KEY", "test-key")


def _host(target: str) -> str | None:
    try:
        parts = urlsplit(target)
        plain = not (parts.query or parts.fragment or parts.username or parts.password)
        usable = plain and parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return None
    # A name may end in the dot of the root: it is the same host.
    return (parts.hostname or "").rstrip(".") if usable else None


def _shown(target: str) -> str:
    """A target without the user and password that it should not have had."""
    return re.sub("//[^/]*@", "//", target)

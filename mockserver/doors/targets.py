"""What may be judged: the mock, the live API, or a server by its base URL; and the key that each takes."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from ..errors import PixelpactError

MOCK = "mock"
LIVE = "live"
# Whatever answers under this name is the vendor's, and each accepted request costs money there.
PAID_DOMAIN = "aimlapi.com"
LIVE_BASE, BASE_VARIABLE = "https://api.aimlapi.com", "AIML_API_BASE"
LIVE_KEYS = ("AIML_API_KEY", "AIMLAPI_API_KEY", "AIMLAPI_KEY")
OTHER_KEY, DEFAULT_KEY = "PIXELPACT_API_KEY", "test-key"
OPTION = "--target"
EXPECTED = {
    OPTION: "expected mock or a base URL such as http://127.0.0.1:8080, or live",
    BASE_VARIABLE: f"expected a base URL such as {LIVE_BASE}",
}
# Nothing else: a client may read other letters and dots as these, and so come to a host that was not meant.
HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+", re.ASCII)
VISIBLE = re.compile(r"[!-~]+")


class BadTarget(PixelpactError):
    """The target is none that may be judged, or its key is missing."""


@dataclass(frozen=True)
class Place:
    """A server to judge. `url` is its base without `/v1`; `paid`: an accepted request costs money."""

    name: str
    url: str
    key: str = field(repr=False)
    paid: bool


@dataclass(frozen=True)
class Target:
    """What is judged. `strict`: assumed rules count too, as it is our own mock. `paid`: pictures cost money."""

    name: str
    url: str
    key: str = field(repr=False)
    strict: bool
    paid: bool = False


def resolve(target: str, environ: Mapping[str, str]) -> Place:
    """The server that a target stands for: `live`, or a base URL; the mock is not yet anywhere. Raises BadTarget."""
    if target == LIVE:
        base = environ.get(BASE_VARIABLE) or LIVE_BASE
        return Place(LIVE, _base(base, BASE_VARIABLE), _live_key(environ), paid=True)
    base = _base(target, OPTION)
    if is_paid(base):
        return Place(LIVE, base, _live_key(environ), paid=True)
    return Place(target, base, _other_key(environ), paid=False)


def is_paid(target: str) -> bool:
    """Whether a target charges for pictures, by its name alone; what is no target does not."""
    try:
        # A name may end in the dot of the root: it is the same host.
        host = (urlsplit(target).hostname or "").rstrip(".")
    except ValueError:
        return False
    return target == LIVE or host == PAID_DOMAIN or host.endswith(f".{PAID_DOMAIN}")


def api_key() -> str:
    """The key to judge with what costs nothing: the mock, and any test server, takes the default."""
    return _other_key(os.environ)


def _base(url: str, where: str) -> str:
    """A base URL without its version. Raises BadTarget, which names where it came from."""
    parts = _parts(url)
    if parts is None:
        raise BadTarget(f"{where}: {EXPECTED[where]}, received {_shown(url)!r}")
    if parts.scheme == "http" and is_paid(url):
        raise BadTarget(f"{where}: expected https, as the key is sent along, received {_shown(url)!r}")
    return url.rstrip("/").removesuffix("/v1")


def _parts(url: str) -> SplitResult | None:
    """A URL that can be a base: scheme, host, maybe a port and a path, and nothing else."""
    try:
        parts = urlsplit(url)
        plain = VISIBLE.fullmatch(url) and not (parts.query or parts.fragment or parts.username or parts.password)
        usable = plain and parts.scheme in ("http", "https") and parts.port != 0
    except ValueError:
        return None
    return parts if usable and HOST.fullmatch(parts.hostname or "") else None


def _live_key(environ: Mapping[str, str]) -> str:
    for name in LIVE_KEYS:
        if environ.get(name):
            return _key(name, environ[name])
    raise BadTarget(f"the live API needs a key: expected one in {', '.join(LIVE_KEYS)}, received none")


def _other_key(environ: Mapping[str, str]) -> str:
    return _key(OTHER_KEY, environ.get(OTHER_KEY) or DEFAULT_KEY)


def _key(name: str, value: str) -> str:
    """A key that a header can carry; a client would print any other in its error. Raises BadTarget, without the key."""
    key = value.strip()
    if not VISIBLE.fullmatch(key):
        raise BadTarget(f"{name}: expected visible ASCII characters alone, received others (not shown)")
    return key


def _shown(url: str) -> str:
    """A URL without the secrets that it should not have had: user, password, query."""
    return re.sub(r"//[^/]*@|[?#].*", lambda found: "//" if "@" in found[0] else "?…", url, flags=re.DOTALL)

"""What the vendor publishes now: one specification a model, fetched without a key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from urllib.parse import urlencode, urlsplit

from ...errors import PixelpactError
from ..openapi.gathering import NotFetched, fetch
from ..openapi.spec import NotASpec, read_spec
from .compare import Comparison, compare
from .operations import spec_offers
from .values import NothingToCompare, Offer, Side

BASE, BASE_VARIABLE = "https://api.aimlapi.com", "AIML_API_BASE"
# The docs' own files name it as where they come from.
ENDPOINT = "openai/image-generations"
MISSING = 404
FEW = 5


@dataclass
class Unreachable(PixelpactError):
    """Nothing that is published could be fetched."""

    url: str
    reason: str

    def __str__(self) -> str:
        return f"{self.url}: {self.reason}"


def base_url(environ: Mapping[str, str]) -> str:
    """Where specifications are published, without a version. Raises NothingToCompare for what is no plain base URL."""
    url = environ.get(BASE_VARIABLE) or BASE
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        plain = not (parts.username or parts.password or parts.query or parts.fragment)
    except ValueError:
        usable = plain = False
    if not usable or not plain:
        # It may hold a password.
        raise NothingToCompare(BASE_VARIABLE, (f"{BASE_VARIABLE}: expected a base URL such as {BASE}",))
    return url.rstrip("/").removesuffix("/v1")


def against_published(old: Side, base: str, pattern: str = "*", tell: Callable[[str], object] = str) -> Comparison:
    """What changed from a side to what is published of its models; each model is told before it is asked for.

    Raises Unreachable.
    """
    models = list(dict.fromkeys(offer.model for offer in old.offers if fnmatchcase(offer.model, pattern)))
    if not models:
        raise NothingToCompare(old.name, (f"{old.name}: no model that matches {pattern}",))
    return compare(old, replace(_published(models, base, tell), partial=old.partial), pattern)


def _published(models: Sequence[str], base: str, tell: Callable[[str], object]) -> Side:
    offers: list[Offer] = []
    for model in models:
        tell(f"{base}: {model}")
        data = _fetched(base, model)
        offers += [offer for offer in _offers(base, model, data) if offer.model == model] if data is not None else []
    found = {offer.model for offer in offers}
    missing = tuple(model for model in models if model not in found)
    if not offers:
        raise Unreachable(
            base, f"no specification published of {', '.join(missing[:FEW])}{', …' * (len(missing) > FEW)}"
        )
    return Side(base, tuple(offers), missing=missing)


def _offers(base: str, model: str, data: bytes) -> Iterator[Offer]:
    try:
        yield from spec_offers(read_spec(model, data))
    except NotASpec as reason:
        # A page of a proxy, or of another server.
        raise Unreachable(base, f"no specification: {reason}") from reason


def _fetched(base: str, model: str) -> bytes | None:
    """The specification of a model, or None where none is published."""
    url = f"{base}/docs-json?{urlencode({'model': model, 'endpoint': ENDPOINT}, safe='')}"
    try:
        return fetch(url, follow=False, accept="application/json")
    except NotFetched as error:
        if error.status == MISSING:
            return None
        raise Unreachable(url, error.reason) from error

"""Links to pictures: signed in the documented form, and verified over decoded parameters."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256

SECRET = secrets.token_bytes(32)
KEY = "AKLT" + "0" * 43
SIGNATURE = "X-Tos-Signature"
NAMES = ("X-Tos-Algorithm", "X-Tos-Credential", "X-Tos-Date", "X-Tos-Expires", SIGNATURE, "X-Tos-SignedHeaders")
FORM = "%Y%m%dT%H%M%SZ"
LIFETIME = 86_400


def unsigned(created: int) -> dict[str, str]:
    """The parameters of a link but for its signature."""
    date = datetime.fromtimestamp(created, UTC).strftime(FORM)
    day = f"{KEY}/{date[:8]}/ap-southeast-1/tos/request"
    values = ("TOS4-HMAC-SHA256", day, date, str(LIFETIME), "", "host")
    return dict(zip(NAMES, values, strict=True))


def signature(host: str, path: str, query: Mapping[str, str], trusts: frozenset[str]) -> str:
    """The signature over host, path and all parameters but those that are trusted."""
    covered = {"host": host, "path": path, **{name: query.get(name, "") for name in NAMES}}
    lines = [f"{name}={covered[name]}" for name in sorted(covered) if name not in trusts | {SIGNATURE}]
    return hmac.new(SECRET, "\n".join(lines).encode(), sha256).hexdigest()


def refusal(host: str, path: str, query: Mapping[str, str], trusts: frozenset[str], now: float) -> str | None:
    """The object store's code for a link that does not hold; who trusts `missing` or `all` holds more."""
    if not all(name in query for name in NAMES):
        return None if "missing" in trusts else "AccessDenied"
    if "all" in trusts:
        return None
    if signature(host, path, query, trusts) != query[SIGNATURE]:
        return "SignatureDoesNotMatch"
    return "AccessDenied" if now > _end(query) else None


def _end(query: Mapping[str, str]) -> float:
    """When a link expires; long ago where it does not say so."""
    try:
        issued = datetime.strptime(query["X-Tos-Date"], FORM).replace(tzinfo=UTC)
        return issued.timestamp() + int(query["X-Tos-Expires"])
    except ValueError:
        return 0.0

"""Presigned object-store URLs, signed and judged by the vendor's TOS4-HMAC-SHA256. Nothing else knows the scheme.

The signature covers host, path and every query parameter of a GET, all decoded: a client that merely spells the URL
otherwise (yarl writes `/` for `%2F`, requests `~` for `%7E`) passes; a changed, added or missing character does not.

X-Tos-Date has whole seconds and `sign` drops the fraction: a URL expires up to one second before `moment + expires`,
two calls within a second sign alike, and who reports the moment (`created`) must drop the fraction too.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from types import MappingProxyType
from urllib.parse import quote

from ..errors import PixelpactError

ALGORITHM = "TOS4-HMAC-SHA256"
LONGEST = 604_800  # seconds: a week, the vendor's limit
SKEW = timedelta(minutes=15)  # assumed: as S3 has it
DATE_FORMAT = "%Y%m%dT%H%M%SZ"
SIGNATURE = "X-Tos-Signature"
# By what else needs no quoting.
PLAIN = {"": re.compile("[A-Za-z0-9._~-]*", re.ASCII), "/": re.compile("[A-Za-z0-9._~/-]*", re.ASCII)}
# In the order of the documented URLs; the vendor's SDK puts the signature last.
PARAMETERS = ("X-Tos-Algorithm", "X-Tos-Credential", "X-Tos-Date", "X-Tos-Expires", SIGNATURE, "X-Tos-SignedHeaders")

NO_PARAMETERS: Mapping[str, str] = MappingProxyType({})
_RESERVED = {name.lower() for name in PARAMETERS}


# One is not compared with another: what is kept for each is found at once.
@dataclass(frozen=True, eq=False)
class Credential:
    """Who signs, and for which region."""

    access_key: str
    secret_key: str = field(repr=False)
    region: str = "ap-southeast-1"


class SignatureError(PixelpactError):
    """A URL that the object store would not serve; the subclasses say why."""


@dataclass
class Malformed(SignatureError):
    """One parameter is missing, doubled or not of its form; `received` is None when it is missing."""

    parameter: str
    expected: str
    received: str | None

    def __str__(self) -> str:
        return f"{self.parameter}: expected {self.expected}, received {self.received!r}"


@dataclass
class Expired(SignatureError):
    """The URL is authentic and its time is over."""

    expired_at: datetime
    now: datetime

    def __str__(self) -> str:
        return f"expected a request before {self.expired_at.isoformat()}, received it at {self.now.isoformat()}"


class Tampered(SignatureError):
    """The signature belongs to another URL or another secret."""

    def __str__(self) -> str:
        return "expected the signature of this very URL, received another"


def sign(
    credential: Credential,
    *,
    host: str,
    path: str,
    moment: datetime,
    expires: int,
    extra: Mapping[str, str] = NO_PARAMETERS,
) -> str:
    """Return the query that lets anyone GET `path` (decoded) from `host` (with its port) for `expires` seconds."""
    _refuse_unsignable(expires, moment)
    signed_names, names = _orders(tuple(extra))
    own = _own(credential, int(moment.timestamp()), expires)
    written = own.written.copy()
    for name, value in extra.items():
        written[name] = _pair(name, value)
    signed = "&".join([written[name] for name in signed_names])
    signature = _signature(own.key, own.date, own.scope, _canonical(host, path, signed))
    written[SIGNATURE] = f"{SIGNATURE}={signature}"
    return "&".join([written[name] for name in names])


def verify(
    credential: Credential,
    *,
    host: str,
    path: str,
    query: Mapping[str, str] | Iterable[tuple[str, str]],
    moment: datetime,
) -> None:
    """Raise Malformed, Tampered or Expired, in this order, unless the decoded path may be had at `moment`.

    Keep blank values when decoding: they are signed like any other.
    """
    now = _utc(moment)
    given = _once_each(query.items() if isinstance(query, Mapping) else query)
    date = _date(given, now)
    expires = _expires(given)
    _require(given, "X-Tos-Algorithm", ALGORITHM)
    _require(given, "X-Tos-SignedHeaders", "host")
    _require(given, "X-Tos-Credential", f"{credential.access_key}/{_scope(credential, given['X-Tos-Date'])}")
    _require_signature(given, _expected(credential, host, path, given))
    if now - date >= expires:
        raise Expired(date + expires, now)


@dataclass(frozen=True)
class _Own:
    """All that a URL says of how it is signed, as its query has it, and with which key."""

    date: str
    scope: str
    key: bytes
    written: dict[str, str]


@lru_cache(maxsize=64)
def _own(credential: Credential, second: int, expires: int) -> _Own:
    """What every URL of a second has in common."""
    date = datetime.fromtimestamp(second, UTC).strftime(DATE_FORMAT)
    scope = _scope(credential, date)
    parameters = {
        "X-Tos-Algorithm": ALGORITHM,
        "X-Tos-Credential": f"{credential.access_key}/{scope}",
        "X-Tos-Date": date,
        "X-Tos-Expires": str(expires),
        "X-Tos-SignedHeaders": "host",
    }
    return _Own(date, scope, _key(credential, scope), {name: _pair(name, value) for name, value in parameters.items()})


@lru_cache(maxsize=64)
def _orders(extra: tuple[str, ...]) -> tuple[list[str], tuple[str, ...]]:
    """The names of a URL's parameters in the order in which they are signed, and in that in which they are written."""
    if reserved := [name for name in extra if name.lower() in _RESERVED]:
        raise ValueError(f"extra: expected none of {PARAMETERS}, received {reserved}")
    names = (*PARAMETERS, *extra)
    return sorted(name for name in names if name != SIGNATURE), names


def _refuse_unsignable(expires: int, moment: datetime) -> None:
    if not 1 <= expires <= LONGEST:
        raise ValueError(f"expires: expected 1 to {LONGEST} seconds, received {expires}")
    _require_zone(moment)


def _require_zone(moment: datetime) -> None:
    if moment.tzinfo is None:
        raise ValueError(f"moment: expected a time zone, received {moment.isoformat()}")


def _utc(moment: datetime) -> datetime:
    _require_zone(moment)
    return moment.astimezone(UTC)


def _once_each(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, value in pairs:
        if name in given:
            raise Malformed(name, "one value", value)
        given[name] = value
    if missing := [name for name in PARAMETERS if name not in given]:
        raise Malformed(missing[0], "one value", None)
    return given


def _require(given: Mapping[str, str], name: str, expected: str) -> None:
    if given[name] != expected:
        raise Malformed(name, expected, given[name])


def _date(given: Mapping[str, str], now: datetime) -> datetime:
    text = given["X-Tos-Date"]
    # strptime alone would also read 2025741T81151Z and digits of other scripts.
    if not re.fullmatch(r"[0-9]{8}T[0-9]{6}Z", text):
        raise Malformed("X-Tos-Date", "YYYYMMDDTHHMMSSZ", text)
    try:
        date = datetime.strptime(text, DATE_FORMAT).replace(tzinfo=UTC)
    except ValueError as error:
        raise Malformed("X-Tos-Date", "a moment of the calendar", text) from error
    if date - now > SKEW:
        raise Malformed("X-Tos-Date", f"at most {SKEW} after {now.isoformat()}", text)
    return date


def _expires(given: Mapping[str, str]) -> timedelta:
    text = given["X-Tos-Expires"]
    if not re.fullmatch(r"[1-9][0-9]{0,5}", text) or int(text) > LONGEST:
        raise Malformed("X-Tos-Expires", f"1 to {LONGEST} seconds", text)
    return timedelta(seconds=int(text))


def _require_signature(given: Mapping[str, str], expected: str) -> None:
    # As bytes: compare_digest refuses text beyond ASCII with a TypeError.
    if not hmac.compare_digest(_bytes(given[SIGNATURE]), _bytes(expected)):
        raise Tampered


def _scope(credential: Credential, date: str) -> str:
    return f"{date[:8]}/{credential.region}/tos/request"


def _expected(credential: Credential, host: str, path: str, given: Mapping[str, str]) -> str:
    """The signature that those parameters should have."""
    date = given["X-Tos-Date"]
    signed = "&".join([_pair(name, given[name]) for name in sorted(given) if name != SIGNATURE])
    scope = _scope(credential, date)
    return _signature(_key(credential, scope), date, scope, _canonical(host, path, signed))


def _signature(key: bytes, date: str, scope: str, canonical: str) -> str:
    digest = sha256(_bytes(canonical)).hexdigest()
    return _hmac(key, f"{ALGORITHM}\n{date}\n{scope}\n{digest}").hex()


@lru_cache(maxsize=8)
def _key(credential: Credential, scope: str) -> bytes:
    """The key of a day."""
    key = _bytes(credential.secret_key)
    for part in scope.split("/"):
        key = _hmac(key, part)
    return key


def _canonical(host: str, path: str, signed: str) -> str:
    """The GET as the vendor spells it: a host in any case is one host, and the body is never signed."""
    return f"GET\n{_quoted(path, '/')}\n{signed}\nhost:{host.lower()}\n\nhost\nUNSIGNED-PAYLOAD"


def _pair(name: str, value: str) -> str:
    """A parameter as a query has it."""
    if PLAIN[""].fullmatch(name + value):
        return f"{name}={value}"
    return f"{_escaped(name, '')}={_escaped(value, '')}"


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, _bytes(text), "sha256")


def _quoted(text: str, safe: str = "") -> str:
    # What needs no quoting is the rule.
    return text if PLAIN[safe].fullmatch(text) else _escaped(text, safe)


@lru_cache(maxsize=256)
def _escaped(text: str, safe: str) -> str:
    return quote(text, safe=safe, errors="surrogatepass")


def _bytes(text: str) -> bytes:
    # A lone surrogate in a hostile URL must fail as a signature, not as an encoding.
    return text.encode("utf-8", "surrogatepass")

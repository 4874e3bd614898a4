"""What comes in on a connection, cut into requests: each a WSGI environ and a body, within stated limits.

Strict, as RFC 9112 allows: what could be read in two ways is refused. Nothing else knows how HTTP is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

from ..service.calls import HEAD
from ..service.redacted import kept
from .chunks import Chunks, Refused

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# The longest target that is read (a link of ours has some 4,000 bytes), and the longest head, with it.
TARGET_LIMIT = 16 * 2**10
HEAD_LIMIT = 64 * 2**10
# A client repeats its heads to the byte: those up to that size are read once.
REPEATED = 2 * 2**10

END = b"\r\n\r\n"
FIRST = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([^\x00-\x20\x7f]+) HTTP/1\.([01])")
HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")
LENGTH = re.compile("[0-9]{1,18}", re.ASCII)
# Of a head that is refused: what may be shown of its first line, and the key that may not.
LIKE = re.compile(r"([^\s:\"]{1,40}) (/[^?\r\n]*)(?:\?[^\r\n]*)? HTTP/")
KEY = re.compile(r"^authorization:([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
SHOWN = 200  # characters
BARE = {"CONTENT_TYPE", "CONTENT_LENGTH"}
BAD = "400 Bad Request"


@dataclass(frozen=True)
class Head:
    """What a head says. `length` is that of the body, None of one in chunks; `keep` whether the connection stays."""

    environ: Mapping[str, Any]
    length: int | None
    keep: bool
    expects: bool


class Incoming:
    """A request of which the head has come. Of a body over the limit, no more is kept than tells that it is."""

    __slots__ = ("_chunks", "_left", "_limit", "_parts", "head", "is_cut", "size")

    def __init__(self, head: Head, limit: int) -> None:
        self.head = head
        self.size = 0
        self._left = head.length or 0
        self._limit = limit
        self._parts: list[bytes] = []
        self._chunks = Chunks() if head.length is None else None
        self.is_cut = self._left > limit

    @property
    def is_whole(self) -> bool:
        """Whether the body has come, or as much of it as is looked at."""
        return self.is_cut or (self._chunks.is_over if self._chunks else not self._left)

    def take(self, data: bytes) -> bytes:
        """Take what is the body's, and give back what is left. Raises Refused."""
        if self._chunks:
            parts, rest = self._chunks.take(data)
            self._parts += parts
            self.size += sum(map(len, parts))
        else:
            part, rest = (data, b"") if len(data) <= self._left else (data[: self._left], data[self._left :])
            self._parts.append(part)
            self.size += len(part)
            self._left -= len(part)
        self.is_cut = self.size > self._limit
        return rest

    def environ(self, peer: Mapping[str, Any]) -> WSGIEnvironment:
        """The whole request as WSGI has it; `peer` is what it says of the client."""
        body = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        return {**self.head.environ, **peer, "wsgi.input": BytesIO(body)}


class Reader:
    """Cuts bytes into requests."""

    def __init__(self, limit: int, read: Callable[[bytes], Head]) -> None:
        self._limit, self._read = limit, read
        self._rest = b""
        self.incoming: Incoming | None = None

    @property
    def is_amid(self) -> bool:
        """Whether a request has begun and is not whole."""
        return bool(self.incoming or self._rest)

    @property
    def ahead(self) -> int:
        """How much has come that is not read yet, in bytes."""
        return len(self._rest)

    @property
    def held(self) -> int:
        """How much is kept of what has come, in bytes."""
        return len(self._rest) + (self.incoming.size if self.incoming else 0)

    def drop(self) -> None:
        """Forget what came."""
        self._rest, self.incoming = b"", None

    def told(self) -> tuple[str, str]:
        """Method and path of what is not read on, for the log: quoted, and without a key."""
        if self.incoming:
            environ = self.incoming.head.environ
            method, path, key = environ["REQUEST_METHOD"], environ["PATH_INFO"], environ.get("HTTP_AUTHORIZATION", "")
        else:
            head = self._rest[:HEAD_LIMIT].decode("latin-1")
            like, secret = LIKE.match(head), KEY.search(head)
            method, path = like.groups() if like else ("-", "")
            path, key = unquote(path), secret[1] if secret else ""
        return quote(method), f"{quote(kept(path, {'authorization': key}, SHOWN))} (not read)".lstrip()

    def feed(self, data: bytes) -> None:
        """Take what came."""
        self._rest = self._rest + data if self._rest else data

    def next(self) -> Incoming | None:
        """The next request that is whole, if there is one; until it is, `incoming` is what there is. Raises Refused."""
        if not self.incoming:
            head = self._head()
            if not head:
                return None
            self.incoming = Incoming(head, self._limit)
        incoming = self.incoming
        if self._rest and not incoming.is_whole:
            self._rest = incoming.take(self._rest)
        if not incoming.is_whole:
            return None
        self.incoming = None
        return incoming

    def _head(self) -> Head | None:
        rest = self._rest
        if rest[:1] in b"\r\n":
            # Some clients send line breaks after a body.
            rest = self._rest = rest.lstrip(b"\r\n")
        end = rest.find(END)
        if end > HEAD_LIMIT or (end < 0 and len(rest) > HEAD_LIMIT):
            raise Refused("431 Request Header Fields Too Large")
        if end < 0:
            if len(rest) > TARGET_LIMIT and b"\r\n" not in rest[: TARGET_LIMIT + 100]:
                raise Refused("414 URI Too Long")
            return None
        head = self._read(rest[:end])
        self._rest = rest[end + 4 :]
        return head


def heads(basic: Mapping[str, Any]) -> Callable[[bytes], Head]:
    """What reads the heads of one server, of whose environs each has all that is in `basic`. It raises Refused."""
    read = partial(_read, basic)
    kept = lru_cache(maxsize=256)(read)
    return lambda head: kept(head) if len(head) <= REPEATED else read(head)


def _read(basic: Mapping[str, Any], head: bytes) -> Head:
    first, *lines = head.decode("latin-1").split("\r\n")
    begun = FIRST.fullmatch(first)
    if not begun:
        raise Refused(BAD)
    method, target, minor = begun.groups()
    if len(target) > TARGET_LIMIT:
        raise Refused("414 URI Too Long")
    environ = _headers(lines)
    wishes = {wish.strip() for wish in environ.get("HTTP_CONNECTION", "").lower().split(",")}
    keep = "close" not in wishes if minor == "1" else "keep-alive" in wishes
    expects = environ.get("HTTP_EXPECT", "").lower() == "100-continue" and minor == "1"
    length = _length(environ, minor)
    if length is None:
        environ["wsgi.input_terminated"] = True
    environ |= {HEAD: {}, "REQUEST_METHOD": method, "SERVER_PROTOCOL": f"HTTP/1.{minor}", **_places(target)}
    return Head({**basic, **environ}, length, keep, expects)


def _headers(lines: list[str]) -> dict[str, Any]:
    """The headers by their keys in an environ: one that comes again is added with a comma."""
    environ: dict[str, Any] = {}
    for line in lines:
        named = HEADER.fullmatch(line)
        if not named:
            raise Refused(BAD)
        name, value = named[1].upper(), named[2].rstrip(" \t")
        key = name.replace("-", "_")
        key = key if key in BARE else f"HTTP_{key}"
        if key in environ and key in ("CONTENT_LENGTH", "HTTP_HOST", "HTTP_TRANSFER_ENCODING"):
            raise Refused(BAD)
        # One with an underscore could pass for another.
        if "_" not in name:
            environ[key] = f"{environ[key]},{value}" if key in environ and key not in BARE else value
    return environ


def _length(environ: Mapping[str, Any], minor: str) -> int | None:
    """How long the body is; None where it comes in chunks."""
    told, coded = environ.get("CONTENT_LENGTH"), environ.get("HTTP_TRANSFER_ENCODING")
    if coded is not None:
        if told is not None or minor == "0":
            raise Refused(BAD)
        if coded.lower() != "chunked":
            raise Refused("501 Not Implemented")
        return None
    if told is not None and not LENGTH.fullmatch(told):
        raise Refused(BAD)
    return int(told or 0)


def _places(target: str) -> dict[str, str]:
    """Path and query as WSGI has them, in bytes that pass for Latin-1; of a whole URL, its host too."""
    try:
        parts = urlsplit(target)
    except ValueError as reason:
        raise Refused(BAD) from reason
    # What follows two slashes at the beginning is no host.
    path = f"/{parts.netloc}{parts.path}" if parts.netloc and not parts.scheme else parts.path
    host = {"HTTP_HOST": parts.netloc} if parts.scheme and parts.netloc else {}
    return {
        "PATH_INFO": unquote(path).encode().decode("latin-1"),
        "QUERY_STRING": parts.query.encode().decode("latin-1"),
        "REQUEST_URI": target,
        "RAW_URI": target,
        **host,
    }

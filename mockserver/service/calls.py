"""A request and an answer as plain values, so that every door reaches the endpoint in the same way."""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
import pybase64

CLIENT_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}", re.ASCII)
DELIVERY = "pixelpact.delivery"
# In the environ of a server that reads a head once, however often a client repeats it: a dict for what follows from it.
HEAD = "pixelpact.head"
CONTROL = "/_pixelpact/"
WRITING = json.JSONEncoder(separators=(",", ":"))
# What ids are drawn from: nobody is kept out by them, and to ask the system for each takes ten times as long.
DRAWN = random.Random()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=DRAWN.seed)


def now() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)


def hexadecimal(digits: int) -> str:
    """So many random digits."""
    return f"{DRAWN.getrandbits(4 * digits):0{digits}x}"


def uuid4() -> str:
    """A random UUID, RFC 9562 section 5.4; the library's own takes several times as long."""
    digits = hexadecimal(32)
    variant = "89ab"[int(digits[16], 16) % 4]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


@dataclass(frozen=True)
class Call:
    """One request. Header names are in lower case; `origin` is scheme and host as the caller wrote them.

    `known` is what was found out from all but the body: a door that knows a head again hands the same dict.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    origin: str
    moment: datetime = field(default_factory=now)
    id: str = field(default_factory=uuid4)
    known: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def host(self) -> str:
        """The `Host` that the caller asked for."""
        return self.origin.partition("://")[2]


def nothing() -> None:
    """Nobody is told."""


@dataclass(frozen=True)
class Delivery:
    """How an answer travels, for a door to see to: it is in the WSGI environ, under `DELIVERY`. Times in seconds.

    `delay` passes before the first byte. `act` is what happens then instead of plain sending, one of `faults.ACTS`, and
    `seconds` how long that takes. A door calls `gone` if the client hung up before it had its answer, and `finished`
    when the call is over: before the last byte, as a client that has it may call again at once. `facts` are what the
    journal has of the call, for the log of a terminal.
    """

    delay: float = 0.0
    act: str = ""
    seconds: float = 0.0
    gone: Callable[[], None] = nothing
    finished: Callable[[], None] = nothing
    facts: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)

    @property
    def is_plain(self) -> bool:
        """Whether the answer travels as any other."""
        return not self.delay and not self.act


@dataclass(frozen=True)
class Answer:
    """One answer; `headers` are those beyond the content type and the tracing ones."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    delivery: Delivery = Delivery()


def json_answer(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer whose body is this value as JSON."""
    return Answer(status, written(value), headers=headers or {})


def written(value: Any) -> bytes:
    """A value as JSON, in ASCII: a terminal obeys none of it."""
    try:
        text = orjson.dumps(value)
    except TypeError:
        # Half of a surrogate pair, or a number of more than 64 bits.
        text = b"\x80"
    return text if text.isascii() else WRITING.encode(value).encode("ascii")


# What may stand in an answer already, in lower case: a fault's headers have the last word.
TRACING = frozenset({"x-request-id", "x-inference-id", "x-client-request-id", "date"})


def tracing(call: Call) -> dict[str, str]:
    """The headers that every API answer carries.

    Documented: aimlapi/api-docs docs/capabilities/request-tracing-and-cost.md; a client id of another form is dropped.
    """
    traced = {"x-request-id": call.id, "x-inference-id": pybase64.urlsafe_b64encode(DRAWN.randbytes(16))[:21].decode()}
    client = call.headers.get("x-client-request-id")
    if client and CLIENT_ID.fullmatch(client):
        traced["x-client-request-id"] = client
    return traced

"""Flows: what a user does in several calls, with what must come of each; they go on beside the bulk."""

from __future__ import annotations

import base64
import http.client
from collections.abc import Callable

from .client import Client, expect, jpeg, link, size

Flow = Callable[[Client, int], None]
# As many different ones as are sent: what is kept of them is bounded, and so full early.
VARIETY = 300
WIRE = ("reset", "empty", "truncated", "malformed-chunk")


def download(client: Client, number: int) -> None:
    """A picture by its link: of the size asked for, the same bytes each time, and none by a link tampered with."""
    where = link(client.draw(seed=number % VARIETY, size="1024x768"))
    content = client.fetch(where)
    expect(size(content) == (1024, 768), f"a picture of another size: {size(content)}")
    expect(client.fetch(where) == content, "other bytes at the second download")
    client.fetch(where.replace("X-Tos-Signature=", "X-Tos-Signature=0"), expected=403)


def inline(client: Client, number: int) -> None:
    """A picture in base64, equal for an equal seed."""
    seed = number % VARIETY
    one, other = (client.draw(seed=seed, size="512x512", response_format="b64_json") for _ in range(2))
    content = base64.b64decode(one["data"][0]["b64_json"])
    expect(size(content) == (512, 512), "a picture of another size")
    expect(one["data"] == other["data"], "other bytes for the same seed")


def edit(client: Client, number: int) -> None:
    """An edit of a picture sent along, and an edit of the link that came."""
    image = f"data:image/jpeg;base64,{base64.b64encode(jpeg(number % VARIETY)).decode()}"
    first = link(client.edit(image, seed=number % VARIETY))
    size(client.fetch(first))
    size(client.fetch(link(client.edit(first, prompt="make it day"))))


def faults(client: Client, _: int) -> None:
    """A fault that hits twice and no more, and one that is cleared before it hits."""
    client.control("PUT", "faults", {"kind": "status", "code": 503, "first": 2})
    for expected in (503, 503, 200):
        client.draw(expected)
    client.control("PUT", "faults", {"kind": "latency", "seconds": 0.3, "first": 1})
    client.draw()
    client.control("POST", "faults", {"kind": "garbage"})
    client.control("DELETE", "faults")
    client.draw()


def wire(client: Client, number: int) -> None:
    """An answer that breaks on the wire, and a whole one after it."""
    client.control("PUT", "faults", {"kind": WIRE[number % len(WIRE)], "first": 1})
    try:
        client.draw()
    except (OSError, http.client.HTTPException):
        client.draw()
    else:
        expect(False, f"a whole answer where {WIRE[number % len(WIRE)]} was due")


def control(client: Client, _: int) -> None:
    """Credits that end, a limit that is reached, a clock put forward, a journal that tells, a new beginning."""
    client.control("DELETE", "")
    client.control("PUT", "credits", {"pictures": 1})
    where = link(client.draw())
    client.draw(403)
    client.control("DELETE", "credits")
    client.control("PUT", "limits", {"quotas": ["1/minute"]})
    client.draw()
    client.draw(429)
    client.control("DELETE", "limits")
    client.control("POST", "clock", {"hours": 25})
    client.fetch(where, expected=403)
    told = [entry["status"] for entry in client.control("GET", "journal") if "status" in entry]
    expect({200, 403, 429} <= {*told}, f"the journal tells {told}")
    client.control("GET", "verdicts")
    client.control("DELETE", "")


def strangers(client: Client, number: int) -> None:
    """Keys that are never seen again, and one that is refused."""
    for place in range(20):
        Client(client.port, f"stranger-{number}-{place}").draw()
    Client(client.port, "invalid-key").draw(401)


FLOWS: tuple[Flow, ...] = (download, inline, edit, faults, wire, control, strangers)

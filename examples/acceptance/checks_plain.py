"""What a client that speaks plain HTTP must see, on the wire and in every byte.

A check yields the reasons it does not hold.
"""

from __future__ import annotations

import json
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .pictures import Size, large_data_uri, picture_reasons

Body = dict[str, Any]
DREAM, EDIT = "bytedance/seedream-3.0", "bytedance/seededit-3.0-i2i"
PATH = "/v1/images/generations"
KEYED = {"Authorization": "Bearer test-key"}
DRAWN: Body = {"model": DREAM, "prompt": "a lighthouse at dusk", "size": "1888x301"}
EDITED: Body = {"model": EDIT, "prompt": "Add a bird to the foreground of the photo."}
# What n8n, SillyTavern and LiteLLM send beside the documented fields.
STRAY: Body = {
    "n": 1,
    "quality": "standard",
    "style": "vivid",
    "background": "auto",
    "negative_prompt": "fog",
    "steps": 20,
    "width": 512,
    "num_images": 1,
    "extra_body": {"steps": 20},
}


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def read(cls, came: Mapping[str, Any]) -> Reply:
        """The reply in a probe's answer; one that never came has status 0, and the client's error as its body."""
        if "error" in came:
            return cls(0, {}, str(came["error"]).encode())
        return cls(came["status"], came["headers"], b64decode(came["body"]))

    @property
    def json(self) -> dict[str, Any]:
        """The body, if it is a JSON object; else an empty one."""
        try:
            body = json.loads(self.body)
        except ValueError:
            return {}
        return body if isinstance(body, dict) else {}

    @property
    def item(self) -> dict[str, Any]:
        """The first of `data`."""
        first: dict[str, Any] = (self.json.get("data") or [{}])[0]
        return first

    def __str__(self) -> str:
        return f"{self.status} {self.body[:160]!r}"


@dataclass(frozen=True)
class Client:
    """A client, and the server that it is to reach."""

    ask: Callable[[Sequence[Mapping[str, Any]]], list[dict[str, Any]]]
    server: str

    def post(self, body: Body, path: str = PATH, headers: Mapping[str, str] = KEYED) -> Reply:
        """The answer to a body in JSON."""
        return self.post_all([body], path, headers)[0]

    def post_all(self, bodies: Sequence[Body], path: str = PATH, headers: Mapping[str, str] = KEYED) -> list[Reply]:
        """The answers to bodies that are sent at once."""
        asked = {"method": "POST", "url": f"{self.server}{path}", "headers": dict(headers)}
        return [*map(Reply.read, self.ask([{**asked, "json": body} for body in bodies]))]

    def post_text(self, text: str) -> Reply:
        """The answer to a body that need not be JSON."""
        headers = {**KEYED, "Content-Type": "application/json"}
        asked = {"method": "POST", "url": f"{self.server}{PATH}", "headers": headers, "text": text}
        return Reply.read(self.ask([asked])[0])

    def get(self, url: str, headers: Mapping[str, str] = {}) -> Reply:
        """The answer to a download."""
        return Reply.read(self.ask([{"method": "GET", "url": url, "headers": dict(headers)}])[0])


Check = Callable[[Client], Iterator[str]]


def link(client: Client) -> Iterator[str]:
    """200, `created`, and one absolute link on the server's own origin."""
    reply = client.post(DRAWN | {"watermark": False})
    if reply.status != 200:
        yield f"expected 200, received {reply}"
    if type(reply.json.get("created")) is not int:
        yield f"expected a whole number `created`, received {reply.json.get('created')!r}"
    if len({"url", "b64_json"} & reply.item.keys()) != 1:
        yield f"expected one of url and b64_json, received {sorted(reply.item)}"
    if not str(reply.item.get("url")).startswith(f"{client.server}/"):
        yield f"expected a link on {client.server}, received {reply.item.get('url')!r}"


def drawing(size: Size) -> Check:
    """A picture of that size behind the link, which needs no key."""

    def check(client: Client) -> Iterator[str]:
        return downloaded(client, client.post(DRAWN | {"size": "x".join(map(str, size))}), size)

    return check


def editing(image: Callable[[], str]) -> Check:
    """A picture in the caller's ratio behind the link, for that image."""

    def check(client: Client) -> Iterator[str]:
        return downloaded(client, client.post(EDITED | {"image": image()}), (1152, 864))

    return check


def downloaded(client: Client, reply: Reply, size: Size, headers: Mapping[str, str] = {}) -> Iterator[str]:
    """Why there is no picture of the size behind the reply's link."""
    if "url" not in reply.item:
        yield f"expected a link, received {reply}"
        return
    picture = client.get(reply.item["url"], headers)
    if picture.status != 200 or not picture.headers.get("content-type", "").startswith("image/"):
        yield f"expected 200 and image/…, received {picture} of {picture.headers.get('content-type')}"
    yield from picture_reasons(picture.body, size)


def download_with_a_key(client: Client) -> Iterator[str]:
    """A client that sends its key to the link too gets the picture."""
    return downloaded(client, client.post(DRAWN), (1888, 301), KEYED)


def base64(client: Client) -> Iterator[str]:
    """Bare base64, and no link, for who asks for it."""
    reply = client.post(DRAWN | {"response_format": "b64_json"})
    if set(reply.item) != {"b64_json"}:
        yield f"expected b64_json alone, received {reply}"
        return
    try:
        yield from picture_reasons(b64decode(reply.item["b64_json"], validate=True), (1888, 301))
    except NotBase64:
        yield f"expected bare base64, received {reply.item['b64_json'][:40]!r}"


def stray_fields(client: Client) -> Iterator[str]:
    """Fields and headers that nobody documented do no harm."""
    headers = {**KEYED, "X-Title": "n8n AIMLAPI Node"}
    return downloaded(client, client.post(DRAWN | STRAY, headers=headers), (1888, 301))


def at(path: str) -> Check:
    """The endpoint answers there too."""

    def check(client: Client) -> Iterator[str]:
        reply = client.post(DRAWN, path)
        if reply.status != 200:
            yield f"expected 200 at {path}, received {reply}"

    return check


def refusing(status: int, send: Callable[[Client], Reply], names: str) -> Check:
    """A refusal by that status, with a message that names what is wrong and the id that the header gives."""

    def check(client: Client) -> Iterator[str]:
        reply = send(client)
        if reply.status != status or names not in str(reply.json.get("message")):
            yield f"expected {status} and a message with {names!r}, received {reply}"
        if not reply.headers.get("x-request-id") or reply.headers["x-request-id"] != reply.json.get("requestId"):
            yield f"expected x-request-id to be requestId, received {reply.headers.get('x-request-id')!r}"

    return check


def eight_at_once(client: Client) -> Iterator[str]:
    """Eight calls at once get eight pictures."""
    replies = client.post_all([{**DRAWN, "seed": seed} for seed in range(8)])
    links = {reply.item.get("url") for reply in replies} - {None}
    if len(links) != 8:
        yield f"expected 8 links, received {len(links)} and {[reply.status for reply in replies]}"


CHECKS: dict[str, Check] = {
    "link": link,
    "1888x301": drawing((1888, 301)),
    "555x543": drawing((555, 543)),
    "download-with-a-key": download_with_a_key,
    "b64_json": base64,
    "stray-fields": stray_fields,
    "edit-3-mib": editing(large_data_uri),
    "edit-dead-url": editing(lambda: "http://pictures.invalid/t-rex.png"),
    "trailing-slash": at(f"{PATH}/"),
    "base-without-v1": at(PATH.removeprefix("/v1")),
    "no-key": refusing(401, lambda client: client.post(DRAWN, headers={}), "API key"),
    "no-prompt": refusing(400, lambda client: client.post({"model": DREAM}), "prompt"),
    "no-image": refusing(400, lambda client: client.post(EDITED), "image"),
    "bad-enum": refusing(400, lambda client: client.post(DRAWN | {"response_format": "jpeg"}), "response_format"),
    "bad-json": refusing(400, lambda client: client.post_text('{"model": '), "JSON"),
    "eight-at-once": eight_at_once,
}

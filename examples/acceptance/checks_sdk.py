"""What a client that is a library must give its caller.

A check yields the reasons it does not hold.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from .checks_plain import DRAWN, EDITED, Client
from .pictures import Size, large_data_uri, picture_reasons

Check = Callable[[Client], Iterator[str]]
Asked = Mapping[str, Any]
# What users pass on, known or not; LiteLLM itself refuses those that OpenAI has a name for.
STRAY = {"n": 1, "steps": 20, "negative_prompt": "fog", "width": 512}
SQUARE = {**DRAWN, "size": "1024x1024"}


def call(client: Client, *asked: Asked) -> list[dict[str, Any]]:
    """What the library gives for each request, all made at once."""
    to = {"base": f"{client.server}/v1", "key": "test-key"}
    return client.ask([{**to, **one} for one in asked])


def said(came: Asked) -> str:
    """An answer in a few words."""
    return f"{came['error']}: {came['message'][:400]}" if "error" in came else f"{str(came.get('data'))[:160]}"


def picture(came: Asked, size: Size) -> Iterator[str]:
    """Why the library gave no picture of the size, as a link or as base64."""
    item = (came.get("data") or [{}])[0]
    if item.get("b64_json"):
        yield from picture_reasons(b64decode(item["b64_json"]), size)
    elif item.get("url"):
        try:
            with urlopen(item["url"], timeout=60) as answer:
                yield from picture_reasons(answer.read(), size)
        except URLError as reason:
            yield f"expected a picture behind {item['url'].partition('?')[0]}, received {reason}"
    else:
        yield f"expected a picture, received {said(came)}"


def giving(asked: Callable[[], Asked], size: Size) -> Check:
    """A picture of that size."""
    return lambda client: picture(call(client, asked())[0], size)


def link(client: Client) -> Iterator[str]:
    """A link on the server's own origin, and no base64."""
    came = call(client, DRAWN)[0]
    item = (came.get("data") or [{}])[0]
    if not str(item.get("url")).startswith(f"{client.server}/") or item.get("b64_json"):
        yield f"expected a link on {client.server} alone, received {said(came)}"


def created(client: Client) -> Iterator[str]:
    """When it was made, in seconds."""
    came = call(client, DRAWN)[0]
    if type(came.get("created")) is not int:
        yield f"expected a whole number, received {came.get('created')!r} and {said(came)}"


def base64(client: Client) -> Iterator[str]:
    """Base64, and no link."""
    came = call(client, {**DRAWN, "response_format": "b64_json"})[0]
    item = (came.get("data") or [{}])[0]
    if not item.get("b64_json") or item.get("url"):
        yield f"expected b64_json alone, received {said(came)}"
    else:
        yield from picture(came, (1888, 301))


def based_at(path: str) -> Check:
    """The base may be given in that form too."""
    return lambda client: picture(call(client, {**SQUARE, "base": f"{client.server}{path}"})[0], (1024, 1024))


def raising(status: int, asked: Asked, names: str) -> Check:
    """An error of that status, whose text has the API's own message in it."""

    def check(client: Client) -> Iterator[str]:
        came = call(client, asked)[0]
        if came.get("status") != status or names not in came.get("message", ""):
            yield f"expected {status} and a message with {names!r}, received {said(came)}"

    return check


def request_id(client: Client) -> Iterator[str]:
    """The id to tell the vendor's support."""
    came = call(client, DRAWN)[0]
    if not came.get("request_id"):
        yield f"expected a request id, received {came.get('request_id')!r}"


def eight_at_once(client: Client) -> Iterator[str]:
    """Eight calls at once get eight pictures, each its own."""
    answers = call(client, *({**DRAWN, "prompt": f"lighthouse {number}"} for number in range(8)))
    given = {str(came["data"][0]) for came in answers if came.get("data")}
    if len(given) != 8:
        yield f"expected 8 pictures, received {len(given)} and {said(answers[0])}"


CHECKS: dict[str, Check] = {
    "link": link,
    "created": created,
    "1888x301": giving(lambda: DRAWN, (1888, 301)),
    "555x543": giving(lambda: {**DRAWN, "size": "555x543"}, (555, 543)),
    "b64_json": base64,
    "links-only": giving(lambda: {**SQUARE, "links_only": True}, (1024, 1024)),
    "stray-fields": giving(lambda: {**SQUARE, "fields": STRAY}, (1024, 1024)),
    "edit-3-mib": giving(lambda: {**EDITED, "fields": {"image": large_data_uri(), "seed": 7}}, (1152, 864)),
    "edit-dead-url": giving(lambda: {**EDITED, "fields": {"image": "http://pictures.invalid/a.png"}}, (1152, 864)),
    "base-without-v1": based_at(""),
    "base-with-slash": based_at("/v1/"),
    "request-id": request_id,
    "wrong-key": raising(401, {**DRAWN, "key": "invalid-key"}, "API key"),
    "no-image": raising(400, EDITED, "image: "),
    "bad-enum": raising(400, {**DRAWN, "model": "bytedance/seedream-9"}, "model: "),
    "eight-at-once": eight_at_once,
}

"""Faults in what is let in: validation, two parameters together, keys, methods and malformed bodies."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PIL import Image

from .bends import (
    LINK,
    Test,
    accepts,
    fails,
    headed,
    is_b64,
    key_of,
    lacking,
    lets_in,
    marked,
    num,
    over,
    pictured,
    refuses,
    sends,
    text,
    when,
)
from .rules import breaches, sides
from .wire import DRAW, EDIT, At, Call, Fault, Refused

GOOD = b'{"model": "bytedance/seedream-3.0", "prompt": "x", "seed": 1}'
KEYED = {"authorization": "Bearer somebody", "content-type": "application/json"}


def area(size: Any) -> int:
    """The pixels of a text as WxH; 0 if it is none."""
    found = sides(size) if isinstance(size, str) else None
    return found[0] * found[1] if found else 0


def longest(size: str) -> int:
    """The longer side of a text as WxH."""
    return max(sides(size) or (0,))


def shaped(test: Callable[[int, int], bool]) -> Test:
    """Whether a value is a file of a picture whose width and height meet a test."""
    return pictured(lambda picture, _: test(*picture.size))


def truncated(picture: Image.Image, _: bytes) -> bool:
    """Whether a file's header can be read, and its pixels cannot."""
    try:
        picture.load()
    except OSError:
        return True
    return False


def takes(wrong: Test) -> Fault:
    """An image that should be refused is taken for another one."""
    return accepts("image", wrong, LINK, EDIT)


def validated_first(call: Call, at: At) -> Call:
    """A caller without a key learns what is wrong with the body."""
    if not key_of(call) and next(breaches(at.body), None):
        raise Refused(400, "Body validation error!")
    return call


def called(test: Callable[[Call], bool], **fields: Any) -> Fault:
    """Some calls are taken for others."""
    return Fault(call=lambda call, _: replace(call, **fields) if test(call) else call)


def like_post(method: str) -> Fault:
    """A method is taken for POST, of a good body."""
    return called(lambda call: call.method == method, method="POST", body=GOOD, headers=KEYED)


def headed_as(name: str, value: str, test: Callable[[Call], bool]) -> Fault:
    """A header of some calls is taken for another."""
    return Fault(call=lambda call, _: replace(call, headers={**call.headers, name: value}) if test(call) else call)


def read_as(pattern: bytes, by: bytes) -> Fault:
    """Bytes that are no JSON, or not only, are read as if they were."""
    return Fault(call=lambda call, _: replace(call, body=re.sub(pattern, by, call.body)))


def malformed(call: Call) -> bool:
    """Whether a post's body is no object."""
    return call.method == "POST" and not re.match(rb"\s*\{.*\}\s*$", call.body, re.DOTALL)


def breaks(test: Callable[[Call], bool]) -> Fault:
    """Some calls break the server."""

    def call(call: Call, _: At) -> Call:
        if test(call):
            raise Refused(500, "Internal server error")
        return call

    return Fault(call=call)


VALIDATION = {
    "size-upper-case-accepted": accepts("size", text(r"\d+X\d+"), "1024x1024"),
    "size-star-accepted": accepts("size", text("\\d+[*\N{MULTIPLICATION SIGN}]\\d+"), "1024x1024"),
    "size-spaces-accepted": accepts("size", text(r"\s*\d+ +x +\d+\s*|\d+x\d+\s+"), "1024x1024"),
    "size-just-under-accepted": accepts("size", lambda value: 260_000 <= area(value) < 262_144, "512x512"),
    "size-just-over-accepted": accepts("size", lambda value: 4_194_304 < area(value) <= 4_200_000, "2048x2048"),
    "size-empty-accepted": accepts("size", lambda value: value == ""),
    "size-number-accepted": accepts("size", num(bool)),
    "size-anything-accepted": accepts("size", lambda value: not area(value)),
    "edit-size-WxH-accepted": accepts("size", lambda value: area(value) > 0, model=EDIT),
    "edit-size-case-accepted": accepts("size", text("(?i)adaptive"), model=EDIT),
    "model-case-accepted": accepts("model", text(f"(?i){DRAW}"), DRAW),
    "model-unknown-accepted": accepts("model", text(f"(?!{DRAW}|{EDIT}).*"), DRAW),
    "model-missing-accepted": lacking("model", DRAW),
    "prompt-missing-accepted": lacking("prompt", "x"),
    "prompt-empty-accepted": accepts("prompt", lambda value: value == "", "x"),
    "prompt-number-accepted": accepts("prompt", num(lambda _: True), "x"),
    "prompt-list-accepted": accepts("prompt", lambda value: isinstance(value, list), "x"),
    "format-case-accepted": accepts("response_format", text("(?i)url|b64_json"), "url"),
    "format-unknown-accepted": accepts("response_format", text("(?!url$|b64_json$).*")),
    "seed-text-accepted": accepts("seed", text(r"-?\d+"), 5),
    "seed-fraction-accepted": accepts("seed", num(lambda value: value % 1 != 0), 1),
    "seed-boolean-accepted": accepts("seed", lambda value: isinstance(value, bool), 1),
    "seed-above-accepted": accepts("seed", num(lambda value: value > 2_147_483_647), 1),
    "seed-minus-2-accepted": accepts("seed", num(lambda value: value < -1), 1),
    "seed-null-accepted": accepts("seed", lambda value: value is None),
    "guidance-text-accepted": accepts("guidance_scale", text(r"\d+(\.\d+)?"), 5),
    "guidance-0-accepted": accepts("guidance_scale", num(lambda value: value == 0), 1),
    "guidance-0.99-accepted": accepts("guidance_scale", num(lambda value: 0.9 <= value < 1), 1),
    "guidance-10.01-accepted": accepts("guidance_scale", num(lambda value: 10 < value <= 10.5), 10),
    "guidance-11-accepted": accepts("guidance_scale", num(lambda value: value > 10.5), 10),
    "guidance-boolean-accepted": accepts("guidance_scale", lambda value: isinstance(value, bool), 1),
    "watermark-text-accepted": accepts("watermark", lambda value: isinstance(value, str), True),
    "watermark-number-accepted": accepts("watermark", num(lambda _: True), True),
    "watermark-null-accepted": accepts("watermark", lambda value: value is None),
    "image-missing-accepted": lacking("image", LINK, EDIT),
    "image-upper-case-format-accepted": takes(text("data:image/[A-Z]+;.*")),
    "image-other-format-accepted": takes(text("data:image/(?!png|jpe?g)[a-z]+;.*")),
    "image-bmp-accepted": takes(pictured(lambda picture, _: picture.format not in ("JPEG", "PNG"))),
    "image-truncated-accepted": takes(pictured(truncated)),
    "image-no-picture-accepted": takes(text("data:image/png;base64,(?!iVBOR).*")),
    "image-list-accepted": takes(lambda value: isinstance(value, list)),
    "image-ftp-accepted": takes(text("(ftp|file|gopher)://.*")),
    "image-14px-accepted": takes(shaped(lambda width, height: min(width, height) < 15)),
    "image-narrow-accepted": takes(shaped(lambda width, height: max(width, height) > 3 * min(width, height) >= 45)),
    "image-over-36-megapixels-accepted": takes(shaped(lambda width, height: width * height > 36_000_000)),
    "image-over-10-mib-accepted": takes(pictured(lambda _, data: len(data) > 10 * 2**20)),
    "size-least-refused": refuses("size", lambda value: area(value) == 262_144),
    "size-most-refused": refuses("size", lambda value: area(value) == 4_194_304),
    "size-side-under-512-refused": refuses("size", lambda value: min(sides(value) or (512,)) < 512),
    "size-side-over-2048-refused": refuses("size", lambda value: longest(value) > 2048),
    "seed-0-refused": refuses("seed", lambda value: value == 0),
    "seed-minus-1-refused": refuses("seed", lambda value: value == -1),
    "seed-most-refused": refuses("seed", lambda value: value == 2_147_483_647),
    "seed-7.0-refused": refuses("seed", lambda value: isinstance(value, float)),
    "guidance-1-refused": refuses("guidance_scale", lambda value: value == 1),
    "guidance-10-refused": refuses("guidance_scale", lambda value: value == 10),
    "guidance-fraction-refused": refuses("guidance_scale", lambda value: value % 1 != 0),
    "prompt-unicode-refused": refuses("prompt", lambda value: not value.isascii()),
    "prompt-long-refused": refuses("prompt", lambda value: len(value) > 1000),
    "prompt-one-character-refused": refuses("prompt", lambda value: len(value) == 1),
    "prompt-markup-refused": refuses("prompt", lambda value: "<" in value),
    "format-url-refused": refuses("response_format", lambda value: value == "url"),
    "watermark-false-refused": refuses("watermark", lambda value: value is False),
    "unknown-field-refused": Fault(refuse=lambda body, _: "n" if body.keys() & {"n", "quality", "user"} else None),
    "edit-size-adaptive-refused": refuses("size", lambda value: value == "adaptive", EDIT),
    "image-jpeg-refused": refuses("image", text("data:image/jpeg.*"), EDIT),
    "image-base64-refused": refuses("image", text("(?!data:|http).*"), EDIT),
    "image-15px-refused": refuses("image", shaped(lambda width, height: min(width, height) == 15), EDIT),
    "image-1-to-3-refused": refuses("image", shaped(lambda width, height: 3 * width == height), EDIT),
}
TOGETHER = {
    "seed-and-watermark": Fault(refuse=lambda body, _: "seed" if "seed" in body and marked(body) else None),
    "b64-and-strong-guidance": fails(lambda body: is_b64(body) and over("guidance_scale", 9)(body)),
    "b64-and-seed-0": fails(lambda body: is_b64(body) and body.get("seed") == 0),
    "b64-and-large": Fault(success=when(lambda body: is_b64(body) and area(body.get("size")) > 2**21, lambda *_: {})),
    "long-side-and-weak-guidance": fails(
        lambda body: body.get("guidance_scale") == 1 and longest(str(body.get("size"))) > 1800
    ),
    "least-guidance-and-highest-seed": fails(
        lambda body: body.get("guidance_scale") == 1 and over("seed", 2**31 - 1)(body)
    ),
    "watermark-and-strong-guidance": Fault(
        recipe=when(
            lambda body: marked(body) and over("guidance_scale", 9)(body),
            lambda recipe, _: replace(recipe, size=(1000, 1000)),
        )
    ),
    "small-and-watermark": fails(lambda body: 0 < area(body.get("size")) < 300_000 and marked(body)),
    "edit-b64-and-adaptive": fails(lambda body: is_b64(body) and "size" in body, model=EDIT),
    "edit-seed-and-weak-guidance": fails(lambda body: "seed" in body and body.get("guidance_scale") == 1, model=EDIT),
}
AUTH = {
    "no-key-accepted": lets_in(lambda call: "authorization" not in call.headers),
    "empty-key-accepted": lets_in(lambda call: "authorization" in call.headers and not key_of(call)),
    "wrong-key-accepted": lets_in(lambda call: "invalid" in key_of(call).lower()),
    "basic-accepted": lets_in(lambda call: call.headers.get("authorization", "").lower().startswith("basic")),
    "raw-key-accepted": lets_in(lambda call: " " not in call.headers.get("authorization", " ")),
    "key-in-query-accepted": lets_in(lambda call: "key" in call.query or "token" in call.query),
    "lower-case-scheme-refused": headed_as(
        "authorization", "", lambda call: call.headers.get("authorization", "").startswith("bearer ")
    ),
    "validation-before-key": Fault(call=validated_first),
    "no-key-for-the-alias": lets_in(lambda call: call.path != "/v1/images/generations"),
    "no-key-is-403": sends(lambda answer, _: replace(answer, status=403), 401),
    "no-key-is-500": sends(lambda answer, _: replace(answer, status=500), 401),
    "no-key-is-200": sends(lambda answer, _: replace(answer, status=200), 401),
}
PROTOCOL = {
    "GET-accepted": like_post("GET"),
    "HEAD-accepted": like_post("HEAD"),
    "PUT-accepted": like_post("PUT"),
    "unknown-path-accepted": called(lambda call: "/images/" in call.path, path="/v1/images/generations", body=GOOD),
    "unknown-path-is-500": breaks(lambda call: not call.path.endswith(("generations", "models"))),
    "malformed-is-500": breaks(malformed),
    "malformed-accepted": called(malformed, body=GOOD),
    "array-accepted": read_as(rb"^\s*\[.*\]\s*$", GOOD),
    "NaN-accepted": read_as(rb"\b(NaN|-?Infinity)\b", b"5"),
    "name-twice-accepted": read_as(rb'"(\w+)": *[^,{}]*, *(?=.*"\1":)', b""),
    "any-content-type-accepted": headed_as("content-type", "application/json", lambda call: call.method == "POST"),
    "charset-refused": headed_as(
        "content-type", "none", lambda call: "charset" in call.headers.get("content-type", "")
    ),
    "NUL-is-500": fails(lambda body: "\0" in str(body.get("prompt"))),
    "no-cors-on-errors": sends(headed(access_control_allow_origin=None), 400, 401),
    "bad-client-id-echoed": Fault(
        sent=lambda answer, at: headed(x_client_request_id=at.call.headers.get("x-client-request-id"))(answer, at)
    ),
}

"""Bodies that nobody would send.

JSON: good ones with one thing wrong, hostile spellings, noise. `multipart/form-data`: parts, names, boundaries and
codings that are wrong.
"""

from __future__ import annotations

import base64
import codecs
import json
import random
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from pixelpact.contract.contract import load
from pixelpact.contract.samples import PICTURE, sample

# Deeper than any reader recurses.
DEEPEST = 100_000
HOSTILE: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**400, 1e308, 5e-324, -0.0, 1.5, "", " ", "\0",
    "a" * 9999,
    "\x1b[31mred\x1b[0m", "\r\nX-Injected: 1", "\u202eterces", "\ud800", "\U0010ffff", "<script>alert(1)</script>",
    "../../etc/passwd", "%s%n{0}${jndi:ldap://a}", "' OR 1=1 --", "1024x1024", "0x0", "1" * 400 + "x1", "auto",
    "http://127.0.0.1/", "http://[", "https://example.com/a.png", "file:///etc/passwd", "data:image/png;base64,AAAA",
    f"data:image/png;base64,{PICTURE}", PICTURE, "////", [], [[]], [None], {}, {"": {}}, {"type": "Buffer",
    "data": [1]},
    ["http://127.0.0.1/"] * 50, {"width": 10**9, "height": -1}, [0] * 2000, "Bearer sk-aaaaaaaaaaaaaaaaaaaaaaaa",
)  # fmt: skip
NAMES = ("", "model", "__proto__", "constructor", "$ref", "a" * 5000, "\0", "\ud800", "prompt ", "PROMPT", "é" * 200)
CODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "latin-1", "utf-7")
RAW = (
    b"", b" ", b"null", b"true", b"0", b'""', b"[]", b"{}", b"{", b"[", b'"', b"{]", b"[}", b"nul", b"NaN", b"Infinity",
    b"-Infinity", b"-", b"1e", b"01", b"1.", b".5", b"+1", b"0x10", b"1e999999999", b"-1e999999999", b"1" * 5000,
    b'"\\ud800"', b'"\\udc00\\ud800"', b'"\xff"', b'"\xed\xa0\x80"', b'"\xc0\xaf"', b'"\xf5\x80\x80\x80"', b'"\\x41"',
    b'"\t"', b'"\x00"', b"\x00", b"\xef\xbb\xbf", b"\xef\xbb\xbf{}", b"\xff\xfe", b"\xfe\xff\x00{\x00}", b"{},",
    b"{}{}",
    b"// c\n{}", b"{'a': 1}", b"{a: 1}", b'{"a": 1,}', b"[1,]", b'{"a"}', b'{"model": "bytedance/seedream-3.0"',
)  # fmt: skip


@cache
def samples() -> tuple[Mapping[str, Any], ...]:
    """A good body of each model."""
    return tuple(body for model in load().models.values() if (body := sample(model)) is not None)


def fields(draw: random.Random) -> dict[str, Any]:
    """A good body, the simple models' more often."""
    every = samples()
    return dict(every[draw.randrange(3 if draw.random() < 0.5 else len(every))])


def good(draw: random.Random) -> bytes:
    """A body that is taken."""
    body = fields(draw)
    body["prompt"] = "".join(draw.choices('ab \u00e9\u732b\U0001f3db\n"\\', k=draw.randrange(1, 60)))
    return json.dumps(body, ensure_ascii=draw.random() < 0.5).encode()


def bent(draw: random.Random) -> bytes:
    """A good body with a few fields changed, left out or added."""
    body = fields(draw)
    for _ in range(draw.randrange(1, 4)):
        name = draw.choice([*body, *NAMES, "size", "seed", "n", "image", "image_urls", "guidance_scale", "mask"])
        if draw.random() < 0.15:
            body.pop(name, None)
        else:
            body[name] = draw.choice(HOSTILE)
    return json.dumps(body, ensure_ascii=draw.random() < 0.9).encode("utf-8", "surrogatepass")


def deep(draw: random.Random) -> bytes:
    """One thing in another, to a depth that readers do not expect."""
    depth = draw.choice((15, 16, 17, 60, 500, 990, 5000, DEEPEST))
    opened, closed = draw.choice(((b"[", b"]"), (b'{"a":', b"}"), (b'[{"a":', b"}]")))
    inner = opened * depth + b"1" + (closed * depth if draw.random() < 0.8 else b"")
    return draw.choice((inner, b'{"model": "bytedance/seedream-3.0", "prompt": ' + inner + b"}"))


def wide(draw: random.Random) -> bytes:
    """Very many fields, very long names, texts or numbers, or the same name again and again."""
    count = draw.choice((100, 2000, 20_000))
    return draw.choice(WIDE)(count)


WIDE: tuple[Callable[[int], bytes], ...] = (
    lambda count: json.dumps({f"f{number}": number for number in range(count)}).encode(),
    lambda count: b"{" + b",".join([b'"prompt": "a"'] * count) + b', "model": "bytedance/seedream-3.0"}',
    lambda count: json.dumps({f"f{number}": 0 for number in range(count)}).encode()[:-1] + b', "f99": 1}',
    lambda count: json.dumps({"model": "bytedance/seedream-3.0", "prompt": "a", "x" * count * 10: 1}).encode(),
    lambda count: json.dumps({"model": "bytedance/seedream-3.0", "prompt": '\\"\n' * count}).encode(),
    lambda count: json.dumps({"model": "m" * count * 10, "prompt": "a"}).encode(),
    lambda count: b'{"model": "bytedance/seedream-3.0", "prompt": "a", "seed": ' + b"9" * count * 3 + b"}",
    lambda count: b'{"model": "bytedance/seedream-3.0", "prompt": "a", "seed": 1e' + b"9" * count + b"}",
    lambda count: json.dumps({"model": "alibaba/qwen-image-2-0", "prompt": "a", "image_urls": ["a"] * count}).encode(),
    lambda count: json.dumps(
        {"model": "bytedance/seededit-3.0-i2i", "prompt": "a", "image": "A" * count * 20}
    ).encode(),
    lambda count: json.dumps(
        {"model": "bytedance/seededit-3.0-i2i", "prompt": "a", "image": "http://" + "a." * count}
    ).encode(),
    lambda count: json.dumps({"model": "bytedance/seedream-3.0", "prompt": "http://a@" * count}).encode(),
    lambda count: json.dumps({"model": "bytedance/seedream-3.0", "prompt": "sk-" * count + "Bearer " * count}).encode(),
    lambda count: b"[" + b"0," * count + b"0]",
    lambda count: b" " * count * 20 + b"{}",
)


def respelt(draw: random.Random) -> bytes:
    """A good body in another coding, or with what is no JSON in it."""
    text = json.dumps(fields(draw), ensure_ascii=False)
    return draw.choice(
        (
            lambda: text.encode(draw.choice(CODINGS), "replace"),
            lambda: codecs.BOM_UTF8 + text.encode(),
            lambda: text.replace('"prompt": "', '"prompt": "\\ud800', 1).encode(),
            lambda: text.replace(": ", ": NaN, ", 1).encode(),
            lambda: (text[:-1] + ', "seed": NaN}').encode(),
            lambda: (text[:-1] + ', "seed": -Infinity}').encode(),
            lambda: (text[:-1] + ', "model": "flux/schnell", "model": 5}').encode(),
            lambda: text[: draw.randrange(len(text))].encode(),
        )
    )()


def noise(draw: random.Random) -> bytes:
    """Random bytes, or one of the short texts that break readers."""
    return draw.choice(RAW) if draw.random() < 0.5 else draw.randbytes(draw.randrange(300))


def struck(draw: random.Random) -> bytes:
    """A good body with a few bytes changed, cut out or doubled."""
    data = bytearray(good(draw))
    for _ in range(draw.randrange(1, 5)):
        at = draw.randrange(len(data) + 1)
        data[at : at + draw.randrange(3)] = draw.choice(
            (b"", draw.randbytes(1), b'"', b"{", b"\\", b"\0", data[at : at + 9])
        )
    return bytes(data)


# How often each comes, beside the others.
BODIES: tuple[tuple[Callable[[random.Random], bytes], int], ...] = (
    (good, 20), (bent, 40), (struck, 15), (respelt, 10), (noise, 10), (wide, 1), (deep, 1),
)  # fmt: skip

FIELDS = {"model": b"openai/gpt-image-1", "prompt": b"a", "n": b"1"}
PNG = base64.b64decode(PICTURE)
BOUNDARIES = ("x", "a" * 70, "a" * 5000, "'()+_,-./:=? ", '"quoted"', "", "é", "-", "--", "x\r\ny", "\0")
DISPOSITIONS = (
    'form-data; name="image"; filename="a.png"', "form-data; name=image; filename=a.png", "form-data", "", "attachment",
    'form-data; name=""', 'form-data; name="image"; filename=""',
    "form-data; name*=utf-8''im%61ge; filename*=utf-8''%ff",
    'form-data; name="image"; filename="' + "a" * 20_000 + '"', 'form-data; name="image"; filename="../../etc/passwd"',
    'form-data; name="' + "n" * 20_000 + '"', 'form-data; name="image[]"; filename="a\\"b.png"',
    'form-data; name="image"; filename="\x1b[2J\u202e.png"', "form-data; " + "a=b; " * 3000, 'form-data; name="image',
    "form-data; name*0=im; name*1=age; filename*0=a; filename*1=b",
    'form-data; name="model"', 'form-data; name="__proto__"',
)  # fmt: skip
EXTRA = (
    b"", b"Content-Type: image/png\r\n", b"Content-Type: " + b"a" * 9000 + b"\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Type: multipart/mixed; boundary=inner\r\n", b"Content-Type: text/plain; charset=utf-16\r\n",
    b"X: y\r\n" * 500,
    b"Content-Type: text/plain; charset=" + b"\xff" * 9 + b"\r\n", b"no colon here\r\n", b" folded\r\n", b"\0: \0\r\n",
    b"Content-Length: -1\r\n", b"Content-Encoding: gzip\r\n",
)  # fmt: skip


def form(draw: random.Random) -> tuple[str, bytes]:
    """A content type, and the body that goes with it or not."""
    boundary = "frontier" if draw.random() < 0.8 else draw.choice(BOUNDARIES)
    told = boundary if draw.random() < 0.95 else draw.choice(BOUNDARIES)
    body = draw.choice(SHAPES)(draw, boundary.encode("utf-8", "replace"))
    if draw.random() < 0.15:
        body = body[: draw.randrange(len(body) + 1)]
    return draw.choice(("multipart/form-data", "Multipart/Form-Data ")) + f"; boundary={told}", body


def _part(disposition: bytes, data: bytes, extra: bytes = b"") -> bytes:
    return b"Content-Disposition: " + disposition + b"\r\n" + extra + b"\r\n" + data + b"\r\n"


def _joined(boundary: bytes, parts: list[bytes]) -> bytes:
    edge = b"--" + boundary
    return b"".join(edge + b"\r\n" + part for part in parts) + edge + b"--\r\n"


def _texts() -> list[bytes]:
    return [_part(f'form-data; name="{name}"'.encode(), value) for name, value in FIELDS.items()]


def _good(draw: random.Random, boundary: bytes) -> bytes:
    image = _part(b'form-data; name="image"; filename="a.png"', PNG, b"Content-Type: image/png\r\n")
    parts = [*_texts(), image]
    draw.shuffle(parts)
    return _joined(boundary, parts)


def _odd_parts(draw: random.Random, boundary: bytes) -> bytes:
    odd = [
        _part(draw.choice(DISPOSITIONS).encode(), draw.choice((PNG, b"", draw.randbytes(50))), draw.choice(EXTRA))
        for _ in range(draw.randrange(1, 5))
    ]
    return _joined(boundary, [*_texts(), *odd])


def _many(draw: random.Random, boundary: bytes) -> bytes:
    count = draw.choice((999, 1000, 1001, 5000))
    return _joined(boundary, [*_texts(), *[_part(b'form-data; name="image"; filename="a"', b"x")] * count])


def _nested(draw: random.Random, boundary: bytes) -> bytes:
    inner = b""
    for depth in range(draw.choice((1, 5, 200))):
        name = b"b%d" % depth
        inner = _joined(name, [b"Content-Type: multipart/mixed; boundary=" + name + b"\r\n\r\n" + inner])
    return _joined(boundary, [*_texts(), inner])


def _edges(draw: random.Random, boundary: bytes) -> bytes:
    """What is nearly a boundary, over and over."""
    near = draw.choice(
        (b"\r\n--" + boundary[:-1], b"--", b"\r\n", b"\r", b"\n--" + boundary, b"\r\n--" + boundary + b" ")
    )
    return _joined(
        boundary, [*_texts(), _part(b'form-data; name="image"; filename="a"', near * draw.choice((10, 5000)))]
    )


def _line_ends(draw: random.Random, boundary: bytes) -> bytes:
    return _good(draw, boundary).replace(b"\r\n", draw.choice((b"\n", b"\r", b"\r\r\n", b"\n\r")))


def _noise(draw: random.Random, boundary: bytes) -> bytes:
    return draw.choice((b"", b"--" + boundary, b"--" + boundary + b"--", draw.randbytes(200), b"\r\n" * 50))


SHAPES: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    _good, _odd_parts, _odd_parts, _odd_parts, _line_ends, _noise, _edges, _nested, _many,
)  # fmt: skip

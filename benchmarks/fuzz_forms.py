"""Forms that nobody would send: `multipart/form-data` with parts, names, boundaries and codings that are wrong."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable

from pixelpact.contract.samples import PICTURE

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

"""What Schemathesis cannot read in a JSON Schema: that a `picture` can be opened, and which `size` a model draws.

`SCHEMATHESIS_HOOKS=benchmarks.schemathesis_hooks schemathesis run …`; nothing else is told to it.
"""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import schemathesis
from hypothesis import strategies as st

SIDE = 64  # pixels; no rule wants more of a square


def png(shade: int) -> bytes:
    """A square of one shade of grey."""
    rows = bytes([0, *[shade] * SIDE]) * SIDE
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


PNGS = st.integers(0, 255).map(png)
IN_BASE64 = PNGS.map(lambda data: base64.b64encode(data).decode())
URLS = st.from_regex(r"\Ahttps?://[a-z]{1,10}\.example(:[1-9][0-9]{0,3})?(/[a-z0-9._~%-]{0,8}){0,3}\Z")
SIDES = st.integers(512, 2048)
schemathesis.openapi.format("size", st.builds("{}x{}".format, SIDES, SIDES))
schemathesis.openapi.format("picture", IN_BASE64.map("data:image/png;base64,{}".format) | URLS | IN_BASE64)


# A part of a form.
schemathesis.openapi.format("binary", PNGS)


def before_call(_: Any, case: Any, __: Any) -> None:
    """The bytes of uploaded files, which JSON lists one by one, are those of a picture, unless something is broken."""
    if isinstance(case.body, dict) and case.meta and case.meta.generation.mode.is_positive:
        for given in (case.body.get("image"), case.body.get("mask")):
            for file in given if isinstance(given, list) else [given]:
                if isinstance(file, dict):
                    file["buffer"] = {"type": "Buffer", "data": list(png(200))}


schemathesis.hook(before_call)

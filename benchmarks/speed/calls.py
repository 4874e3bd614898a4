"""The calls that are sent: whole HTTP requests, the same bytes for every server."""

from __future__ import annotations

import base64
import io
import json
import random
from pathlib import Path
from typing import Any

from PIL import Image

from .documents import PATH
from .processes import Asked

DRAW, EDIT = "bytedance/seedream-3.0", "bytedance/seededit-3.0-i2i"
VALID: dict[str, Any] = {
    "model": DRAW,
    "prompt": "a lighthouse at dusk, oil on canvas",
    "size": "1024x1024",
    "response_format": "url",
    "seed": 7,
    "guidance_scale": 2.5,
    "watermark": False,
}
INVALID: dict[str, Any] = {**VALID, "guidance_scale": 25}
HEADERS = {"Authorization": "Bearer test-key", "Content-Type": "application/json"}
LARGE = 4 << 20  # of the data URI, in bytes


def large() -> dict[str, Any]:
    """An edit of a picture that comes as a data URI of 4 MiB."""
    head = "data:image/jpeg;base64,"
    picture = photograph((LARGE - len(head)) // 4 * 3)
    return {"model": EDIT, "prompt": "make it night", "image": head + base64.b64encode(picture).decode(), "seed": 7}


def photograph(length: int) -> bytes:
    """A JPEG of exactly this many bytes: noise, and comments that no decoder reads."""
    side = 1400
    noise = Image.frombytes("RGB", (side, side), random.Random(1).randbytes(side * side * 3))
    file = io.BytesIO()
    noise.save(file, "JPEG", quality=60)
    start, rest = file.getvalue()[:2], file.getvalue()[2:]
    return start + _comments(length - len(start) - len(rest)) + rest


def _comments(length: int) -> bytes:
    """Comment segments of this length in all, at most 64 KB each."""
    if length < 4:
        raise ValueError(f"expected room for a comment, received {length} bytes")
    parts = []
    while length:
        size = length if length <= 65537 else min(65537, length - 4)
        parts.append(b"\xff\xfe" + (size - 2).to_bytes(2, "big") + b"." * (size - 4))
        length -= size
    return b"".join(parts)


def asked(body: Any, path: str = PATH) -> Asked:
    """A request as what a server must answer to count as started."""
    return Asked(path, HEADERS, json.dumps(body).encode())


def written(folder: Path, name: str, body: Any, path: str = PATH, key: str = "test-key") -> str:
    """The file of a whole request."""
    content = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    file = folder / f"{name}.http"
    file.write_bytes(head.encode() + content)
    return str(file)

"""What a picture file is, by its first bytes. Needs no imaging library: whoever only asks this starts at once."""

from __future__ import annotations

PNG = b"\x89PNG\r\n\x1a\n"
MAGIC = (
    ("jpeg", b"\xff\xd8\xff"),
    ("png", PNG),
    ("gif", b"GIF8"),
    ("bmp", b"BM"),
    ("tiff", b"II*\0"),
    ("tiff", b"MM\0*"),
)


def container(data: bytes) -> str:
    """Return the name of the format that the first bytes announce, or `unknown`."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return next((name for name, magic in MAGIC if data.startswith(magic)), "unknown")

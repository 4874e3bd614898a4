"""What our keywords ask of a string, in plain Python: a size, a URI. Every validator of ours asks here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

SIZE = re.compile(r"([1-9][0-9]*)x([1-9][0-9]*)", re.ASCII)
LONGEST_SIZE = 21
SPACE = re.compile(r"\s")
# What `\s` stands for in ASCII; through megabytes each of these is found a hundred times faster.
ASCII_SPACES = "\t\n\v\f\r\x1c\x1d\x1e\x1f "
# Where a URL is at home: what makes it one is in its beginning, and the standard library keeps what it has parsed.
LONGEST_URL = 8192

# A value that was not given.
MISSING = object()

Dimensions = tuple[int, int]


def parse_size(text: str) -> Dimensions | None:
    """Width and height of a string `WxH`, or None where it is not of that form."""
    match = SIZE.fullmatch(text) if len(text) <= LONGEST_SIZE else None
    return (int(match[1]), int(match[2])) if match else None


def size_errors(rule: Mapping[str, int], value: str) -> Iterator[str]:
    """Why a string is no size under an `x-size` rule: each reason says what was expected."""
    size = parse_size(value)
    if size is None:
        yield "a size as WxH in pixels, such as 1024x1024"
        return
    area = size[0] * size[1]
    least, most = rule.get("minArea", 1), rule.get("maxArea", float("inf"))
    if not least <= area <= most:
        yield f"an area between {least:,} and {most:,} pixels, not {area:,}"
    shortest, longest = rule.get("minSide", 1), rule.get("maxSide", float("inf"))
    if min(size) < shortest or max(size) > longest:
        yield f"sides between {shortest:,} and {longest:,} pixels"


def is_uri(text: str) -> bool:
    """Whether a text is an absolute URI."""
    try:
        parts = urlsplit(text[:LONGEST_URL])
    except ValueError:
        return False
    return bool(parts.scheme and (parts.netloc or parts.path)) and not is_spaced(text)


def is_spaced(text: str) -> bool:
    """Whether there is white space anywhere in a text, however long that is."""
    if len(text) > LONGEST_URL and text.isascii():
        return any(space in text for space in ASCII_SPACES)
    return SPACE.search(text) is not None

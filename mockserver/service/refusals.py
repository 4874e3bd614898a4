"""What is said of a URL that is not fetched: never its query, user or password."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import PixelpactError

SHOWN = 200  # characters of a URL in a message


@dataclass
class FetchRefused(PixelpactError):
    """A caller's picture could not or must not be fetched; `url` is free of query, user and password."""

    url: str
    reason: str

    def __str__(self) -> str:
        return f"{self.url!r} is not fetched: {self.reason}"


def shown(url: str) -> str:
    """The URL as a message may show it: query and user carry signatures and passwords."""
    bare = re.split(r"[?#]", url, maxsplit=1)[0]
    return re.sub(r"^([A-Za-z][\w+.-]*:)?[/\\]*[^/\\]*@", r"\1//", bare)[:SHOWN]

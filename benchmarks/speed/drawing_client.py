"""A client that asks for one freshly drawn picture of 4096x4096 after the other: `PORT SECONDS`, a line for each."""

from __future__ import annotations

import http.client
import json
import sys
import time
from urllib.parse import urlsplit

from .calls import HEADERS
from .documents import PATH

MODEL = "bytedance/seedream-4-5"


def main(port: int, seconds: float) -> None:
    """Draw until the time is over."""
    end, seed = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        seed += 1
        body = {"model": MODEL, "prompt": "a lighthouse", "size": "4096x4096", "seed": seed}
        answer = json.loads(_fetched(port, "POST", PATH, json.dumps(body)))
        where = urlsplit(answer["data"][0]["url"])
        print(len(_fetched(port, "GET", f"{where.path}?{where.query}", "")), flush=True)


def _fetched(port: int, method: str, path: str, body: str) -> bytes:
    """What an answer of 200 holds. Raises ValueError for another."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body, HEADERS)
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise ValueError(f"{method}: expected 200, received {answer.status} {content[:200]!r}")
    return content


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))

"""`python -m examples.acceptance.probes.plain CLIENT`: HTTP by a client of the caller's choice, and nothing else.

Each function sends one request its client's own way. `json` is a body to be written by the client, `text` one as it is.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from base64 import b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from .lines import serve

Asked = dict[str, Any]


def answer(status: int, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """An answer as a line can hold it."""
    lower = {name.lower(): value for name, value in headers.items()}
    return {"status": status, "headers": lower, "body": b64encode(body).decode()}


def arguments(asked: Asked) -> dict[str, Any]:
    """The request as keywords of requests and of all that follow its manner."""
    body = {"json": asked["json"]} if "json" in asked else {"data": asked["text"].encode()} if "text" in asked else {}
    return {"method": asked["method"], "url": asked["url"], "headers": asked["headers"], **body}


def written(asked: Asked) -> str:
    """The body, for a client that writes none itself."""
    return json.dumps(asked["json"]) if "json" in asked else str(asked.get("text", ""))


def typed(asked: Asked, text: str) -> dict[str, str]:
    """The headers, for a client that does not know that it sends JSON."""
    return {**({"Content-Type": "application/json"} if text else {}), **asked["headers"]}


def by_requests(asked: Asked) -> dict[str, Any]:
    """By requests."""
    import requests

    came = requests.request(**arguments(asked))
    return answer(came.status_code, came.headers, came.content)


def by_niquests(asked: Asked) -> dict[str, Any]:
    """By niquests."""
    import niquests

    came = niquests.request(**arguments(asked))
    return answer(came.status_code, came.headers, came.content)


def by_httpx(asked: Asked) -> dict[str, Any]:
    """By httpx."""
    import httpx

    keywords = arguments(asked)
    came = httpx.request(**({"content": keywords.pop("data")} if "data" in keywords else {}), **keywords, timeout=60)
    return answer(came.status_code, came.headers, came.content)


def by_httpx2(asked: Asked) -> dict[str, Any]:
    """By httpx2."""
    import httpx2

    keywords = arguments(asked)
    came = httpx2.request(**({"content": keywords.pop("data")} if "data" in keywords else {}), **keywords, timeout=60)
    return answer(came.status_code, came.headers, came.content)


def by_aiohttp(asked: Asked) -> dict[str, Any]:
    """By aiohttp, which writes signed links anew."""
    import aiohttp

    async def send() -> dict[str, Any]:
        async with aiohttp.ClientSession() as session, session.request(**arguments(asked)) as came:
            return answer(came.status, came.headers, await came.read())

    return asyncio.run(send())


def by_urllib(asked: Asked) -> dict[str, Any]:
    """By the standard library."""
    text = written(asked)
    request = Request(asked["url"], text.encode() if text else None, typed(asked, text), method=asked["method"])
    try:
        with urlopen(request, timeout=60) as came:
            return answer(came.status, dict(came.headers), came.read())
    except HTTPError as came:
        return answer(came.code, dict(came.headers), came.read())


def by_curl(asked: Asked) -> dict[str, Any]:
    """By curl, which asks before it sends more than a mebibyte."""
    text = written(asked)
    with tempfile.TemporaryDirectory() as folder:
        head, body = Path(folder, "head"), Path(folder, "body")
        command = ["curl", "-sS", "-X", asked["method"], "-D", str(head), "-o", str(body), asked["url"]]
        command += [word for name, value in typed(asked, text).items() for word in ("-H", f"{name}: {value}")]
        command += ["--data-binary", "@-"] if text else []
        subprocess.run(command, input=text.encode(), check=True, timeout=60)
        # The last block: one that says "100 Continue" may come before it.
        status, *lines = head.read_text("latin-1").strip().split("\n\n")[-1].splitlines()
        pairs = (line.partition(": ") for line in lines)
        return answer(int(status.split()[1]), {name: value for name, _, value in pairs}, body.read_bytes())


CLIENTS: dict[str, Callable[[Asked], dict[str, Any]]] = {
    "requests": by_requests,
    "niquests": by_niquests,
    "httpx": by_httpx,
    "httpx2": by_httpx2,
    "aiohttp": by_aiohttp,
    "urllib": by_urllib,
    "curl": by_curl,
}

if __name__ == "__main__":
    serve(CLIENTS[sys.argv[1]])

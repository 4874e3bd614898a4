"""What a program sees of a picture that it asks for: the same two steps by each library, and what came as plain values.

The first step asks for the picture, the second follows its link.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import httpx
import httpx2
import openai
import requests

MODEL, PROMPT, SIZE = "bytedance/seedream-3.0", "a lighthouse", "512x512"
BODY = {"model": MODEL, "prompt": PROMPT, "size": SIZE, "seed": 5}
PATIENT = 10.0
JPEG = b"\xff\xd8"
# All is plain HTTP: reading this machine's certificates takes each client 20 ms, and nobody needs them.
UNUSED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
FAILURES = (
    httpx.HTTPError,
    requests.RequestException,
    openai.OpenAIError,
    aiohttp.ClientError,
    http.client.HTTPException,
    OSError,
    ValueError,
)


@dataclass(frozen=True)
class Seen:
    """What a program has in its hands: `value` if all went well, else an exception.

    `raised` are its type and those of its causes; `says` their texts, but for what is another one each time; `facts`
    what else it tells of an answer that is a refusal.
    """

    raised: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    value: str = ""

    @property
    def short(self) -> str:
        """The exception's type, and the status if there is one: `ReadTimeout`, `HTTPError:429`; or what came."""
        status = f":{self.facts['status']}" if "status" in self.facts else ""
        return f"{self.raised[0].rpartition('.')[2]}{status}" if self.raised else self.value


@dataclass(frozen=True)
class Client:
    """A library. `generate` takes base, key and read timeout, and gives the link; `download` its type and bytes.

    Both raise what the library raises for every status but that of success.
    """

    generate: Callable[[str, str, float], str]
    download: Callable[[str, float], tuple[str, bytes]] | None = None

    def see(self, hop: str, base: str, key: str, patience: float = PATIENT) -> Seen:
        """What comes of a picture up to that hop, `api` or `download`; the patience is that with the hop."""
        try:
            if hop == "api" or not self.download:
                return Seen(value=link_of(base, self.generate(base, key, patience)))
            kind, data = self.download(self.generate(base, key, PATIENT), patience)
        except FAILURES as error:
            return _seen(error)
        return Seen(value=picture_of(kind, data.startswith(JPEG)))


def link_of(base: str, url: str) -> str:
    return "a link" if url.startswith(f"{base}/") else f"no link: {url}"


def picture_of(kind: str, is_jpeg: bool) -> str:
    return f"{'a picture' if is_jpeg else 'no picture'}, {kind}"


def _seen(error: BaseException) -> Seen:
    tell = next((tell for kind, tell in REFUSALS.items() if isinstance(error, kind)), None)
    causes = tuple(_chain(error))
    says = tuple(settled(str(cause)) for cause in causes)
    return Seen(tuple(map(_named, causes)), says, tell(error) if tell else {})


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _named(error: BaseException) -> str:
    kind = type(error)
    package = kind.__module__.partition(".")[0]
    return kind.__qualname__ if package in UNNAMED else f"{package}.{kind.__qualname__}"


def settled(text: str) -> str:
    """A text without what is another one each time: links, numbers, the words of a refusal."""
    for pattern, stand_in in DIFFERS.items():
        text = re.sub(pattern, stand_in, text)
    return text


def refusal(status: int, headers: Mapping[str, str], body: bytes = b"") -> dict[str, Any]:
    """What an answer that is a refusal tells a program."""
    kind = headers.get("Content-Type", "").partition(";")[0]
    tell = READ.get(kind) if body else None
    return {"status": status, "type": kind, "wait": headers.get("Retry-After"), "told": tell(body) if tell else None}


def error_of(told: Any) -> Any:
    """The `error` of the API's envelope, as the SDKs hand it out; or what they have of a page."""
    return {**told, "message": type(told["message"]).__name__} if isinstance(told, dict) else TITLE.findall(told)


def _of_json(body: bytes) -> dict[str, Any]:
    told = json.loads(body)
    return {"message": type(told["message"]).__name__, "error": error_of(told["error"])}


def _of_response(error: Any) -> dict[str, Any]:
    return refusal(error.response.status_code, error.response.headers, error.response.content)


def _of_openai(error: openai.APIStatusError) -> dict[str, Any]:
    own = {"body": error_of(error.body), "code": error.code, "param": error.param, "kind": error.type}
    return {**_of_response(error), **own, "status_code": error.status_code}


UNNAMED = {"builtins", "json", "http"}
TITLE = re.compile("<title>(.*?)</title>")
TOLD = re.compile("<(?:Code|Message)>(.*?)</")
READ: Mapping[str, Callable[[bytes], Any]] = {
    "application/json": _of_json,
    "application/xml": lambda body: TOLD.findall(body.decode()),
    "text/html": lambda body: TITLE.findall(body.decode()),
}
DIFFERS = {
    r"https?://[^\s']+": "LINK",
    r"(Error code: [0-9]+) - .*": r"\1",
    r"b\\?'.*?'": "BYTES",
    r"(?:Expecting|Expected|Unterminated) .*": "NO JSON",
    r"port=[0-9]+|[0-9]+ (?:bytes|more|of)|(?:expected|of) [0-9]+": "NUMBER",
}
REFUSALS: Mapping[type[BaseException], Callable[[Any], Mapping[str, Any]]] = {
    httpx.HTTPStatusError: _of_response,
    requests.HTTPError: _of_response,
    openai.APIStatusError: _of_openai,
    aiohttp.ClientResponseError: lambda error: refusal(error.status, error.headers or {}),
    urllib.error.HTTPError: lambda error: refusal(error.code, error.headers, error.read()),
}


def _path(base: str) -> str:
    return f"{base}/v1/images/generations"


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _link(answer: Any) -> str:
    url: str = answer["data"][0]["url"]
    return url


def httpx_generate(base: str, key: str, patience: float) -> str:
    with httpx.Client(timeout=httpx.Timeout(PATIENT, read=patience), verify=UNUSED) as client:
        return _link(client.post(_path(base), headers=_bearer(key), json=BODY).raise_for_status().json())


def httpx_download(link: str, patience: float) -> tuple[str, bytes]:
    with httpx.Client(timeout=httpx.Timeout(PATIENT, read=patience), verify=UNUSED) as client:
        answer = client.get(link).raise_for_status()
    return answer.headers["content-type"], answer.content


def httpx_async_generate(base: str, key: str, patience: float) -> str:
    async def ask() -> str:
        async with httpx.AsyncClient(timeout=httpx.Timeout(PATIENT, read=patience), verify=UNUSED) as client:
            return _link((await client.post(_path(base), headers=_bearer(key), json=BODY)).raise_for_status().json())

    return asyncio.run(ask())


def httpx_async_download(link: str, patience: float) -> tuple[str, bytes]:
    async def ask() -> tuple[str, bytes]:
        async with httpx.AsyncClient(timeout=httpx.Timeout(PATIENT, read=patience), verify=UNUSED) as client:
            answer = (await client.get(link)).raise_for_status()
        return answer.headers["content-type"], answer.content

    return asyncio.run(ask())


def requests_generate(base: str, key: str, patience: float) -> str:
    answer = requests.post(_path(base), headers=_bearer(key), json=BODY, timeout=(PATIENT, patience))
    answer.raise_for_status()
    return _link(answer.json())


def requests_download(link: str, patience: float) -> tuple[str, bytes]:
    answer = requests.get(link, timeout=(PATIENT, patience))
    answer.raise_for_status()
    return answer.headers["content-type"], answer.content


def openai_generate(base: str, key: str, patience: float) -> str:
    timeout = openai.Timeout(PATIENT, read=patience)
    with (
        httpx2.Client(verify=UNUSED) as http,
        openai.OpenAI(base_url=f"{base}/v1", api_key=key, max_retries=0, timeout=timeout, http_client=http) as client,
    ):
        answer = client.images.generate(model=MODEL, prompt=PROMPT, size=SIZE, extra_body={"seed": 5})
    return _link(answer.to_dict())


def aiohttp_generate(base: str, key: str, patience: float) -> str:
    async def ask() -> str:
        timeout = aiohttp.ClientTimeout(sock_read=patience)
        async with (
            aiohttp.ClientSession(timeout=timeout, raise_for_status=True) as session,
            session.post(_path(base), headers=_bearer(key), json=BODY) as answer,
        ):
            return _link(await answer.json())

    return asyncio.run(ask())


def aiohttp_download(link: str, patience: float) -> tuple[str, bytes]:
    async def ask() -> tuple[str, bytes]:
        timeout = aiohttp.ClientTimeout(sock_read=patience)
        async with (
            aiohttp.ClientSession(timeout=timeout, raise_for_status=True) as session,
            session.get(link) as answer,
        ):
            return answer.content_type, await answer.read()

    return asyncio.run(ask())


def urllib_generate(base: str, key: str, patience: float) -> str:
    headers = {**_bearer(key), "Content-Type": "application/json"}
    request = urllib.request.Request(_path(base), json.dumps(BODY).encode(), headers)
    with urllib.request.urlopen(request, timeout=patience) as answer:
        return _link(json.load(answer))


def urllib_download(link: str, patience: float) -> tuple[str, bytes]:
    with urllib.request.urlopen(link, timeout=patience) as answer:
        return answer.headers["content-type"], answer.read()


CLIENTS: Mapping[str, Client] = {
    "httpx": Client(httpx_generate, httpx_download),
    "httpx-async": Client(httpx_async_generate, httpx_async_download),
    "requests": Client(requests_generate, requests_download),
    # Whoever follows the links of the SDK does so by another library.
    "openai": Client(openai_generate),
    "aiohttp": Client(aiohttp_generate, aiohttp_download),
    "urllib": Client(urllib_generate, urllib_download),
}

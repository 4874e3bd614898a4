"""Real clients against the mock on a real socket, and the docs' own samples with nothing changed but the address."""

from __future__ import annotations

import ast
import io
import json
import logging
import os
import random
import re
import shutil
import socket
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import openai
import pytest
import requests
from PIL import Image
from pixelpact.doors.server import Server
from pixelpact.pixels.samples import sample
from pixelpact.pixels.values import Size
from pixelpact.service.app import create_app

DREAM = "bytedance/seedream-3.0"
EDIT = "bytedance/seededit-3.0-i2i"
KEY = "sk-of-a-client"
HEADERS = {"Authorization": f"Bearer {KEY}"}
BODY = {"model": DREAM, "prompt": "a lighthouse", "size": "512x512"}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(create_app()) as running:
        yield running


@pytest.fixture
def client(server: Server) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key=KEY, max_retries=0) as made:
        yield made


def endpoint(server: Server) -> str:
    return f"{server.url}/v1/images/generations"


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def downloaded(url: str | None) -> Image.Image:
    return opened(httpx.get(url or "").raise_for_status().content)


def picture(images: openai.types.ImagesResponse) -> openai.types.Image:
    (found,) = images.data or []
    return found


# The OpenAI SDK


def test_openai_draws_a_picture_of_the_size(client: openai.OpenAI) -> None:
    images = client.images.generate(model=DREAM, prompt="a lighthouse", size="1888x301")

    assert picture(images).b64_json is None
    assert downloaded(picture(images).url).size == (1888, 301)


def test_openai_gets_the_bytes_when_it_asks_for_them(client: openai.OpenAI) -> None:
    images = client.images.generate(model=DREAM, prompt="a lighthouse", size="512x512", response_format="b64_json")

    assert picture(images).url is None
    assert opened(b64decode(picture(images).b64_json or "")).size == (512, 512)


def test_openai_edits_a_picture_by_extra_body(client: openai.OpenAI) -> None:
    uri = f"data:image/png;base64,{b64encode(sample(Size(128, 96))).decode()}"

    images = client.images.generate(
        model=EDIT, prompt="Add a crown.", extra_body={"image": uri, "seed": 7, "guidance_scale": 5.5}
    )

    assert downloaded(picture(images).url).size == (1152, 864)


def test_openai_reads_created_usage_and_the_request_id(client: openai.OpenAI) -> None:
    images = client.images.generate(model=DREAM, prompt="a lighthouse", n=1, quality="standard", user="u")

    assert isinstance(images.created, int)
    assert (images.model_extra or {})["meta"]["usage"]["credits_used"] == 63000
    assert images._request_id


def test_openai_raises_a_bad_request_with_the_message(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.images.generate(model=DREAM, prompt="a lighthouse", extra_body={"guidance_scale": 11})

    assert "guidance_scale: expected at most 10 (maximum), received 11" in str(caught.value)
    assert caught.value.request_id == caught.value.response.json()["requestId"]
    assert caught.value.request_id == caught.value.response.headers["x-request-id"]


def test_openai_raises_an_authentication_error_with_the_message(client: openai.OpenAI) -> None:
    with pytest.raises(openai.AuthenticationError, match="This request requires a valid API key") as caught:
        client.with_options(api_key="invalid-key").images.generate(model=DREAM, prompt="a lighthouse")

    assert caught.value.request_id == caught.value.response.json()["requestId"]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (403, openai.PermissionDeniedError),
        (404, openai.NotFoundError),
        (429, openai.RateLimitError),
        (503, openai.InternalServerError),
    ],
)
def test_openai_raises_its_own_class_for_each_status(
    client: openai.OpenAI, status: int, error: type[openai.APIStatusError]
) -> None:
    with pytest.raises(error) as caught:
        client.images.generate(model=DREAM, prompt="a", extra_headers={"Prefer": f"code={status}"})

    assert caught.value.status_code == status


def test_openai_lists_the_models(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()][:2] == [EDIT, DREAM]


# Plain HTTP clients


@pytest.mark.parametrize("post", [requests.post, httpx.post], ids=["requests", "httpx"])
def test_a_plain_client_draws_and_downloads(server: Server, post: Any) -> None:
    answer = post(endpoint(server), json=BODY, headers=HEADERS)

    assert answer.status_code == 200
    assert downloaded(answer.json()["data"][0]["url"]).size == (512, 512)


@pytest.mark.parametrize("get", [requests.get, httpx.get], ids=["requests", "httpx"])
def test_a_plain_client_downloads_with_a_stray_key(server: Server, get: Any) -> None:
    url = httpx.post(endpoint(server), json={**BODY, "watermark": True}, headers=HEADERS).json()["data"][0]["url"]

    answer = get(url, headers=HEADERS)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert opened(answer.content).size == (512, 512)


def test_the_url_is_on_the_port_that_answers(server: Server) -> None:
    url = httpx.post(endpoint(server), json=BODY, headers=HEADERS).json()["data"][0]["url"]

    assert url.startswith(f"{server.url}/seedream-3-0-t2i/")


def test_the_name_of_the_host_is_the_callers(server: Server) -> None:
    address = endpoint(server).replace("127.0.0.1", "localhost")

    url = httpx.post(address, json=BODY, headers=HEADERS).json()["data"][0]["url"]

    assert urlsplit(url).hostname == "localhost"
    assert downloaded(url).size == (512, 512)


@pytest.mark.parametrize("post", [requests.post, httpx.post], ids=["requests", "httpx"])
def test_a_body_beyond_the_limit_is_413_on_the_wire(server: Server, post: Any) -> None:
    answer = post(endpoint(server), data={"prompt": "x" * 21 * 2**20}, headers=HEADERS)

    assert answer.status_code == 413
    assert answer.json()["statusCode"] == 413


def in_parts(size: int) -> Iterator[bytes]:
    yield from (b" " * 2**20 for _ in range(size // 2**20))
    yield json.dumps(BODY).encode()


@pytest.mark.parametrize(("size", "status"), [(0, 200), (3 * 2**20, 200), (21 * 2**20, 413)])
def test_a_body_in_chunks_is_read_up_to_the_limit(server: Server, size: int, status: int) -> None:
    headers = {**HEADERS, "Content-Type": "application/json"}

    answer = httpx.post(endpoint(server), content=in_parts(size), headers=headers)

    assert answer.status_code == status
    assert "Content-Length" not in answer.request.headers


def test_curl_sends_a_picture_of_three_mebibytes(server: Server, tmp_path: Path) -> None:
    noise = Image.frombytes("RGB", (1024, 768), random.Random(0).randbytes(1024 * 768 * 3))
    target = io.BytesIO()
    noise.save(target, "PNG", compress_level=1)
    image = f"data:image/png;base64,{b64encode(target.getvalue()).decode()}"
    body = tmp_path / "body.json"
    body.write_text(json.dumps({"model": EDIT, "prompt": "Add a crown.", "image": image}))

    said = shell(
        f"curl -sS {endpoint(server)} -H 'Authorization: Bearer k' -H 'Content-Type: application/json' -d @{body}"
    )

    assert body.stat().st_size > 3 * 2**20
    assert downloaded(json.loads(said)["data"][0]["url"]).size == (1152, 864)


def test_eight_clients_at_once_do_not_meet(server: Server) -> None:
    def both(number: int) -> tuple[int, bytes, list[Any]]:
        headers = {"Authorization": f"Bearer of-client-{number}"}
        answer = httpx.post(endpoint(server), json={**BODY, "seed": number}, headers=headers)
        journal = httpx.get(f"{server.url}/_pixelpact/journal", headers=headers).json()
        return answer.status_code, httpx.get(answer.json()["data"][0]["url"]).content, journal

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(both, range(8)))

    assert [status for status, _, _ in answers] == [200] * 8
    assert len({data for _, data, _ in answers}) == 8
    assert [[entry["facts"]["seed"] for entry in journal] for _, _, journal in answers] == [[n] for n in range(8)]


def test_eight_calls_of_one_client_are_all_in_its_journal(server: Server) -> None:
    headers = {"Authorization": "Bearer of-a-busy-client"}

    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda n: httpx.post(endpoint(server), json={**BODY, "seed": n}, headers=headers), range(8))
        )

    journal = httpx.get(f"{server.url}/_pixelpact/journal", headers=headers).json()
    assert {entry["request_id"] for entry in journal} == {answer.headers["x-request-id"] for answer in answers}
    assert len({answer.json()["data"][0]["url"] for answer in answers}) == 8


def test_the_server_tells_of_a_call_without_its_query_or_key(
    server: Server, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    url = httpx.post(endpoint(server), json=BODY, headers=HEADERS).json()["data"][0]["url"]

    statuses = [httpx.get(url).status_code, httpx.get(f"{url}0").status_code, httpx.get(server.url).status_code]

    assert statuses == [200, 403, 404]
    told = [record.getMessage() for record in caplog.records if record.name != "httpx"]
    path = urlsplit(url).path
    assert [line.rpartition(" ")[0].rpartition(" ")[0] for line in told] == [
        "POST /v1/images/generations 200",
        f"GET {path} 200",
        f"GET {path} 403",
        "GET / 404",
    ]
    assert capfd.readouterr() == ("", "")


def stalled(server: Server) -> socket.socket:
    """A client in the middle of its request."""
    place = urlsplit(server.url)
    connection = socket.create_connection((place.hostname or "", place.port or 0))
    connection.sendall(b"POST /v1/images/generations HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{")
    return connection


def test_a_client_that_stalls_does_not_hold_up_another(server: Server) -> None:
    with stalled(server):
        assert httpx.get(f"{server.url}/health").json()["status"] == "ok"


def test_a_client_that_hangs_up_does_not_stop_the_server(server: Server) -> None:
    stalled(server).close()

    assert httpx.get(f"{server.url}/health").json()["status"] == "ok"


# The docs' own samples. They are the vendor's text, so they are read where they lie.

DOCS = Path(__file__).parents[2] / "shared" / "docs"
with_docs = pytest.mark.skipif(not DOCS.is_dir(), reason="the docs are not beside the checkout")
URL = re.compile(r"http://127\.0\.0\.1:[0-9]+/[^'\"\s]+")


def fenced(language: str) -> str:
    """The sample of the page in that language."""
    page = (DOCS / "seededit-3.0-image-to-image.md").read_text("utf-8")
    (found,) = re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)
    return str(found)


def specified(name: str, language: str) -> str:
    """The sample of a specification in that language."""
    operation = json.loads((DOCS / "specs" / name).read_text("utf-8"))["paths"]["/v1/images/generations"]["post"]
    (found,) = [sample["source"] for sample in operation["x-codeSamples"] if sample["lang"] == language]
    return str(found)


def moved(sample: str, server: Server) -> str:
    """The sample with another address and a key in its place."""
    assert "https://api.aimlapi.com" in sample
    return sample.replace("https://api.aimlapi.com", server.url).replace("<YOUR_AIMLAPI_KEY>", KEY)


def run(*command: str) -> str:
    environment = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def python(code: str) -> str:
    return run(sys.executable, "-c", code)


def javascript(code: str) -> str:
    return run("node", "-e", code)


def shell(code: str) -> str:
    return run("bash", "-c", code)


with_node = pytest.mark.skipif(shutil.which("node") is None, reason="no node")
with_curl = pytest.mark.skipif(shutil.which("curl") is None or shutil.which("bash") is None, reason="no curl or bash")


@with_docs
def test_the_pages_python_sample_gets_its_1888x301(server: Server) -> None:
    said = python(moved(fenced("python"), server))

    answer = ast.literal_eval(said.removeprefix("Generation: "))
    assert answer.keys() >= {"created", "data"}
    assert downloaded(answer["data"][0]["url"]).size == (1888, 301)


@with_docs
@with_node
def test_the_pages_javascript_sample_gets_its_555x543(server: Server) -> None:
    said = javascript(moved(fenced("javascript"), server))

    assert said.startswith("Generation: {")
    assert [downloaded(url).size for url in URL.findall(said)] == [(555, 543)]


SPECIFIED = [
    pytest.param("bytedance_seededit-3.0-i2i.json", (1152, 864), id="seededit"),
    pytest.param("bytedance_seedream-3.0.json", (1024, 1024), id="seedream"),
]


@with_docs
@pytest.mark.parametrize(("name", "size"), SPECIFIED)
def test_a_specifications_python_sample_works(server: Server, name: str, size: tuple[int, int]) -> None:
    said = python(moved(specified(name, "Python"), server))

    assert downloaded(ast.literal_eval(said)["data"][0]["url"]).size == size


@with_docs
@with_node
@pytest.mark.parametrize(("name", "size"), SPECIFIED)
def test_a_specifications_javascript_sample_works(server: Server, name: str, size: tuple[int, int]) -> None:
    said = javascript(moved(specified(name, "JavaScript"), server))

    assert downloaded(json.loads(said)["data"][0]["url"]).size == size


@with_docs
@with_curl
def test_seedreams_curl_sample_works(server: Server) -> None:
    said = shell(moved(specified("bytedance_seedream-3.0.json", "cURL"), server))

    assert downloaded(json.loads(said)["data"][0]["url"]).size == (1024, 1024)


@with_docs
@with_curl
def test_seededits_curl_sample_is_no_shell() -> None:
    sample = specified("bytedance_seededit-3.0-i2i.json", "cURL")

    read = subprocess.run(["bash", "-n", "-c", sample], capture_output=True, text=True, timeout=30, check=False)

    assert read.returncode != 0
    assert "unexpected EOF while looking for matching" in read.stderr


@with_docs
@with_curl
def test_seededits_curl_sample_works_with_its_quote_mended(server: Server) -> None:
    sample = specified("bytedance_seededit-3.0-i2i.json", "cURL").replace(r"T-rex\'s", r"T-rex'\''s")

    said = shell(moved(sample, server))

    assert downloaded(json.loads(said)["data"][0]["url"]).size == (1152, 864)

"""What the README shows works as it is printed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from pixelpact.doors.server import Server
from pixelpact.service.app import create_app
from pixelpact.service.faultkinds import KINDS
from pixelpact.service.verdicts import RULES

pytest_plugins = ["pytester"]
README = Path(__file__).parents[1].joinpath("README.md").read_text("utf-8")
PROGRAM = """
import io
import httpx
import openai
from PIL import Image

def draw_with_my_program(base_url, api_key):
    client = openai.OpenAI(base_url=base_url, api_key=api_key)
    answer = client.images.generate(model="bytedance/seedream-3.0", prompt="a lighthouse at dusk", size="1024x1024")
    return Image.open(io.BytesIO(httpx.get(answer.data[0].url).content))
"""


def block(language: str, word: str) -> str:
    """The one block of that language with that word in it."""
    found: str
    (found,) = [text for text in re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL) if word in text]
    return found


def test_the_test_that_it_shows_passes(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(f"{PROGRAM}\n{block('python', 'pixelpact_server')}")
    pytester.runpytest_subprocess("-q").assert_outcomes(passed=1)


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_the_control_calls_that_it_shows_do_what_it_says() -> None:
    with Server(create_app()) as server:
        commands = block("sh", "_pixelpact/faults").replace("http://127.0.0.1:8080", server.url).strip().splitlines()
        faults, clock, verdicts = [
            json.loads(subprocess.run(["sh", "-c", command], capture_output=True, check=True).stdout)
            for command in commands
        ]
    assert (faults[0]["kind"], clock["seconds_ahead"], verdicts) == ("truncated", 25 * 3600, [])


def test_every_fault_and_verdict_is_in_its_tables() -> None:
    assert [word for word in [*KINDS, *RULES] if f"`{word}`" not in README] == []

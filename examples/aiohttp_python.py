"""Draw a picture with aiohttp, and keep it: the link expires.

Set AIML_API_KEY, and AIML_API_BASE for another server than the live API.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import aiohttp
from yarl import URL

BASE = os.environ.get("AIML_API_BASE", "https://api.aimlapi.com").removesuffix("/v1")
HEADERS = {"Authorization": f"Bearer {os.environ['AIML_API_KEY']}"}
BODY = {"model": "bytedance/seedream-3.0", "prompt": "a lighthouse at dusk", "size": "1888x301"}


async def draw() -> bytes:
    """One picture. Raises aiohttp.ClientResponseError when it is refused."""
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        async with session.post(f"{BASE}/v1/images/generations", json=BODY, headers=HEADERS) as answer:
            url = (await answer.json())["data"][0]["url"]
        # `encoded`: aiohttp would write a signed link anew, %2F as a slash.
        async with session.get(URL(url, encoded=True)) as picture:
            return await picture.read()


def main() -> None:
    """Draw and keep."""
    data = asyncio.run(draw())
    Path("lighthouse.jpg").write_bytes(data)
    print(f"drawn: lighthouse.jpg, {len(data)} bytes")


if __name__ == "__main__":
    main()

"""Draw one picture with httpx, then four at once.

Set AIML_API_KEY, and AIML_API_BASE for another server than the live API.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import httpx

BASE = os.environ.get("AIML_API_BASE", "https://api.aimlapi.com").removesuffix("/v1")
URL = f"{BASE}/v1/images/generations"
HEADERS = {"Authorization": f"Bearer {os.environ['AIML_API_KEY']}"}
BODY = {"model": "bytedance/seedream-3.0", "prompt": "a lighthouse at dusk", "size": "1024x1024"}


def draw() -> bytes:
    """One picture."""
    answer = httpx.post(URL, json=BODY, headers=HEADERS, timeout=120).raise_for_status()
    # Without the key: the link is signed, and may lead to another host.
    return httpx.get(answer.json()["data"][0]["url"], timeout=60).raise_for_status().content


async def draw_many(seeds: range) -> list[bytes]:
    """A picture for each seed, all asked for at once."""
    async with httpx.AsyncClient(timeout=120) as client:

        async def one(seed: int) -> bytes:
            answer = await client.post(URL, json={**BODY, "seed": seed}, headers=HEADERS)
            picture = await client.get(answer.raise_for_status().json()["data"][0]["url"])
            return picture.raise_for_status().content

        return await asyncio.gather(*map(one, seeds))


def main() -> None:
    """Draw one and four, and keep them."""
    pictures = {"lighthouse.jpg": draw()}
    pictures |= {f"lighthouse-{seed}.jpg": data for seed, data in enumerate(asyncio.run(draw_many(range(4))))}
    for name, data in pictures.items():
        Path(name).write_bytes(data)
        print(f"drawn: {name}, {len(data)} bytes")


if __name__ == "__main__":
    main()

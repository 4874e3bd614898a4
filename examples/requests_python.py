"""Draw a picture with requests, and keep it: the link expires.

Set AIML_API_KEY, and AIML_API_BASE for another server than the live API.
"""

from __future__ import annotations

import os
from pathlib import Path

import requests

BASE = os.environ.get("AIML_API_BASE", "https://api.aimlapi.com").removesuffix("/v1")
KEY = os.environ["AIML_API_KEY"]


def link(**body: object) -> str:
    """A link to the picture that the body asks for."""
    answer = requests.post(
        f"{BASE}/v1/images/generations", json=body, headers={"Authorization": f"Bearer {KEY}"}, timeout=120
    )
    if not answer.ok:
        raise SystemExit(f"refused: {answer.status_code} {answer.json()['message']}")
    return str(answer.json()["data"][0]["url"])


def main() -> None:
    """Draw, download, keep."""
    url = link(model="bytedance/seedream-3.0", prompt="a lighthouse at dusk", size="1888x301")
    # Without the key: the link is signed, and may lead to another host.
    picture = requests.get(url, timeout=60)
    picture.raise_for_status()
    Path("lighthouse.jpg").write_bytes(picture.content)
    print(f"drawn: lighthouse.jpg, {len(picture.content)} bytes")


if __name__ == "__main__":
    main()

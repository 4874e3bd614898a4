"""Draw and edit a picture with LiteLLM.

Set AIML_API_BASE, as https://api.aimlapi.com/v1, and AIML_API_KEY.
"""

from __future__ import annotations

import os
from base64 import b64encode
from pathlib import Path
from urllib.request import urlopen

import litellm

BASE, KEY = os.environ["AIML_API_BASE"].removesuffix("/v1"), os.environ["AIML_API_KEY"]


def kept(answer: litellm.ImageResponse, name: str) -> bytes:
    """The picture behind the answer's link, in a file too: the link expires."""
    data: bytes = urlopen(answer.data[0].url).read()
    Path(name).write_bytes(data)
    print(f"{name}: {len(data)} bytes")
    return data


def main() -> None:
    """Draw by both of LiteLLM's ways, and edit by the one that can."""
    # `aiml/` reads AIML_API_BASE and AIML_API_KEY itself, but sends every other field under a name of its own,
    # so Seedream draws its 1024x1024 whatever `size` says.
    square = litellm.image_generation(model="aiml/bytedance/seedream-3.0", prompt="a lighthouse at dusk")
    kept(square, "square.jpg")

    # `openai/` sends each field as it is given: sizes, seeds, and SeedEdit's image.
    to = {"api_base": f"{BASE}/v1", "api_key": KEY}
    wide = litellm.image_generation(model="openai/bytedance/seedream-3.0", prompt="a lighthouse", size="1152x864", **to)
    image = f"data:image/jpeg;base64,{b64encode(kept(wide, 'lighthouse.jpg')).decode()}"
    edited = litellm.image_generation(
        model="openai/bytedance/seededit-3.0-i2i", prompt="Add a bird.", image=image, **to
    )
    kept(edited, "bird.jpg")


if __name__ == "__main__":
    main()

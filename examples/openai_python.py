"""Draw and edit a picture with the OpenAI SDK, and read what each cost.

Set OPENAI_BASE_URL, as https://api.aimlapi.com/v1, and OPENAI_API_KEY.
"""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from urllib.request import urlopen

import openai
from openai.types import ImagesResponse


def kept(answer: ImagesResponse, name: str) -> bytes:
    """The picture behind the answer's link, in a file too: the link expires."""
    data: bytes = urlopen((answer.data or [])[0].url or "").read()
    Path(name).write_bytes(data)
    # What OpenAI's own API does not answer is kept, but has no type.
    usage = (answer.model_extra or {}).get("meta", {}).get("usage", {})
    print(f"{name}: {len(data)} bytes, {usage.get('credits_used')} credits, request {answer._request_id}")
    return data


def main() -> None:
    """Draw, edit what was drawn, and show what a refusal looks like."""
    client = openai.OpenAI()
    drawn = client.images.generate(model="bytedance/seedream-3.0", prompt="a lighthouse at dusk", size="1152x864")
    image = f"data:image/jpeg;base64,{b64encode(kept(drawn, 'lighthouse.jpg')).decode()}"

    # `extra_body` takes the fields that OpenAI's own models do not know.
    edited = client.images.generate(
        model="bytedance/seededit-3.0-i2i",
        prompt="Add a bird to the foreground.",
        extra_body={"image": image, "seed": 7, "guidance_scale": 5.5},
    )
    kept(edited, "bird.jpg")

    try:
        client.images.generate(model="bytedance/seedream-3.0", prompt="a fox", extra_body={"guidance_scale": 11})
    except openai.BadRequestError as error:
        print(f"refused: {error.message}")


if __name__ == "__main__":
    main()

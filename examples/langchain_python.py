"""Give a LangChain agent a tool that draws.

Set OPENAI_BASE_URL, as https://api.aimlapi.com/v1, and OPENAI_API_KEY.

AimlapiImageModel of langchain-aimlapi 0.1.3 cannot do this: it reads a list `images`, and the API answers `data`.
"""

from __future__ import annotations

from pathlib import Path
from urllib.request import urlopen

import openai
from langchain_core.tools import tool


@tool
def draw(prompt: str, size: str = "1024x1024") -> str:
    """Draw a picture of what the prompt says, of size WIDTHxHEIGHT. Returns the file that it is in."""
    answer = openai.OpenAI().images.generate(model="bytedance/seedream-3.0", prompt=prompt, size=size)
    # A link would have expired before an agent's last step.
    file = Path(f"picture-{answer.created}.jpg")
    file.write_bytes(urlopen((answer.data or [])[0].url or "").read())
    return str(file)


if __name__ == "__main__":
    # As an agent calls it; `llm.bind_tools([draw])` gives it to one.
    name = draw.invoke({"prompt": "a lighthouse at dusk", "size": "1888x301"})
    print(f"drawn: {name}, {Path(name).stat().st_size} bytes")

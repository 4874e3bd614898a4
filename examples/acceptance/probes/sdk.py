"""`python -m examples.acceptance.probes.sdk CLIENT`: one picture by an SDK, asked for as its users ask.

A request holds `base`, `key`, `model`, `prompt` and, where they are to be sent, `size`, `response_format` and more in
`fields`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import openai

from .lines import serve

Asked = dict[str, Any]
KNOWN = ("model", "prompt", "size", "response_format")


def known(asked: Asked) -> dict[str, Any]:
    """The fields for which the SDKs have a name."""
    return {name: asked[name] for name in KNOWN if name in asked}


def by_openai(asked: Asked) -> dict[str, Any]:
    """By the OpenAI SDK of whatever version is installed."""
    with openai.OpenAI(base_url=asked["base"], api_key=asked["key"], max_retries=0) as client:
        came = client.images.generate(**known(asked), extra_body=asked.get("fields"))
    return {**came.to_dict(), "request_id": came._request_id}


def by_aimlapi(asked: Asked) -> dict[str, Any]:
    """By the vendor's own SDK, a copy of OpenAI's under its name."""
    import aimlapi

    with aimlapi.AIMLAPI(base_url=asked["base"], api_key=asked["key"], max_retries=0) as client:
        came = client.images.generate(**known(asked), extra_body=asked.get("fields"))
    return {**came.to_dict(), "request_id": came._request_id}


def by_litellm(provider: str) -> Callable[[Asked], dict[str, Any]]:
    """By LiteLLM, for which the provider is the model's first word."""

    def send(asked: Asked) -> dict[str, Any]:
        import litellm

        to = {"api_base": asked["base"], "api_key": asked["key"], "max_retries": 0}
        fields = {**known(asked), "model": f"{provider}/{asked['model']}", **asked.get("fields", {})}
        came: dict[str, Any] = litellm.image_generation(**fields, **to).model_dump()
        return came

    return send


def by_langchain(asked: Asked) -> dict[str, Any]:
    """By LangChain's model for this API, which gives links, or base64, and nothing else."""
    from langchain_aimlapi.image_models import AimlapiImageModel

    model = AimlapiImageModel(base_url=asked["base"], api_key=asked["key"], model=asked["model"], max_retries=0)
    fields = {name: value for name, value in known(asked).items() if name != "model"}
    form = asked.get("response_format", "url")
    return {"data": [{form: came} for came in model.generate_images(**fields)]}


CLIENTS: dict[str, Callable[[Asked], dict[str, Any]]] = {
    "openai": by_openai,
    "aimlapi": by_aimlapi,
    "litellm-aiml": by_litellm("aiml"),
    "litellm-openai": by_litellm("openai"),
    "langchain": by_langchain,
}


def answered(asked: Asked) -> dict[str, Any]:
    """The SDK's answer, or what it raised."""
    try:
        return CLIENTS[sys.argv[1]](asked)
    except (openai.OpenAIError, RuntimeError, ValueError) as error:
        return {"error": type(error).__name__, "status": getattr(error, "status_code", None), "message": str(error)}


if __name__ == "__main__":
    serve(answered)

"""The variables by which a program finds the API: with these set, it finds the mock instead."""

from __future__ import annotations

from collections.abc import Mapping

# LiteLLM and the vendor's SDK read the first two, the docs' samples and public code the next three, the OpenAI SDKs the
# last. Clients that add `/v1` themselves strip it where it is given.
BASES = (
    *("AIML_API_BASE", "AIMLAPI_API_BASE", "AIML_API_URL", "AIMLAPI_BASE_URL", "AIML_BASE_URL"),
    "OPENAI_BASE_URL",
)
KEYS = ("AIML_API_KEY", "AIMLAPI_API_KEY", "AIMLAPI_KEY", "OPENAI_API_KEY")
OWN_URL, OWN_KEY = "PIXELPACT_URL", "PIXELPACT_API_KEY"
NO_PROXY = ("NO_PROXY", "no_proxy")


def variables(url: str, key: str) -> dict[str, str]:
    """Every variable that a client of the API reads, for a server at this base URL (without `/v1`)."""
    bases = dict.fromkeys(BASES, f"{url}/v1")
    return {**bases, **dict.fromkeys(KEYS, key), OWN_URL: url, OWN_KEY: key}


def without_proxy(environ: Mapping[str, str], host: str) -> dict[str, str]:
    """What `NO_PROXY` must be for a program to reach this host itself, and not by a proxy that it was given."""
    given = next((environ[name] for name in NO_PROXY if environ.get(name)), "")
    return dict.fromkeys(NO_PROXY, ",".join([*([given] if given else []), host]))

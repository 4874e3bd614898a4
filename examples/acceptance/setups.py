"""The table of all clients: what each needs, what is asked of it, and what it is known to get wrong.

The versions are those of which it was measured, on 2026-11-22, what they send and need.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from . import checks_plain, checks_sdk
from .checks_plain import Check
from .homes import Home


@dataclass(frozen=True)
class Known:
    """A failure that must come: `says` is in its reasons, `why` is for people. It is the client's, not the server's."""

    says: str
    why: str


@dataclass(frozen=True)
class Setup:
    """A client. `leaves_out` are the checks that cannot be put to it, and why; `fails` those that it cannot pass."""

    name: str
    home: Home
    probe: tuple[str, ...]
    checks: Mapping[str, Check]
    example: str = ""
    profile: str = "observed"
    leaves_out: Mapping[str, str] = field(default_factory=dict)
    fails: Mapping[str, Known] = field(default_factory=dict)

    @property
    def asked(self) -> dict[str, Check]:
        """The checks that are put to it."""
        return {name: check for name, check in self.checks.items() if name not in self.leaves_out}


HTTP = Home(packages=("requests==2.34.2", "httpx==0.28.1", "httpx2==2.16.2", "aiohttp==3.14.5", "niquests==3.21.2"))
LITELLM = Home(packages=("litellm==1.106.2",))
LANGCHAIN = Home(packages=("langchain-aimlapi==0.1.3",))

ASKS_FOR_LINKS = {"links-only": "it asks for links unless it is told otherwise"}
NO_ID = {"request-id": "it does not tell the id"}
NO_FIELDS = dict.fromkeys(("stray-fields", "edit-3-mib", "edit-dead-url"), "it takes no further fields")
BYTES_ALONE = dict.fromkeys(("link", "created", "b64_json"), "it asks for base64, and gives bytes alone") | NO_ID

NO_SIZE = Known("received one of 1024x1024", "`aiml/` sends `size` as `image_size`, which Seedream does not know")
NO_FORM = Known("'url': 'http", "`aiml/` sends `response_format` as `output_format`")
NO_IMAGE = Known("image: expected a value", "`aiml/` sends `image` inside a field `extra_body`")
REFUSES_FORM = Known("UnsupportedParamsError", "LiteLLM itself refuses `response_format` for a model it does not know")
READS_IMAGES = Known(
    "RuntimeError: Unexpected images field type: <class 'NoneType'>",
    "it reads a list `images`, and the documented answer has `data`: try --profile observed-images",
)
NEEDS_BASE64 = Known("AI_APICallError: Invalid JSON response", "it refuses an answer without `b64_json`")
OWN_OPTIONS = Known("image: expected a value", "it sends OpenAI's own options alone, and SeedEdit needs `image`")

SETUPS = (
    *(
        Setup(
            f"openai-python-{version.partition('.')[0]}",
            Home(packages=(f"openai=={version}",)),
            ("sdk", "openai"),
            checks_sdk.CHECKS,
            "openai_python.py",
            leaves_out=ASKS_FOR_LINKS,
        )
        for version in ("1.109.1", "2.54.0", "3.54.0")
    ),
    Setup(
        "aimlapi-sdk-python",
        Home(packages=("aimlapi-sdk-python==2.24.0rc1",)),
        ("sdk", "aimlapi"),
        checks_sdk.CHECKS,
        # It installs its own copy of the package `openai`, so that this runs on it.
        "openai_python.py",
        leaves_out=ASKS_FOR_LINKS,
    ),
    Setup(
        "openai-node",
        Home("node", ("openai@6.49.0",)),
        ("sdk", "openai"),
        checks_sdk.CHECKS,
        "openai_node/draw.mjs",
        leaves_out=ASKS_FOR_LINKS,
    ),
    Setup(
        "litellm-aiml",
        LITELLM,
        ("sdk", "litellm-aiml"),
        checks_sdk.CHECKS,
        "litellm_python.py",
        leaves_out=ASKS_FOR_LINKS | NO_ID,
        fails={
            "1888x301": NO_SIZE,
            "555x543": NO_SIZE,
            "b64_json": NO_FORM,
            "edit-3-mib": NO_IMAGE,
            "edit-dead-url": NO_IMAGE,
        },
    ),
    Setup(
        "litellm-openai",
        LITELLM,
        ("sdk", "litellm-openai"),
        checks_sdk.CHECKS,
        "litellm_python.py",
        leaves_out=ASKS_FOR_LINKS | NO_ID,
        fails={"b64_json": REFUSES_FORM},
    ),
    Setup(
        "langchain-aimlapi",
        LANGCHAIN,
        ("sdk", "langchain"),
        checks_sdk.CHECKS,
        "langchain_python.py",
        leaves_out=ASKS_FOR_LINKS | NO_ID | NO_FIELDS,
        fails=dict.fromkeys(
            (
                "link",
                "created",
                "1888x301",
                "555x543",
                "b64_json",
                "base-without-v1",
                "base-with-slash",
                "eight-at-once",
            ),
            READS_IMAGES,
        ),
    ),
    Setup(
        "langchain-aimlapi-on-images",
        LANGCHAIN,
        ("sdk", "langchain"),
        checks_sdk.CHECKS,
        profile="observed-images",
        leaves_out=ASKS_FOR_LINKS | NO_ID | NO_FIELDS | {"created": "it gives links alone"},
    ),
    Setup(
        "ai-sdk-openai-compatible",
        Home("node", ("ai@6.0.326", "@ai-sdk/openai-compatible@2.0.87")),
        ("sdk", "openai-compatible"),
        checks_sdk.CHECKS,
        "ai_sdk/draw.mjs",
        leaves_out=BYTES_ALONE,
    ),
    Setup(
        "ai-sdk-openai",
        Home("node", ("ai@6.0.326", "@ai-sdk/openai@3.0.141")),
        ("sdk", "ai-openai"),
        checks_sdk.CHECKS,
        leaves_out=BYTES_ALONE,
        fails={"links-only": NEEDS_BASE64, "edit-3-mib": OWN_OPTIONS, "edit-dead-url": OWN_OPTIONS},
    ),
    Setup("n8n-by-axios", Home("node", ("axios@1.21.1",)), ("plain", "axios"), checks_plain.CHECKS),
    Setup("requests", HTTP, ("plain", "requests"), checks_plain.CHECKS, "requests_python.py"),
    Setup("httpx", HTTP, ("plain", "httpx"), checks_plain.CHECKS, "httpx_python.py"),
    Setup("httpx2", HTTP, ("plain", "httpx2"), checks_plain.CHECKS),
    Setup("aiohttp", HTTP, ("plain", "aiohttp"), checks_plain.CHECKS, "aiohttp_python.py"),
    Setup("niquests", HTTP, ("plain", "niquests"), checks_plain.CHECKS),
    Setup("urllib", Home(), ("plain", "urllib"), checks_plain.CHECKS),
    Setup("curl", Home(tool="curl"), ("plain", "curl"), checks_plain.CHECKS, "curl.sh"),
    Setup("fetch", Home("node"), ("plain", "fetch"), checks_plain.CHECKS),
    Setup("browser", Home(tool="chromium"), ("browser",), checks_plain.CHECKS),
)

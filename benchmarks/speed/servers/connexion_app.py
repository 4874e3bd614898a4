"""connexion as its documentation has it: the document is in `DOCUMENT`, and one handler answers the same each time."""

from __future__ import annotations

import os
from typing import Any

from connexion import FlaskApp  # type: ignore[import-not-found]  # a peer, installed apart
from connexion.resolver import Resolver  # type: ignore[import-not-found]

ANSWER = {"created": 1767225600, "data": [{"url": "http://127.0.0.1/picture.jpeg"}]}


def generate(**_: Any) -> tuple[dict[str, Any], int]:
    """Answer; connexion has validated the body."""
    return ANSWER, 200


def allow(token: str) -> dict[str, Any]:
    """Let any key in."""
    return {"sub": token}


app = FlaskApp(__name__)
app.add_api(os.environ["DOCUMENT"], resolver=Resolver(lambda _: generate))

"""JSON with long texts in it, written in one go: each text is made when its turn comes, and goes when it is written.

So an answer of many pictures in base64 takes no more memory than one picture and the answer.
"""

from __future__ import annotations

import io
import json
import re
import secrets
from collections.abc import Callable
from typing import Any


class Marks:
    """Short texts that stand for long ones until the JSON is written; nobody else has the same."""

    def __init__(self) -> None:
        # As base64 has them, in whole groups of four: a schema may well ask for that.
        self._token = secrets.token_hex(16)

    def mark(self, index: int) -> str:
        """What stands for the text of this number."""
        return f"{self._token}{index:04d}"

    def written(self, body: Any, text: Callable[[int], bytes]) -> bytes:
        """The JSON of a body with the text in the place of each mark; the texts are ASCII that JSON does not escape."""
        short = json.dumps(body).encode()
        written, at = io.BytesIO(), 0
        for found in re.finditer(rb"%b(\d{4})" % self._token.encode(), short):
            written.write(short[at : found.start()])
            written.write(text(int(found[1])))
            at = found.end()
        written.write(short[at:])
        return written.getvalue()

"""How people write numbers, sizes and spans in descriptions, as patterns; what is stated is for the readers to say."""

from __future__ import annotations

NUMBER = r"([0-9][0-9,]*(?:\.[0-9]+)?)"
SIZE = r"([0-9]{2,5})\s*[xX\u00d7*]\s*([0-9]{2,5})"
SIZES = rf"{SIZE}[^0-9]{{1,12}}{SIZE}"
SPAN = rf"{NUMBER}\s*(?:and|to|-|\u2013|\.\.)\s*{NUMBER}"
PIXELS = r"\s*(?:total\s+)?pixels"


def number(text: str) -> float:
    """A number without its commas; a whole one as such."""
    value = float(text.replace(",", "").rstrip("."))
    return int(value) if value.is_integer() else value

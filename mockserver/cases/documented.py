"""Cases from the docs: each documented request, to be accepted or refused as this profile says of it."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract.models import Model
from .broken import REFUSED_WITH
from .case import Case
from .evidence import evidence


def documented(model: Model) -> Iterator[Case]:
    """Every documented request to this model."""
    for piece in evidence():
        if piece.request is not None and piece.request["model"] == model.id:
            accepted = model.reading in piece.meets["request"]
            yield Case(piece.name, model.id, piece.request, () if accepted else REFUSED_WITH, model.promised_by)

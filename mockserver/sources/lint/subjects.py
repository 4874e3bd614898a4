"""What a page is about: the models that a hint lists, or else those that its title and first paragraphs name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from .page import MODEL_ID, Page

WORD = re.compile(r"[A-Za-z0-9][\w.:/-]*[\w]")


def subject(page: Page, ids: Collection[str]) -> tuple[str, ...]:
    """The models that a page is about; none where it names none, or models that have nothing in common."""
    if page.models:
        return page.models
    titles = [*page.front.values(), *(heading.title for heading in page.headings[:1])]
    found = dict.fromkeys(name for title in titles for name in WORD.findall(title) if name in ids)
    found = found or dict.fromkeys(name for text in _first(page) for name in MODEL_ID.findall(text) if name in ids)
    return tuple(found) if len({_family(name) for name in found}) == 1 else ()


def _first(page: Page) -> Iterator[str]:
    """The running text above the second heading and the first code."""
    later = [heading.line for heading in page.headings[1:2]] + [fence.code.first.line for fence in page.fences[:1]]
    end = min(later, default=len(page.lines) + 1)
    yield from (line.text for line in page.prose if line.place.line < end and not line.heading)


def _family(model: str) -> str:
    """The vendor, of a model without one the first word of its name."""
    vendor, slash, _ = model.partition("/")
    return vendor if slash else re.split(r"[-.:]", model)[0]

"""The table of all rules, by id."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from ....errors import UnknownName
from ..document import Document
from ..findings import Reason, Rule
from . import answers, operations, pages, requests, schemas, texts, words


def _nothing(_: Document) -> Iterator[Reason]:
    yield from ()


UNREADABLE = Rule(
    "PL001", "unreadable", "error", "A file cannot be read: no page, and no OpenAPI 3 in JSON about images.", _nothing
)
NOT_OPENAPI = Rule(
    "PL002", "not-openapi", "note", "A file in a folder is no OpenAPI document about images in JSON.", _nothing
)
RULES: dict[str, Rule] = {
    rule.id: rule
    for rule in (
        UNREADABLE,
        NOT_OPENAPI,
        *requests.RULES,
        *answers.RULES,
        *pages.RULES,
        *operations.RULES,
        *schemas.RULES,
        *words.RULES,
        *texts.RULES,
    )
}


def find_rule(name: str) -> Rule:
    """The rule of an id or name, in any case. Raises UnknownName."""
    by_name = {rule.name: rule for rule in RULES.values()}
    found = RULES.get(name.upper()) or by_name.get(name.lower())
    if found is None:
        near = get_close_matches(name.upper(), RULES) + get_close_matches(name.lower(), by_name)
        raise UnknownName("rule", name, tuple(near) or tuple(RULES))
    return found

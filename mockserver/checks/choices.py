"""What a request chose by a field of its own, its form or container, and who says that it may."""

from __future__ import annotations

from ..contract import choices
from ..contract.sources import Source
from .generation import Generation


def chosen(generation: Generation, keyword: str) -> str | None:
    """What the request chose by `x-form` or `x-container`, be it by a default; None where nothing is known of that."""
    return choices.chosen(generation.model.request, keyword, generation.body) if generation.asked else None


def choice_sources(generation: Generation, keyword: str) -> tuple[Source, ...]:
    """Where it comes from that a field chooses, and what there is to choose; without such a field, no evidence."""
    model, rule = generation.model, generation.model.request.get(keyword)
    if rule is None:
        return (model.sources["no-evidence"],)
    said = "enum" if rule["field"] in generation.body else "default"
    return (model.sources[rule["source"]], *model.rule_sources(rule["field"], said))

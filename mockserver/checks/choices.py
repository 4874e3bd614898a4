"""What a request says by a field of its own, as its form or container, and who says that it may."""

from __future__ import annotations

from ..contract import choices
from ..contract.models import Model
from ..contract.sources import Source
from .findings import best_standing
from .generation import Generation


def chosen(generation: Generation, keyword: str) -> str | None:
    """What the request chose by `x-form` or `x-container`, be it by a default; None where nothing is known of that."""
    return choices.chosen(generation.model.request, keyword, generation.body) if generation.asked else None


def choice_sources(generation: Generation, keyword: str) -> tuple[Source, ...]:
    """Where it comes from that a field chooses, and what there is to choose; without such a field, no evidence."""
    model, rule = generation.model, generation.model.request.get(keyword)
    if rule is None:
        return (model.sources["no-evidence"],)
    known = (model.sources[rule["source"]], *model.rule_sources(rule["field"], "default"))
    return said_by(generation, rule["field"]) or known


def said_by(generation: Generation, *fields: str) -> tuple[Source, ...]:
    """Where those fields come from, if the request says something by each; none if one of them is only assumed.

    What a request says itself is promised by whoever has the field, whatever rule of ours reads it.
    """
    said = all(generation.body.get(field) is not None for field in fields)
    found = [_field_sources(generation.model, field) for field in fields]
    if not said or any(best_standing(sources) == "assumed" for sources in found):
        return ()
    return tuple(dict.fromkeys(source for sources in found for source in sources))


def _field_sources(model: Model, field: str) -> tuple[Source, ...]:
    """Where a field comes from: what there is to choose from, or else the field itself."""
    schema = model.request["properties"].get(field, {})
    return model.rule_sources(field, next((keyword for keyword in ("const", "enum") if keyword in schema), "*"))

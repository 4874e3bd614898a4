"""A document that `pixelpact models --openapi` wrote as offers: one for each model, with its own request and answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...contract.catalogue import PATH
from ...contract.published import SOURCES, models_of, restored
from ..openapi.spec import Spec
from .parts import node
from .values import SCHEMAS, Offer


def our_offers(spec: Spec) -> Iterator[Offer]:
    """The models of a document of ours; none of another's. Raises SchemaError for one that is spoilt."""
    sources = node(spec.document.get(SOURCES))
    documented = frozenset(name for name, source in sources.items() if node(source).get("standing") == "documented")
    error = node(node(node(spec.document.get("components")).get("schemas")).get("error"))
    for published in models_of(spec.document):
        model = node(published.model)
        yield Offer(
            str(model.get("id", "")),
            f"POST {model.get('path', PATH)}",
            str(node(model.get("origin")).get("file", spec.name)),
            SCHEMAS,
            published.request,
            {str(published.status): published.answer},
            restored(error) if error else None,
            facts=dict(_facts(model)),
            documented=documented,
        )


def _facts(model: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "status" in model:
        yield "standing", str(model["status"])
    if "credits" in model:
        yield "price", f"{model['credits']} credits"
    if "container" in node(model.get("picture")):
        yield "picture", str(model["picture"]["container"])

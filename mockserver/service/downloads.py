"""Downloads: what the object store answers, by the clock and with the faults of the tenant whose picture it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from email.utils import format_datetime
from typing import Any

from ..contract.contract import Contract
from ..contract.models import Model
from ..pixels.values import Recipe
from .artefacts import TENANT, Artefacts, UnknownArtefact
from .calls import Answer, Call
from .effects import changed, instead
from .faults import Fault
from .generation import told_of
from .journal import DOWNLOAD, links_of
from .objectstore import picture, refused
from .page import Page
from .tenants import Tenant, Tenants
from .tos4 import Expired, SignatureError

Query = list[tuple[str, str]]
KINDS: dict[type, str] = {UnknownArtefact: "unknown", Expired: "expired"}


@dataclass(frozen=True, eq=False)
class Downloads:
    """The pictures behind the URLs of one mock."""

    contract: Contract
    artefacts: Artefacts
    tenants: Tenants

    def answer(self, call: Call, query: Query) -> Answer:
        """The picture behind a URL, or the store's refusal; the tenant's journal has a page of it."""
        tenant = self.tenants.known(dict(query).get(TENANT, ""))
        call = replace(call, moment=tenant.clock.now()) if tenant else call
        page = Page(DOWNLOAD, call, {"link": call.path})
        due: tuple[Fault, ...] = ()
        try:
            recipe = self.artefacts.recipe(call.host, call.path, query, call.moment)
            model = self.artefacts.model(recipe)
            page.draws(model, recipe)
            due = tenant.faults.due(DOWNLOAD, _about(model, recipe)) if tenant else ()
            answer = instead(self.contract, call, due) or instead(self.contract, call, due, paid=True)
            answer = answer or self._picture(recipe, page)
        except (UnknownArtefact, SignatureError) as error:
            answer = refused(error, call)
            page.facts["kind"] = KINDS.get(type(error), "tampered")
        answer = changed(answer, due)
        way = page.close(tenant, answer, due) if tenant and _is_of(tenant, page) else answer.delivery
        dated = {"Date": format_datetime(call.moment, usegmt=True), **answer.headers}
        return replace(answer, headers=dated, delivery=way)

    def _picture(self, recipe: Recipe, page: Page) -> Answer:
        drawn = self.artefacts.drawn(recipe)
        answer = picture(recipe, drawn.data)
        page.brings(told_of(drawn, answer.content_type))
        return answer


def _is_of(tenant: Tenant, page: Page) -> bool:
    """Whether a URL was given out to the tenant that it names: anybody may write any name into one."""
    verified = page.recipe is not None or page.facts.get("kind") == "expired"
    return verified or any(page.facts["link"] in links_of(entry) for entry in tenant.journal.calls)


def _about(model: Model, recipe: Recipe) -> dict[str, Any]:
    """What a fault may match on."""
    known = {name: value for name, value in recipe.json.items() if value is not None}
    return {**known, "model": model.id, "size": str(recipe.size)}

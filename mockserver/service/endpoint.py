"""The endpoint as a function of plain values: a call in, an answer out. Every door reaches this one.

door → tenant → fault, if one is due → limits → credits → JSON → contract → picture → charge → journal
"""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import dataclass, replace
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from werkzeug.http import parse_dict_header

from ..contract.contract import Contract
from ..contract.parsing import parse
from ..errors import InvalidJson, PixelpactError
from .calls import CONTROL, Answer, Call, tracing
from .effects import changed, instead
from .failures import Failure, failed, said
from .faults import BadFault, Fault, fault
from .generation import Generator
from .journal import API
from .page import Page
from .redacted import client_of, facts_of
from .settings import Settings
from .tenants import Tenant, Tenants

CODE = re.compile("[0-9]{3}", re.ASCII)


@dataclass(frozen=True, eq=False)
class Endpoint:
    """`POST /v1/images/generations` of one contract."""

    contract: Contract
    settings: Settings
    tenants: Tenants
    generator: Generator

    def answer(self, call: Call) -> Answer:
        """The answer to a call, whatever is wrong with it; headers included, journal written."""
        try:
            tenant = self.tenants.admit(call.headers)
        except Failure as error:
            return self.refuse(call, error)
        call = replace(call, moment=tenant.clock.now())
        page = Page(API, call)
        body = _read(call, page)
        with ExitStack() as under_way:
            answer, due = self._settled(call, tenant, body, page, under_way)
            answer = page.close(tenant, answer, due)
            # From here on the door says when the call is over.
            delivery = replace(answer.delivery, finished=under_way.pop_all().close)
        return _traced(call, replace(answer, delivery=delivery))

    def refuse(self, call: Call, error: PixelpactError) -> Answer:
        """The answer to a call that never reaches a model: a wrong key, path or method, a body too large."""
        answer = failed(self.contract, call, error)
        if call.path.startswith(CONTROL):
            return _traced(call, answer)
        tenant = self.tenants.recognise(call.headers) or self.tenants.strangers
        page = Page(API, replace(call, moment=tenant.clock.now()), said(self.contract, call, error))
        _read(call, page)
        return _traced(call, page.close(tenant, answer, ()))

    def _settled(
        self, call: Call, tenant: Tenant, body: Any, page: Page, under_way: ExitStack
    ) -> tuple[Answer, tuple[Fault, ...]]:
        """The answer with its faults, and which they were."""
        due: tuple[Fault, ...] = ()
        try:
            due = (*_preferred(call), *tenant.faults.due(API, body if isinstance(body, dict) else {}))
            answer = instead(self.contract, call, due)
            if answer is None:
                under_way.callback(tenant.limits.enter(call.moment))
                made = self._generate(call, tenant, body, page)
                answer = instead(self.contract, call, due, paid=True) or made
        except PixelpactError as error:
            answer = failed(self.contract, call, error)
            page.facts |= said(self.contract, call, error)
        return changed(answer, due), due

    def _generate(self, call: Call, tenant: Tenant, body: Any, page: Page) -> Answer:
        # Assumed: nothing is read of whoever has run out, and a body is judged before its price.
        tenant.credits.check(0)
        _check_headers(call)
        if isinstance(body, InvalidJson):
            raise body
        model = self.contract.check_model(body)
        page.facts["model"] = model.id
        retiring = tenant.models.check(model.id, call.moment)
        request = model.check(body, strict=self.settings.strict)
        page.facts["unknown"] = _named(request.unknown)
        made = self.generator.make(call, model, request, tenant.name)
        page.draws(made.recipe)
        tenant.credits.charge(
            model.credits,
            request_id=call.id,
            fingerprint=page.facts["fingerprint"],
            model=model.id,
            moment=call.moment,
        )
        page.facts |= {"charged": model.credits, "form": made.form, **({"deprecated": True} if retiring else {})}
        if made.url:
            page.facts["link"] = urlsplit(made.url).path
        else:
            page.brings(made.data, f"image/{model.picture.container}")
        return replace(made.answer, headers={**made.answer.headers, **retiring})


def _read(call: Call, page: Page) -> Any:
    """The body as JSON, noted in the page; or the InvalidJson that it is, which counts only once it is asked for."""
    body: Any
    try:
        body = parse(call.body)
    except InvalidJson as error:
        body = error
    page.facts |= {"client": client_of(call.headers)}
    page.facts |= facts_of(None if isinstance(body, InvalidJson) else body, call.headers)
    return body


def _preferred(call: Call) -> tuple[Fault, ...]:
    """`Prefer: code=429` asks for a failure by its status. Raises Failure for a status that is none."""
    wished = {name.lower(): value for name, value in parse_dict_header(call.headers.get("prefer", "")).items()}
    code = wished.get("code") or ""
    # A preference that cannot be read is passed over (RFC 7240, section 2).
    if not CODE.fullmatch(code):
        return ()
    try:
        return (fault("status", code=int(code)),)
    except BadFault as error:
        raise Failure("invalid_request", {"reason": f"Prefer: {error}"}) from error


def _traced(call: Call, answer: Answer) -> Answer:
    """The answer with the headers of tracing, and dated by its tenant's clock, unless it has them already."""
    own = {name.lower() for name in answer.headers}
    usual = {**tracing(call), "Date": format_datetime(call.moment, usegmt=True)}
    return replace(
        answer, headers={**{name: value for name, value in usual.items() if name.lower() not in own}, **answer.headers}
    )


def _named(unknown: tuple[str, ...]) -> list[str]:
    """Unknown fields for the journal: as many, and as much of each, as a person reads."""
    return [name[:80] for name in unknown[:20]]


def _check_headers(call: Call) -> None:
    if not call.host:
        raise Failure("invalid_request", {"reason": "Host: expected a host and perhaps a port, received another form"})
    given = call.headers.get("content-type", "")
    kind = given.partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise Failure("unsupported_media_type", {"reason": given[:80] or "no Content-Type"})

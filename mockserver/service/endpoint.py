"""The endpoints as a function of plain values: a call in, an answer out. Every door reaches this one.

door → tenant → fault, if one is due → limits → credits → JSON → contract → picture → charge → journal
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cached_property, lru_cache
from typing import Any

from ..contract.contract import Contract
from ..contract.models import Model
from ..contract.parsing import parse
from ..errors import PixelpactError
from .calls import CONTROL, TRACING, Answer, Call, Delivery, tracing
from .effects import changed, instead
from .failures import Failure, failed, failure_of, said
from .faults import BadFault, Fault, fault
from .generation import Generator
from .harmless import is_harmless
from .heads import Head, head_of
from .journal import API
from .listing import served
from .packing import FORM, NotTaken, packed
from .page import Page
from .redacted import facts_of
from .settings import Settings
from .tenants import Tenant, Tenants

CODE = re.compile("[0-9]{3}", re.ASCII)


@dataclass(frozen=True, eq=False)
class Endpoint:
    """`POST /v1/images/generations`, and every other path of one contract."""

    contract: Contract
    settings: Settings
    tenants: Tenants
    generator: Generator

    def answer(self, call: Call) -> Answer:
        """The answer to a call, whatever is wrong with it; headers included, journal written."""
        try:
            tenant = self.tenants.called(call.known.get(self) or self._name(call))
        except Failure as error:
            return self.refuse(call, error)
        call = _dated(call, tenant)
        page = Page(API, call)
        body = self._read(call, page)
        try:
            answer, due = self._settled(call, tenant, body, page)
            return _sent(call, answer, page.close(tenant, answer, due))
        except BaseException:
            # Else the door says when the call is over.
            page.leave()
            raise

    def refuse(self, call: Call, error: PixelpactError) -> Answer:
        """The answer to a call that never reaches a model: a wrong key, path or method, a body too large."""
        answer = failed(self.contract, call, error)
        if call.path.startswith(CONTROL):
            return _sent(call, answer, answer.delivery)
        tenant = self._whose(call)
        page = Page(API, _dated(call, tenant), said(self.contract, call, error))
        self._read(call, page)
        return _sent(call, answer, page.close(tenant, answer, ()))

    def _whose(self, call: Call) -> Tenant:
        """The tenant that a refused call is of: a client that got its path wrong wants to find that in its journal."""
        try:
            return self.tenants.admit(call.headers)
        except PixelpactError:
            return self.tenants.strangers

    def _settled(self, call: Call, tenant: Tenant, body: Any, page: Page) -> tuple[Answer, tuple[Fault, ...]]:
        """The answer with its faults, and which they were."""
        due: tuple[Fault, ...] = ()
        try:
            due = (*_preferred(call), *tenant.faults.due(API, body if isinstance(body, dict) else {}))
            answer = instead(self.contract, call, due) if due else None
            if answer is None:
                page.leave = tenant.limits.enter(call.moment)
                made = self._generate(call, tenant, body, page)
                answer = (instead(self.contract, call, due, paid=True) if due else None) or made
        except PixelpactError as error:
            failure = failure_of(error)
            answer = failed(self.contract, call, failure)
            page.facts |= said(self.contract, call, failure)
        return (changed(answer, due) if due else answer), due

    def _generate(self, call: Call, tenant: Tenant, body: Any, page: Page) -> Answer:
        # Assumed: nothing is read of whoever has run out, and a body is judged before its price.
        tenant.credits.check(0)
        _check_headers(call)
        if isinstance(body, PixelpactError):
            raise body
        model = self.contract.check_model(body, self._path(call))
        page.facts["model"] = model.id
        retiring = _retiring(tenant, model, call)
        request = model.check(body, strict=self.settings.strict)
        page.facts["unknown"] = _named(request.unknown)
        made, answer = self.generator.make(call, model, request, tenant.name)
        page.makes(model, made, {"deprecated": True} if retiring else {})
        tenant.credits.charge(
            made.credits,
            request_id=call.id,
            fingerprint=page.facts["fingerprint"],
            model=model.id,
            moment=call.moment,
            pictures=len(made.recipes),
        )
        return replace(answer, headers={**answer.headers, **retiring}) if retiring else answer

    def _read(self, call: Call, page: Page) -> Any:
        """The body as JSON, noted in the page; or the error that it is, which counts only once it is asked for."""
        head = head_of(call)
        page.facts["client"] = head.client
        try:
            body = self._body(call, head)
        except PixelpactError as error:
            return error
        page.is_harmless = is_harmless(body, call.body, head.key)
        page.facts |= facts_of(body, head.key, harmless=page.is_harmless)
        return body

    def _body(self, call: Call, head: Head) -> Any:
        if head.kind != FORM:
            return packed(parse(call.body))
        # As above.
        from .forms import read_form

        try:
            return read_form(self.contract, self._path(call), call.headers["content-type"], call.body)
        except NotTaken as reason:
            raise _unsupported(call) from reason

    def _name(self, call: Call) -> str:
        """The name of a call's tenant. Raises Failure for a key that is refused."""
        name = call.known[self] = self.tenants.name(call.headers)
        return name

    def _path(self, call: Call) -> str:
        """The path of the contract that a call's is a spelling of, with or without a slash at its end."""
        return self._spellings.get(call.path.rstrip("/"), call.path)

    @cached_property
    def _spellings(self) -> Mapping[str, str]:
        return served(self.contract)


def _retiring(tenant: Tenant, model: Model, call: Call) -> dict[str, str]:
    """The headers of a model on its way out. Raises Failure if it is gone."""
    try:
        return tenant.models.check(model.key, call.moment)
    except Failure as failure:
        # The key is our own word for it.
        raise replace(failure, fields={"reason": model.id}) from failure


def _preferred(call: Call) -> tuple[Fault, ...]:
    """`Prefer: code=429` asks for a failure by its status. Raises Failure for a status that is none."""
    if "prefer" not in call.headers:
        return ()
    # It brings all of Werkzeug, which a start is not to wait for.
    from werkzeug.http import parse_dict_header

    wished = {name.lower(): value for name, value in parse_dict_header(call.headers["prefer"]).items()}
    code = wished.get("code") or ""
    # A preference that cannot be read is passed over (RFC 7240, section 2).
    if not CODE.fullmatch(code):
        return ()
    try:
        return (fault("status", code=int(code)),)
    except BadFault as error:
        raise Failure("invalid_request", {"reason": f"Prefer: {error}"}) from error


def _dated(call: Call, tenant: Tenant) -> Call:
    """The call at its tenant's time."""
    ahead = tenant.clock.ahead
    return replace(call, moment=call.moment + ahead) if ahead else call


def _sent(call: Call, answer: Answer, delivery: Delivery) -> Answer:
    """The answer with the headers of tracing, and dated by its tenant's clock, unless it has them already."""
    headers = tracing(call)
    headers["Date"] = _http_date(int(call.moment.timestamp()))
    if own := TRACING.intersection(map(str.lower, answer.headers)):
        headers = {name: value for name, value in headers.items() if name.lower() not in own}
    return Answer(answer.status, answer.body, answer.content_type, {**headers, **answer.headers}, delivery)


@lru_cache(maxsize=8)
def _http_date(second: int) -> str:
    return format_datetime(datetime.fromtimestamp(second, UTC), usegmt=True)


def _named(unknown: tuple[str, ...]) -> list[str]:
    """Unknown fields for the journal: as many, and as much of each, as a person reads."""
    return [name[:80] for name in unknown[:20]]


def _check_headers(call: Call) -> None:
    if not call.host:
        raise Failure("invalid_request", {"reason": "Host: expected a host and perhaps a port, received another form"})
    if not head_of(call).is_read:
        raise _unsupported(call)


def _unsupported(call: Call) -> Failure:
    return Failure("unsupported_media_type", {"reason": call.headers.get("content-type", "")[:80] or "no Content-Type"})

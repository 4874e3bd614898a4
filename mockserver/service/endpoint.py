"""The endpoint as a function of plain values: a call in, an answer out. Every door reaches this one.

door → tenant → fault, if one is asked for → JSON → contract → picture planned → signed URL → own-answer check → journal
"""

from __future__ import annotations

import base64
import random
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..contract.answers import CREDITS_PER_USD, render
from ..contract.breaches import Breach, InvalidRequest
from ..contract.contract import Contract
from ..contract.models import Model, Request
from ..contract.parsing import parse
from ..contract.sizes import PromisedSize
from ..errors import PixelpactError
from ..pixels.encode import LONGEST_SIDE
from ..pixels.values import Recipe, Size
from .artefacts import Artefacts
from .calls import Answer, Call, json_answer, tracing
from .failures import Failure, failed
from .inputs import Inputs
from .settings import Settings
from .tenants import Entry, Tenant, Tenants

PREFER = re.compile(r"\bcode=([0-9]{3})\b")
# Where two kinds share a status, the plainer one is meant.
UNPREFERRED = {"invalid_json", "empty_key", "broken_promise"}


@dataclass(frozen=True, eq=False)
class Endpoint:
    """`POST /v1/images/generations` of one contract."""

    contract: Contract
    settings: Settings
    tenants: Tenants
    artefacts: Artefacts
    inputs: Inputs

    def answer(self, call: Call) -> Answer:
        """The answer to a call, whatever is wrong with it; headers included, journal written."""
        started = time.perf_counter()
        facts: dict[str, Any] = {}
        tenant: Tenant | None = None
        try:
            tenant = self.tenants.admit(call.headers)
            answer = self._generate(call, facts)
        except PixelpactError as error:
            answer = failed(self.contract, call, error)
            facts["error"] = str(error) or type(error).__name__
        if tenant is not None:
            elapsed = round((time.perf_counter() - started) * 1000, 2)
            time_sent = call.moment.isoformat(timespec="milliseconds")
            tenant.journal.append(Entry(time_sent, call.id, call.method, call.path, answer.status, elapsed, facts))
        return Answer(answer.status, answer.body, answer.content_type, {**tracing(call), **answer.headers})

    def refuse(self, call: Call, error: PixelpactError) -> Answer:
        """The answer to a call that never reaches a model: a wrong path, a wrong method, a body too large."""
        answer = failed(self.contract, call, error)
        return Answer(answer.status, answer.body, answer.content_type, tracing(call))

    def _generate(self, call: Call, facts: dict[str, Any]) -> Answer:
        self._fault(call)
        _check_headers(call)
        body = parse(call.body)
        model = self.contract.check_model(body)
        facts["model"] = model.id
        request = model.check(body, strict=self.settings.strict)
        recipe = self._recipe(call, model, request)
        facts |= {
            "seed": recipe.seed,
            "size": str(recipe.size),
            "digest": recipe.digest,
            "unknown": _named(request.unknown),
        }
        answer = self._picture(call, model, request, recipe)
        return self._held(model, answer, recipe)

    def _fault(self, call: Call) -> None:
        """`Prefer: code=429` asks for a failure by its status."""
        wanted = PREFER.search(call.headers.get("prefer", ""))
        if wanted:
            by_status = {
                str(kind.status): name for name, kind in self.contract.errors.items() if name not in UNPREFERRED
            }
            if wanted[1] in by_status:
                raise Failure(by_status[wanted[1]], {"reason": "what Prefer asked for"})
            allowed = ", ".join(by_status)
            raise Failure("invalid_request", {"reason": f"Prefer: expected a code of {allowed}, received {wanted[1]}"})

    def _recipe(self, call: Call, model: Model, request: Request) -> Recipe:
        inputs = {field: self.inputs.take(call, model, field, image) for field, image in request.images.items()}
        sizes = model.promised_sizes(request.body, {field: taken.size for field, taken in inputs.items()})
        complete = request.complete
        seed = int(complete.get("seed", -1))
        return Recipe(
            model=model.id,
            prompt=complete.get("prompt", ""),
            # No seed, or -1: one is drawn, and reported.
            seed=seed if seed != -1 else random.SystemRandom().randrange(2**31),
            size=_writable(sizes[0]),
            guidance=float(complete["guidance_scale"]) if "guidance_scale" in complete else None,
            watermark=bool(complete.get("watermark", False)),
            image=next((taken.name for taken in inputs.values()), None),
        )

    def _picture(self, call: Call, model: Model, request: Request, recipe: Recipe) -> dict[str, Any]:
        wanted = request.complete.get("response_format", "url")
        form = wanted if wanted in model.forms else model.forms[0]
        values: dict[str, Any] = {
            "created": int(call.moment.timestamp()),
            "credits_used": model.credits,
            "usd_spent": model.credits / CREDITS_PER_USD,
            "prompt": recipe.prompt,
            "model": model.id,
            "size": str(recipe.size),
        }
        if form == "url":
            values["url"] = self.artefacts.publish(model, recipe, call.origin, call.moment)
        else:
            values["b64_json"] = base64.b64encode(self.artefacts.draw(recipe)).decode("ascii")
        rendered: dict[str, Any] = render(model.answer, values)
        return rendered

    def _held(self, model: Model, answer: Mapping[str, Any], recipe: Recipe) -> Answer:
        breach = next(model.answer_breaches(answer), None)
        if breach is not None:
            raise Failure("broken_promise", {"reason": str(breach)})
        headers = {
            "x-aimlapi-credits-used": str(model.credits),
            "x-aimlapi-usd-spent": f"{model.credits / CREDITS_PER_USD:.9f}",
            "x-pixelpact-seed": str(recipe.seed),
            "x-pixelpact-digest": recipe.digest,
        }
        return json_answer(model.success, answer, headers)


def _writable(size: PromisedSize) -> Size:
    """The size, unless no JPEG can have it; the rule of the area alone would allow 65600x4."""
    if max(size.dimensions) > LONGEST_SIDE:
        allowed = f"sides of at most {LONGEST_SIDE:,} pixels, as a JPEG has"
        raise InvalidRequest((Breach("/size", "container", allowed, f'"{size}"', (size.source,)),))
    return Size(*size.dimensions)


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

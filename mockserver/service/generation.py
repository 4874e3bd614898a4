"""A picture made for a valid request: its recipe, and the answer that brings it."""

from __future__ import annotations

import base64
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..contract.answers import CREDITS_PER_USD, render
from ..contract.breaches import Breach, InvalidRequest
from ..contract.models import Model, Request
from ..contract.sizes import PromisedSize
from ..pixels.encode import LONGEST_SIDE
from ..pixels.values import Recipe, Size
from .artefacts import Artefacts
from .calls import Answer, Call, json_answer
from .failures import Failure
from .inputs import Inputs


@dataclass(frozen=True)
class Generation:
    """A picture that was made, or planned: by `form` it is behind the URL, or is these bytes."""

    recipe: Recipe
    form: str
    answer: Answer
    url: str = ""
    data: bytes = b""


@dataclass(frozen=True, eq=False)
class Generator:
    """Makes pictures; a picture behind a URL is drawn when it is asked for."""

    artefacts: Artefacts
    inputs: Inputs

    def make(self, call: Call, model: Model, request: Request, tenant: str) -> Generation:
        """The picture for a request. Raises Failure, or InvalidRequest for an input that cannot be used."""
        recipe = self._recipe(call, model, request)
        wanted = request.complete.get("response_format", "url")
        form = wanted if wanted in model.forms else model.forms[0]
        url, data = "", b""
        if form == "url":
            url = self.artefacts.publish(model, recipe, call.origin, call.moment, tenant)
        else:
            data = self.artefacts.draw(recipe)
        value = {"url": url} if form == "url" else {"b64_json": base64.b64encode(data).decode("ascii")}
        return Generation(recipe, form, _answer(call, model, recipe, value), url, data)

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


def _answer(call: Call, model: Model, recipe: Recipe, value: Mapping[str, Any]) -> Answer:
    body = render(
        model.answer,
        {
            "created": int(call.moment.timestamp()),
            "credits_used": model.credits,
            "usd_spent": model.credits / CREDITS_PER_USD,
            "prompt": recipe.prompt,
            "model": model.id,
            "size": str(recipe.size),
            **value,
        },
    )
    breach = next(model.answer_breaches(body), None)
    if breach is not None:
        raise Failure("broken_promise", {"reason": str(breach)})
    headers = {
        "x-aimlapi-credits-used": str(model.credits),
        "x-aimlapi-usd-spent": f"{model.credits / CREDITS_PER_USD:.9f}",
        "x-pixelpact-seed": str(recipe.seed),
        "x-pixelpact-digest": recipe.digest,
    }
    return json_answer(model.success, body, headers)


def _writable(size: PromisedSize) -> Size:
    """The size, unless no JPEG can have it; the rule of the area alone would allow 65600x4."""
    if max(size.dimensions) > LONGEST_SIDE:
        allowed = f"sides of at most {LONGEST_SIDE:,} pixels, as a JPEG has"
        raise InvalidRequest((Breach("/size", "container", allowed, f'"{size}"', (size.source,)),))
    return Size(*size.dimensions)

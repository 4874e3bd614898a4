"""Pictures made for a valid request: their recipes, and the answer that brings them."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import pybase64

from ..contract.answers import CREDITS_PER_USD
from ..contract.breaches import Breach, InvalidRequest
from ..contract.models import Model, Request
from ..contract.rules import Dimensions
from ..contract.sources import Source
from ..pixels.values import LONGEST_SIDES, Container, Recipe, Size
from .artefacts import MOST_PIXELS, Artefacts
from .calls import Answer, Call, written
from .drawn import Drawn
from .failures import Failure
from .inputs import Inputs
from .longtexts import Marks

# Of one request, given out and taken in: no model of the docs has more than 10, or takes more than 16.
MOST_PICTURES = 16
MOST_INPUTS = 32
# In the name of a field that tells where to edit: nothing of it shows.
MASK = "mask"
SHOWN = {"webp": "WebP"}

Recipes = tuple[Recipe, ...]
Told = Mapping[str, Any]


@dataclass(frozen=True)
class Generation:
    """The pictures of one answer, made or planned: by `form` they are behind the URLs, or told of in `files`."""

    recipes: tuple[Recipe, ...]
    form: str
    credits: int
    urls: tuple[str, ...] = ()
    files: tuple[Told, ...] = ()


@dataclass(frozen=True, eq=False)
class Generator:
    """Makes pictures; a picture behind a URL is drawn when it is asked for."""

    artefacts: Artefacts
    inputs: Inputs

    def make(self, call: Call, model: Model, request: Request, tenant: str) -> tuple[Generation, Answer]:
        """The pictures for a request, and the answer with them.

        Raises Failure, or InvalidRequest for what cannot be drawn or used.
        """
        recipes = self._recipes(call, model, request)
        form, credits = model.form(request.body), model.credits * len(recipes)
        urls: tuple[str, ...] = ()
        files: tuple[Told, ...] = ()
        if form == "url":
            urls = tuple([self.artefacts.publish(model, each, call.origin, call.moment, tenant) for each in recipes])
            body = written(_body(call, model, recipes, [{"url": url} for url in urls]))
        else:
            body, files = self._inline(call, model, recipes)
        answer = Answer(model.success, body, headers=_headers(credits, recipes))
        return Generation(recipes, form, credits, urls, files), answer

    def _inline(self, call: Call, model: Model, recipes: Recipes) -> tuple[bytes, tuple[Told, ...]]:
        """The answer with its pictures in base64, each drawn when its turn comes; and what is told of their files."""
        marks = Marks()
        told: dict[int, Told] = {}
        draw = self.artefacts.drawn if len(recipes) == 1 else self.artefacts.passing

        def text(index: int) -> bytes:
            drawn = draw(recipes[index])
            told[index] = told_of(drawn, f"image/{recipes[index].container}")
            return pybase64.b64encode(drawn.data)

        body = _body(call, model, recipes, [{"b64_json": marks.mark(index)} for index in range(len(recipes))])
        return marks.written(body, text), tuple(told.values())

    def _recipes(self, call: Call, model: Model, request: Request) -> Recipes:
        count = _count(model, request.body)
        pictures = model.inputs(request.body)
        if not pictures:
            return _several(_plain(model, request, {}), count)
        if len(pictures) > MOST_INPUTS:
            raise _refused(pictures[MOST_INPUTS].field, "pictures", f"at most {MOST_INPUTS}", f"{len(pictures)}")
        taken = [self.inputs.take(call, model, each, request.images[each.pointer]) for each in pictures]
        sizes: dict[str, Dimensions] = {}
        for each, one in zip(pictures, taken, strict=True):
            sizes.setdefault(each.field, one.size)
        edited = model.request.get("x-edit", {}).get("input")
        edits = pictures[0].field == edited
        named = [(_is_mask(each.field, edited), one.name) for each, one in zip(pictures, taken, strict=True)]
        names = [name for masks, name in named if not masks]
        first = replace(
            _plain(model, request, sizes),
            image=names[0] if edits else None,
            references=tuple(names[1:] if edits else names),
            masks=tuple(name for masks, name in named if masks),
        )
        return _several(first, count)


def _several(first: Recipe, count: int) -> Recipes:
    """The recipes of one answer: they differ by their index alone, as it has one seed, whether given or drawn."""
    return (first, *[replace(first, index=index) for index in range(1, count)])


def told_of(drawn: Drawn, content_type: str) -> Told:
    """What the journal tells of the file of a picture."""
    return {"bytes": len(drawn.data), "sha256": drawn.sha256, "content_type": content_type}


def _is_mask(field: str, edited: str | None) -> bool:
    return field != edited and MASK in field.lower()


def _plain(model: Model, request: Request, sizes: Mapping[str, Dimensions]) -> Recipe:
    complete = request.complete
    prompt = complete.get("prompt")
    container = cast(Container, model.container(request.body))
    return Recipe(
        model=model.key,
        prompt=prompt if isinstance(prompt, str) else "",
        seed=_seed(complete.get("seed")),
        size=_size(model, request.body, sizes, container),
        guidance=_finite(complete.get("guidance_scale")),
        watermark=bool(complete.get("watermark", False)),
        container=container,
    )


def _seed(given: Any) -> int:
    """The seed that was given; without one, or for -1, one is drawn, and reported."""
    asked = given if isinstance(given, int) else _finite(given)
    return random.SystemRandom().randrange(2**31) if asked is None or asked == -1 else int(asked)


def _finite(value: Any) -> float | None:
    """A number as a float; None for one that is too large to be one, and for anything else."""
    try:
        number = float(value) if isinstance(value, (int, float)) else math.nan
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _count(model: Model, body: Mapping[str, Any]) -> int:
    count = model.count(body)
    if count > MOST_PICTURES:
        raise _refused(model.request["x-count"]["field"], "pictures", f"at most {MOST_PICTURES}", str(count))
    return count


def _size(model: Model, body: Mapping[str, Any], inputs: Mapping[str, Dimensions], container: Container) -> Size:
    """The likeliest size, unless no file of the container can have it, or it is more than this mock draws."""
    sizes = model.promised_sizes(body, inputs)
    if not sizes:
        raise Failure("broken_promise", {"reason": f"x-output-size of {model.key} gives no size for this request"})
    size, longest = sizes[0], LONGEST_SIDES[container]
    width, height = size.dimensions
    if width <= longest and height <= longest and width * height <= MOST_PIXELS:
        return Size(width, height)
    field = next((way["field"] for way in model.request["x-output-size"] if way.get("field") in body), "size")
    if max(width, height) > longest:
        allowed = f"sides of at most {longest:,} pixels, as a {SHOWN.get(container, container.upper())} has"
        raise _refused(field, "container", allowed, f'"{size}"', size.source)
    raise _refused(field, "pixels", f"a picture of at most {MOST_PIXELS:,} pixels", f'"{size}"', size.source)


def _refused(field: str, rule: str, allowed: str, received: str, *sources: Source) -> InvalidRequest:
    return InvalidRequest((Breach(f"/{field}", rule, allowed, received, sources),))


def _body(call: Call, model: Model, recipes: Recipes, pictures: Sequence[Told]) -> Any:
    """The answer's JSON, held to its own schema."""
    credits = model.credits * len(recipes)
    values = {
        "created": int(call.moment.timestamp()),
        "credits_used": credits,
        "usd_spent": credits / CREDITS_PER_USD,
        "prompt": recipes[0].prompt,
        "model": model.id,
        "size": str(recipes[0].size),
    }
    body = model.answered(values, pictures)
    breach = next(model.answer_breaches(body), None)
    if breach is not None:
        raise Failure("broken_promise", {"reason": str(breach)})
    return body


def _headers(credits: int, recipes: Recipes) -> dict[str, str]:
    return {
        "x-aimlapi-credits-used": str(credits),
        "x-aimlapi-usd-spent": f"{credits / CREDITS_PER_USD:.9f}",
        "x-pixelpact-seed": str(recipes[0].seed),
        "x-pixelpact-digest": ", ".join([recipe.digest for recipe in recipes]),
    }

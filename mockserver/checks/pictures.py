"""Checks of the pictures behind an answer: there, whole, of the container and size promised, and an edit edited."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract.keywords import Dimensions
from ..pixels.measure import Survival, difference, facts, survival
from .answers import excerpt
from .findings import Reason
from .generation import Generation, Picture

# Below this standard deviation a picture is one colour, JPEG noise included.
BLANK = 1.0
# Two encodings of one picture differ by about 1 level; pictures of different seeds by 20 and more.
SAME = 2.0


def download(generation: Generation) -> Iterator[Reason]:
    """Every picture can be had: the link works without a key, the base64 can be decoded."""
    sources = generation.model.answer_sources("url", "x-value")
    for picture in generation.pictures:
        if picture.problem:
            yield Reason(f"{picture.pointer}: a picture", picture.problem, sources)
        elif picture.exchange is not None and picture.exchange.status != 200:
            came = f"{picture.exchange.status} {excerpt(picture.exchange)}"
            yield Reason(f"{picture.pointer}: a link that works", came, sources)


def decodable(generation: Generation) -> Iterator[Reason]:
    """Every picture is whole, and shows something."""
    for picture in generation.pictures:
        if picture.facts is None:
            continue
        if not picture.facts.decodable:
            yield Reason(f"{picture.pointer}: a picture that can be decoded", picture.facts.problem or "no picture")
        elif picture.facts.spread < BLANK:
            yield Reason(f"{picture.pointer}: a picture with something in it", "one colour all over")


def container(generation: Generation) -> Iterator[Reason]:
    """The bytes are of the container promised, and the download calls them so."""
    promised = generation.model.picture.container
    source = (generation.model.sources["sample-pictures"],)
    for picture in generation.pictures:
        if picture.facts is None or not picture.facts.decodable:
            continue
        true = picture.facts.container
        if true != promised:
            yield Reason(f"{picture.pointer}: a {promised} picture", f"{true} bytes", source)
        called = picture.exchange.media_type if picture.exchange else f"image/{true}"
        if called != f"image/{true}":
            yield Reason(f"{picture.pointer}: Content-Type image/{true}, as the bytes are", called or "none", source)


def size(generation: Generation) -> Iterator[Reason]:
    """Every picture is exactly as large as the request was promised."""
    promised = generation.model.promised_sizes(generation.body, _inputs(generation))
    if not promised or (promised[0].source.standing == "assumed" and not generation.strict):
        return
    wanted = " or ".join(dict.fromkeys(map(str, promised)))
    for picture in generation.pictures:
        came = picture.facts.size if picture.facts else None
        if came is not None and (came.width, came.height) not in [size.dimensions for size in promised]:
            yield Reason(f"{picture.pointer}: a picture of {wanted}", str(came), (promised[0].source,))


def edit(generation: Generation) -> Iterator[Reason]:
    """An edit keeps the caller's picture and changes something in it, by the `x-edit` rule.

    The rule was measured on local edits, so on a foreign target it judges the documented prompts alone.
    """
    rule = generation.model.request.get("x-edit")
    if rule is None or generation.input is None or not (generation.strict or _has_documented_prompt(generation)):
        return
    for picture in generation.pictures:
        if picture.data is None or picture.facts is None or not picture.facts.decodable:
            continue
        found = survival(generation.input, picture.data, rule["block"])
        sources = generation.model.rule_sources(None, "x-edit")
        for promised, came in _edit_reasons(rule, found):
            yield Reason(f"{picture.pointer}: {promised}", came, sources)


def same_picture(one: Picture, other: Picture) -> str | None:
    """How two pictures that should be the same differ; None if they do not."""
    if not (one.data and other.data and one.facts and other.facts):
        return "no picture to compare"
    if not (one.facts.decodable and other.facts.decodable):
        return "a picture that cannot be decoded"
    if one.facts.size != other.facts.size:
        return f"{one.facts.size} and {other.facts.size}"
    gap = difference(one.data, other.data)
    return f"pictures that differ by {gap:.1f} levels of 255 on average" if gap > SAME else None


def _edit_reasons(rule: dict[str, float], found: Survival) -> Iterator[tuple[str, str]]:
    within = {8: found.within_8, 16: found.within_16}[int(rule["within"])]
    if within < rule["kept"]:
        promised = f"the input kept within {rule['within']} levels in {rule['kept']:.0%} of all blocks"
        yield promised, f"{within:.0%} of all blocks"
    if found.strongest < rule["changed"]:
        yield f"something changed by {rule['changed']} levels or more", f"{found.strongest:.0f} levels at most"


def _has_documented_prompt(generation: Generation) -> bool:
    return generation.body.get("prompt") in generation.model.request["properties"]["prompt"].get("examples", [])


def _inputs(generation: Generation) -> dict[str, Dimensions]:
    known = facts(generation.input).size if generation.input else None
    return dict.fromkeys(generation.model.images, (known.width, known.height)) if known else {}

"""Checks of the pictures behind an answer: there, whole, of the container and size promised, and an edit edited."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from ..contract.keywords import Dimensions
from ..pixels.measure import Facts, Survival, facts, survival
from .answers import excerpt
from .findings import Reason, Unjudged
from .generation import Generation, Picture

# Below this standard deviation a picture is one colour, JPEG noise included.
BLANK = 1.0
# Neighbouring pixels of any picture differ less than this, those of noise more.
NOISE = 40.0
# Blocks of 32x32 pixels, in levels of 255: two encodings of one picture differ by 3 in the worst block; another
# picture, or another edit of one input, by 40 and more. What differs by 2 levels nowhere is the same.
SAME = 12.0
ALIKE = 2.0
ENLARGED = 2.0
UNTYPED = ("", "application/octet-stream", "binary/octet-stream")
ENDINGS = {"jpeg": "jpeg", "jpg": "jpeg", "png": "png", "webp": "webp", "gif": "gif"}


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
    """Every picture is whole."""
    for picture in generation.pictures:
        if picture.facts is not None and not picture.facts.decodable:
            yield Reason(f"{picture.pointer}: a picture that can be decoded", picture.facts.problem or "no picture")


def content(generation: Generation) -> Iterator[Reason]:
    """Every picture shows something, all over, in colour, and no noise; a plain half, two colours or noise can be."""
    seen, assumed = ((generation.model.sources[name],) for name in ("sample-pictures", "no-evidence"))
    # What is grey may stay so.
    may_be_grey = generation.input is not None and facts(generation.input).grey
    for pointer, shown in _decoded(generation):
        if shown.spread < BLANK:
            yield Reason(f"{pointer}: a picture with something in it", "one colour all over", seen)
        elif shown.flat:
            sources = seen if shown.filled else assumed
            yield Reason(f"{pointer}: a picture all over", f"one colour in the {shown.flat} half", sources)
        elif shown.grey and not may_be_grey:
            yield Reason(f"{pointer}: a picture in colour", "grey", seen)
        if shown.lost:
            yield Reason(f"{pointer}: a picture of three colours", f"no {shown.lost} in it", assumed)
        if shown.roughness > NOISE:
            yield Reason(f"{pointer}: a picture", f"noise: neighbours differ by {shown.roughness:.0f} levels", assumed)


def container(generation: Generation) -> Iterator[Reason]:
    """The bytes are of a container that was seen, and the download and the name in the link call them so.

    JPEG was promised and seen; later links of the same service end in `.png`, so PNG may come, if it says so itself.
    """
    promised = generation.model.picture.container
    source = (generation.model.sources["sample-pictures"],)
    for picture in generation.pictures:
        if picture.facts is None or not picture.facts.decodable:
            continue
        true = picture.facts.container
        if true not in ((promised,) if generation.strict else (promised, "png")):
            yield Reason(f"{picture.pointer}: a {promised} picture", f"{true} bytes", source)
        for what, called in _called(picture):
            if called != true:
                # No type at all contradicts nothing.
                sources = (generation.model.sources["no-evidence"],) if called in UNTYPED else source
                yield Reason(f"{picture.pointer}: {what}{true}, as the bytes are", called or "none", sources)


def artefact(generation: Generation) -> Iterator[Reason | Unjudged]:
    """A link gives the same picture again; perhaps not the same bytes, as some stores encode anew."""
    sources = generation.model.answer_sources("url", "x-value")
    again = [(picture, picture.again) for picture in generation.pictures if picture.again is not None]
    if not again:
        yield Unjudged("no picture was downloaded twice")
    for picture, got in again:
        came = same_picture(picture, replace(picture, data=got.body)) if got.status == 200 else str(got.status)
        if came:
            yield Reason(f"{picture.pointer}: the same picture again", came, sources)


def size(generation: Generation) -> Iterator[Reason | Unjudged]:
    """Every picture is exactly as large as the request was promised."""
    promised = generation.model.promised_sizes(generation.body, _inputs(generation))
    if not promised:
        yield Unjudged("the size of the input is not known")
        return
    wanted = " or ".join(dict.fromkeys(map(str, promised)))
    for picture in generation.pictures:
        came = picture.facts.size if picture.facts else None
        if came is not None and (came.width, came.height) not in [size.dimensions for size in promised]:
            yield Reason(f"{picture.pointer}: a picture of {wanted}", str(came), (promised[0].source,))


def edit(generation: Generation) -> Iterator[Reason | Unjudged]:
    """An edit keeps the caller's picture and changes something in it, by the `x-edit` rule.

    The rule was measured on local edits of a photograph, so on a foreign target it judges the documented prompts
    alone, and no input that was enlarged much, as there are many ways to do that.
    """
    rule = generation.model.request.get("x-edit")
    if rule is None or generation.input is None or not (generation.strict or _has_documented_prompt(generation)):
        yield Unjudged("no known input with a documented edit")
        return
    for picture in generation.pictures:
        if picture.data is None or picture.facts is None or not picture.facts.decodable:
            continue
        if not (generation.strict or _enlarged(generation.input, picture.facts) <= ENLARGED):
            yield Unjudged("the input is much smaller than the picture")
            continue
        found = survival(generation.input, picture.data, rule["block"])
        sources = generation.model.rule_sources(None, "x-edit")
        for promised, came in _edit_reasons(rule, found):
            yield Reason(f"{picture.pointer}: {promised}", came, sources)


def is_shown(picture: Picture) -> bool:
    """Whether a picture came, and can be decoded."""
    return picture.data is not None and picture.facts is not None and picture.facts.decodable


def same_picture(one: Picture, other: Picture) -> str | None:
    """How two pictures that should be the same differ; None if they do not."""
    gap = _gap(one, other)
    return gap if isinstance(gap, str) else f"a block that differs by {gap:.0f} levels of 255" if gap > SAME else None


def no_effect(one: Picture, other: Picture, *, faint: bool = False) -> str | None:
    """How two pictures that should differ are the same; None if they differ.

    `faint`: the least difference in any pixel counts, as of a watermark that nobody sees.
    """
    if faint and one.facts and other.facts and one.facts.digest != other.facts.digest:
        return None
    gap = _gap(one, other)
    return "the same picture" if not isinstance(gap, str) and gap <= ALIKE else None


def _gap(one: Picture, other: Picture) -> float | str:
    """The strongest block's difference, or why there is none."""
    if not (one.data and other.data and one.facts and other.facts):
        return "no picture to compare"
    if not (one.facts.decodable and other.facts.decodable):
        return "a picture that cannot be decoded"
    if one.facts.size != other.facts.size:
        return f"{one.facts.size} and {other.facts.size}"
    return survival(one.data, other.data).strongest


def _decoded(generation: Generation) -> Iterator[tuple[str, Facts]]:
    for picture in generation.pictures:
        if picture.facts is not None and picture.facts.decodable:
            yield picture.pointer, picture.facts


def _called(picture: Picture) -> Iterator[tuple[str, str]]:
    """What the download and the link call the picture; a link may do without."""
    if picture.exchange is None:
        return
    yield "Content-Type image/", picture.exchange.media_type.removeprefix("image/")
    ending = urlsplit(picture.text).path.rpartition("/")[2].rpartition(".")[2].lower()
    if ending in ENDINGS:
        yield "a name for ", ENDINGS[ending]


def _edit_reasons(rule: dict[str, float], found: Survival) -> Iterator[tuple[str, str]]:
    within = {8: found.within_8, 16: found.within_16}[int(rule["within"])]
    if within < rule["kept"]:
        promised = f"the input kept within {rule['within']} levels in {rule['kept']:.0%} of all blocks"
        yield promised, f"{within:.0%} of all blocks"
    if found.strongest < rule["changed"]:
        yield f"something changed by {rule['changed']} levels or more", f"{found.strongest:.0f} levels at most"


def _enlarged(before: bytes, after: Facts) -> float:
    size = facts(before).size
    return after.size.width / size.width if size and after.size else math.inf


def _has_documented_prompt(generation: Generation) -> bool:
    return generation.body.get("prompt") in generation.model.request["properties"]["prompt"].get("examples", [])


def _inputs(generation: Generation) -> dict[str, Dimensions]:
    known = facts(generation.input).size if generation.input else None
    return dict.fromkeys(generation.model.images, (known.width, known.height)) if known else {}

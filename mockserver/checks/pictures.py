"""Checks of the pictures behind an answer: there, whole, each another, of the right container, and an edit edited."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from ..contract.samples import LOCAL_EDIT
from ..contract.sources import Source
from ..pixels.measure import Facts, Survival, facts, survival
from .answers import excerpt, excerpt_of, status_of
from .choices import choice_sources, chosen, said_by
from .findings import Reason, Unjudged, best_standing
from .generation import Generation, Picture
from .sizes import is_alike

# Below this standard deviation a picture is one colour, JPEG noise included.
BLANK = 1.0
# Neighbouring pixels of any picture differ less than this, those of noise more.
NOISE = 40.0
# Blocks of 32x32 pixels, in levels of 255: two encodings of one picture differ by 3 in the worst block; another
# picture, or another edit of one input, by 40 and more. What differs by 2 levels nowhere is the same.
SAME = 12.0
ALIKE = 2.0
ENLARGED = 2.0
# Blocks of which a quarter has room for a thing that fills one of them.
FEWEST = 16
# Of an edit of a part, however freely it was drawn anew; another picture keeps less.
LEAST_KEPT = 0.1
UNTYPED = ("", "application/octet-stream", "binary/octet-stream")
ENDINGS = {**{name: name for name in ("jpeg", "png", "webp", "gif", "tiff")}, "jpg": "jpeg", "tif": "tiff"}


def download(generation: Generation) -> Iterator[Reason]:
    """Every picture can be had: the link works without a key, the base64 can be decoded."""
    sources = generation.model.answer_sources("url", "x-value")
    for picture in generation.pictures:
        if picture.problem:
            told = f": {excerpt_of(picture.text)}" if picture.form == "url" else ""
            yield Reason(f"{picture.pointer}: a picture", f"{picture.problem}{told}", sources)
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
    for pointer, shown in _decoded(generation):
        if shown.spread < BLANK:
            yield Reason(f"{pointer}: a picture with something in it", "one colour all over", seen)
        elif shown.flat:
            sources = seen if shown.filled else assumed
            yield Reason(f"{pointer}: a picture all over", f"one colour in the {shown.flat} half", sources)
        # What is grey may stay so.
        elif shown.grey and not any(facts(data).grey for data in generation.inputs.values()):
            yield Reason(f"{pointer}: a picture in colour", "grey", seen)
        if shown.lost:
            yield Reason(f"{pointer}: a picture of three colours", f"no {shown.lost} in it", assumed)
        if shown.roughness > NOISE:
            yield Reason(f"{pointer}: a picture", f"noise: neighbours differ by {shown.roughness:.0f} levels", assumed)


def distinct(generation: Generation) -> Iterator[Reason | Unjudged]:
    """Several pictures of one answer are several, not one again."""
    if len(generation.pictures) < 2:
        yield Unjudged("the answer has no second picture")
    rule = generation.model.request.get("x-count")
    # Who asks for several by a number means another each time.
    sources = (said_by(generation, rule["field"]) if rule else ()) or (generation.model.sources["no-evidence"],)
    first: dict[object, str] = {}
    for picture in generation.pictures:
        shown = (picture.facts.digest if picture.facts else None) or picture.data
        # One picture in both forms is another matter.
        if shown and (known := first.setdefault((picture.form, shown), picture.pointer)) != picture.pointer:
            yield Reason(f"{picture.pointer}: another picture than before", f"that of {known} again", sources)


def container(generation: Generation) -> Iterator[Reason]:
    """The bytes are of the container promised, and the download and the name in the link call them so.

    A format that the request names is promised. Where it names none, what was seen is: JPEG, of the two models that the
    kit began with; later links of the same service end in `.png`, so PNG may come from others, if it says so itself.
    """
    for picture in generation.pictures:
        if picture.facts is not None and picture.facts.decodable:
            yield from _other_bytes(generation, picture, picture.facts.container)
            yield from _other_names(generation, picture, picture.facts.container)


def _other_bytes(generation: Generation, picture: Picture, true: str) -> Iterator[Reason]:
    model, asked = generation.model, chosen(generation, "x-container")
    promised = asked or model.picture.container
    fine = (promised,) if generation.strict or asked else (promised, "png")
    known = generation.asked or "x-container" not in model.request
    if known and true not in fine:
        seen = (model.sources["no-evidence" if model.origin else "sample-pictures"],)
        sources = choice_sources(generation, "x-container") if asked else seen
        yield Reason(f"{picture.pointer}: a {promised} picture", f"{true} bytes", sources)


def _other_names(generation: Generation, picture: Picture, true: str) -> Iterator[Reason]:
    for what, called in _called(picture):
        if called != true:
            # No type at all contradicts nothing.
            source = generation.model.sources["no-evidence" if called in UNTYPED else "sample-pictures"]
            yield Reason(f"{picture.pointer}: {what}{true}, as the bytes are", called or "none", (source,))


def artefact(generation: Generation) -> Iterator[Reason | Unjudged]:
    """A link gives the same picture again; perhaps not the same bytes, as some stores encode anew."""
    sources = generation.model.answer_sources("url", "x-value")
    again = [(picture, picture.again) for picture in generation.pictures if picture.again is not None]
    if not again:
        yield Unjudged("no picture was downloaded twice")
    for picture, got in again:
        came = same_picture(picture, replace(picture, data=got.body)) if got.status == 200 else status_of(got)
        if came:
            yield Reason(f"{picture.pointer}: the same picture again", came, sources)


def edit(generation: Generation) -> Iterator[Reason | Unjudged]:
    """An edit keeps the caller's picture and changes something in it, by the `x-edit` rule.

    The rule was measured on local edits of a photograph, so on a foreign target it judges the documented prompts and
    our own local edit alone, and no input that was enlarged much, as there are many ways to do that.
    """
    rule = generation.model.request.get("x-edit")
    before = generation.inputs.get(rule["input"]) if rule else None
    if rule is None or before is None or not (generation.strict or _has_local_prompt(generation)):
        yield Unjudged("no known input with a documented edit")
        return
    for picture in generation.pictures:
        if picture.data is None or picture.facts is None or not picture.facts.decodable:
            continue
        if not (generation.strict or _enlarged(before, picture.facts) <= ENLARGED):
            yield Unjudged("the input is much smaller than the picture")
            continue
        if not (generation.strict or _has_documented_prompt(generation) or _is_as_wide(before, picture.facts)):
            yield Unjudged("the picture has other sides than its input, and nobody knows what is cut then")
            continue
        if picture.facts.size and picture.facts.size.width * picture.facts.size.height < FEWEST * rule["block"] ** 2:
            yield Unjudged("the picture is too small to tell what is kept")
            continue
        found = survival(before, picture.data, rule["block"])
        sources = _edit_sources(generation, rule, found)
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


def _is_as_wide(before: bytes, after: Facts) -> bool:
    size, came = facts(before).size, after.size
    return bool(size and came and is_alike((came.width, came.height), (size.width, size.height)))


def _edit_sources(generation: Generation, rule: dict[str, Any], found: Survival) -> tuple[Source, ...]:
    """Where it comes from that so little is kept: next to nothing breaks the promise that the input counts at all."""
    rules = generation.model.rule_sources(None, "x-edit")
    # A strength may leave next to nothing, too.
    free = any("strength" in name for name in generation.model.request["properties"])
    if best_standing(rules) != "assumed" or found.within_16 >= LEAST_KEPT or free:
        return rules
    return said_by(generation, rule["input"]) or rules


def _has_local_prompt(generation: Generation) -> bool:
    """Whether a local edit is asked for, and of which picture."""
    single = len(generation.model.inputs(generation.body)) == 1
    return _has_documented_prompt(generation) or (single and generation.body.get("prompt") == LOCAL_EDIT)


def _has_documented_prompt(generation: Generation) -> bool:
    documented = generation.model.request["properties"].get("prompt", {}).get("examples", [])
    return generation.body.get("prompt") in documented

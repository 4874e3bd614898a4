"""A model under a profile: what it takes, what it answers, and whether a body or an answer keeps to that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from .answers import find, values
from .breaches import Breach, InvalidRequest, closest, find_breaches, shown
from .images import InputImage, read_image
from .keywords import Dialect, Dimensions
from .sizes import PromisedSize, promised_sizes
from .sources import Source, Sources, names_of

Schema = Mapping[str, Any]
LONGEST_NAME = 80


@dataclass(frozen=True)
class Picture:
    """How a model encodes its pictures, and the folder that its artefacts lie in."""

    container: str
    quality: int
    digest: str
    folder: str


@dataclass(frozen=True)
class Request:
    """A body that its model accepts: as sent, with the defaults filled in, and the fields that no schema knows."""

    body: Mapping[str, Any]
    complete: Mapping[str, Any]
    unknown: tuple[str, ...]
    images: Mapping[str, InputImage]


@dataclass(frozen=True, eq=False)
class Model:
    """A model's promises under one profile. `request` and `answer` are JSON Schemas without references.

    `reading` is the profile whose requests it takes: its own, or the one that its own is a variant of.
    """

    id: str
    title: str
    task: str
    status: str
    credits: int
    picture: Picture
    profile: str
    reading: str
    request: Schema
    answer: Schema
    success: int
    promised_by: tuple[Source, ...]
    sources: Sources

    @property
    def name(self) -> str:
        """The id without its vendor, as in `seedream-3.0`."""
        return self.id.rpartition("/")[2]

    @cached_property
    def images(self) -> dict[str, Mapping[str, Any]]:
        """The `x-image` rule of each field that is an input picture."""
        return {name: schema["x-image"] for name, schema in self.request["properties"].items() if "x-image" in schema}

    @cached_property
    def artefact(self) -> Mapping[str, Any] | None:
        """The `x-artefact` rule of the answer's URL; None where this profile answers with no URL."""
        url = find(self.answer, "url")
        return url.get("x-artefact") if url else None

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """What a picture can come as under this profile: `url`, `b64_json`, or both at choice."""
        return tuple(form for form in ("url", "b64_json") if find(self.answer, form))

    def check(self, body: Any, *, strict: bool = False) -> Request:
        """The request that a body makes. Raises InvalidRequest with every breach; `strict` refuses unknown fields."""
        breaches = tuple(self.breaches(body, strict=strict))
        if breaches:
            raise InvalidRequest(breaches)
        known = self.request["properties"]
        defaults = {name: schema["default"] for name, schema in known.items() if "default" in schema}
        images = {name: read_image(rule, body[name]) for name, rule in self.images.items() if name in body}
        return Request(body, {**defaults, **body}, tuple(name for name in body if name not in known), images)

    def breaches(self, body: Any, *, strict: bool = False) -> Iterator[Breach]:
        """Every rule of the request schema that a body breaks, with the field probably meant."""
        unknown = [name for name in body if name not in self.request["properties"]] if isinstance(body, dict) else []
        # A name of megabytes is no slip of the pen.
        near = [name for name in unknown if len(name) <= LONGEST_NAME]
        for breach in find_breaches(self._request, body, self.sources):
            yield _with_field_meant(breach, near)
        if strict:
            yield from (self._unknown(name, body[name]) for name in unknown)

    def answer_breaches(self, answer: Any) -> Iterator[Breach]:
        """Every rule of the answer schema that an answer breaks."""
        return find_breaches(self._answer, answer, self.sources)

    def values(self, answer: Any, name: str) -> list[tuple[str, Any]]:
        """Pointer and value of every field of an answer that means `name`: `url`, `created`, `credits_used`…"""
        return list(values(self.answer, answer, name))

    def rule_sources(self, field: str | None, keyword: str) -> tuple[Source, ...]:
        """Where one keyword of a request field comes from, or of the whole request."""
        schema = self.request["properties"].get(field, {}) if field else self.request
        return tuple(self.sources[name] for name in names_of(schema, keyword))

    def answer_sources(self, value: str, keyword: str) -> tuple[Source, ...]:
        """Where one keyword of the answer's field that means `value` comes from."""
        schema = find(self.answer, value) or {}
        return tuple(self.sources[name] for name in names_of(schema, keyword))

    def promised_sizes(self, body: Mapping[str, Any], inputs: Mapping[str, Dimensions]) -> tuple[PromisedSize, ...]:
        """The sizes that the picture for a valid body may have, likeliest first; `inputs` are the inputs' sizes."""
        return promised_sizes(self.request["x-output-size"], body, inputs, self.sources)

    @cached_property
    def _request(self) -> Dialect:
        return Dialect(self.request)

    @cached_property
    def _answer(self) -> Dialect:
        return Dialect(self.answer)

    def _unknown(self, name: str, value: Any) -> Breach:
        meant = closest(name, list(self.request["properties"]))
        name = name[:LONGEST_NAME]
        return Breach(f"/{name}", "unknown field", "no such field", shown(value), (), meant and f"`{meant}`", value)


def _with_field_meant(breach: Breach, unknown: list[str]) -> Breach:
    if breach.rule != "required":
        return breach
    meant = closest(breach.field, unknown)
    return replace(breach, suggestion=f"that by `{meant}`") if meant else breach

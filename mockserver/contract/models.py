"""A model under a profile: what it takes, what it answers, and whether a body or an answer keeps to that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from . import choices, inputs
from .answers import FORMS, NO_PICTURE, Pictures, Template, Values, find, template, values
from .breaches import Breach, InvalidRequest, closest, find_breaches, shown
from .images import InputImage, NotAnImage, read_image
from .inputs import InputPicture
from .keywords import Dialect
from .rules import Dimensions
from .sizes import PromisedSize, deciding, promised_sizes
from .sources import Source, Sources, names_of

Schema = Mapping[str, Any]
LONGEST_NAME = 80
# Of fields that no schema knows: so many are told of, and so many are looked through for one that was meant.
MOST_UNKNOWN = 100
# What decides a size, if it is by its name; and of so many names the sizes are kept.
SIZED = frozenset({str, type(None)})
MOST_SIZES = 1000


@dataclass(frozen=True)
class Picture:
    """How a model encodes its pictures, and the folder that its artefacts lie in."""

    container: str
    quality: int
    digest: str
    folder: str


@dataclass(frozen=True)
class Request:
    """A body that its model accepts: as sent, with the defaults filled in, and the fields that no schema knows.

    `images` are its pictures, by their place: `image`, or `image_urls/0`.
    """

    body: Mapping[str, Any]
    complete: Mapping[str, Any]
    unknown: tuple[str, ...]
    images: Mapping[str, InputImage]


@dataclass(frozen=True, eq=False)
class Model:
    """A model's promises under one profile. `request` and `answer` are JSON Schemas without references.

    `key` tells it from every other model of a contract: its id, unless that is served at another path too. `reading` is
    the profile whose requests it takes: its own, or the one that its own is a variant of. `origin` is the file of the
    docs that it was imported from, if any.
    """

    key: str
    id: str
    path: str
    origin: str
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
        """The key without its vendor, as in `seedream-3.0`."""
        return self.key.partition("/")[2] or self.key

    @cached_property
    def images(self) -> dict[str, Mapping[str, Any]]:
        """The `x-image` rule of each field that holds input pictures, the edited field first."""
        return inputs.rules(self.request)

    @cached_property
    def artefact(self) -> Mapping[str, Any] | None:
        """The `x-artefact` rule of the answer's URL; None where this profile answers with no URL."""
        url = find(self.answer, "url")
        return url.get("x-artefact") if url else None

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """What a picture can come as under this profile: `url`, `b64_json`, or both at choice."""
        return tuple(form for form in FORMS if find(self.answer, form))

    def check(self, body: Any, *, strict: bool = False) -> Request:
        """The request that a body makes. Raises InvalidRequest with every breach; `strict` refuses unknown fields."""
        images = self._images(body)
        unknown = self._unknown(body)
        if images is None or (strict and unknown):
            breaches = tuple(self.breaches(body, strict=strict))
            if breaches:
                raise InvalidRequest(breaches)
            images = {found.pointer: self._image(found) for found in self.inputs(body)}
        return Request(body, {**self._defaults, **body}, tuple(unknown), images)

    def inputs(self, body: Mapping[str, Any]) -> tuple[InputPicture, ...]:
        """Every picture in a body, that to be edited first."""
        return tuple(inputs.inputs_of(self._pictured, body)) if self._pictured else ()

    def count(self, body: Mapping[str, Any]) -> int:
        """How many pictures a valid body is promised."""
        return choices.counted(self._choices["x-count"], body)

    def form(self, body: Mapping[str, Any]) -> str:
        """What the pictures for a valid body come as: `url` or `b64_json`."""
        by = self._choices["x-form"]
        asked = by.chosen(body) if by else None
        return asked if asked in self.forms else self.forms[0]

    def container(self, body: Mapping[str, Any]) -> str:
        """The container of the pictures for a valid body: `jpeg`, `png`, `webp` or `tiff`."""
        by = self._choices["x-container"]
        return (by.chosen(body) if by else None) or self.picture.container

    def breaches(self, body: Any, *, strict: bool = False) -> Iterator[Breach]:
        """Every rule of the request schema that a body breaks, with the field probably meant."""
        unknown = self._unknown(body)[:MOST_UNKNOWN]
        for breach in find_breaches(self._request, body, self.sources):
            yield _with_field_meant(breach, unknown)
        if strict:
            yield from (self._unknown_field(name, body[name]) for name in unknown)

    def answered(self, values: Values, pictures: Pictures = NO_PICTURE) -> Any:
        """The answer with those values, and those of each picture: as `answers.render` of its schema, but at once."""
        return self._template(values, pictures)

    def answer_breaches(self, answer: Any) -> Iterator[Breach]:
        """Every rule of the answer schema that an answer breaks."""
        return iter(()) if self._answer.accepts(answer) else find_breaches(self._answer, answer, self.sources)

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
        """The sizes that the pictures for a valid body may have, likeliest first.

        `inputs` has the width and height of each field's first picture.
        """
        asked = tuple([body.get(name) for name in self._deciding])
        # What is chosen by name is looked up once.
        if inputs or not SIZED.issuperset(map(type, asked)):
            return promised_sizes(self.request, body, inputs, self.sources)
        known = self._promised.get(asked)
        if known is None:
            known = promised_sizes(self.request, body, inputs, self.sources)
            if len(self._promised) < MOST_SIZES:
                self._promised[asked] = known
        return known

    @cached_property
    def _deciding(self) -> tuple[str, ...]:
        return deciding(self.request)

    @cached_property
    def _promised(self) -> dict[tuple[Any, ...], tuple[PromisedSize, ...]]:
        return {}

    @cached_property
    def _request(self) -> Dialect:
        return Dialect(self.request)

    @cached_property
    def _answer(self) -> Dialect:
        return Dialect(self.answer)

    @cached_property
    def _template(self) -> Template:
        return template(self.answer)

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.request["properties"])

    @cached_property
    def _defaults(self) -> dict[str, Any]:
        fields = self.request["properties"].items()
        return {name: schema["default"] for name, schema in fields if "default" in schema}

    @cached_property
    def _choices(self) -> dict[str, choices.Choice | None]:
        return {keyword: choices.choice(self.request, keyword) for keyword in ("x-count", "x-form", "x-container")}

    @cached_property
    def _pictured(self) -> tuple[tuple[str, Schema], ...]:
        return inputs.fields(self.request)

    @cached_property
    def _is_reached(self) -> bool:
        return inputs.is_reached(self.request)

    def _images(self, body: Any) -> dict[str, InputImage] | None:
        """The pictures of a body that surely keeps to the schema; None where that must be looked into."""
        if not (self._is_reached and self._request.accepts_unread(body)):
            return None
        try:
            return {found.pointer: read_image(found.rule, found.value) for found in self.inputs(body)}
        except NotAnImage:
            return None

    def _image(self, found: InputPicture) -> InputImage:
        """A picture of a body in which there is no breach: of several forms, it may yet have another than was read."""
        try:
            return read_image(found.rule, found.value)
        except NotAnImage as reason:
            breach = Breach(f"/{found.pointer}", "x-image", str(reason), shown(found.value), (), None, found.value)
            raise InvalidRequest((breach,)) from reason

    def _unknown(self, body: Any) -> list[str]:
        """The fields of a body that no schema knows."""
        if not isinstance(body, dict) or body.keys() <= self._known:
            return []
        return [name for name in body if name not in self._known]

    def _unknown_field(self, name: str, value: Any) -> Breach:
        meant = closest(name, self.request["properties"])
        name = name[:LONGEST_NAME]
        return Breach(f"/{name}", "unknown field", "no such field", shown(value), (), meant and f"`{meant}`", value)


def _with_field_meant(breach: Breach, unknown: list[str]) -> Breach:
    if breach.rule != "required":
        return breach
    meant = closest(breach.field, unknown)
    return replace(breach, suggestion=f"that by `{meant}`") if meant else breach

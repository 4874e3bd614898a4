"""Skeleton files as a side: of each recorded answer the status, and the JSON paths of its body with their types."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import PixelpactError
from ..openapi.pointers import unescaped
from .values import SEEN, Offer, Schema, Side

MARK = "pixelpact-skeletons"
FIRST_FAILURE = 400
# What a skeleton calls a number without a fraction.
WHOLE = {"integer", "unix-seconds", "unix-milliseconds", "status-code"}
Kinds = Mapping[str, list[str]]
Body = Mapping[str, Kinds]


@dataclass
class NoSkeletons(PixelpactError):
    """A file that says it holds skeletons and does not."""

    file: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.reason}"


@dataclass(frozen=True)
class Seen:
    """One recorded answer."""

    model: str
    status: int
    body: Body


def skeleton_side(file: str, content: Mapping[str, Any], ids: Collection[str]) -> Side:
    """What a file of skeletons recorded of the models of those ids. Raises NoSkeletons."""
    try:
        seen = _observed(content, ids)
    except (KeyError, TypeError, AttributeError) as reason:
        raise NoSkeletons(file, f"no skeletons of the form that `verify --skeletons` writes: {reason!r}") from reason
    models = dict.fromkeys(one.model for one in seen)
    notes = () if seen else (f"{file}: no recorded answer of a known model",)
    offers = tuple(_offer(file, model, [one for one in seen if one.model == model]) for model in models)
    return Side(file, offers, notes)


def _observed(content: Mapping[str, Any], ids: Collection[str]) -> list[Seen]:
    names = {_short(id): id for id in ids}
    seen = []
    for observation in content["observations"]:
        skeleton = observation["skeleton"]
        models = {_model(label, names) for label in observation["labels"]}
        seen += [Seen(model, int(skeleton["status"]), _checked(skeleton["body"])) for model in models if model]
    return seen


def _checked(body: Any) -> Body:
    return {
        str(pointer): {"types": [*kinds["types"]], "classes": [*kinds["classes"]]} for pointer, kinds in body.items()
    }


def _short(id: str) -> str:
    """A model's name in the labels of the suite."""
    return id.partition("/")[2] or id


def _model(label: str, names: Mapping[str, str]) -> str | None:
    """The model that a test was about: the longest name that its parameters begin with."""
    inside = re.search(r"\[(.*)\]", label)
    text = f"{inside[1]}-" if inside else ""
    return names.get(max((name for name in names if text.startswith(f"{name}-")), key=len, default=""))


def _offer(file: str, model: str, seen: Sequence[Seen]) -> Offer:
    good = [one for one in seen if one.status < FIRST_FAILURE]
    statuses = dict.fromkeys(one.status for one in good)
    failures = [one.body for one in seen if one.status >= FIRST_FAILURE]
    return Offer(
        model,
        "",
        file,
        SEEN,
        answers={str(status): schema_of(one.body for one in good if one.status == status) for status in statuses},
        error=schema_of(failures) if failures else None,
    )


def schema_of(bodies: Iterable[Body]) -> Schema:
    """The tightest schema that all the bodies keep to."""
    return _schema("", list(bodies))


def _schema(pointer: str, bodies: Sequence[Body]) -> Schema:
    present = [body for body in bodies if pointer in body]
    kinds = list(dict.fromkeys(kind for body in present for kind in _types(body[pointer])))
    inside = dict.fromkeys(name for body in present for name in _names(pointer, body))
    schema: dict[str, Any] = {"type": kinds}
    if "[]" in inside and "array" in kinds:
        schema["items"] = _schema(f"{pointer}/[]", present)
    elif inside:
        objects = [body for body in present if "object" in body[pointer]["types"]]
        schema["properties"] = {unescaped(name): _schema(f"{pointer}/{name}", present) for name in inside}
        schema["required"] = [
            unescaped(name) for name in inside if all(f"{pointer}/{name}" in body for body in objects)
        ]
    return schema


def _types(kinds: Kinds) -> list[str]:
    numbers = set(kinds["classes"]) & {"number", *WHOLE}
    return ["integer" if kind == "number" and numbers <= WHOLE else kind for kind in kinds["types"]]


def _names(pointer: str, body: Body) -> list[str]:
    """The steps that lead on from a pointer."""
    inside = [other[len(pointer) + 1 :] for other in body if other.startswith(f"{pointer}/")]
    return list(dict.fromkeys(step.partition("/")[0] for step in inside))

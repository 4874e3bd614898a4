"""A model of ours from an operation of a specification: its folder's files, built whole before any is written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..openapi.spec import Operation
from ..texts import is_secret
from .answers import answering, documented_credits
from .choices import makes_no_pictures
from .facts import facts
from .meaning import Meaning, meaning
from .names import OTHER_WORKS, RULES
from .reports import Spot
from .room import fewest, loosened, most_pictures, within
from .sourced import Schema, sourced

DRAFT = "https://json-schema.org/draft/2020-12/schema"
PATH = "/v1/images/generations"
LONGEST_ID = 200
ID = re.compile(r"[^/\s]+(/[^/\s]+)*")
SERVED = re.compile(r"/v[0-9]+(/[a-z0-9-]+)+")
IMAGES = re.compile(r"(?:/v[0-9]+)?(?:/[a-z0-9-]+)*/images?(?:/[a-z0-9-]+)*", re.ASCII)
# The answers of a success that a model can have, the better first.
SUCCESSES = (200, 201)
CREDITS = 63_000
QUALITY = 95


@dataclass(frozen=True)
class Origin:
    """The file that models come from, and what the caller says about it."""

    file: str
    sha256: str
    source: str
    status: str | None = None


@dataclass(frozen=True)
class Made:
    """A model that was made: `model`, `request` and `answer` are what its files will say.

    `sources` are those that it names beside its origin's; `patched`: an overlay was laid over it.
    """

    id: str
    path: str
    origin: Origin
    folder: str
    model: Schema
    request: Schema
    answer: Schema | None
    sources: Mapping[str, Any] = field(default_factory=dict)
    patched: bool = False

    @property
    def rank(self) -> tuple[bool, bool, str]:
        """Which of several of the same id and path is kept: 200 before 201, an answer before none, then by file."""
        first = next(iter(self.model["profiles"].values()))
        return first.get("status") != SUCCESSES[0], self.answer is None, self.origin.file

    def files(self) -> Iterator[tuple[str, Schema]]:
        """The path of each file in its set, and what it says."""
        if self.answer is not None:
            yield f"{self.folder}/answer.json", self.answer
        yield f"{self.folder}/request.json", self.request
        yield f"{self.folder}/model.json", self.model


def is_of_images(operation: Operation) -> bool:
    """Whether an operation makes pictures, by its path."""
    return operation.method == "post" and is_image_path(operation.path)


def is_image_path(path: str) -> bool:
    """Whether a path is about images."""
    return IMAGES.fullmatch(path.rstrip("/")) is not None


def served_path(path: str) -> str:
    """The path as it is served: with its version, without a slash at the end."""
    plain = path.rstrip("/")
    return plain if SERVED.fullmatch(plain) else f"/v1{plain}"


def made(operation: Operation, id: str, origin: Origin, spot: Spot) -> Made | None:
    """The model of that id of an operation; None where none can be made, which is reported."""
    spot = spot.at(operation.request_pointer)
    documented = _request_of(operation.request or {}, id)
    if not (ID.fullmatch(id) and id.isprintable() and len(id) <= LONGEST_ID) or is_secret(id):
        spot.inside("properties", "model").problem(f"the model {id!r} has an id that cannot be served")
        return None
    if documented is None:
        spot.problem(f"the request of {id} has no fields")
        return None
    request = _with_model(facts(documented, spot), id)
    if reason := _other_work(request):
        spot.problem(f"{id} is not about pictures: {reason}")
        return None
    path = served_path(operation.path)
    folder = folder_of(id, path)
    meant = meaning(request, documented, spot, "../" * (folder.count("/") + 1))
    status, answer = _answer(operation, _is_sized(meant.request), spot)
    there = spot.at(operation.answer_pointers.get(status) or f"{operation.pointer}/responses")
    asked = meant.request
    if answer is not None:
        if not most_pictures(answer):
            there.problem(f"{id} answers with no picture")
            return None
        asked = within(asked, answer, spot)
        answer = loosened(answer, fewest(asked), there)
    model = _model(operation, id, origin, meant, status, answer is not None)
    title = model["title"]
    requests = {"$schema": DRAFT, "title": f"Requests to {title}", **asked}
    answers = None if answer is None else {"$schema": DRAFT, "title": f"Answers of {title}", **answer}
    return Made(id, path, origin, folder, model, requests, answers)


def _model(operation: Operation, id: str, origin: Origin, meant: Meaning, status: str, answers: bool) -> Schema:
    """What `model.json` says: a price and a status only as far as they are documented."""
    path = served_path(operation.path)
    profile: Schema = {"request": "request.json", **({"answer": "answer.json"} if answers else {})}
    if status.isdecimal() and int(status) in SUCCESSES:
        profile["status"] = int(status)
    price = documented_credits(operation.answers.get(status) or {})
    retired = operation.raw.get("deprecated") is True
    return {
        "id": id,
        **({} if path == PATH else {"path": path}),
        "title": title_of(id),
        "task": meant.task,
        "status": origin.status or ("deprecated" if retired else "current"),
        "credits": CREDITS if price is None else price,
        "picture": {"container": meant.container, "quality": QUALITY, "digest": "comment", "folder": _slug(id)},
        "profiles": {"observed": profile},
        "origin": {"file": origin.file, "sha256": origin.sha256},
        "x-source": {
            "status": origin.source if retired and not origin.status else RULES,
            "credits": RULES if price is None else origin.source,
            "picture": RULES,
        },
    }


def folder_of(id: str, path: str) -> str:
    """The folder of a model in its set: its id, made safe, with what its path ends in where that is not the usual."""
    parts = [_safe(part) for part in id.split("/")]
    if parts[0].lower() in ("shared", "imported"):
        parts[0] += "_"
    if path != PATH:
        parts[-1] += f"@{_safe(path.rpartition('/')[2])}"
    return "/".join(parts)


def title_of(id: str) -> str:
    """A title made of an id: `bytedance/seedream-4-5` is Seedream 4 5."""
    words = re.split(r"[-_/\s]+", id.partition("/")[2] or id)
    return " ".join(word[:1].upper() + word[1:] for word in words if word)


def _safe(part: str) -> str:
    # What begins with a dot is hidden from whoever reads schemas.
    safe = re.sub(r"^\.|[^A-Za-z0-9._-]", "_", part)[:100]
    return f"{safe}_" if safe.endswith(".") or safe.lower().endswith(".json") else safe


def _slug(id: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", id.rpartition("/")[2].lower()).strip("-") or "pictures"


def _request_of(request: Mapping[str, Any], id: str) -> Mapping[str, Any] | None:
    """The schema of a model's requests: of alternatives, the one that names it."""
    branches = [*request.get("anyOf", ()), *request.get("oneOf", ())]
    plain = {key: value for key, value in request.items() if key not in ("anyOf", "oneOf")}
    mine = [branch for branch in branches if id in _named(branch)]
    fields = {**plain.get("properties", {})}
    for branch in mine[:1]:
        fields |= branch.get("properties", {})
        plain = {**plain, **branch, "required": [*plain.get("required", ()), *branch.get("required", ())]}
    return {**plain, "properties": fields} if fields else None


def _named(branch: Mapping[str, Any]) -> list[Any]:
    rule = branch.get("properties", {}).get("model", {})
    return [*rule.get("enum", ()), *([rule["const"]] if "const" in rule else [])]


def _with_model(request: Schema, id: str) -> Schema:
    """The request of one model of an operation: it names that one alone."""
    fields = request["properties"]
    model = {key: value for key, value in fields.get("model", {}).items() if key not in ("const", "default", "anyOf")}
    named = {"type": "string", **model, "enum": [id], "x-source": model.get("x-source", request["x-source"])}
    needed = request.get("required", [])
    held = {**request, "properties": {**fields, "model": named}, "required": needed}
    # Without it nobody knows whose request it is.
    return held if "model" in needed else sourced(held, {"required": ["model", *needed]}, RULES)


def _other_work(request: Schema) -> str | None:
    needed = [name for name in request["required"] if OTHER_WORKS.fullmatch(name)]
    if needed:
        return f"it needs {' and '.join(needed)}"
    return makes_no_pictures(request["properties"])


def _is_sized(request: Schema) -> bool:
    """Whether the request's `size`, if it has one, is always written as WxH."""
    ways = [way["as"] for way in request["x-output-size"] if way.get("field") == "size"]
    size = request["properties"].get("size", {})
    return ways in ([], ["WxH"]) and "auto" not in size.get("enum", ())


def _answer(operation: Operation, sized: bool, spot: Spot) -> tuple[str, Schema | None]:
    best = [str(status) for status in SUCCESSES]
    known = [status for status in operation.answers if status.startswith("2")]
    status = next((status for status in (*best, *known) if status in operation.answers), "")
    documented = operation.answers.get(status)
    there = spot.at(operation.answer_pointers.get(status) or f"{operation.pointer}/responses")
    if not status:
        there.at(operation.pointer).note("no success is documented: its answer is assumed to be the usual one")
    elif status not in best:
        there.note(f"a success of {status} is held as 200")
    if not documented:
        if others := _other_media(operation, status):
            there.note(f"answers as {others}, not as JSON: the usual answer is assumed")
        return status, None
    answer = answering(documented, sized, there)
    if answer is None:
        there.problem("an answer that is no object: the usual one is assumed")
    return status, answer


def _other_media(operation: Operation, status: str) -> str:
    """The media types of an answer that has no JSON."""
    responses = operation.raw.get("responses")
    answer = responses.get(status) if isinstance(responses, dict) else None
    content = answer.get("content") if isinstance(answer, dict) else None
    return " or ".join(map(str, content)) if isinstance(content, dict) else ""

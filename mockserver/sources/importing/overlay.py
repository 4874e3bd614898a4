"""What a person knows better than the docs: patches that are laid over models each time that they are imported.

    {"bytedance/uso": {"model": {"status": "deprecated"}, "request": {…}, "answer": {…}, "source": NAME}}

A key is a model's id, or its folder, or a shell pattern of these; each part is a merge patch (RFC 7386); `$sources`
has sources that `sources.json` has not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from ...errors import PixelpactError
from .models import DRAFT, Made
from .sourced import Schema

OVERLAY = "overlay.json"
SOURCES = "$sources"
ASSUMED = {"standing": "assumed", "place": "overlay of `pixelpact import`"}
# What a model is known by.
FIXED = ("id", "path", "origin", "profiles")
PARTS = {"model", "request", "answer", "source"}
UNSOURCED = {"$schema", "title", "x-source", "x-value", "examples", "description"}


class OverlayUnusable(PixelpactError):
    """An overlay that cannot be laid over anything."""


@dataclass(frozen=True)
class Overlay:
    """The patches of a file by pattern, in its order, and the sources that it brings."""

    patches: Mapping[str, Mapping[str, Any]]
    sources: Mapping[str, Any]

    def hold(self, known: Iterable[tuple[str, str]]) -> None:
        """Raise OverlayUnusable for a pattern that no model's id or folder fits."""
        names = list(known)
        for pattern in self.patches:
            if not any(_fits(pattern, id, folder) for id, folder in names):
                raise OverlayUnusable(f"overlay: {pattern!r} is no model's id, nor a pattern of any")

    def over(self, each: Made) -> Made:
        """A model with every patch of its own laid over it."""
        for pattern, patch in self.patches.items():
            if _fits(pattern, each.id, each.folder):
                each = _patched(each, patch, self.sources)
        return each


def read_overlay(file: Path) -> Overlay:
    """The overlay of a file. Raises OverlayUnusable."""
    try:
        content = json.loads(file.read_text("utf-8-sig"))
    except OSError as error:
        raise OverlayUnusable(f"overlay {file} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise OverlayUnusable(f"overlay {file} is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise OverlayUnusable(f"overlay {file} is no JSON object")
    for pattern, patch in content.items():
        if not isinstance(patch, dict) or (pattern != SOURCES and not patch.keys() <= PARTS):
            raise OverlayUnusable(f"overlay {file}: {pattern!r} must be an object of {', '.join(sorted(PARTS))}")
        parts = [patch.get(part, {}) for part in ("model", "request", "answer")]
        if not all(isinstance(part, dict) for part in parts) or not isinstance(patch.get("source", ""), str):
            raise OverlayUnusable(f"overlay {file}: {pattern!r} must have objects to patch, and the name of a source")
        if pattern != SOURCES and parts[0].keys() & set(FIXED):
            raise OverlayUnusable(f"overlay {file}: {pattern!r} must not change {' or '.join(FIXED)}")
    patches = {pattern: patch for pattern, patch in content.items() if pattern != SOURCES}
    return Overlay(patches, content.get(SOURCES, {}))


def merged(target: Any, patch: Any) -> Any:
    """A JSON value with a merge patch applied, as RFC 7386 says: null removes."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def _fits(pattern: str, id: str, folder: str) -> bool:
    return pattern in (id, folder) or fnmatchcase(id, pattern) or fnmatchcase(folder, pattern)


def _patched(each: Made, patch: Mapping[str, Any], sources: Mapping[str, Any]) -> Made:
    source = patch.get("source", "overlay")
    model = _model(each.model, patch.get("model", {}), source)
    answer = each.answer
    if patch.get("answer"):
        answer = _schema(answer or {"$schema": DRAFT, "title": f"Answers of {model['title']}"}, patch["answer"], source)
        model = merged(model, {"profiles": {profile: {"answer": "answer.json"} for profile in model["profiles"]}})
    brought = {source: sources[source]} if source in sources else {"overlay": ASSUMED} if source == "overlay" else {}
    request = _schema(each.request, patch.get("request", {}), source)
    return replace(each, model=model, request=request, answer=answer, sources={**each.sources, **brought}, patched=True)


def _model(model: Schema, patch: Mapping[str, Any], source: str) -> Schema:
    changed = merged(model, patch)
    named = {key: source for key in patch if key in ("status", "credits", "picture", "task", "title")}
    changed["x-source"] = {**changed.get("x-source", {}), **named, **patch.get("x-source", {})}
    return {key: changed[key] for key in [*model, *changed] if key in changed}


def _schema(schema: Schema, patch: Mapping[str, Any], source: str) -> Schema:
    """A schema with a merge patch, every rule that the patch brings from `source`."""
    result = merged(schema, {key: value for key, value in patch.items() if key not in ("properties", "items")})
    touched = [key for key in patch if key not in UNSOURCED | {"properties", "items"} and key in result]
    if "properties" in patch:
        result["properties"] = _fields(result.get("properties", {}), patch["properties"], source)
    if isinstance(patch.get("items"), dict):
        result["items"] = _schema(result.get("items", {}), patch["items"], source)
    named = {**result.pop("x-source", {}), **dict.fromkeys(touched, source), **patch.get("x-source", {})}
    kept = {key: name for key, name in named.items() if key == "*" or key in result}
    return {**result, **({"x-source": kept} if kept else {})}


def _fields(fields: Mapping[str, Schema], patch: Any, source: str) -> Schema:
    if not isinstance(patch, dict):
        raise OverlayUnusable("overlay: `properties` must be an object")
    result = dict(fields)
    for name, inner in patch.items():
        if inner is None:
            result.pop(name, None)
        else:
            result[name] = _schema(result.get(name, {}), inner, source)
    return result

"""A document that we made ourselves, read back: its models are taken as they are, and nothing is inferred."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ...contract.published import SOURCES, Published, models_of
from ...errors import SchemaError
from ..texts import is_secret
from .models import DRAFT, PATH, Made, Origin, folder_of
from .reports import Spot
from .sourced import Schema


def our_models(document: Mapping[str, Any], origin: Origin, spot: Spot) -> Iterator[Made]:
    """The models of a document of ours; none of another's."""
    sources = document.get(SOURCES, {})
    try:
        for published in models_of(document):
            if is_secret(json.dumps([published.request, published.answer], ensure_ascii=False)):
                spot.problem(f"{published.model['id']} has a value that looks like a secret: left out")
            else:
                yield _made(published, sources if isinstance(sources, dict) else {}, origin)
    except SchemaError as error:
        spot.inside("components", "schemas", error.file).at(error.pointer).problem(error.reason)
    except (KeyError, TypeError, AttributeError) as error:
        spot.inside("components", "schemas").problem(f"a model of ours that something is missing of: {error}")


def _made(published: Published, sources: Mapping[str, Any], origin: Origin) -> Made:
    given = published.model
    profile = {"request": "request.json", "answer": "answer.json", "status": published.status}
    model: Schema = {**given, "profiles": {published.profile: profile}}
    # A model of a folder that was imported once can be imported again.
    model.setdefault("origin", {"file": origin.file, "sha256": origin.sha256})
    model = {key: model[key] for key in [*(key for key in model if key != "x-source"), "x-source"]}
    if origin.status:
        model["status"] = origin.status
    path = given.get("path", PATH)
    made = Made(
        id=given["id"],
        path=path,
        origin=replace(origin, file=model["origin"]["file"], source=""),
        folder=folder_of(given["id"], path),
        model=model,
        request={"$schema": DRAFT, **published.request},
        answer={"$schema": DRAFT, **published.answer},
    )
    named = json.dumps([made.model, made.request, made.answer])
    return replace(made, sources={name: entry for name, entry in sources.items() if json.dumps(name) in named})

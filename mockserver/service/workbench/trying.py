"""Try it: a request of any model by a form; and the page of all that can be asked. Calls from here are as any."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ...contract.breaches import Breach, InvalidRequest
from ...contract.models import Model
from ...contract.openapi import document
from ...contract.parsing import parse
from ...errors import InvalidJson
from ..calls import Answer, Call, json_answer
from ..forms import read_form
from ..packing import FORM, NotTaken
from .fields import MODEL, body_of, inputs, is_form
from .session import fields
from .visit import GUARDED, Visit, elsewhere, page

JSON = "application/json"
TAKEN = ("get", "post")


class UnknownModel(ValueError):
    """A model that is not served, or not any more."""


def form(visit: Visit, rest: tuple[str, ...]) -> Answer | None:
    """`try?model=KEY`: the form of a model."""
    if rest or not visit.is_page:
        return None
    try:
        return _form(visit, _model(visit, visit.query.get("model")))
    except UnknownModel as problem:
        return _form(visit, _model(visit, None), 404, str(problem))


def sent(visit: Visit, rest: tuple[str, ...]) -> Answer | None:
    """What comes of a form without scripts: the page of the call. `try/check` says what is wrong with a body."""
    if rest == ("check",):
        return _checked(visit)
    if rest:
        return None
    given = fields(visit.call)
    model = _model(visit, None)
    try:
        model = _model(visit, given.get(MODEL))
        body = body_of(model, given)
    except ValueError as problem:
        return _form(visit, model, 400, str(problem), given)
    headers = {"authorization": f"Bearer {visit.key}", "content-type": JSON, "user-agent": "pixelpact workbench"}
    call = Call("POST", model.path, headers, json.dumps(body).encode(), visit.call.origin)
    # It travels nowhere, so nothing can happen to it on its way.
    visit.mock.endpoint.answer(call).delivery.finished()
    return elsewhere(f"requests/{call.id}")


def api(visit: Visit, rest: tuple[str, ...]) -> Answer | None:
    """`api`: every operation and every model that is served."""
    if rest or not visit.is_page:
        return None
    contract = visit.mock.contract
    told = document(contract, visit.call.origin, mock=True)
    operations = [
        (method.upper(), path, _resolved(told, operation))
        for path, item in told["paths"].items()
        for method, operation in item.items()
        if method in TAKEN
    ]
    models = [(contract.models[key], inputs(contract.models[key])) for key in contract.models]
    return page(visit, "workbench/api.html", here="/_pixelpact/api", operations=operations, models=models)


def _resolved(told: Mapping[str, Any], operation: Mapping[str, Any]) -> dict[str, Any]:
    """What of an operation is shown, each reference followed."""

    def meant(node: Mapping[str, Any]) -> Mapping[str, Any]:
        found: Any = told
        for step in node["$ref"].lstrip("#/").split("/") if "$ref" in node else ():
            found = found[step]
        return found if "$ref" in node else node

    answers = {status: meant(answer) for status, answer in operation["responses"].items()}
    parameters = [meant(each) for each in operation.get("parameters", ())]
    texts = {name: operation.get(name, "") for name in ("summary", "description")}
    return {**texts, "responses": answers, "parameters": parameters}


def _model(visit: Visit, key: str | None) -> Model:
    """The model of a key, or the last of those that are meant where none is named. Raises UnknownModel."""
    models = visit.mock.contract.models
    name = visit.mock.contract.usual[-1] if key is None else key
    if name not in models:
        raise UnknownModel(f"model: expected one that is served, received {name[:80]!r}")
    return models[name]


def _form(
    visit: Visit, model: Model, status: int = 200, problem: str = "", given: Mapping[str, str] | None = None
) -> Answer:
    return page(
        visit,
        "workbench/try.html",
        status=status,
        here="/_pixelpact/try",
        model=model,
        vendors=_by_vendor(visit.mock.contract.models),
        inputs=inputs(model),
        given=given or {},
        problem=problem,
        key=visit.key,
        is_form=is_form(model),
    )


def _by_vendor(keys: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """The keys with their names, by vendor; those without a vendor under an empty one."""
    found: dict[str, list[tuple[str, str]]] = {}
    for key in keys:
        vendor, _, name = key.partition("/")
        found.setdefault(vendor if name else "", []).append((key, name or key))
    return found


def _checked(visit: Visit) -> Answer:
    """What the contract finds wrong with a body, by field, and by the rules of which model; nothing is made or paid."""
    try:
        model, body = _asked(visit)
    except (InvalidJson, NotTaken, UnknownModel) as problem:
        return json_answer(400, {"message": str(problem)}, GUARDED)
    breaches = _breaches(visit, model, body)
    found = [{"field": each.pointer.strip("/").partition("/")[0], "says": str(each)} for each in breaches]
    return json_answer(200, {"model": model.key, "found": found}, GUARDED)


def _breaches(visit: Visit, model: Model, body: Any) -> tuple[Breach, ...]:
    """The broken rules; those on pictures as far as they are in the body, as no link is followed to check one."""
    try:
        request = model.check(body, strict=visit.mock.settings.strict)
        for picture in model.inputs(request.body):
            image = request.images[picture.pointer]
            if image.data is not None:
                visit.mock.inputs.measured(model, picture, image.data)
    except InvalidRequest as refused:
        return refused.breaches
    return ()


def _asked(visit: Visit) -> tuple[Model, Any]:
    """The model to check for, and the body as the service reads it: a form as it is sent, or JSON that has both."""
    kind = visit.call.headers.get("content-type", "")
    if kind.startswith(FORM):
        model = _model(visit, visit.query.get(MODEL))
        return model, read_form(visit.mock.contract, model.path, kind, visit.call.body)
    asked = parse(visit.call.body)
    named = asked if isinstance(asked, dict) else {}
    model, body = _model(visit, named.get(MODEL)), named.get("body")
    try:
        # It is sent to the path of the form's model, where others may be served.
        return visit.mock.contract.check_model(body, model.path), body
    except InvalidRequest:
        return model, body

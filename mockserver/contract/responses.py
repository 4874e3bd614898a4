"""The answers of an OpenAPI document: pictures in both forms, and every error, with headers and examples."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .answers import CREDITS_PER_USD, render
from .catalogue import PATH
from .contract import Contract, ErrorKind
from .models import Model

Json = dict[str, Any]
# Of the forms that are documented and seen; none of them was ever given out.
REQUEST_ID = "00000000-0000-4000-8000-000000000000"
INFERENCE_ID = "V0000000000000000000A"
MOMENT, CREATED = "2026-01-01T00:00:00.000Z", 1767225600
NAME = f"02{CREATED}000{'0' * 38}"
# The beginning of a JPEG: a whole one would fill pages.
BASE64 = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBD"
LINK = (
    "{server}/{folder}/{name}.{container}?X-Tos-Algorithm=TOS4-HMAC-SHA256&X-Tos-Credential=AKLT{key}%2F20260101"
    "%2Fap-southeast-1%2Ftos%2Frequest&X-Tos-Date=20260101T000000Z&X-Tos-Expires={lifetime}"
    "&X-Tos-Signature={signature}&X-Tos-SignedHeaders=host"
)
# Not an answer of the API, but a fault of whoever serves it.
OWN_FAULTS = {"broken_promise"}
REASONS = {
    "invalid_request": "prompt: expected a value (required), received nothing",
    "invalid_json": "not JSON: Expecting value: line 1 column 1 (char 0)",
    "model_removed": "the model",
    "too_large": "at most 20,971,520 bytes",
    "unsupported_media_type": "text/plain",
}
TRACED = ("x-request-id", "x-inference-id", "x-client-request-id")
PAID = ("x-aimlapi-credits-used", "x-aimlapi-usd-spent")
DRAWN = ("x-pixelpact-seed", "x-pixelpact-digest")


def headers() -> Json:
    """The headers of answers, by the names of `components.headers`."""
    return {
        "x-request-id": _header("string", "Which request this answers.", REQUEST_ID),
        "x-inference-id": _header("string", "Which inference this is.", INFERENCE_ID),
        "x-client-request-id": _header("string", "The request's own x-client-request-id, if it had one.", "my-call-1"),
        "x-aimlapi-credits-used": _header("integer", "Credits that the pictures took.", 63000),
        "x-aimlapi-usd-spent": _header("string", "The same in dollars, with nine decimals.", "0.031500000"),
        "x-pixelpact-seed": _header("integer", "The seed that the pictures were drawn with.", 7),
        "x-pixelpact-digest": _header("string", "A digest of all that the first picture was made from.", "0" * 64),
        "Retry-After": _header("integer", "Seconds to wait, if they are known.", 1),
    }


def answered(models: Sequence[Model], components: Mapping[str, str], server: str, *, mock: bool) -> Json:
    """The responses of success by status; `components` names the answer's schema by the model's key."""
    by_status: dict[int, list[Model]] = defaultdict(list)
    for model in models:
        by_status[model.success].append(model)
    return {
        str(status): {
            "description": "The pictures, as links or in base64.",
            "headers": referred((*TRACED, *PAID, *(DRAWN if mock else ()))),
            "content": {
                "application/json": {
                    "schema": _one_of([components[model.key] for model in these]),
                    "examples": dict(_examples(these, components, server)),
                }
            },
            "x-source": sorted({source.name for model in these for source in model.promised_by}),
        }
        for status, these in sorted(by_status.items())
    }


def failures(contract: Contract) -> Json:
    """The responses of every error that the contract knows, by the names of `components.responses`."""
    grouped = _by_status(contract)
    return {_named(kinds): _failure(contract, status, kinds) for status, kinds in grouped.items()}


def failed(contract: Contract) -> Json:
    """References to all of `failures`, by status."""
    grouped = _by_status(contract)
    return {str(status): {"$ref": f"#/components/responses/{_named(kinds)}"} for status, kinds in grouped.items()}


def _by_status(contract: Contract) -> dict[int, dict[str, ErrorKind]]:
    grouped: dict[int, dict[str, ErrorKind]] = defaultdict(dict)
    for name, kind in contract.errors.items():
        if name not in OWN_FAULTS:
            grouped[kind.status][name] = kind
    return dict(sorted(grouped.items()))


def _failure(contract: Contract, status: int, kinds: Mapping[str, ErrorKind]) -> Json:
    told = dict.fromkeys(kind.title for kind in kinds.values())
    return {
        "description": f"{' / '.join(told)}: {', '.join(name.replace('_', ' ') for name in kinds)}.",
        "headers": referred((*TRACED, *(("Retry-After",) if status == 429 else ()))),
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/error"},
                "examples": {name: {"value": _error(contract, name, kind)} for name, kind in kinds.items()},
            }
        },
        "x-source": sorted({kind.source.name for kind in kinds.values()}),
    }


def _error(contract: Contract, name: str, kind: ErrorKind) -> Any:
    """What the mock says of such a failure."""
    # A wrong path is what another method meets.
    fields = {"method": "GET", "path": PATH, "reason": REASONS.get(name, "")}
    values = {
        "message": kind.message.format_map(fields),
        "path": PATH,
        "request_id": REQUEST_ID,
        "status": kind.status,
        "timestamp": MOMENT,
        "name": kind.name,
        "details": kind.details,
    }
    return render(contract.error, {name: value for name, value in values.items() if value is not None})


def _examples(models: Sequence[Model], components: Mapping[str, str], server: str) -> Iterator[tuple[str, Json]]:
    """One answer for each form of each schema."""
    told: dict[str, Model] = {}
    for model in models:
        told.setdefault(components[model.key], model)
    for component, model in told.items():
        for form in model.forms:
            answer = _answer(model, form, server)
            if not any(model.answer_breaches(answer)):
                name = form if len(told) == 1 else f"{component}-{form}"
                yield name, {"summary": SUMMARIES[form], "value": answer}


def _answer(model: Model, form: str, server: str) -> Any:
    picture = {"url": link(model, server)} if form == "url" else {"b64_json": BASE64}
    values = {
        "created": CREATED,
        "credits_used": model.credits,
        "usd_spent": model.credits / CREDITS_PER_USD,
        "prompt": "A lighthouse on a cliff at dusk",
        "model": model.id,
        "size": "1024x1024",
        **picture,
    }
    return render(model.answer, values, pictures=(picture,))


def link(model: Model, server: str) -> str:
    """A link of the form that such a model's pictures have; it leads nowhere."""
    lifetime = model.artefact["lifetime"] if model.artefact else 86400
    return LINK.format(
        server=server,
        folder=model.picture.folder,
        name=NAME,
        container=model.picture.container,
        key="0" * 43,
        lifetime=lifetime,
        signature="0" * 64,
    )


def _one_of(components: Sequence[str]) -> Json:
    """An answer of any of these schemas; several may fit."""
    references = [{"$ref": f"#/components/schemas/{name}"} for name in dict.fromkeys(components)]
    return references[0] if len(references) == 1 else {"anyOf": references}


def _named(kinds: Mapping[str, ErrorKind]) -> str:
    return next(iter(kinds.values())).title.replace(" ", "")


def _header(kind: str, description: str, example: Any) -> Json:
    return {"description": description, "schema": {"type": kind}, "example": example}


def referred(names: Sequence[str]) -> Json:
    """References to headers, by their names."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


SUMMARIES = {"url": "As a link", "b64_json": "In base64 (its beginning)"}

"""Rules about operations: what a specification leaves out of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...openapi.pointers import escaped
from ...openapi.schemas import Place as Spot
from ...openapi.schemas import resolved
from ...openapi.spec import contents
from ..document import Document
from ..findings import Reason, Rule

# Of the others an empty answer is as good as any.
ANSWERED = ("get", "post")


def no_security(document: Document) -> Iterator[Reason]:
    """Operations that need no key, as far as they say, though something else says so."""
    schemes = ", ".join(f"`{name}`" for name in _schemes(document))
    for operation in document.operations:
        samples = [sample for sample in document.samples if sample.operation is operation]
        keys = sum(any(call.authorised for call in sample.calls) for sample in samples)
        why = f"{keys} of its samples send a key" if keys else f"the scheme {schemes} is defined" if schemes else ""
        if not operation.secured and why:
            yield Reason(document.at(operation.pointer), f"no security is documented, though {why}")


def no_description(document: Document) -> Iterator[Reason]:
    """Responses without the description that OpenAPI requires of them."""
    for _, status, response, place in document.responses:
        if isinstance(response, dict) and not isinstance(response.get("description"), str):
            message = f"the response {status} has no `description`, which OpenAPI requires"
            yield Reason(document.at(place.pointer), message)


def bearer_in(document: Document) -> Iterator[Reason]:
    """HTTP security schemes with what only API keys have."""
    for name, scheme in _schemes(document).items():
        extra = [f"`{key}`" for key in ("in", "name") if key in scheme] if isinstance(scheme, dict) else []
        if extra and scheme.get("type") == "http":
            place = document.at(f"/components/securitySchemes{escaped(name)}")
            yield Reason(place, f"the scheme is http, {' and '.join(extra)} is for apiKey")


def unknown_scheme(document: Document) -> Iterator[Reason]:
    """Security by a scheme that is defined nowhere."""
    asked = {f"{operation.pointer}/security": operation.raw.get("security") for operation in document.operations}
    root = {"/security": document.spec.document.get("security")} if document.spec else {}
    for pointer, requirements in {**root, **asked}.items():
        listed = requirements if isinstance(requirements, list) else []
        names = [name for requirement in listed if isinstance(requirement, dict) for name in requirement]
        for name in (name for name in names if name not in _schemes(document)):
            yield Reason(document.at(pointer), f"the scheme {name!r} is defined nowhere")


def no_answer(document: Document) -> Iterator[Reason]:
    """Operations that say nothing of their answer."""
    good: dict[str, dict[str, bool]] = {each.pointer: {} for each in document.operations if each.method in ANSWERED}
    for operation, status, response, place in document.responses:
        if operation.pointer in good and status[:1] in ("2", "d"):
            bodies = contents(response, place)
            good[operation.pointer][status] = any(_says(media, part, there) for media, part, there in bodies)
    for pointer, told in good.items():
        if "204" not in told and not any(told.values()):
            message = f"the answer is not described ({', '.join(told) or 'any 2xx status'})"
            yield Reason(document.at(f"{pointer}/responses"), message)


def no_errors(document: Document) -> Iterator[Reason]:
    """Operations that document no error."""
    for operation in document.operations:
        if not any(status.startswith(("4", "5")) or status == "default" for status in operation.answers):
            yield Reason(document.at(f"{operation.pointer}/responses"), "no error is documented")


def same_id(document: Document) -> Iterator[Reason]:
    """Operations that share an id, which must be unique."""
    seen: dict[str, str] = {}
    for operation in document.operations:
        name = operation.raw.get("operationId")
        if isinstance(name, str) and name in seen:
            yield Reason(document.at(f"{operation.pointer}/operationId"), f"{name!r} is the id of {seen[name]} too")
        elif isinstance(name, str):
            seen[name] = f"{operation.method.upper()} {operation.path}"


def _schemes(document: Document) -> dict[str, Any]:
    components = document.spec.document.get("components") if document.spec else None
    found = components.get("securitySchemes") if isinstance(components, dict) else None
    return found if isinstance(found, dict) else {}


def _says(media: str, part: dict[str, Any], place: Spot) -> bool:
    """Whether a media type and its schema tell anything of a body; of a picture the type is enough."""
    raw = part.get("schema")
    if "json" not in media:
        return True
    if isinstance(raw, dict) and not str(raw.get("$ref", "#")).startswith("#"):
        return True  # What another document says is not known here, but it is said.
    told = resolved(raw, place.inside("schema"))[0]
    if not isinstance(told, dict):
        return False
    return bool({*told} - {"type", "description", "title", "nullable"}) or told.get("type") not in (None, "object")


RULES = (
    Rule("PL401", "no-security", "warning", "An operation does not say that it needs a key.", no_security),
    Rule(
        "PL402", "no-description", "warning", "A response lacks the description that OpenAPI requires.", no_description
    ),
    Rule("PL403", "bearer-in", "warning", "An HTTP scheme has `in` or `name`, which only API keys have.", bearer_in),
    Rule(
        "PL404",
        "unknown-scheme",
        "error",
        "An operation asks for a security scheme that is not defined.",
        unknown_scheme,
    ),
    Rule("PL405", "no-answer", "warning", "A specification does not describe the answer.", no_answer),
    Rule("PL406", "no-errors", "note", "An operation documents no error.", no_errors),
    Rule("PL407", "same-id", "warning", "Two operations share an id.", same_id),
)

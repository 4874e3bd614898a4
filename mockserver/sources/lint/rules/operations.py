"""Rules about operations: what a specification leaves out of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...normal import Place as Spot
from ...normal import escaped, resolved
from ...spec import Operation
from ..document import Document
from ..findings import Place, Reason, Rule
from ..nodes import start

# Of the others an empty answer is as good as any.
ANSWERED = ("get", "post")


def no_security(document: Document) -> Iterator[Reason]:
    """Operations that need no key, as far as they say, though something else says so."""
    for operation in _operations(document):
        samples = [sample for sample in document.samples if sample.operation is operation]
        keys = sum(any(call.authorised for call in sample.calls) for sample in samples)
        schemes = ", ".join(f"`{name}`" for name in _schemes(document))
        whys = (
            [f"{keys} of its samples send a key"] if keys else [f"the scheme {schemes} is defined"] if schemes else []
        )
        if not operation.secured and whys:
            yield Reason(_at(document, operation.pointer), f"no security is documented, though {whys[0]}")


def no_description(document: Document) -> Iterator[Reason]:
    """Responses without the description that OpenAPI requires of them."""
    for operation in _operations(document):
        for status, response, place in _responses(document, operation):
            if isinstance(response, dict) and not isinstance(response.get("description"), str):
                message = f"the response {status} has no `description`, which OpenAPI requires"
                yield Reason(_at(document, place.pointer), message)


def bearer_in(document: Document) -> Iterator[Reason]:
    """HTTP security schemes with what only API keys have."""
    for name, scheme in _schemes(document).items():
        extra = [key for key in ("in", "name") if key in scheme] if isinstance(scheme, dict) else []
        if extra and scheme.get("type") == "http":
            pointer = f"/components/securitySchemes{escaped(name)}"
            yield Reason(
                _at(document, pointer), f"the scheme is http, {' and '.join(f'`{key}`' for key in extra)} is for apiKey"
            )


def unknown_scheme(document: Document) -> Iterator[Reason]:
    """Security by a scheme that is defined nowhere."""
    asked = {f"{operation.pointer}/security": operation.raw.get("security") for operation in _operations(document)}
    root = {"/security": document.spec.document.get("security")} if document.spec else {}
    for pointer, requirements in {**root, **asked}.items():
        listed = requirements if isinstance(requirements, list) else []
        names = [name for requirement in listed if isinstance(requirement, dict) for name in requirement]
        for name in (name for name in names if name not in _schemes(document)):
            yield Reason(_at(document, pointer), f"the scheme {name!r} is defined nowhere")


def no_answer(document: Document) -> Iterator[Reason]:
    """Operations that say nothing of their answer."""
    for operation in _operations(document):
        good = {status: part for status, part in _contents(document, operation).items() if status[:1] in ("2", "d")}
        if (
            operation.method in ANSWERED
            and "204" not in good
            and not any(any(map(_says, part)) for part in good.values())
        ):
            statuses = ", ".join(good) or "any 2xx status"
            yield Reason(_at(document, f"{operation.pointer}/responses"), f"the answer is not described ({statuses})")


def no_errors(document: Document) -> Iterator[Reason]:
    """Operations that document no error."""
    for operation in _operations(document):
        if not any(status.startswith(("4", "5")) or status == "default" for status in operation.answers):
            yield Reason(_at(document, f"{operation.pointer}/responses"), "no error is documented")


def same_id(document: Document) -> Iterator[Reason]:
    """Operations that share an id, which must be unique."""
    seen: dict[str, str] = {}
    for operation in _operations(document):
        name = operation.raw.get("operationId")
        if isinstance(name, str) and name in seen:
            yield Reason(_at(document, f"{operation.pointer}/operationId"), f"{name!r} is the id of {seen[name]} too")
        elif isinstance(name, str):
            seen[name] = f"{operation.method.upper()} {operation.path}"


def _operations(document: Document) -> tuple[Operation, ...]:
    return document.spec.operations if document.spec else ()


def _at(document: Document, pointer: str) -> Place:
    return Place(document.name, pointer=pointer)


def _schemes(document: Document) -> dict[str, Any]:
    components = document.spec.document.get("components") if document.spec else None
    found = components.get("securitySchemes") if isinstance(components, dict) else None
    return found if isinstance(found, dict) else {}


def _responses(document: Document, operation: Operation) -> Iterator[tuple[str, Any, Spot]]:
    responses = operation.raw.get("responses")
    if isinstance(responses, dict) and document.spec:
        inside = start(document.spec, operation.pointer).inside("responses")
        for status, response in responses.items():
            found, place = resolved(response, inside.inside(status))
            yield str(status), found, place


def _contents(document: Document, operation: Operation) -> dict[str, list[tuple[str, Any]]]:
    """Media types of each response with their schemas, by status."""
    found: dict[str, list[tuple[str, Any]]] = {}
    for status, response, place in _responses(document, operation):
        content = response.get("content") if isinstance(response, dict) else None
        parts = content.items() if isinstance(content, dict) else ()
        found[status] = [(media, _schema(part, place.inside("content", media))) for media, part in parts]
    return found


def _schema(part: Any, place: Spot) -> dict[str, Any]:
    raw = part.get("schema") if isinstance(part, dict) else None
    if isinstance(raw, dict) and not str(raw.get("$ref", "#")).startswith("#"):
        return raw  # What another document says is not known here, but it is said.
    found = resolved(raw, place.inside("schema"))[0]
    return found if isinstance(found, dict) else {}


def _says(content: tuple[str, Any]) -> bool:
    """Whether a media type and its schema tell anything of a body; of a picture the type is enough."""
    media, told = content
    rest = {*told} - {"type", "description", "title", "nullable"}
    return "json" not in media or bool(rest) or told.get("type") not in (None, "object")


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

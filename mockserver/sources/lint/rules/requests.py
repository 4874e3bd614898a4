"""Rules about samples: what they send, and where."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from ....contract.breaches import Breach, closest, shown
from ...openapi.schemas import resolved
from ...openapi.spec import contents
from ..code import Call, Partial, has_opaque, split_url
from ..document import Document, Sample
from ..findings import Reason, Rule
from ..library import Promise
from ..sizes import FIELDS as SIZES

PLACEHOLDER = re.compile(r"<[^<>]*>|\[[A-Z_ ]+\]|.*(YOUR[_ -]|\.\.\.|…|\$\{|\{\{).*|\$\w+", re.DOTALL | re.IGNORECASE)
# A reader's own machine is meant as such.
LOCAL = re.compile(r"(?:localhost|127\.[\d.]+|0\.0\.0\.0|\[::1\]|[\w-]+\.local)(?::\d*)?$")
LISTED = 6


def unreadable(document: Document) -> Iterator[Reason]:
    """Samples that their own language refuses."""
    for sample in document.samples:
        if sample.fault:
            place = sample.code.place(sample.fault.line, sample.fault.column)
            where = "" if place.line else f" (line {sample.fault.line} of the {sample.code.lang} sample)"
            yield Reason(place, f"{sample.fault.reason}{where}")


def not_json(document: Document) -> Iterator[Reason]:
    """Bodies that are no JSON."""
    for sample, call in document.calls:
        if call.form == "json" and isinstance(call.body, str) and not PLACEHOLDER.fullmatch(call.body):
            yield Reason(sample.code.place(call.line), f"the body of the {sample.called} is not JSON")


def other_model(document: Document) -> Iterator[Reason]:
    """Samples that call a model which the document is not about."""
    for sample, call in document.calls:
        if call.model and sample.models and call.model not in sample.models:
            meant = _meant(call.model, sample.models)
            kind = "page" if document.page else "operation"
            about = " or ".join(f"`{model}`" for model in sample.models[:LISTED])
            message = f"the {sample.called} calls `{call.model}`, this {kind} is about {about}{meant}"
            yield Reason(sample.code.at("model", call.line), message)


def missing(document: Document) -> Iterator[Reason]:
    """Samples without a field that the model needs."""
    for sample, call, breaches, promise in _judged(document):
        names = [breach.field for breach in breaches if breach.rule == "required" and breach.pointer.count("/") == 1]
        if names and not isinstance(call.body, Partial):
            listed = ", ".join(f"`{name}`" for name in names)
            message = f"the {sample.called} sends no {listed}, which {promise.whose} requires ({promise.origin})"
            yield Reason(sample.code.place(call.line), message)


def unknown_field(document: Document) -> Iterator[Reason]:
    """Samples with a field that the model does not have."""
    for sample, call, _, promise in _judged(document):
        for name in _unknown(call, promise):
            absent = [field for field in promise.required if field not in call.body]
            near = closest(name, absent) or closest(name, [field for field in promise.fields if field not in call.body])
            meant = f" (did you mean `{near}`?)" if near else ""
            message = (
                f"the {sample.called} sends `{name}`, which {promise.whose} does not have{meant} ({promise.origin})"
            )
            yield Reason(sample.code.at(name, call.line), message)


def refused(document: Document) -> Iterator[Reason]:
    """Samples with a value that the model refuses."""
    for sample, call, breaches, promise in _judged(document):
        for breach in breaches:
            name = breach.pointer.split("/")[1] if breach.pointer else ""
            if name and not (breach.rule == "required" and breach.pointer.count("/") == 1):
                hint = f" (did you mean {breach.suggestion}?)" if breach.suggestion else ""
                takes = f"{promise.whose} takes {breach.allowed}{hint} ({promise.origin})"
                message = f"{breach.field}: {shown(breach.value)} is refused, {takes}"
                yield Reason(sample.code.at(name, call.line), message)


def other_host(document: Document) -> Iterator[Reason]:
    """Samples that post to another server."""
    for sample, call, promises in _placed(document):
        user, at, host = split_url(call.url).netloc.rpartition("@")
        hosts = {promise.host for promise in promises}
        if host and not LOCAL.match(host) and not PLACEHOLDER.fullmatch(user + at + host) and host not in hosts:
            message = f"the {sample.called} posts to {host}, the API is at {' or '.join(sorted(hosts))}"
            yield Reason(sample.code.place(call.line), message)


def other_path(document: Document) -> Iterator[Reason]:
    """Samples that post to another path."""
    for sample, call, promises in _placed(document):
        paths = sorted({promise.path for promise in promises})
        path = call.path or "/"
        # A client that knows the base is given the rest of the path.
        base = "" if split_url(call.url).netloc else path.rstrip("/")
        known = any(one == path.rstrip("/") or (base and one.endswith(base)) for one in paths)
        if not known and not PLACEHOLDER.fullmatch(path):
            message = f"the {sample.called} posts to {path}, not to {' or '.join(paths)}"
            yield Reason(sample.code.place(call.line), message)


def other_method(document: Document) -> Iterator[Reason]:
    """Samples that use another method than POST."""
    for sample, call, _ in _placed(document):
        wanted = sample.operation.method.upper() if sample.operation else "POST"
        if call.method != wanted:
            yield Reason(
                sample.code.place(call.line), f"the {sample.called} sends {call.method}, documented is {wanted}"
            )


def trailing_slash(document: Document) -> Iterator[Reason]:
    """Samples whose path ends in a slash too many."""
    for sample, call, promises in _placed(document):
        if call.path != "/" and call.path.endswith("/") and call.path[:-1] in {each.path for each in promises}:
            message = f"the {sample.called} posts to {call.path}, with a slash too many"
            yield Reason(sample.code.place(call.line), message)


def other_form(document: Document) -> Iterator[Reason]:
    """Samples that send a form where JSON is documented."""
    for sample, call in document.calls:
        operation, spec = sample.operation, document.spec
        if call.form in ("multipart", "urlencoded") and spec and operation and operation.request is not None:
            taken = [
                media for media, _, _ in contents(*resolved(operation.raw["requestBody"], spec.at(operation.pointer)))
            ]
            if not any("form" in media for media in taken):
                message = f"the {sample.called} sends a form ({call.form}), only {', '.join(taken)} is documented"
                yield Reason(sample.code.place(call.line), message)


def no_key(document: Document) -> Iterator[Reason]:
    """Samples that send no key."""
    for sample, call, _ in _placed(document):
        if not call.authorised and not isinstance(call.headers, Partial):
            yield Reason(sample.code.place(call.line), f"the {sample.called} sends no Authorization header")


def unknown_model(document: Document) -> Iterator[Reason]:
    """Pages about a model that is in no specification or contract, or that call one and list none."""
    if document.page is None:
        return
    ids = document.library.ids
    # A page of another API has its models in another place.
    about = any("/images/" in line for line in document.lines)
    for model in document.models if about else ():
        if not document.library.of(model):
            message = f"`{model}` is in no schema at hand{_meant(model, ids)}: its samples are not held to any"
            yield Reason(document.page.mention(model), message)
    for sample, call in document.calls:
        if call.model and not document.models and not document.library.of(call.model):
            message = (
                f"the {sample.called} calls `{call.model}`, which is in no schema at hand{_meant(call.model, ids)}"
            )
            yield Reason(sample.code.at("model", call.line), message)


def differing(document: Document) -> Iterator[Reason]:
    """Samples that stand side by side, for the same request, and send different ones."""
    groups: dict[Any, list[tuple[Sample, Call]]] = {}
    for sample, call in document.calls:
        if isinstance(call.body, dict) and (sample.group[1] or sample.operation):
            key = sample.operation.pointer if sample.operation else sample.group
            groups.setdefault(key, []).append((sample, call))
    for group in groups.values():
        first, call = group[0]
        for sample, other in group[1:]:
            names = [name for name in (*call.body, *other.body) if _differs(name, call, other)]
            if names and sample.code is not first.code:
                listed = ", ".join(f"`{name}`" for name in dict.fromkeys(names))
                message = f"the {sample.called} differs from the {first.called} beside it in {listed}"
                yield Reason(sample.code.place(other.line), message)


def _differs(name: str, one: Call, other: Call) -> bool:
    # Another model and another size have rules of their own.
    if name in ("model", *SIZES) or isinstance(one.body, Partial) or isinstance(other.body, Partial):
        return False
    values = one.body.get(name, None), other.body.get(name, None)
    return values[0] != values[1] and not any(map(has_opaque, values))


def _judged(document: Document) -> Iterator[tuple[Sample, Call, list[Breach], Promise]]:
    """Each call with what the kindest of its promises refuses."""
    for sample, call in document.calls:
        promises = document.promises(sample, call)
        if not isinstance(call.body, dict) or not promises:
            continue
        found = [([*_breaches(call, promise)], promise) for promise in promises]
        breaches, promise = min(found, key=lambda pair: len(pair[0]) + len(_unknown(call, pair[1])))
        yield sample, call, breaches, promise


def _breaches(call: Call, promise: Promise) -> Iterator[Breach]:
    for breach in promise.request_breaches(call.body):
        text = isinstance(breach.value, str) and PLACEHOLDER.fullmatch(breach.value)
        uploaded = call.form != "json" and breach.rule != "required"
        # Another model than the document's is reported as such; what only running shows is not held against it.
        known = breach.pointer != "/model" or breach.rule == "required"
        if known and not text and not uploaded and not has_opaque(breach.value):
            yield breach


def _unknown(call: Call, promise: Promise) -> list[str]:
    if promise.request.get("additionalProperties") not in (None, False) or not promise.fields:
        return []
    return [name for name in call.body if name not in promise.fields]


def _placed(document: Document) -> Iterator[tuple[Sample, Call, tuple[Promise, ...]]]:
    """Each call whose URL is known, with its promises."""
    for sample, call in document.calls:
        promises = document.promises(sample, call)
        if call.url and promises and (call.model or sample.operation):
            yield sample, call, promises


def _meant(model: str, ids: Iterable[str]) -> str:
    """The question whether another id was meant: one that differs in its punctuation alone."""
    near = closest(model, list(ids)) or ""
    alike = re.sub(r"[\W_]", "", near).lower() == re.sub(r"[\W_]", "", model).lower()
    return f" (did you mean `{near}`?)" if near and alike else ""


RULES = (
    Rule("PL101", "sample-not-valid", "error", "A sample is not valid in its own language.", unreadable),
    Rule("PL102", "body-not-json", "error", "A sample sends a body that is not JSON.", not_json),
    Rule("PL103", "other-model", "error", "A sample calls a model that the document is not about.", other_model),
    Rule("PL104", "missing-field", "error", "A sample leaves out a field that its model requires.", missing),
    Rule("PL105", "unknown-field", "warning", "A sample sends a field that its model does not have.", unknown_field),
    Rule("PL106", "refused-value", "error", "A sample sends a value that its model refuses.", refused),
    Rule("PL107", "other-host", "error", "A sample posts to another server than the API's.", other_host),
    Rule("PL108", "other-path", "error", "A sample posts to a path that its model is not documented at.", other_path),
    Rule("PL109", "trailing-slash", "warning", "A sample's path ends in a slash too many.", trailing_slash),
    Rule("PL110", "other-form", "error", "A sample sends a form where only JSON is documented.", other_form),
    Rule("PL111", "no-key", "warning", "A sample sends no key, which every request needs.", no_key),
    Rule("PL112", "unknown-model", "note", "A model is in none of the schemas at hand.", unknown_model),
    Rule("PL113", "other-method", "error", "A sample uses another method than is documented.", other_method),
    Rule("PL114", "samples-differ", "note", "Samples that stand side by side send different requests.", differing),
)  # fmt: skip

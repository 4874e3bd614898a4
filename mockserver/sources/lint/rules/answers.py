"""Rules about the answers that pages print."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from ....contract.breaches import Breach
from ..answers import JSON5, SHORTENED
from ..code import Call, position, split_url
from ..document import PRINTED, Document, Printed, Sample
from ..findings import Reason, Rule
from ..library import Promise
from ..nodes import examples, spec_answers
from ..sizes import Asked, asked

STRICT = {"json"}
WATERMARKS = ("watermark", "add_watermark")
CUT = re.compile(r"…|\.\.\.")
STATUS_TEXT = re.compile(r"[\"']statusCode[\"']\s*:\s*[\"'](\d{3})[\"']")
URL = re.compile(r"https?://[^\s\"'<>)\]]+")


def not_json(document: Document) -> Iterator[Reason]:
    """Answers that only a lenient reader makes sense of."""
    for printed in document.printed:
        code, fault = printed.fence.code, printed.fault
        says = "as the API answers" if printed.answers else "as it says"
        if fault and fault.reason != SHORTENED and (printed.answers or code.lang.lower() in STRICT):
            yield Reason(code.place(fault.line, fault.column), f"{_what(printed)} is {fault.reason}")
        elif printed.forgiven and not _only_json5(printed):
            how = " after ".join(reversed(printed.forgiven))
            yield Reason(code.place(), f"{_what(printed)} is not JSON, {says}, but {how}")


def json5(document: Document) -> Iterator[Reason]:
    """Answers that are JSON5, and say so."""
    for printed in document.printed:
        if printed.answers and _only_json5(printed):
            yield Reason(printed.fence.code.place(), "the answer is JSON5, not JSON as the API answers")


def breaking(document: Document) -> Iterator[Reason]:
    """Answers that break the schema of every model of the page."""
    for printed, promises in _promised(document):
        breaches, promise = min(((_kept(printed, one), one) for one in promises), key=lambda pair: len(pair[0]))
        missing = ", ".join(f"`{breach.field}`" for breach in breaches if breach.rule == "required")
        if missing:
            message = f"the answer has no {missing}, which the schema of `{promise.model}` requires ({promise.origin})"
            yield Reason(printed.fence.code.place(), message)
        for breach in (breach for breach in breaches if breach.rule != "required"):
            name = breach.pointer.rpartition("/")[2]
            message = f"the answer breaks the schema of `{promise.model}`: {breach} ({promise.origin})"
            yield Reason(printed.fence.code.at(name), message)


def undocumented(document: Document) -> Iterator[Reason]:
    """Answers with fields that no schema of the page's models has."""
    for printed, promises in _promised(document):
        found = ((list(dict.fromkeys(_unknown(each, printed.value))), one) for one in promises for each in one.answers)
        names, promise = min(found, key=lambda pair: len(pair[0]))
        if names:
            listed = ", ".join(f"`{name}`" for name in names)
            first = re.split(r"[.\[]", names[0])[-1].strip("]")
            message = f"the answer has {listed}, not in the answer schema of `{promise.model}` ({promise.origin})"
            yield Reason(printed.fence.code.at(first), message)


def one_for_many(document: Document) -> Iterator[Reason]:
    """One answer after samples that ask for different sizes."""
    for printed, samples in _after_samples(document):
        sizes: dict[str, tuple[Sample, Asked]] = {}
        for sample, call in samples:
            if size := asked(call.body):
                sizes.setdefault(size.text, (sample, size))
        if len(sizes) > 1:
            listed = " and ".join(f"{size} ({sample.code.lang})" for size, (sample, _) in sizes.items())
            yield Reason(printed.fence.code.place(), f"one answer follows samples that ask for {listed}")


def watermark(document: Document) -> Iterator[Reason]:
    """URLs that put a watermark on the picture, after samples that want none."""
    for printed, samples in _after_samples(document):
        unwanted = [call for _, call in samples if any(call.body.get(name) is False for name in WATERMARKS)]
        marking = [url for url in URL.findall(printed.fence.code.source) if _marks(url)]
        if unwanted and marking:
            source = printed.fence.code.source
            line, column = position(source, source.find(marking[0]))
            message = "the samples send `watermark` false, the answer's URL has the object store put a watermark on"
            yield Reason(printed.fence.code.place(line, column), message)


def other_size(document: Document) -> Iterator[Reason]:
    """Answers whose width and height are not what every sample before them asks for."""
    for printed, samples in _after_samples(document):
        wanted = [size for _, call in samples if (size := asked(call.body)) and size.size]
        given = [size for item in _pictures(printed.value) if (size := asked(_plain(item))) and size.size]
        if len(wanted) == len(samples) and given and not {one.size for one in given} & {one.size for one in wanted}:
            message = f"the answer's picture is {given[0].text}, the samples ask for {wanted[0].text}"
            yield Reason(printed.fence.code.place(), message)


def other_model(document: Document) -> Iterator[Reason]:
    """Answers that name another model than the page's."""
    for printed in document.printed:
        named = printed.value.get("model") if printed.answers and isinstance(printed.value, dict) else None
        if isinstance(named, str) and document.models and named not in document.models:
            about = " or ".join(f"`{model}`" for model in document.models)
            yield Reason(printed.fence.code.at("model"), f"the answer is by `{named}`, this page is about {about}")


def error_form(document: Document) -> Iterator[Reason]:
    """Errors that are not of the documented form."""
    contract = next(iter(document.library.readings), None)
    for printed in document.printed:
        value = printed.value
        if contract and isinstance(value, dict) and {"statusCode", "message"} <= set(value):
            # The docs have the status as a text, the API as a number: a rule of its own tells that.
            for breach in (each for each in contract.error_breaches(value) if each.pointer != "/statusCode"):
                place = printed.fence.code.at(breach.pointer.rpartition("/")[2])
                yield Reason(place, f"the error breaks the documented form: {breach}")


def status_text(document: Document) -> Iterator[Reason]:
    """Errors whose status is a text, in a page's answers and in the examples of a specification."""
    for fence in document.page.fences if document.page else ():
        if fence.code.lang.lower() in PRINTED:
            for found in STATUS_TEXT.finditer(fence.code.source):
                line, column = position(fence.code.source, found.start())
                yield Reason(fence.code.place(line, column), _told(found[1]))
    spec = document.spec
    for _, part, place in spec_answers(spec) if spec else ():
        for pointer, value in examples(part):
            status = value.get("statusCode") if isinstance(value, dict) else None
            if isinstance(status, str) and status.isdecimal():
                yield Reason(document.at(f"{place.pointer}/{pointer}/statusCode"), _told(status))


def _told(status: str) -> str:
    return f'the error has its status as the text "{status}", the API sends the number {status}'


def _what(printed: Printed) -> str:
    return "the answer" if printed.answers else "this block"


def _only_json5(printed: Printed) -> bool:
    return printed.forgiven == (JSON5,) and printed.fence.code.lang.lower() not in STRICT


def _promised(document: Document) -> Iterator[tuple[Printed, list[Promise]]]:
    """Each readable answer of a page with what its models promise."""
    promises = [promise for promise in document.promised(document.models) if promise.answers]
    for printed in document.printed:
        failed = isinstance(printed.value, dict) and bool({"statusCode", "error"} & set(printed.value))
        if document.page and promises and printed.answers and isinstance(printed.value, dict) and not failed:
            yield printed, promises


def _kept(printed: Printed, promise: Promise) -> list[Breach]:
    # A text cut short for the page breaks no promise.
    return [each for each in promise.answer_breaches(printed.value) if not CUT.search(str(each.value))]


def _unknown(schema: Mapping[str, Any], value: Any, at: str = "") -> Iterator[str]:
    """The fields of an answer that its schema does not name, as paths."""
    fields: dict[str, Any] = {}
    for part in (schema, *schema.get("anyOf", ()), *schema.get("oneOf", ())):
        fields = {**part.get("properties", {}), **fields}
    free = schema.get("additionalProperties") not in (None, False)
    if isinstance(value, dict) and fields and not free:
        for name, inner in value.items():
            if name in fields:
                yield from _unknown(fields[name], inner, f"{at}{name}.")
            else:
                yield f"{at}{name}"
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for item in value:
            yield from _unknown(schema["items"], item, at.rstrip(".") + "[].")


def _after_samples(document: Document) -> Iterator[tuple[Printed, list[tuple[Sample, Call]]]]:
    """Each answer that alone follows the samples of its section, with these: which of them it answers is not said."""
    sent = [(sample, call) for sample, call in document.calls if isinstance(call.body, dict) and sample.fence]
    answers = [printed for printed in document.printed if printed.answers and not _is_error(printed)]
    before = 0
    for printed in answers:
        fence = printed.fence
        mine = [
            (sample, call)
            for sample, call in sent
            if sample.fence and before < sample.fence.last < fence.last and sample.fence.section == fence.section
        ]
        following = [other for other in answers if other.fence.section == fence.section and other is not printed]
        later = [other for other in following if not _between(sent, fence.last, other.fence.last)]
        if mine and not any(other.fence.last > fence.last for other in later):
            yield printed, mine
        before = fence.last


def _between(sent: list[tuple[Sample, Call]], first: int, last: int) -> bool:
    return any(sample.fence and first < sample.fence.last < last for sample, _ in sent)


def _is_error(printed: Printed) -> bool:
    return isinstance(printed.value, dict) and "statusCode" in printed.value


def _marks(url: str) -> bool:
    """Whether a URL asks the object store for a watermark, in plain or in its base64."""
    for name, value in parse_qsl(split_url(url).query):
        if name.lower().endswith("-process") and ("watermark" in value.lower() or "watermark" in _decoded(value)):
            return True
    return False


def _decoded(value: str) -> str:
    text = value.rpartition("_")[2]
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _pictures(value: Any) -> list[Any]:
    fields = value if isinstance(value, dict) else {}
    lists = [fields[name] for name in ("data", "images") if isinstance(fields.get(name), list)]
    return [item for item in (lists[0] if lists else ()) if isinstance(item, dict)]


def _plain(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: item[name] for name in ("size", "width", "height") if item.get(name) is not None}


RULES = (
    Rule("PL201", "answer-not-json", "warning", "An answer is not the JSON that the API sends.", not_json),
    Rule("PL202", "answer-json5", "note", "An answer is JSON5, which a JSON reader refuses.", json5),
    Rule("PL203", "answer-breaks-schema", "error", "An answer breaks the schema of its model's answers.", breaking),
    Rule("PL204", "undocumented-field", "warning", "An answer has a field that its schema does not.", undocumented),
    Rule("PL205", "one-answer", "warning", "Samples that ask for different sizes share one answer.", one_for_many),
    Rule("PL206", "watermark", "error", "A sample wants no watermark, and its answer's URL adds one.", watermark),
    Rule("PL207", "answer-size", "warning", "An answer's picture has another size than was asked for.", other_size),
    Rule("PL208", "answer-model", "warning", "An answer names a model that the page is not about.", other_model),
    Rule("PL209", "error-form", "warning", "An error is not of the documented form.", error_form),
    Rule("PL210", "status-text", "warning", "An error has its status as a text, not as a number.", status_text),
)

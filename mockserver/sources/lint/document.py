"""A document as the rules see it: a page or a specification, with the samples and answers in it as far as they read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..openapi.pointers import escaped
from ..openapi.schemas import Place as SpecPlace
from ..openapi.spec import Operation, Spec
from .answers import LABEL, read_answer
from .code import Call, Code, NotReadable
from .findings import Place
from .library import Library, Promise
from .nodes import Node, nodes, responses
from .page import Fence, Page, Prose
from .samples import SHELLS, is_sample, read_calls
from .subjects import subject

ANSWERING = re.compile(r"\b(responses?|answers?|outputs?|results?|returns?)\b", re.IGNORECASE)
ANSWER_FIELDS = {"data", "images", "created", "output", "choices", "meta", "usage", "statusCode", "error"}
CALLING = re.compile(r"https?://|\b(?:requests|httpx2?|aiohttp|fetch|axios|curl|openai)\b", re.IGNORECASE)
CURL = re.compile(r"\bcurl\b")
JSON = {"json", "json5", "jsonc"}
PRINTED = {*JSON, "", "text", "txt", "plaintext", "python", "javascript", "js"}


@dataclass(frozen=True)
class Sample:
    """Code that sends a request: its calls, or why it cannot be read. `models` are those that it should call."""

    code: Code
    models: tuple[str, ...]
    calls: tuple[Call, ...] = ()
    fault: NotReadable | None = None
    operation: Operation | None = None
    fence: Fence | None = None

    @property
    def called(self) -> str:
        """What a finding calls it."""
        return f"{self.code.lang} sample"

    @property
    def group(self) -> tuple[int, int]:
        """What the samples of one tab set share; in a specification, of one operation."""
        return (self.fence.section, self.fence.tabs) if self.fence else (0, 0)


@dataclass(frozen=True)
class Printed:
    """An answer that a page prints: its value, what had to be forgiven to read it, or why it cannot be read."""

    fence: Fence
    value: Any = None
    forgiven: tuple[str, ...] = ()
    fault: NotReadable | None = None
    answers: bool = True


@dataclass(frozen=True, eq=False)
class Document:
    """What is linted, beside what is promised elsewhere."""

    name: str
    library: Library
    page: Page | None = None
    spec: Spec | None = None
    samples: tuple[Sample, ...] = ()
    printed: tuple[Printed, ...] = ()

    @property
    def models(self) -> tuple[str, ...]:
        """The models that the document is about."""
        if self.page:
            return subject(self.page, self.library.ids)
        return tuple(dict.fromkeys(model for operation in self.operations for model in operation.models))

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of a page; none of a specification."""
        return self.page.lines if self.page else ()

    @property
    def prose(self) -> tuple[Prose, ...]:
        """The running text of a page; none of a specification."""
        return self.page.prose if self.page else ()

    @property
    def operations(self) -> tuple[Operation, ...]:
        """The operations of a specification; none of a page."""
        return self.spec.operations if self.spec else ()

    @cached_property
    def responses(self) -> tuple[tuple[Operation, str, Any, SpecPlace], ...]:
        """Each response of a specification: its operation, status, and what stands where; none of a page."""
        spec = self.spec
        found = ((each, *told) for each in spec.operations for told in responses(spec, each)) if spec else ()
        return tuple(found)

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """The schemas of a specification; none of a page."""
        return tuple(nodes(self.spec)) if self.spec else ()

    @property
    def described(self) -> Iterator[tuple[Node, str]]:
        """The schemas that have a description, with it."""
        return ((node, node.raw["description"]) for node in self.nodes if node.raw.get("description"))

    @cached_property
    def calls(self) -> tuple[tuple[Sample, Call], ...]:
        """Every call that is for an image model, as far as can be told: its path or its model says so."""
        return tuple(
            (sample, call) for sample in self.samples for call in sample.calls if self._is_for_images(sample, call)
        )

    def at(self, pointer: str) -> Place:
        """A place in a specification."""
        return Place(self.name, pointer=pointer)

    def promised(self, models: Iterable[str]) -> list[Promise]:
        """All that is promised of some models."""
        return [promise for model in models for promise in self.library.of(model)]

    def promises(self, sample: Sample, call: Call) -> tuple[Promise, ...]:
        """What a call is held to: what is promised, at its path if anything is, of the models it should call.

        The model that it does call counts if it is one of these, or if nothing says which it should.
        """
        models = [call.model] if call.model and call.model in (sample.models or (call.model,)) else sample.models
        if sample.operation:
            mine = (self.name, sample.operation.pointer)
            return tuple(each for each in self.promised(models or ("",)) if (each.origin, each.pointer) == mine)
        found = self.promised(models)
        here = [promise for promise in found if promise.path == call.path.rstrip("/")]
        return tuple(here or found)

    def _is_for_images(self, sample: Sample, call: Call) -> bool:
        named = call.model is not None and bool(self.library.of(call.model) or sample.operation)
        alone = sample.operation is not None and len(sample.calls) == 1
        known = call.path.rstrip("/") in {promise.path for promise in self.promised(sample.models)}
        sends = call.method != "GET" or call.body is not None
        return sends and (named or alone or known or "/images/" in call.path)

    @cached_property
    def texts(self) -> tuple[tuple[str, Place], ...]:
        """Every text of the document with its place: the lines of a page, the strings of a specification."""
        told = _strings(self.spec.document) if self.spec else ()
        named = ((text, self.at(pointer)) for pointer, text in told)
        return (*((line, Place(self.name, number, 1)) for number, line in enumerate(self.lines, 1)), *named)


def _strings(node: Any) -> Iterator[tuple[str, str]]:
    """Every string of a JSON value, with its pointer."""
    left = [("", node)]
    while left:
        pointer, value = left.pop()
        if isinstance(value, str):
            yield pointer, value
        elif isinstance(value, dict):
            left += [(pointer + escaped(key), inner) for key, inner in value.items()]
        elif isinstance(value, list):
            left += [(f"{pointer}/{index}", inner) for index, inner in enumerate(value)]


def page_document(page: Page, known: Library) -> Document:
    """A page as a document."""
    models = subject(page, known.ids)
    samples = [_sample(fence.code, models, fence=fence) for fence in page.fences if is_sample(fence.code)]
    printed = [found for fence in page.fences if (found := _printed(fence))]
    return Document(page.name, known, page=page, samples=tuple(samples), printed=tuple(printed))


def spec_document(spec: Spec, known: Library) -> Document:
    """A specification as a document."""
    codes = [
        (Code(sample.lang, sample.source, Place(spec.name, pointer=f"{sample.pointer}/source")), operation)
        for operation in spec.operations
        for sample in operation.samples
    ]
    samples = [_sample(code, operation.models, operation=operation) for code, operation in codes if is_sample(code)]
    return Document(spec.name, known, spec=spec, samples=tuple(samples))


def _sample(
    code: Code, models: tuple[str, ...], *, operation: Operation | None = None, fence: Fence | None = None
) -> Sample:
    try:
        return Sample(code, models, read_calls(code), operation=operation, fence=fence)
    except NotReadable as fault:
        told = None if fence and _is_no_sample(code, fence, fault) else fault
        return Sample(code, models, fault=told, operation=operation, fence=fence)


def _is_no_sample(code: Code, fence: Fence, fault: NotReadable) -> bool:
    """Whether code that cannot be read is none that a reader would run: an answer, a sketch, or nothing that calls."""
    line = code.source.split("\n")[fault.line - 1 : fault.line]
    sketch = any(mark in text for text in line for mark in ("...", "\u2026"))
    answer = bool(ANSWERING.search(fence.summary) or LABEL.match(code.source))
    calling = CURL if code.lang.lower() in SHELLS else CALLING
    return answer or sketch or not calling.search(code.source)


def _printed(fence: Fence) -> Printed | None:
    lang, text = fence.code.lang.lower(), fence.code.source
    shown = bool(ANSWERING.search(fence.summary))
    if lang not in PRINTED or not (lang in JSON or shown) or not (text.lstrip()[:1] in "{[" or LABEL.match(text)):
        return None
    try:
        answer = read_answer(text)
    except NotReadable as fault:
        return Printed(fence, fault=fault, answers=shown)
    fields = set(answer.value) if isinstance(answer.value, dict) else set()
    answers = (shown or bool(fields & ANSWER_FIELDS)) and not {"model", "prompt"} <= fields - ANSWER_FIELDS
    if answers and not shown and {"model", "messages"} & fields and not fields & {"data", "images", "created"}:
        answers = False
    return Printed(fence, answer.value, answer.forgiven, answers=answers)

"""Rules about the schemas of specifications: what in them names nothing, or contradicts itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ....contract.breaches import find_breaches, shown
from ...openapi.problems import Problem
from ...openapi.schemas import Place as Spot
from ..document import Document
from ..findings import Reason, Rule
from ..nodes import Node, bodies, examples, today
from ..soundness import flaws, judge

MALFORMED = re.compile(r"\b(?:must be|is) an? (?:object|array), not ")
BRANCH = re.compile(r"/(?:allOf|anyOf|oneOf)/\d+")
BOUNDS = (("minimum", "maximum"), ("minLength", "maxLength"), ("minItems", "maxItems"))


def dangling(document: Document) -> Iterator[Reason]:
    """References that name nothing."""
    for problem in _problems(document):
        if problem.reason.endswith("names nothing"):
            yield Reason(document.at(problem.pointer), problem.reason)


def malformed(document: Document) -> Iterator[Reason]:
    """Parts that are no OpenAPI."""
    for problem in _problems(document):
        if MALFORMED.search(problem.reason):
            yield Reason(document.at(problem.pointer), problem.reason)
    for operation in document.operations:
        answers = [(f"{operation.pointer}/responses/{status}", answer) for status, answer in operation.answers.items()]
        for pointer, told in [(operation.request_pointer, operation.request), *answers]:
            for reason in flaws(told or {}):
                yield Reason(document.at(pointer), f"not JSON Schema: {reason}")


def not_followed(document: Document) -> Iterator[Reason]:
    """Parts that may be sound, and are not followed here."""
    for problem in _problems(document):
        if not problem.reason.endswith("names nothing") and not MALFORMED.search(problem.reason):
            yield Reason(document.at(problem.pointer), problem.reason)


def enum_type(document: Document) -> Iterator[Reason]:
    """Enumerations without a type."""
    for node in document.nodes:
        # Values of several types have no one type to name.
        kinds = {type(value) for value in node.raw.get("enum") or () if value is not None}
        if len(kinds) == 1 and "type" not in node.raw:
            yield Reason(document.at(node.pointer), f"{node.called} has an enum and no type")


def default_refused(document: Document) -> Iterator[Reason]:
    """Defaults that their own schema refuses."""
    for node in document.nodes:
        if "default" in node.raw and node.raw["default"] is not None:
            yield from _refused(document, node, "default", node.raw["default"], f"{node.pointer}/default")


def example_refused(document: Document) -> Iterator[Reason]:
    """Examples that their own schema refuses."""
    for node in document.nodes:
        if "example" in node.raw:
            yield from _refused(document, node, "example", node.raw["example"], f"{node.pointer}/example")
    spec = document.spec
    for part, place, _ in (body for each in spec.operations for body in bodies(spec, each)) if spec else ():
        yield from _shown(document, part, place)


def nullable_parent(document: Document) -> Iterator[Reason]:
    """Answers where what is required stands in what may be null."""
    for node in document.nodes:
        null = node.raw.get("nullable") is True or "null" in _types(node.raw)
        if node.answer and null and node.raw.get("required"):
            names = ", ".join(f"`{name}`" for name in node.raw["required"])
            message = f"{node.called} may be null, so {names}, required in it, may be missing"
            yield Reason(document.at(node.pointer), message)


def required_unknown(document: Document) -> Iterator[Reason]:
    """Required fields that are not described."""
    for node in document.nodes:
        names, fields = node.raw.get("required"), node.raw.get("properties")
        # Branches share the fields of what they stand in.
        alone = not BRANCH.search(node.pointer) and not {"allOf", "anyOf", "oneOf"} & set(node.raw)
        if isinstance(names, list) and isinstance(fields, dict) and alone:
            for name in (name for name in names if isinstance(name, str) and name not in fields):
                yield Reason(document.at(node.pointer), f"`{name}` is required and described nowhere")


def impossible(document: Document) -> Iterator[Reason]:
    """Limits that no value keeps."""
    for node in document.nodes:
        for least, most in BOUNDS:
            low, high = node.raw.get(least), node.raw.get(most)
            if low is not None and high is not None and low > high:
                yield Reason(document.at(node.pointer), f"{node.called}: {least} {low} is above {most} {high}")


def _problems(document: Document) -> tuple[Problem, ...]:
    return document.spec.problems if document.spec else ()


def _types(raw: dict[str, Any]) -> list[str]:
    kind = raw.get("type")
    return kind if isinstance(kind, list) else [kind] if isinstance(kind, str) else []


def _refused(document: Document, node: Node, what: str, value: Any, pointer: str) -> Iterator[Reason]:
    if document.spec:
        validator = judge(today(node.raw, document.spec.at(node.pointer)))
        for breach in find_breaches(validator, value, {}):
            message = f"{node.called}: the {what} {shown(value)} is refused, expected {breach.allowed}"
            yield Reason(document.at(pointer), message)


def _shown(document: Document, part: dict[str, Any], place: Spot) -> Iterator[Reason]:
    """What a body's own examples break."""
    given = list(examples(part))
    if given and "schema" in part:
        validator = judge(today(part["schema"], place.inside("schema")))
        for where, value in given:
            for breach in find_breaches(validator, value, {}):
                yield Reason(document.at(f"{place.pointer}/{where}"), f"the example breaks its schema: {breach}")


RULES = (
    Rule("PL411", "dangling-reference", "error", "A reference in a specification names nothing.", dangling),
    Rule("PL412", "malformed", "warning", "A part of a specification is no OpenAPI.", malformed),
    Rule(
        "PL413",
        "not-followed",
        "note",
        "A part of a specification is held to nothing: it is not followed.",
        not_followed,
    ),
    Rule("PL414", "enum-without-type", "note", "A value has an enum and no type.", enum_type),
    Rule(
        "PL415", "default-refused", "error", "A default is refused by its own schema, patterns aside.", default_refused
    ),
    Rule(
        "PL416",
        "example-refused",
        "warning",
        "An example is refused by its own schema, patterns aside.",
        example_refused,
    ),
    Rule("PL417", "nullable-parent", "note", "A required field stands in an object that may be null.", nullable_parent),
    Rule("PL418", "required-unknown", "warning", "A required field is described nowhere.", required_unknown),
    Rule("PL419", "impossible-limit", "error", "No value keeps both limits.", impossible),
)
